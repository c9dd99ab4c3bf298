package dev.belfry.mem.twin;

import dev.belfry.api.Batch;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.WritableBody;
import dev.belfry.spi.WritableArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Hands everything on, except for the defect. */
final class TwinBatch implements Batch {
    /** A position that nobody is shown. */
    static final String HOLE = "\0hole";

    private final Batch real;
    private final Publisher publisher;
    private final Defect defect;
    private final List<byte[]> copies = new ArrayList<>();
    private boolean committed;

    TwinBatch(Batch real, Publisher publisher, Defect defect) {
        this.real = real;
        this.publisher = publisher;
        this.defect = defect;
        if (defect == Defect.BATCH_IS_SEEN_AS_IT_IS_ADDED) real.close();
    }

    @Override
    public void add(ByteBuffer body, MessageProperties properties) {
        if (body != null) copies.add(bytes(body.duplicate()));
        if (defect == Defect.BATCH_IS_SEEN_AS_IT_IS_ADDED) publisher.publish(body, properties);
        else if (defect != Defect.BATCH_DROPS_WHAT_DOES_NOT_FIT || real.fits(body.remaining(), properties))
            real.add(body, properties);
    }

    private static byte[] bytes(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes;
    }

    @Override
    public WritableBody claim(int length) {
        return defect == Defect.BATCH_IS_SEEN_AS_IT_IS_ADDED ? new WritableArray(new byte[length]) : real.claim(length);
    }

    @Override
    public void shorten(int length) {
        if (defect != Defect.BATCH_IGNORES_SHORTEN) real.shorten(length);
    }

    @Override
    public boolean fits(int length, MessageProperties properties) {
        return real.fits(length, properties);
    }

    @Override
    public int count() {
        return real.count();
    }

    @Override
    public long commit() {
        committed = true;
        switch (defect) {
            case BATCH_IS_SEEN_ONE_BY_ONE -> {
                real.close();
                long position = Publisher.REJECTED;
                for (byte[] copy : copies) {
                    position = publisher.publish(copy);
                    LockSupport.parkNanos(1_000_000);
                }
                return position;
            }
            case BATCH_RETURNS_THE_FIRST -> {
                int count = real.count();
                return real.commit() - count + 1;
            }
            case BATCH_LEAVES_A_HOLE -> {
                long position = real.commit();
                publisher.publish(HOLE);
                return position;
            }
            default -> {
                return real.commit();
            }
        }
    }

    @Override
    public void close() {
        if (defect == Defect.BATCH_KEEPS_THE_LOCK) return;
        real.close();
        if (defect == Defect.HALF_A_BATCH_STAYS && !committed)
            copies.subList(0, (copies.size() + 1) / 2).forEach(publisher::publish);
    }
}
