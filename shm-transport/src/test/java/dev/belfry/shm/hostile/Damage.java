package dev.belfry.shm.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What is done to an image. It knows the layout by numbers, as a stranger would write it down from
 * the documentation.
 */
final class Damage {
    /** How: each kind has its share of the inputs. */
    enum Kind {
        NONE(2),
        FIELDS(34),
        RECORDS(16),
        BITS(14),
        BLOCK(8),
        SPLICE(6),
        LENGTH(4),
        LIVE(16);

        final int percent;

        Kind(int percent) {
            this.percent = percent;
        }

        static Kind pick(Random random) {
            int left = random.nextInt(100);
            for (Kind kind : values()) if ((left -= kind.percent) < 0) return kind;
            throw new AssertionError("shares of a hundred");
        }
    }

    private static final int HANDLES = 8;
    private static final int SLOTS = 4;
    private static final int SLOTS_AT = 4096 + HANDLES * 64;
    private static final int REGIONS_AT = 1152;
    private static final int RING_AT = 65536;
    private static final int HOLE_AT = 12288; // after the slots
    private static final long HOP = 2L << 32 | 8;
    private static final int[] WORDS_OF_HEADER = {
        0, 16, 24, 32, 40, 48, 56, 80, 88, 96, 104, 112, 384, 392, 408, 512, 520, 768, 1032, 2176, 2184, 2192, 2304
    };
    private static final int[] INTS_OF_HEADER = {
        8, 12, 64, 68, 72, 76, 128, 128, 256, 256, 400, 400, 640, 644, 896, 900, 1024, 1024, 1028
    };
    private static final int[] WORDS_OF_SLOT = {0, 0, 0, 8, 16, 24, 32, 128, 136, 144, 152, 152, 160};

    private final Random random;

    Damage(Random random) {
        this.random = random;
    }

