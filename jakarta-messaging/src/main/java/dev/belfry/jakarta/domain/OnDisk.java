package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.overflow.Binding;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.judgement.OverflowLook;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueUri;
import java.util.Map;

/**
 * Where the messages of a domain's queues are that are on the disk, for who is no member: as its log tells, which waits
 * for no disk. Only {@link #problem} asks the companion itself.
 */
final class OnDisk {
    private final Log log;
    private final Overflow told;
    /** Is null if the log tells of none, or of one that this release does not know. */
    private final Binding binding;

    OnDisk(String domain, Log log, State state) {
        this.log = log;
        told = state.registry.overflow();
        binding = told.equals(Overflow.NONE) ? null : binding(domain, told);
    }

    private static Binding binding(String domain, Overflow told) {
        try {
            return Binding.of(QueueUri.parse(domain), told);
        } catch (IllegalArgumentException ofALaterRelease) {
            return null;
        }
    }

    /** Whether the log tells of a place on the disk. */
    boolean isTold() {
        return !told.equals(Overflow.NONE);
    }

    /** Tells the most bytes of it; 0: no limit, or that is not known. */
    long mostBytes() {
        return binding == null ? 0 : binding.mostBytes();
    }

    DomainTools.Overflow overflow() {
        return new DomainTools.Overflow(
                binding == null ? null : new QueueUri("file", binding.uri().name(), Map.of()).toString(),
                mostBytes(),
                waitsFor());
    }

    /** Nothing is there yet, and would be there now if all members knew of it. */
    private String waitsFor() {
        boolean wouldBe = !isTold() && log.usedBytes() > log.maxRingBytes() * 3 / 8;
        return wouldBe ? log.unawareOf(Log.PAGES) : "";
    }

    /** Tells why it takes no more, as seen without joining it; empty: it may. A disk that hangs takes seconds. */
    String problem() {
        if (binding == null) return "this release does not know '" + QueueUri.shown(told.uri()) + "'";
        return OverflowLook.of(overflow().uri(), log.maxRingBytes()).problem();
    }
}
