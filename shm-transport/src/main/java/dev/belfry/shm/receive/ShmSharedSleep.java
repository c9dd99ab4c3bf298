package dev.belfry.shm.receive;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.MeantWords;
import dev.belfry.shm.layout.MeantWords.Meant;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.OwnSemaphore;
import dev.belfry.shm.sync.Sleepers;
import dev.belfry.shm.sync.SleepersOfMany;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.InsideMany;
import dev.belfry.spi.SharedSleep;
import dev.belfry.spi.Waitable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One thread's sleep for many subscribers, on the semaphore of one of them, the head: see {@link SleepersOfMany}. While
 * it sleeps it is inside each of them, so the head's semaphore stays, and a member that is closed is released by it. A
 * head that was closed is replaced before the next sleep.
 */
final class ShmSharedSleep implements SharedSleep {
    private static final Logger LOG = LoggerFactory.getLogger(ShmSharedSleep.class);
    private static final int MOST_IN_VAIN = 8;
    private static final int TRY_AGAIN_AFTER = 64;
    private static final long PAUSE_NANOS = 100_000_000;

    /** A subscriber, as a thread that sleeps for many needs it. */
    interface Own extends SharedSleep.Sleeper {
        Berth berth();

        /** That thread is inside from now on. False: it cannot be, and the next call that reads says why. */
        boolean beginsSleep();

        /** Nothing if that thread is not inside. */
        void endsSleep();
    }

    /** Its place, and the thread's if that sleeps for it. */
    static final class Berth {
        private final Handle handle;
        private final Joined seat;
        private final Idle idle;
        private volatile ShmSharedSleep in;

        Berth(Handle handle, Joined seat, Idle idle) {
            this.handle = handle;
            this.seat = seat;
            this.idle = idle;
        }

        /** Any thread. */
        void wake() {
            ShmSharedSleep sleep = in;
            if (sleep != null) sleep.wake();
        }
    }

    private volatile List<Member> members = List.of(); // copied at each change; changed under this
    private boolean told; // guarded by this
    private final InsideMany<Member> inside = new InsideMany<>(() -> members);
    private List<Member> asleep = List.of(); // this and the next: of the thread that sleeps
    private Member head;
    private Meant meant;
    private int nextName;
    private long quietSince = System.nanoTime();
    private int inVain; // sleeps in a row that were longer than the spin
    private volatile OwnSemaphore bed; // the head's
    private volatile boolean woken;

    @Override
    public synchronized boolean add(Waitable subscriber) {
        if (!(subscriber instanceof Own added) || added.berth().in != null) return false;
        if (!members.isEmpty() && !isAlike(members.get(0).berth, added.berth())) {
            LOG.atLevel(told ? Level.DEBUG : Level.INFO)
                    .log(
                            "{} sleeps in a thread of its own: its queue has another owner, group or mode than '{}'",
                            added,
                            members.get(0).berth.handle.queueUri());
            told = true;
            return false;
        }
        List<Member> more = new ArrayList<>(members);
        more.add(new Member(added));
        members = more;
        added.berth().in = this;
        return true;
    }

    /** Then a publisher to one may post the semaphore of the other. */
    private static boolean isAlike(Berth one, Berth other) {
        try {
            FileStatus a = one.handle.segment.object.status();
            FileStatus b = other.handle.segment.object.status();
            return a.uid() == b.uid() && a.gid() == b.gid() && a.mode() == b.mode();
        } catch (PosixException closed) {
            return false;
        }
    }

    @Override
    public void remove(Waitable subscriber) {
        synchronized (this) {
            List<Member> fewer = new ArrayList<>(members);
            if (!fewer.removeIf(each -> each.subscriber == subscriber)) return;
            members = fewer;
            ((Own) subscriber).berth().in = null;
        }
        wake();
        inside.awaitOutside(each -> each.subscriber == subscriber);
    }

    /** The reason is stored first, here and by the caller: the thread checks for it after it has stored its bed. */
    @Override
    public void wake() {
        woken = true;
        OwnSemaphore at = bed;
        if (at != null) at.wake();
    }

    @Override
    public void await(long deadlineNanos, Consumer<? super Waitable> ready) {
        List<Member> all = inside.begins();
        try {
            tell(all, ready, sleptUnlessDamaged(all, deadlineNanos));
            SharedBytes.askTheVm(); // a fault that comes late must not end the call of a healthy member
        } catch (InternalError failure) {
            if (!isOfAMember(all, failure)) waitOn(failure, deadlineNanos);
        } finally {
            ends(all);
        }
    }

    /** After a sleep the first that is found, so that it is read soon: the next call finds the others. */
    private void tell(List<Member> all, Consumer<? super Waitable> ready, boolean first) {
        for (Member each : all) {
            if (each.isInside && !each.mayProceed()) continue;
            quietSince = System.nanoTime();
            each.withdraws();
            ready.accept(each.subscriber);
            if (first) return;
        }
    }

    private void ends(List<Member> all) {
        try {
            inside.ends(all, Member::leave);
        } catch (InternalError failure) {
            if (!isOfAMember(all, failure)) throw failure;
        }
    }

    /** The fault is of memory that this thread has read elsewhere. */
    private static void waitOn(InternalError failure, long deadlineNanos) {
        LOG.error("A thread that sleeps for many subscribers met a fault that is of none of them: it goes on", failure);
        LockSupport.parkNanos(Math.min(Deadlines.remaining(deadlineNanos), PAUSE_NANOS));
    }

