package dev.belfry.jakarta.domain;

import dev.belfry.api.Claim;
import dev.belfry.jakarta.fold.Registry;
import dev.belfry.jakarta.fold.Restating;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Appends what adds to the registry: names of queues, temporary queues, attachments, client ids. A
 * CHECKPOINT tells all of it again in one record, which must find room in the reserves of a full
 * domain. So the author of an addition refuses it if a CHECKPOINT could be longer than a sixteenth
 * of the log then. It decides while nobody else appends: two members cannot exceed the limit
 * together.
 */
final class Registrar {
    private static final Duration CLAIM_TIME = Duration.ofMillis(1);
    /** The first one leaves out what was not used when the one before it was written. */
    private static final int CHECKPOINTS = 2;

    private final Domain domain;
    private final Log log;
    private final long limit;
    // With the fold lock: when the log ended here, a CHECKPOINT could be as long as this.
    private long counted;
    private long countedAt;

    Registrar(Domain domain) {
        this.domain = domain;
        log = domain.log();
        limit = log.maxRingBytes() / 16;
    }

    /**
     * Appends a record of one addition, which rings no bell.
     *
     * @param isThere whether it adds nothing to this registry
     * @return its position; {@link Log#REJECTED}: there is no room now
     * @throws NoRoomException if the registry is full
     */
    long append(ByteBuffer record, Predicate<Registry> isThere) {
        int length = record.remaining();
        domain.fold.lock();
        try {
            if (!fits(length) && !leaveOutUnused(length)) return Log.REJECTED;
            refuseIfFull(length, isThere); // so that nobody else has to wait for it
            try (Claim claim = log.claim(length, Reserve.NORMAL, CLAIM_TIME)) {
                if (claim == null) return Log.REJECTED;
                refuseIfFull(length, isThere);
                claim.buffer().put(record);
                return claim.commit(length);
            }
        } finally {
            domain.fold.unlock();
            domain.pump().wakeLeader(); // as this has folded, or will be folded by others only
        }
    }

    private void refuseIfFull(int length, Predicate<Registry> isThere) {
        if (fits(length) || isThere.test(domain.folded().state().registry())) return;
        throw new NoRoomException(
                "Registry of domain '" + domain.name() + "' has " + Units.number(counted) + " bytes, and "
                        + Units.number(length) + " more are needed; limit is " + Units.number(limit)
                        + " (a sixteenth of maxCapacity " + Units.size(log.maxRingBytes())
                        + ") for queues with messages or consumers, temporary queues and client ids."
                        + " Receive from queues and close what is not needed,"
                        + " or raise maxCapacity when the domain is created.",
                Codes.REGISTRY);
    }

    /** False: not now. */
    boolean offer(ByteBuffer record, Predicate<Registry> isThere) {
        try {
            return append(record, isThere) != Log.REJECTED;
        } catch (NoRoomException full) {
            return false;
        }
    }

    /**
     * Exact if nobody else appends. An addition is shorter in a CHECKPOINT than as a record, and all are told from the
     * mark on: so a member that only sends need not fold while the log has little, and nobody counts again and again.
     */
    private boolean fits(int length) {
        if (log.usedBytes() + length <= limit) return true;
        domain.folded().toTheEnd();
        if (atMost() + length > limit) {
            counted = Restating.longestCheckpoint(domain.folded().state());
            countedAt = domain.folded().end();
        }
        return atMost() + length <= limit;
    }

    private long atMost() {
        return counted + domain.folded().end() - countedAt;
    }

    /** Names that nobody uses any more end with a CHECKPOINT. False: there is no room for one now. */
    private boolean leaveOutUnused(int length) {
        if (Restating.shortestCheckpoint(domain.folded().state()) + length > limit) return true; // it would not help
        for (int i = 0; i < CHECKPOINTS && !fits(length); i++)
            if (domain.keeper().checkpoint(Reserve.NORMAL, CLAIM_TIME) < 0) return false;
        return true;
    }
}
