package dev.belfry.shm.journal;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.layout.AckCode;
import dev.belfry.shm.layout.Policy;
import java.util.List;

/**
 * The places that a queue's directory keeps beside the log. A place may be too old, but never too young.
 *
 * @param kept nothing before it is needed any more
 * @param bound all before it is on the disk
 */
public record Places(At kept, At bound, List<Named> named) {
    /** The record with this position begins at this offset, or will. */
    public record At(long offset, long position) {}

    /**
     * A named subscription, or a mark of a domain.
     *
     * @param acknowledged where it needs its next message from
     * @param policy its code, see {@link Policy#of(int)}; one of a later release is kept as it is
     * @param ackMode its code, see {@link AckCode}; the same
     * @param first the first message that counts for it
     * @param given the last that it may have been given; {@link #NOT_KNOWN}: it may be any
     */
    public record Named(String name, int policy, int ackMode, At acknowledged, long first, long lost, long given) {
        public static final long NOT_KNOWN = Long.MAX_VALUE;
        public static final int HIGHEST_POLICY = Policy.HIGHEST_CODE;
        public static final int HIGHEST_ACK_MODE = AckCode.HIGHEST;

        public Named(String name, SlowSubscriber policy, AckMode ackMode, At acknowledged, long first, long lost) {
            this(name, Policy.code(policy), AckCode.of(ackMode), acknowledged, first, lost, NOT_KNOWN);
        }

        public SlowSubscriber slowSubscriber() {
            return Policy.of(policy).slowSubscriber();
        }

        public AckMode mode() {
            return AckCode.mode(ackMode);
        }

        public Named givenTo(long last) {
            return new Named(name, policy, ackMode, acknowledged, first, lost, last);
        }

        /** Whether its next message is gone, where the log begins at {@code oldest}. */
        public boolean isBelowFloor(long oldest) {
            return acknowledged.offset < oldest && Policy.of(policy).mayBePassed();
        }

        public boolean hasEnded(long oldest) {
            return isBelowFloor(oldest) && !Policy.of(policy).jumps();
        }
    }
}
