package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Sent;
import java.util.ArrayList;
import java.util.List;

/**
 * The messages that a transaction sends. Any thread: a callback sends while a listener waits for
 * it, with the session's lock, and others may send during a commit.
 */
final class Sends {
    private final List<Sent> all = new ArrayList<>();

    /** With bytes of its own: the producer writes its next message over these. */
    synchronized void add(Sent sent) {
        all.add(sent.kept());
    }

    synchronized List<Sent> copy() {
        return List.copyOf(all);
    }

    synchronized void clear() {
        all.clear();
    }

    /** Messages that were added after these belong to the next transaction. */
    synchronized void dropFirst(int count) {
        all.subList(0, count).clear();
    }
}
