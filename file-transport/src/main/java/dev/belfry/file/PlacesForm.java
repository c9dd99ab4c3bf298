package dev.belfry.file;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.Places.Named;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The bytes of {@link Places} in the file {@code places}. */
final class PlacesForm {
    static final String NAME = "places";
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
            block.put((byte) each.policy()).put((byte) each.ackMode());
            put(block, each.acknowledged());
            block.putLong(each.first()).putLong(each.lost());
        }
        for (Named each : places.named()) block.putLong(each.given());
        return block;
    }

    /** {@code name}: of the file, for messages. */
    static Places read(ByteBuffer block, String name) {
        At kept = at(block);
        At bound = at(block);
        int count = block.getInt();
        List<Named> named = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] subscription = new byte[block.getInt()];
            block.get(subscription);
            named.add(new Named(
                    new String(subscription, StandardCharsets.UTF_8),
                    code(block.get(), Named.HIGHEST_POLICY, name),
                    code(block.get(), Named.HIGHEST_ACK_MODE, name),
                    at(block),
                    block.getLong(),
                    block.getLong(),
                    Named.NOT_KNOWN));
        }
        boolean isKnown = block.remaining() >= count * Long.BYTES; // else an earlier version has written it
        if (isKnown) named.replaceAll(each -> each.givenTo(block.getLong()));
        return new Places(kept, bound, List.copyOf(named));
    }

    /** Those that a slot can have stay as they are. */
    private static int code(byte code, int highest, String name) {
        if (code >= 0 && code <= highest) return code;
        throw new IncompatibleVersionException(name + " has a place with code " + (code & 0xFF)
                + ", this library reads those up to " + highest + ". Upgrade.");
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
