package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.State;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.util.List;

/**
 * Whether what lives fills what senders may fill, and which of them go on then: so a backlog of one destination stops
 * no other. As far as this member knows, which has no format and no setting. Any thread.
 */
final class Crowd {
    /** One destination may have this part of the room beyond that: each of many has some, and what is left is garbage. */
    private static final int PARTS = 8;

    private final Domain domain;
    private final Log log;
    /** Room was made in vain, and what senders may fill has not become free since. */
    private volatile boolean crowded;

    Crowd(Domain domain) {
        this.domain = domain;
        log = domain.log;
    }

    /** Room was made, and a record that adds found none. False: that was known. */
    boolean isNew() {
        if (crowded) return false;
        return crowded = true;
    }

    /** A record that adds has found room: where there is hardly more, the next one finds none. */
    void foundRoom() {
        long ring = log.ringBytes();
        if (crowded && log.usedBytes() < ring - Reserve.NORMAL.bytes(ring) - ring / 64) crowded = false;
    }

    /** What a record that adds these leaves. Only in a crowd are destinations asked: else no sender folds for it. */
    Reserve reserve(List<Sent> messages) {
        return crowded && isLittle(messages) ? Reserve.LITTLE : Reserve.NORMAL;
    }

    /** Each destination has little still, with all of these. Not counted: what is garbage, which a lap frees. */
    private boolean isLittle(List<Sent> messages) {
        long ring = log.ringBytes();
        if (ring < log.maxRingBytes()) return false; // it grows
        long added = 0;
        for (Sent one : messages) added += one.length();
        long all = added;
        return domain.withState(state -> {
            long most = (ring - Reserve.LITTLE.bytes(ring) - state.bytes()) / PARTS;
            return messages.stream().allMatch(one -> bytes(state, one.destination()) + all <= most);
        });
    }

    private static long bytes(State state, long destination) {
        Channel channel = state.channel(destination);
        return channel == null ? 0 : channel.bytes();
    }
}
