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
 * for no disk. Only {@link #look} asks the companion itself.
 */
final class OnDisk {
    private static final long MUCH = 64L << 20;

    private final Log log;
    private final Overflow told;
    /** Is null if the log tells of none, or of one that this release does not know. */
    private final Binding binding;

    private final String refusal;
    /** Is null until it was asked for: a disk that hangs takes seconds. */
    private OverflowLook look;

    /** Takes with {@code refusal} why this process sends nothing to the disk; empty: that is not known. */
    OnDisk(String domain, Log log, State state, String refusal) {
        this.log = log;
        this.refusal = refusal;
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

    /** Tells why nothing goes to the disk, as far as this process has tried; empty: it has not failed. */
    String refusal() {
        return refusal;
    }

    /** Reads once how it is there, without joining it. */
    OverflowLook look() {
        if (look == null)
            look = binding == null
                    ? OverflowLook.unknown("this release does not know '" + QueueUri.shown(told.uri()) + "'")
                    : OverflowLook.of(overflow().uri(), log.maxRingBytes());
        return look;
    }

    /** Tells whether so many bytes there are worth a question to their disk. */
    boolean isMuch(long bytes) {
        long most = mostBytes();
        return bytes >= (most == 0 ? MUCH : Math.min(MUCH, most / 2));
    }

    /** Tells {@link #mostBytes}, or what the disk can give if that is less, as far as it was asked for. */
    long mostBytesNow() {
        Long now = look == null ? null : look.mostNow();
        return now == null ? mostBytes() : now;
    }
}
