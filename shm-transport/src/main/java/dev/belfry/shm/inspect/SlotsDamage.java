package dev.belfry.shm.inspect;

import static dev.belfry.shm.inspect.DamageRules.firstOther;
import static dev.belfry.shm.inspect.DamageRules.require;
import static dev.belfry.shm.inspect.DamageRules.requireZero;

import dev.belfry.shm.layout.AckCode;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.ring.LogCheck;
import dev.belfry.shm.segment.Segment;
import java.util.HashMap;
import java.util.Map;

/** Compares the words of the slots with each other and with the header's: a part of {@link DamageCheckup}. */
record SlotsDamage(Segment segment, LogCheck log) {
    /**
     * If another subscription takes the slot meanwhile, its words belong to two subscriptions, and nothing is reported.
     * {@code withFree}: reserved words are judged, too.
     */
    void slot(int j, boolean withFree) {
        long state = segment.slots.stateAcquire(j);
        try {
            slot(j, state, withFree);
        } catch (CorruptSegmentException wrong) {
            if (segment.slots.stateAcquire(j) == state) throw wrong;
        }
    }

    private void slot(int j, long state, boolean withFree) {
        String what = "slot " + j;
        if (j >= segment.header.highMarkAcquire(segment.slots.count())) {
            boolean begun = segment.journal != null; // in a live part each begins above its earlier lives
            require(
                    begun ? SlotState.phase(state) == SlotState.FREE : state == 0,
                    () -> what + " is in use, and was never given to a subscriber");
            int[][] free = begun ? Slots.FREE : new int[][] {{0, Slots.SIZE}};
            int other = withFree ? firstOther(segment.header.bytes(), segment.slots.place(j), free) : -1;
            if (j >= segment.header.highMarkAcquire(segment.slots.count())) requireZero(what, other);
            return;
        }
        segment.slots.requirePossible(j, state);
        if (withFree) requireZero(what, firstOther(segment.header.bytes(), segment.slots.place(j), Slots.FREE));
        if (!SlotState.isSubscription(state) || SlotState.isNewer(state)) return;
        require(!withFree || !SlotState.hasReserved(state), () -> what + " with state " + Long.toHexString(state));
        long incarnation = SlotState.incarnation(state);
        long birth = segment.slots.birth(j);
        require(birth > 0 && birth <= incarnation, () -> what + " began as " + birth);
        long semInc = segment.slots.semInc(j);
        require(semInc >= incarnation, () -> what + " with semaphore " + semInc + " of " + incarnation);
        require(
                Slots.ownerHandle(segment.slots.owner(j)) < segment.handles.count(),
                () -> what + " is a handle's that there is not");
        int mode = segment.slots.ackMode(j);
        require(mode >= 0 && mode <= AckCode.HIGHEST, () -> what + " with another mode");
        String given = segment.slots.checkedName(j);
        require(
                (given == null) != SlotState.has(state, SlotState.NAMED),
                () -> what + (given == null ? " has lost its name" : " has a name that it was not given"));
        long acknowledged = segment.slots.ackPosAcquire(j);
        require(isBelowNext(acknowledged), () -> what + " has acknowledged " + acknowledged);
        long read = segment.slots.readPos(j);
        require(isBelowNext(read), () -> what + " has read " + read);
        long position = segment.slots.position(j);
        require(isBelowNext(position), () -> what + " stands at " + position);
        long lost = segment.slots.lostAcquire(j);
        require(isBelowNext(lost), () -> what + " has lost " + lost);
        long first = segment.slots.first(j);
        require(first > 0 && isBelowNext(first - 1), () -> what + " asked for " + first);
        long sleeps = segment.slots.sleeps(j);
        require(sleeps >= 0, () -> what + " slept " + sleeps + " times");
        long stopped = segment.slots.stopped(j);
        require(stopped >= 0 && isBelowNext(stopped), () -> what + " stopped at " + stopped);
        long start = segment.slots.startPosAcquire(j);
        boolean starting = SlotState.has(state, SlotState.STARTING);
        boolean walks = starting && start == Long.MAX_VALUE; // it begins at some place before it has ended its walk
        require(walks || start > 0 && isBelowNext(start - 1), () -> what + " started at " + start);
        boolean passed = segment.floor.isSlotBelowFloor(j);
        boolean holds = SlotState.gates(state, false)
                && !SlotState.policy(state)
                        .within(segment.creation.maxGateNanos())
                        .mayBePassed();
        require(!holds || !passed, () -> what + " gates, and was passed");
    }

    /** Read after the position; one more message may be published at this moment. */
    private boolean isBelowNext(long position) {
        SharedBytes.loadFence();
        if (position < 0) return false;
        return position < segment.header.countAcquire() + 2 || position < log.newest() + 2;
    }

    void names() {
        Map<String, Integer> seen = new HashMap<>();
        long[] states = new long[segment.slots.count()];
        int highMark = segment.header.highMarkAcquire(segment.slots.count());
        for (int j = 0; j < highMark; j++) {
            long state = states[j] = segment.slots.stateAcquire(j);
            boolean isNamed = SlotState.isSubscription(state) && SlotState.has(state, SlotState.NAMED);
            if (!isNamed || SlotState.isNewer(state)) continue;
            Integer other = seen.put(segment.slots.name(j), j);
            int one = j;
            boolean still = other != null
                    && segment.slots.stateAcquire(other) == states[other]
                    && segment.slots.stateAcquire(j) == state;
            require(!still, () -> "slots " + other + " and " + one + " have the same name");
        }
    }
}
