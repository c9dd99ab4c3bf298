package dev.belfry.shm.sync;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One thread that sleeps for many subscribers, of any queues, on the semaphore of one of them. In each slot words name
 * it, and a publisher that takes the slot's bit posts that one.
 *
 * <pre>
 *   for each: the words, if they are not right yet: clear the bit, store the words
 *   for each: set the bit, then the flag
 *   the fences, once for all queues
 *   check all logs once more; nothing: sleep
 * </pre>
 *
 * The words come before the bit, so a publisher that takes the bit finds them (SlotSemaphores.post). It has committed
 * before it takes the bit; so if it took one of an earlier sleep, the last check finds its message. All else is as for
 * one: see {@link Sleepers}.
 */
public final class SleepersOfMany {
    private SleepersOfMany() {}

    /** One of them. */
    public interface Sleeper {
        Sleepers sleepers();

        int slot();

        /** Whether its words name the semaphore that is slept on. */
        boolean isNamed();

        /** Stores them. */
        void name();
    }

    /** As {@link Sleepers#sleep}, for at least one. */
    public static Wait.Ended sleep(
            List<? extends Sleeper> all, Sleepers.Bed bed, BooleanSupplier condition, Wait wait, long quietSince) {
        return Sleepers.sleep(new All(all), bed, condition, wait, quietSince);
    }

    private record All(List<? extends Sleeper> all) implements Sleepers.Announcement {
        @Override
        public void announce() {
            for (Sleeper each : all) {
                if (!each.isNamed()) {
                    each.sleepers().withdraw(each.slot());
                    each.name();
                }
                each.sleepers().show(each.slot());
            }
            fence();
        }

        /** Announced before the check of the logs. */
        private void fence() {
            boolean allFence = true;
            for (Sleeper each : all) allFence &= each.sleepers().everyPublisherFences();
            if (allFence || all.get(0).sleepers().handshake.requestFences()) return;
            for (Sleeper each : all) each.sleepers().handshake.armedAlone();
        }

        /** They stay announced, which spares them the next announcement. The caller withdraws one that it reads. */
        @Override
        public void withdraw() {}
    }
}
