package dev.belfry.shm.layout;

import java.util.UUID;

/**
 * In a subscriber's slot: the semaphore that its thread sleeps on, if that is another subscriber's. Empty: its own.
 *
 * <pre>
 *    +64  queueId      2 x int64  of the queue of that semaphore   owner   plain, before check
 *    +80  semSlot      int32      its slot there                   owner   plain, before check
 *    +84  check        int32      of the other four; 0: empty      owner   release / acquire
 *    +88  incarnation  int64      of that semaphore                owner   plain, before check
 * </pre>
 *
 * The owner stores them while its bit among the sleepers is clear, so a publisher that takes a newer bit finds all. One
 * that took an older bit may meet a mixture, which the check shows. It posts the slot's own semaphore then. That wakes
 * no thread, and none needs it: before the owner sleeps it sets its bit again, and finds what that publisher committed.
 */
public record MeantWords(SharedBytes bytes, Slots slots) {
    private static final int MOST = 64;
    private static final int LEAST = 72;
    private static final int SLOT = 80;
    private static final int CHECK = 84;
    private static final int INCARNATION = 88;
    private static final long ODD = 0x9E3779B97F4A7C15L;

    /** The parts of its name. */
    public record Meant(UUID queueId, int slot, long incarnation) {
        int check() {
            long sum = mixed(queueId.getMostSignificantBits(), queueId.getLeastSignificantBits());
            return (int) (mixed(mixed(sum, slot), incarnation) >>> 32) | 1; // never 0
        }

        private static long mixed(long sum, long next) {
            return (sum * ODD + next) * ODD;
        }
    }

    public boolean isEmpty(int slot) {
        return bytes.getIntAcquire(slots.place(slot) + CHECK) == 0;
    }

    /** By the owner, while the slot's bit is clear. */
    public void clear(int slot) {
        bytes.putIntRelease(slots.place(slot) + CHECK, 0);
    }

    /** By the owner, while the slot's bit is clear. */
    public void put(int slot, Meant meant) {
        long at = slots.place(slot);
        bytes.putLong(at + MOST, meant.queueId.getMostSignificantBits());
        bytes.putLong(at + LEAST, meant.queueId.getLeastSignificantBits());
        bytes.putInt(at + SLOT, meant.slot);
        bytes.putLong(at + INCARNATION, meant.incarnation);
        bytes.putIntRelease(at + CHECK, meant.check()); // pairs with are and read: they see the others, too
    }

    public boolean are(int slot, Meant meant) {
        long at = slots.place(slot);
        return bytes.getIntAcquire(at + CHECK) == meant.check()
                && bytes.getLong(at + MOST) == meant.queueId.getMostSignificantBits()
                && bytes.getLong(at + LEAST) == meant.queueId.getLeastSignificantBits()
                && bytes.getInt(at + SLOT) == meant.slot
                && bytes.getLong(at + INCARNATION) == meant.incarnation;
    }

    /** Null if there are none, or a mixture. */
    public Meant read(int slot) {
        long at = slots.place(slot);
        int check = bytes.getIntAcquire(at + CHECK);
        if (check == 0) return null;
        Meant meant = new Meant(
                new UUID(bytes.getLong(at + MOST), bytes.getLong(at + LEAST)),
                bytes.getInt(at + SLOT),
                bytes.getLong(at + INCARNATION));
        return meant.check() == check ? meant : null;
    }
}
