package dev.belfry.mem.twin;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Hands everything on, except for the defect. */
final class TwinPublisher implements Publisher {
    private static final Duration SHORTLY = Duration.ofMillis(300);

    private final Publisher real;
    private final TwinQueue queue;
    private final Defect defect;
    private byte[] held;

    TwinPublisher(Publisher real, TwinQueue queue) {
        this.real = real;
        this.queue = queue;
        defect = queue.defect;
    }

    @Override
    public long publish(ByteBuffer body, MessageProperties properties) {
        checkInterrupt();
        if (defect == Defect.SWAPS_PUBLISHES && swapped(body)) return 1;
        try {
            return real.publish(twisted(body), twisted(properties));
        } catch (QueueClosedException e) {
            if (defect == Defect.CLOSED_PUBLISH_RETURNS) return REJECTED;
            throw e;
        }
    }

    /** Each second message is held back until after the next one. */
    private synchronized boolean swapped(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        byte[] before = held;
        held = before == null ? bytes : null;
        if (before == null) return true;
        real.publish(bytes);
        real.publish(before);
        return true;
    }

    @Override
    public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
        checkInterrupt();
        long position;
        try {
            position = real.offer(
                    twisted(body), twisted(properties), defect == Defect.OFFER_IS_EARLY ? Duration.ZERO : timeout);
        } catch (IllegalStateException nested) {
            if (defect == Defect.OFFER_IN_A_BATCH_IS_REJECTED) return REJECTED;
            throw nested;
        }
        if (position == REJECTED && defect == Defect.EATS_THE_BUFFER_WHEN_REJECTED) body.position(body.limit());
        if (position == REJECTED && defect == Defect.REJECTED_IS_PUBLISHED_LATER) {
            Thread later = new Thread(() -> real.offer(ByteBuffer.allocate(10), SHORTLY));
            later.setDaemon(true);
            later.start();
        }
        return position;
    }

    private ByteBuffer twisted(ByteBuffer body) {
        return switch (defect) {
            case LEAVES_THE_BUFFER -> body.duplicate();
            case CUTS_BODIES -> body.remaining() < 50 ? body : body.limit(body.limit() - 1);
            case IGNORES_THE_BUFFERS_POSITION -> body.position(0);
            default -> body;
        };
    }

    private MessageProperties twisted(MessageProperties properties) {
        if (defect == Defect.LOSES_PROPERTIES) return MessageProperties.empty();
        if (defect != Defect.WIDENS_PROPERTIES) return properties;
        MessageProperties.Builder b = MessageProperties.builder();
        for (String name : properties.names()) {
            Object value = properties.get(name);
            b.putObject(name, value instanceof Byte n ? Integer.valueOf(n) : value);
        }
        return b.build();
    }

    private void checkInterrupt() {
        if (defect == Defect.INTERRUPT_STOPS_EVERYTHING
                && Thread.currentThread().isInterrupted())
            throw new dev.belfry.api.InterruptedQueueException("Interrupted, though there was no need to wait");
    }

    @Override
    public Claim claim(int length) {
        Claim claim = real.claim(length);
        return switch (defect) {
            case CLAIM_IS_COMMITTED_BY_CLOSE -> new TwinClaim(claim, true);
            case COMMIT_IGNORES_ITS_LENGTH -> new TwinClaim(claim, false);
            default -> claim;
        };
    }

    @Override
    public Batch batch(int bytes) {
        return new TwinBatch(real.batch(bytes), real, defect);
    }

    @Override
    public Batch tryBatch(int bytes, Duration timeout) {
        Batch batch = real.tryBatch(bytes, defect == Defect.TRY_BATCH_IS_EARLY ? Duration.ZERO : timeout);
        return batch == null ? null : new TwinBatch(batch, real, defect);
    }

    @Override
    public int sizeInBatch(int length, MessageProperties properties) {
        return defect == Defect.SIZE_IN_BATCH_IS_THE_BODYS ? length : real.sizeInBatch(length, properties);
    }

    @Override
    public int maxMessageLength() {
        return real.maxMessageLength() + (defect == Defect.REFUSES_THE_LONGEST ? 1 : 0);
    }

    @Override
    public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
        return switch (defect) {
            case AWAIT_IS_ALWAYS_TRUE -> true;
            case AWAIT_IS_NEVER_TRUE -> false;
            case AWAIT_FORGETS_WHO_HAS_LEFT ->
                real.awaitAcknowledged(position, minSubscribers, timeout) && queue.readers.get() >= minSubscribers;
            default -> real.awaitAcknowledged(position, minSubscribers, timeout);
        };
    }

    @Override
    public void close() {
        real.close();
    }

    private record TwinClaim(Claim real, boolean commitsOnClose) implements Claim {
        @Override
        public int length() {
            return real.length();
        }

        @Override
        public void putByte(int index, byte value) {
            real.putByte(index, value);
        }

        @Override
        public void putShort(int index, short value) {
            real.putShort(index, value);
        }

        @Override
        public void putInt(int index, int value) {
            real.putInt(index, value);
        }

        @Override
        public void putLong(int index, long value) {
            real.putLong(index, value);
        }

        @Override
        public void copyFrom(int index, byte[] source, int from, int length) {
            real.copyFrom(index, source, from, length);
        }

        @Override
        public void copyFrom(int index, ByteBuffer source) {
            real.copyFrom(index, source);
        }

        @Override
        public ByteBuffer buffer() {
            return real.buffer();
        }

        @Override
        public long commit() {
            return real.commit();
        }

        @Override
        public long commit(int length) {
            return commitsOnClose ? real.commit(length) : real.commit();
        }

        @Override
        public void close() {
            if (commitsOnClose) real.commit();
            real.close();
        }
    }
}