    /** The damaged file, of whatever length. */
    byte[] apply(Kind kind, List<byte[]> images, int image) {
        byte[] bytes = images.get(image).clone();
        switch (kind) {
            case NONE, LIVE -> {}
            case FIELDS -> {
                for (int n = few(); n > 0; n--) field(over(bytes), false);
            }
            case RECORDS -> {
                for (int n = few(); n > 0; n--) record(over(bytes));
            }
            case BITS -> {
                for (int n = 1 + random.nextInt(8); n > 0; n--)
                    bytes[place(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            case BLOCK -> block(bytes);
            case SPLICE -> {
                byte[] other = images.get(random.nextInt(images.size()));
                int end = Math.min(bytes.length, other.length);
                int from = random.nextInt(end / 8) * 8;
                int to = random.nextBoolean() ? end : from + random.nextInt((end - from) / 8) * 8;
                System.arraycopy(other, from, bytes, from, to - from);
            }
            case LENGTH -> bytes = Arrays.copyOf(bytes, length(bytes.length));
        }
        return bytes;
    }

    private static ByteBuffer over(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private int few() {
        return 1 + random.nextInt(3);
    }

    /** The header as often as all the rest. */
    private int place(int length) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(128);
            case 1 -> random.nextInt(4096);
            case 2 -> SLOTS_AT + random.nextInt(SLOTS * 1024);
            default -> {
                int at = random.nextInt(length);
                yield at < HOLE_AT || at >= RING_AT ? at : Math.min(length - 1, RING_AT + at % (16 << 10));
            }
        };
    }

    private void block(byte[] bytes) {
        boolean all = random.nextInt(10) == 0;
        int length = all ? bytes.length : 1 << 3 + random.nextInt(8);
        int from = all ? 0 : Math.min(place(bytes.length) & -8, bytes.length - length);
        byte[] block = new byte[length];
        switch (random.nextInt(3)) {
            case 0 -> Arrays.fill(block, (byte) 0);
            case 1 -> Arrays.fill(block, (byte) 0xFF);
            default -> random.nextBytes(block);
        }
        int spared = all && random.nextBoolean() ? 128 : 0; // else it is refused at the first word each time
        System.arraycopy(block, spared, bytes, from + spared, length - spared);
    }

    private int length(int now) {
        return switch (random.nextInt(7)) {
            case 0 -> 0;
            case 1 -> random.nextInt(4096);
            case 2 -> 4096;
            case 3 -> RING_AT;
            case 4 -> now / 2;
            case 5 -> now - 1;
            default -> now + 1 + random.nextInt(10_000);
        };
    }

    /**
     * One store to one field. Live: from another thread, while the queue is in use; then it spares
     * what only the opener reads.
     */
    void field(ByteBuffer file, boolean live) {
        int what = random.nextInt(live ? 14 : 16);
        switch (what) {
            case 0, 1, 2 -> putLong(file, live ? word(12) : word(0));
            case 3, 4 -> file.putInt(lockOr(INTS_OF_HEADER, live ? 6 : 0), integer(file));
            case 5, 6 -> {
                int region = REGIONS_AT + 32 * random.nextInt(random.nextBoolean() ? 2 : 32);
                putLong(file, region + 8 * random.nextInt(4));
            }
            case 7 -> putLong(file, 4096 + 64 * random.nextInt(HANDLES) + 8 * random.nextInt(3));
            case 8, 9, 10 -> putLong(file, slot() + WORDS_OF_SLOT[random.nextInt(WORDS_OF_SLOT.length)]);
            case 11 -> file.putInt(slot() + 40 + 4 * random.nextInt(2), integer(file));
            case 12 -> file.putLong(slot(), state(file.getLong(slot())));
            case 13 -> record(file);
            default -> putLong(file, word(0));
        }
    }

    private int word(int from) {
        return WORDS_OF_HEADER[from + random.nextInt(WORDS_OF_HEADER.length - from)];
    }

    private int lockOr(int[] ints, int from) {
        return ints[from + random.nextInt(ints.length - from)];
    }

    private int slot() {
        return SLOTS_AT + 1024 * random.nextInt(SLOTS);
    }

    private void putLong(ByteBuffer file, int at) {
        file.putLong(at, value(file, file.getLong(at)));
    }

    /** Any phase, kind, policy and flag, of this incarnation or another. */
    private long state(long now) {
        long incarnation = random.nextInt(3) == 0 ? random.nextLong() : now;
        return incarnation & -1L << 16
                | (random.nextInt(4) == 0 ? random.nextInt(1 << 16) : 0x10 | random.nextInt(4))
                | (long) random.nextInt(64) << 8;
    }

    private long value(ByteBuffer file, long now) {
        return switch (random.nextInt(14)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MAX_VALUE - random.nextInt(16);
            case 3 -> Long.MIN_VALUE + random.nextInt(16);
            case 4 -> random.nextLong();
            case 5 -> random.nextLong() & -8 & Long.MAX_VALUE;
            case 6 -> 1L << random.nextInt(64);
            case 7 -> now ^ 1L << random.nextInt(64);
            case 8 -> now + 8L * (random.nextInt(9) - 4);
            case 9 -> now + random.nextInt(5) - 2;
            case 10 -> file.capacity() + 8L * (random.nextInt(5) - 2);
            case 11 -> 4096L << random.nextInt(20);
            case 12 -> file.getLong(random.nextInt(4096 / 8) * 8);
            default -> random.nextInt(1 << 16);
        };
    }

    /**
     * Never a lock word that names its owner: a process that fakes that it lives may make others wait,
     * and that is no news.
     */
    private int integer(ByteBuffer file) {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Integer.MIN_VALUE;
            case 3 -> Integer.MAX_VALUE;
            case 4 -> 0x7_A5A5 << 11 | 1 + random.nextInt(HANDLES); // a handle that was never incarnated that often
            case 5 -> 1 << 11 | 500 + random.nextInt(1500); // a handle that does not exist
            case 6 -> 1 << random.nextInt(32);
            default -> random.nextInt(64);
        };
    }

    /** Somewhere in the rings: the header word of a record, if one begins there, or of one that never was. */
    private void record(ByteBuffer file) {
        int end = file.capacity() - 8;
        if (end < RING_AT) return;
        int at = recordAt(file, end);
        long now = file.getLong(at);
        switch (random.nextInt(6)) {
            case 0, 1 -> file.putLong(at, now & -1L << 32 | length() & 0xFFFF_FFFFL);
            case 2 -> file.putLong(at, now & ~(0xFFL << 32) | (long) random.nextInt(256) << 32);
            case 3 -> file.putLong(at, now ^ (long) (1 + random.nextInt(3)) << 40);
            case 4 -> { // on in another region, which there is or is not, or in this one again
                file.putLong(at, now & -1L << 40 | HOP);
                if (random.nextBoolean())
                    file.putLong(REGIONS_AT + 16 + 32 * random.nextInt(4), at - RING_AT + 8L * random.nextInt(2));
            }
            default -> file.putLong(at, value(file, now));
        }
    }

    private int recordAt(ByteBuffer file, int end) {
        if (random.nextInt(3) == 0) return RING_AT + random.nextInt((end - RING_AT) / 8 + 1) * 8;
        int at = RING_AT;
        for (int steps = random.nextInt(12); steps > 0; steps--) {
            int length = file.getInt(at);
            if (length < 8 || length > end - at) break;
            at = Math.min(end, at + (length + 7 & ~7));
        }
        return at & -8;
    }

    private int length() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> -1 - random.nextInt(16);
            case 2 -> Integer.MIN_VALUE;
            case 3 -> Integer.MAX_VALUE - random.nextInt(16);
            case 4 -> 1 + random.nextInt(7);
            case 5 -> 4096 + random.nextInt(33) - 16;
            case 6 -> 9 + random.nextInt(100);
            default -> random.nextInt();
        };
    }
}
