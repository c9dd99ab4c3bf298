package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Subscription;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.selector.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Drops what subscriptions do not want where their consumers do not: they may be stopped, or gone. With the fold lock.
 */
final class Unwanted {
    private static final int MOST_ASKED = 1_000;
    private static final int MOST_DROPPED = 200;

    private final Supplier<Folded> folded;
    private final Drop drop;
    private final FlatMessage flat;
    /** By subscription: up to which message of each priority it was asked. It keeps those that it wants. */
    private final Map<Long, long[]> asked = new HashMap<>();

    private long passes;
    private boolean more;

    /** False: it was refused. */
    interface Drop {
        boolean drop(Subscription from, List<Long> mids);
    }

    Unwanted(String domain, Supplier<Folded> folded, Drop drop) {
        this.folded = folded;
        this.drop = drop;
        flat = new FlatMessage(domain);
    }

    /** It has not asked all that there is. */
    boolean hasMore() {
        return more;
    }

    void drop() {
        more = false;
        if (passes != folded.get().passes()) asked.clear();
        passes = folded.get().passes();
        Set<Long> there = new HashSet<>();
        for (Channel topic : folded.get().state().channels())
            for (Subscription one : topic.subscriptions())
                if (one.selector != null || one.isNoLocal() && one.attached().isEmpty()) {
                    there.add(one.id());
                    drop(one);
                }
        asked.keySet().retainAll(there);
    }

    private void drop(Subscription one) {
        Filter filter = filter(one);
        if (filter == null) return;
        long[] before = asked.computeIfAbsent(one.id(), view -> new long[Channel.PRIORITIES]);
        long[] upTo = before.clone();
        List<Long> unwanted = new ArrayList<>();
        int[] left = {MOST_ASKED};
        for (int at = 0; at < Channel.PRIORITIES; at++) {
            int priority = at;
            one.channel.forEach(priority, Math.max(one.done(), before[priority]), m -> {
                if (left[0] == 0 || unwanted.size() == MOST_DROPPED) {
                    more = true;
                    return false;
                }
                left[0]--;
                if (one.of(m) != null && one.of(m).isAvailable()) {
                    byte[] bytes = folded.get().read(m);
                    if (bytes == null) return false; // it was told again, further on; it is asked then
                    if (flat.wrap(bytes, 0, bytes.length, m.author()) && !filter.wants(flat)) unwanted.add(m.mid());
                }
                upTo[priority] = m.mid();
                return true;
            });
        }
        if (unwanted.isEmpty() || drop.drop(one, unwanted)) asked.put(one.id(), upTo);
        else more = true;
    }

    /** Null: a later version has written its selector. Only a consumer that is there knows its connection. */
    private static Filter filter(Subscription one) {
        boolean asksForClient = one.isNoLocal() && one.attached().isEmpty();
        Selector selector = Selector.orNull(one.selector);
        if (selector == null) return null;
        return new Filter(selector, asksForClient ? new Filter.Origin(0, 0, Filter.client(one.clientId())) : null);
    }
}
