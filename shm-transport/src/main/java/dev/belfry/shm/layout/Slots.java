package dev.belfry.shm.layout;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The subscriptions: one slot each, 1 KiB, from {@code base} on in the segment. Words that their owner writes often
 * have pairs of cache lines of their own.
 *
 * <pre>
 *     +0  state      int64  see {@link SlotState}                                     release, CAS / acquire
 *     +8  owner      int64  handle's incarnation * 65536 + handle   joiner            plain, before state
 *    +16  birth      int64  the incarnation that began it           joiner            plain, before ACTIVE
 *    +24  left       int64  order of leaving                        the leaver        plain, before state
 *    +32  semInc     int64  incarnation of its semaphore            joiner            plain
 *    +40  nameLength int32  bits 0-9; 10-31 low bits of its CRC-32; 0 = anonymous   joiner    plain, before ACTIVE
 *    +44  ackMode    int32  for people: see {@link AckCode}         joiner            plain
 *    +48  alone      int64  bits 0-21 low bits of the incarnation that no process is attached to any more; 22-63 since
 *                           when, milliseconds      owner that leaves, watches of publishers  plain; for people
 *    +56  stopped    int64  the message that its listener failed at owner           plain, before state; for people
 *    +64  32 bytes: the semaphore that its thread sleeps on, see {@link MeantWords}
 *    +96  reserved, as +184 and +256: cleared by each owner   joiner        plain, before ACTIVE
 *   +128  startPos   int64  its first message                       owner             release / acquire
 *   +136  readPos    int64  handed over last                        owner             plain
 *   +144  ackPos     int64  acknowledged up to here, after ackOff   owner             release / acquire
 *   +152  ackOff     int64  offset below which it needs nothing     owner             release / acquire
 *   +160  lost       int64  messages that it will never see         owner             release / acquire
 *   +168  first      int64  the first message that it asked for     joiner            plain, before ACTIVE; for people
 *   +176  sleeps     int64  how often it went to sleep              owner             plain; for people
 *   +184  reserved: bells
 *   +192  again      int64  position + 1 where readPos is not it   owner             plain; for people
 *   +200  reserved, up to +512: from +256 on for shared cursors
 *   +512  name       512 bytes UTF-8                                joiner            plain, before ACTIVE
 * </pre>
 */
public record Slots(SharedBytes bytes, long base, int count) {
    public static final int SIZE = 1024;
    /** From, to: the ranges that the table calls reserved. */
    public static final int[][] FREE = {{96, 128}, {184, 192}, {200, 512}};

    private static final int NAME_SIZE = 512;
    private static final long FARTHEST = 1 << 26;
    private static final int OWNER = 8;
    private static final int BIRTH = 16;
    private static final int LEFT = 24;
    private static final int SEM_INC = 32;
    private static final int NAME_LENGTH = 40;
    private static final int NAME_LENGTH_MASK = 1023;
    private static final int ACK_MODE = 44;
    private static final int ALONE = 48;
    private static final int ALONE_SHIFT = 22;
    private static final long ALONE_INCARNATION = (1L << ALONE_SHIFT) - 1;
    private static final int STOPPED = 56;
    private static final int START_POS = 128;
    private static final int READ_POS = 136;
    private static final int ACK_POS = 144;
    private static final int ACK_OFF = 152;
    private static final int LOST = 160;
    private static final int FIRST = 168;
    private static final int SLEEPS = 176;
    private static final int AGAIN = 192;
    private static final int NAME = 512;

    private long at(int slot) {
        if (slot < 0 || slot >= count) throw new CorruptSegmentException("slot " + slot + " of " + count);
        return base + (long) slot * SIZE;
    }

    public long place(int slot) {
        return at(slot);
    }

    public long stateAcquire(int slot) {
        return bytes.getLongAcquire(at(slot));
    }

    public void stateRelease(int slot, long state) {
        bytes.putLongRelease(at(slot), state);
    }

    public boolean compareAndSetState(int slot, long expected, long state) {
        return bytes.compareAndSetLong(at(slot), expected, state);
    }

    public long owner(int slot) {
        return bytes.getLongAcquire(at(slot) + OWNER);
    }

    public void owner(int slot, int handle, long incarnation) {
        bytes.putLong(at(slot) + OWNER, incarnation << 16 | handle);
    }

    public static int ownerHandle(long owner) {
        return (int) (owner & 0xFFFF);
    }

    public static long ownerIncarnation(long owner) {
        return owner >>> 16;
    }

    public long birth(int slot) {
        return bytes.getLongAcquire(at(slot) + BIRTH);
    }

    public void birth(int slot, long incarnation) {
        bytes.putLong(at(slot) + BIRTH, incarnation);
    }

    public long left(int slot) {
        return bytes.getLong(at(slot) + LEFT);
    }

    public void left(int slot, long leaver) {
        bytes.putLong(at(slot) + LEFT, leaver);
    }

    public long semInc(int slot) {
        return bytes.getLong(at(slot) + SEM_INC);
    }

    public void semInc(int slot, long incarnation) {
        bytes.putLong(at(slot) + SEM_INC, incarnation);
    }

    public int ackMode(int slot) {
        return bytes.getInt(at(slot) + ACK_MODE);
    }

    public void ackMode(int slot, int mode) {
        bytes.putInt(at(slot) + ACK_MODE, mode);
    }

    /** Since when no process has been attached, by the wall clock; 0: not known, as of another incarnation. */
    public long aloneSince(int slot, long incarnation) {
        long word = bytes.getLong(at(slot) + ALONE);
        return (word & ALONE_INCARNATION) == (incarnation & ALONE_INCARNATION) ? word >>> ALONE_SHIFT : 0;
    }

