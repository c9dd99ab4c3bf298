package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.State;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.util.List;
import java.util.function.Predicate;

/**
 * Whether live messages fill what senders may fill, and which sends go on then: so a backlog of one destination stops
 * no other. Each member decides for itself. Any thread.
 */
final class Crowd {
    /** One destination may have this part of the room beyond that. So each of many has some, and there is a rest. */
    private static final int PARTS = 8;

    /** Asks the state as of the log's end. */
    interface Folding {
        boolean is(Predicate<State> question);
    }

    private final Log log;
    private final Folding folding;
    /** Room was made, which did not help, and what senders may fill has not become free since. */
    private volatile boolean crowded;

    Crowd(Log log, Folding folding) {
        this.log = log;
        this.folding = folding;
    }

    /** Room was made, and a record that adds found none. False: that was known. */
    boolean isNew() {
        if (crowded) return false;
        return crowded = true;
    }

    /** A record that adds has found room. It is not over where there is hardly more: the next record finds none. */
    void foundRoom() {
        if (!crowded) return; // mostly: nothing is asked of the log
        long ring = log.ringBytes();
        if (log.usedBytes() < ring - Reserve.NORMAL.bytes(ring) - ring / 64) crowded = false;
    }

    /** The reserve of a record that adds these. It asks for destinations only in a crowd: else no sender folds. */
    Reserve reserve(List<Sent> messages) {
        return crowded && isLittle(messages) ? Reserve.LITTLE : Reserve.NORMAL;
    }

    /** Each destination has little still, with all of these. Garbage does not count, as a lap frees it. */
    private boolean isLittle(List<Sent> messages) {
        long ring = log.ringBytes();
        if (ring < log.maxRingBytes()) return false; // it grows
        long added = messages.stream().mapToLong(Sent::length).sum();
        return folding.is(state -> {
            long most = (ring - Reserve.LITTLE.bytes(ring) - state.bytes()) / PARTS;
            return messages.stream().allMatch(one -> bytes(state, one.destination()) + added <= most);
        });
    }

    /** Counts what tells of its pages, too: that lies in the ring. */
    private static long bytes(State state, long destination) {
        Channel channel = state.channel(destination);
        return state.pages.stated(destination) + (channel == null ? 0 : channel.bytes());
    }
}
