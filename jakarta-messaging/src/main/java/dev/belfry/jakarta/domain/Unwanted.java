package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.Subscription;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.selector.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Drops what durable subscriptions do not want while nobody is attached to them, as their consumers would. With the
 * fold lock.
 */
final class Unwanted {
    private static final int MOST_ASKED = 1_000;
    private static final int MOST_DROPPED = 200;

    private final Supplier<Folded> folded;
    private final Drop drop;
    private final FlatMessage flat;
    /** Of each subscription and priority, up to which it was asked: it keeps what it wants. */
    private final Map<Long, long[]> asked = new HashMap<>();

    private long passes;

    /** False: it was refused. */
    interface Drop {
        boolean drop(Subscription from, List<Long> mids);
    }

    Unwanted(String domain, Supplier<Folded> folded, Drop drop) {
        this.folded = folded;
        this.drop = drop;
        flat = new FlatMessage(domain);
    }

    void drop() {
        if (passes != folded.get().passes()) asked.clear();
        passes = folded.get().passes();
        for (Channel topic : folded.get().state().channels())
            for (Subscription one : topic.subscriptions())
                if (one.attached().isEmpty() && (one.selector() != null || one.isNoLocal())) drop(one);
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
            one.channel().forEach(priority, Math.max(one.done(), before[priority]), m -> {
                if (left[0] == 0 || unwanted.size() == MOST_DROPPED) return false;
                left[0]--;
                upTo[priority] = m.mid();
                if (isUnwanted(one, filter, m)) unwanted.add(m.mid());
                return true;
            });
        }
        if (unwanted.isEmpty() || drop.drop(one, unwanted)) asked.put(one.id(), upTo);
    }

    private boolean isUnwanted(Subscription one, Filter filter, Message m) {
        if (one.of(m) == null || !one.of(m).isAvailable()) return false;
        byte[] bytes = folded.get().read(m);
        return bytes != null && flat.wrap(bytes, 0, bytes.length, m.author()) && !filter.wants(flat);
    }

    /** Null: a later version has written its selector. */
    private static Filter filter(Subscription one) {
        Filter.Origin own = one.isNoLocal() ? new Filter.Origin(0, 0, Filter.client(one.clientId())) : null;
        Selector selector = Selector.orNull(one.selector());
        return selector == null ? null : new Filter(selector, own);
    }
}