    public void aloneSince(int slot, long incarnation, long nowMillis) {
        bytes.putLong(at(slot) + ALONE, nowMillis << ALONE_SHIFT | incarnation & ALONE_INCARNATION);
    }

    /** 0: it has not stopped. */
    public long stopped(int slot) {
        return bytes.getLong(at(slot) + STOPPED);
    }

    public void stopped(int slot, long position) {
        bytes.putLong(at(slot) + STOPPED, position);
    }

    public long startPosAcquire(int slot) {
        return bytes.getLongAcquire(at(slot) + START_POS);
    }

    public void startPosRelease(int slot, long position) {
        bytes.putLongRelease(at(slot) + START_POS, position);
    }

    public long readPos(int slot) {
        return bytes.getLong(at(slot) + READ_POS);
    }

    /** For a loop that stores it for each message. */
    public long readPosAddress(int slot) {
        return bytes.address(at(slot) + READ_POS, 8);
    }

    public void readPos(int slot, long position) {
        bytes.putLong(at(slot) + READ_POS, position);
    }

    /** The position of an attached subscription, as its subscriber has it. */
    public long position(int slot) {
        long again = bytes.getLong(at(slot) + AGAIN);
        return again != 0 ? again - 1 : readPos(slot);
    }

    /** By each owner, new or attached again: what a newer library put into reserved words says nothing of this one. */
    public void clearFree(int slot) {
        bytes.clear(at(slot), FREE);
    }

    public void again(int slot, long next) {
        bytes.putLong(at(slot) + AGAIN, next);
    }

    public long ackPosAcquire(int slot) {
        return bytes.getLongAcquire(at(slot) + ACK_POS);
    }

    public void ackPosRelease(int slot, long position) {
        bytes.putLongRelease(at(slot) + ACK_POS, position);
    }

    /** Pairs with {@link #ackOffRelease}: a publisher that sees it may let the gate come up to it. */
    public long ackOffAcquire(int slot) {
        long offset = bytes.getLongAcquire(at(slot) + ACK_OFF);
        if (offset < 0 || (offset & 7) != 0)
            throw new CorruptSegmentException("slot " + slot + " acknowledged " + offset);
        return offset;
    }

    public void ackOffRelease(int slot, long offset) {
        bytes.putLongRelease(at(slot) + ACK_OFF, offset);
    }

    public long lostAcquire(int slot) {
        return bytes.getLongAcquire(at(slot) + LOST);
    }

    public void lostRelease(int slot, long lost) {
        bytes.putLongRelease(at(slot) + LOST, lost);
    }

    public long first(int slot) {
        return bytes.getLong(at(slot) + FIRST);
    }

    public void first(int slot, long position) {
        bytes.putLong(at(slot) + FIRST, position);
    }

    public long sleeps(int slot) {
        return bytes.getLong(at(slot) + SLEEPS);
    }

    public void sleeps(int slot, long times) {
        bytes.putLong(at(slot) + SLEEPS, times);
    }

    /**
     * For people: if the slot is taken meanwhile, half of the name may be another subscription's.
     *
     * @return null if it has none, or is of a kind whose words only a later release knows
     */
    public String name(int slot) {
        long state = stateAcquire(slot);
        if (!SlotState.has(state, SlotState.NAMED) || SlotState.isNewer(state)) return null;
        byte[] name = encodedName(slot, bytes.getInt(at(slot) + NAME_LENGTH));
        return name == null ? null : new String(name, StandardCharsets.UTF_8);
    }

    /** The same, for a caller that knows that no process changes it: as it was written, or damaged. */
    public String checkedName(int slot) {
        int word = bytes.getInt(at(slot) + NAME_LENGTH);
        byte[] name = encodedName(slot, word);
        if (word != (name == null ? 0 : nameWord(name)))
            throw new CorruptSegmentException("slot " + slot + " with a name that nobody gave it");
        return name == null ? null : new String(name, StandardCharsets.UTF_8);
    }

    private byte[] encodedName(int slot, int word) {
        int length = word & NAME_LENGTH_MASK;
        if (length == 0) return null;
        if (length > NAME_SIZE) throw new CorruptSegmentException("slot " + slot + " with a name of " + length);
        byte[] name = new byte[length];
        bytes.copyOut(at(slot) + NAME, name, 0, length);
        return name;
    }

    private static int nameWord(byte[] name) {
        CRC32 sum = new CRC32();
        sum.update(name);
        return name.length == 0 ? 0 : (int) sum.getValue() << 10 | name.length;
    }

    /**
     * Throws if the slot is damaged: an impossible state, or none together with fields that are only
     * written after one. No participant ever leaves either.
     */
    public void requirePossible(int slot, long state) {
        SlotState.requirePossible(slot, state);
        // One is stored just before the other, and both grow by one, or by a random number below a
        // million.
        if (!SlotState.isNewer(state) && Math.abs(SlotState.incarnation(state) - semInc(slot)) > FARTHEST)
            throw new CorruptSegmentException(
                    "slot " + slot + " with state " + Long.toHexString(state) + " and semaphore " + semInc(slot));
        if (state != 0) return;
        for (int at = BIRTH; at <= NAME; at += 8)
            if (bytes.getLong(at(slot) + at) != 0)
                throw new CorruptSegmentException("slot " + slot + " was never used, and has something at +" + at);
    }

    /** Up to 128 characters: at most 512 bytes. */
    public void name(int slot, String name) {
        byte[] encoded = name == null ? new byte[0] : name.getBytes(StandardCharsets.UTF_8);
        if (encoded.length > NAME_SIZE) throw new IllegalArgumentException("name of " + encoded.length + " bytes");
        bytes.copyIn(at(slot) + NAME, encoded, 0, encoded.length);
        bytes.putInt(at(slot) + NAME_LENGTH, nameWord(encoded));
    }
}
