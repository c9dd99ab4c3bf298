package dev.belfry.file;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.Places.Named;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The bytes of {@link Places} in the file {@code places}. */
final class PlacesForm {
    static final Block KIND = new Block("BelfryPl");
    /** More than 1,024 names of 200 characters take. */
    static final int AREA = 512 << 10;

    private static final int FRONT = 64;
    private static final int EACH = 64;

    private PlacesForm() {}

    static ByteBuffer write(Places places) {
        int most = FRONT;
        for (Named each : places.named()) most += EACH + Long.BYTES + bytes(each.name()).length;
        ByteBuffer block = Block.begin(most);
        put(block, places.kept());
        put(block, places.bound());
        block.putInt(places.named().size());
        for (Named each : places.named()) {
            byte[] name = bytes(each.name());
            block.putInt(name.length).put(name);
            block.put((byte) code(each.policy(), SlowSubscriber.values()));
            block.put((byte) code(each.ackMode(), AckMode.values()));
            put(block, each.acknowledged());
            block.putLong(each.first()).putLong(each.lost());
        }
        for (Named each : places.named()) block.putLong(each.given());
        return block;
    }

    static Places read(ByteBuffer block) {
        At kept = at(block);
        At bound = at(block);
        int count = block.getInt();
        List<Named> named = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] name = new byte[block.getInt()];
            block.get(name);
            named.add(new Named(
                    new String(name, StandardCharsets.UTF_8),
                    of(block.get(), SlowSubscriber.values()),
                    of(block.get(), AckMode.values()),
                    at(block),
                    block.getLong(),
                    block.getLong()));
        }
        boolean isKnown = block.remaining() >= count * Long.BYTES; // else an earlier version has written it
        if (isKnown) named.replaceAll(each -> each.givenTo(block.getLong()));
        return new Places(kept, bound, List.copyOf(named));
    }

    /** Null is -1. */
    private static int code(Enum<?> value, Enum<?>[] all) {
        return value == null ? -1 : value.ordinal();
    }

    private static <T> T of(byte code, T[] all) {
        return code < 0 ? null : all[code];
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ByteBuffer block, At at) {
        block.putLong(at.offset()).putLong(at.position());
    }

    private static At at(ByteBuffer block) {
        return new At(block.getLong(), block.getLong());
    }
}