    /** Damage ends one member, as its next call says, and the others sleep on. False: not all could sleep. */
    private boolean sleptUnlessDamaged(List<Member> all, long deadlineNanos) {
        boolean sleeps = deadlineNanos != Deadlines.PAST;
        try {
            for (Member each : all) sleeps &= each.begins();
            if (sleeps) sleep(all, deadlineNanos);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            if (!isOfAMember(all, failure)) throw failure;
        }
        return sleeps;
    }

    private static boolean isOfAMember(List<Member> all, Throwable failure) {
        boolean known = false;
        for (Member each : all) known |= each.isEndedBy(failure);
        return known;
    }

    private void sleep(List<Member> all, long deadlineNanos) {
        Wait wait = new Wait(Deadlines.remaining(deadlineNanos), () -> woken);
        if (all.isEmpty()) return;
        Idle spins = leastSpinning(all);
        if (spun(all, spins, wait)) return;
        lieDown(all);
        for (Member each : all) each.sleepsOnce();
        long began = System.nanoTime();
        Object span = Machine.events().parking();
        SleepersOfMany.sleep(all, bed, () -> mayProceed(all), wait, quietSince);
        Machine.events().parked(span, head.berth.handle.segment.queue, head.slot());
        inVain = System.nanoTime() - began < spins.spinNanos ? 0 : inVain + 1;
        woken = false; // the reason was stored before it, and the caller checks for that next
    }

    /**
     * On the head's semaphore, while that is a member. As others leave, it is tried again: a fault in the memory of one
     * of them may have been met in a call of this semaphore.
     */
    private void lieDown(List<Member> all) {
        if (all == asleep) return;
        asleep = all;
        if (!all.contains(head)) head = all.get(0);
        Berth of = head.berth;
        meant = new Meant(of.handle.segment.queueId, of.seat.slot(), of.seat.incarnation());
        bed = of.handle.semaphores.own(of.seat.semaphore(), this::requireEndOfLogs, this::lookForAName);
    }

    private static boolean mayProceed(List<Member> all) {
        for (Member each : all) if (each.mayProceed()) return true;
        return false;
    }

    private static Idle leastSpinning(List<Member> all) {
        Idle least = all.get(0).berth.idle;
        for (Member each : all) if (each.berth.idle.spinNanos < least.spinNanos) least = each.berth.idle;
        return least;
    }

    /**
     * True: something came. For as long as each member would spin by itself. By default only now and then where
     * messages are rare.
     */
    private boolean spun(List<Member> all, Idle spins, Wait wait) {
        if (spins.spinsByDefault && inVain >= MOST_IN_VAIN && inVain % TRY_AGAIN_AFTER != 0) return false;
        long began = System.nanoTime();
        while (wait.ended() == null && System.nanoTime() - began < spins.spinNanos) {
            if (mayProceed(all)) {
                inVain = 0;
                return true;
            }
            Thread.yield(); // the publisher may need this processor
        }
        return false;
    }

    private void requireEndOfLogs() {
        for (Member each : asleep) each.requireEndOfLog();
    }

    /** One at a time, so that many cost no more than one. */
    private void lookForAName() {
        nextName = (nextName + 1) % asleep.size();
        asleep.get(nextName).berth.handle.lookForName();
    }

    private final class Member implements SleepersOfMany.Sleeper {
        final Own subscriber;
        final Berth berth;
        private boolean isInside; // of the thread that sleeps

        Member(Own subscriber) {
            this.subscriber = subscriber;
            this.berth = subscriber.berth();
        }

        @Override
        public Sleepers sleepers() {
            return berth.handle.sleepers;
        }

        @Override
        public int slot() {
            return berth.seat.slot();
        }

        @Override
        public boolean isNamed() {
            return this == head ? words().isEmpty(slot()) : words().are(slot(), meant);
        }

        @Override
        public void name() {
            if (this == head) words().clear(slot());
            else words().put(slot(), meant);
        }

        private MeantWords words() {
            return berth.handle.segment.meant;
        }

        /** There is something to read, or nothing will ever be. */
        boolean mayProceed() {
            try {
                return berth.idle.mayProceed();
            } catch (CorruptSegmentException | PosixException | InternalError failure) {
                berth.handle.translate(failure);
                return true; // its next call says it
            }
        }

        void requireEndOfLog() {
            try {
                berth.idle.requireEndOfLog();
            } catch (CorruptSegmentException | PosixException | InternalError failure) {
                berth.handle.translate(failure);
            }
        }

        boolean begins() {
            isInside = true; // first: the fault of another may come when it has entered
            return isInside = subscriber.beginsSleep();
        }

        /** It is read next, by itself. Nothing is touched of one that has failed. */
        void withdraws() {
            if (!isInside || berth.handle.isPoisoned()) return;
            try {
                sleepers().withdraw(slot());
            } catch (CorruptSegmentException | PosixException | InternalError failure) {
                berth.handle.translate(failure);
            }
        }

        void leave() {
            try {
                if (isInside) subscriber.endsSleep();
            } catch (InternalError late) { // of another: this one may still be entered
                subscriber.endsSleep();
                throw late;
            } finally {
                isInside = false;
            }
        }

        boolean isEndedBy(Throwable failure) {
            if (berth.handle.segment.isTruncated()) berth.handle.translate(failure);
            return berth.handle.isPoisoned();
        }

        void sleepsOnce() {
            long times = berth.handle.segment.slots.sleeps(slot());
            berth.handle.segment.slots.sleeps(slot(), times + 1);
        }
    }
}
