package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A state as text: equal states have equal texts. The model's histories.py writes the same, but for
 * the names at the end.
 */
final class Digest {
    private Digest() {}

    static String of(State state) {
        List<String> lines = lines(state);
        state.registry.names.forEach((id, n) -> lines.add("N " + Names.of(id) + " " + n.name() + " " + n.defined()));
        messages(state)
                .forEach((mid, m) -> lines.add("m " + mid + " " + m.author() + " " + m.priority() + " " + m.expiry()
                        + " " + m.deliveryTime() + " " + m.at() + " " + m.length()));
        for (Page page : state.pages.all()) lines.add("e " + page.id() + " " + page.at() + " " + page.length());
        state.registry
                .subscriptions
                .values()
                .forEach(v -> lines.add("s " + v.id() + " " + v.flags + " " + v.clientId() + " " + v.name()));
        state.registry.temporaries.forEach((id, t) -> lines.add("d " + id + " " + t.connection() + " " + t.name()));
        state.registry.clients.forEach((id, c) -> lines.add("c " + id + " " + c.connection()));
        return String.join("\n", lines);
    }

    /** Of each message its author, and what its statement says. */
    static String told(State state, HeapLog log) {
        List<String> lines = new ArrayList<>();
        messages(state)
                .forEach(
                        (mid, m) -> lines.add(told(mid, m.author(), Envelope.read(log.record(m.statement()), m.at()))));
        for (Page page : state.pages.all())
            lines.add("e " + page.id() + " "
                    + Paged.read(log.record(page.statement()), page.at()).chunks());
        return String.join("\n", lines);
    }

    static String told(Lot lot) {
        return Names.of(lot.queue()) + " " + lot.priority() + " " + lot.messages() + " " + lot.expiry() + " "
                + lot.bytes();
    }

    static String told(long mid, long author, Envelope m) {
        return "m " + mid + " by " + author + " " + Names.of(m.destination) + " #" + m.serial + " " + m.priority + " "
                + m.expiry + " " + m.deliveryTime + " " + Arrays.hashCode(m.body);
    }

    static List<String> lines(State state) {
        List<String> lines = new ArrayList<>();
        messages(state).forEach((mid, m) -> lines.add("M " + mid + " " + m.statement() + " " + views(m)));
        for (Subscription v : state.registry.subscriptions.values()) {
            String key = v.isExclusive() || v.name() == null ? "-" : v.name();
            lines.add("S %d %s %d %d %s %s %d %s"
                    .formatted(
                            v.id(),
                            Names.of(v.channel.destination),
                            v.isDurable() ? 1 : 0,
                            v.isShared() ? 1 : 0,
                            key,
                            v.selector == null ? "-" : v.selector,
                            v.cursor(),
                            joined(v.attached())));
        }
        state.registry.temporaries.entrySet().stream()
                .map(t -> "D " + Names.of(t.getKey()) + " " + t.getValue().owner() + " "
                        + t.getValue().definition())
                .sorted()
                .forEach(lines::add);
        state.registry.clients.forEach((id, c) -> lines.add("C " + id + " " + c.member()));
        state.registry.queues.entrySet().stream()
                .map(q -> "Q " + Names.of(q.getKey()) + " " + joined(q.getValue()))
                .sorted()
                .forEach(lines::add);
        state.staged.forEach((k, s) -> lines.add(
                "G " + k.owner() + " " + k.transaction() + " " + k.first() + " " + s.parts.size() + " " + s.statement));
        for (Page page : state.pages.all())
            lines.add("E " + page.statement() + " " + page.firstChunk() + " " + page.id() + " " + page.binding() + " "
                    + told(page.lot()) + " " + page.rest());
        state.pages.all().stream()
                .map(page -> page.lot().queue())
                .distinct()
                .map(queue -> "F " + Names.of(queue) + " "
                        + state.pages.of(queue).stream().map(Page::id).toList() + " "
                        + state.pages.first(queue).id())
                .sorted()
                .forEach(lines::add);
        if (!state.registry.overflow().equals(Overflow.NONE)) lines.add("O " + state.registry.overflow());
        lines.add("P " + Math.max(0, state.checkpoint()));
        lines.add("K " + state.hold());
        return lines;
    }

    /** All live messages by their mids. */
    static TreeMap<Long, Message> messages(State state) {
        TreeMap<Long, Message> found = new TreeMap<>();
        for (Channel channel : state.channels())
            channel.forEach(-1, m -> {
                found.put(m.mid(), m);
                return true;
            });
        return found;
    }

    /** The deliveries of a message by view. */
    static TreeMap<Long, Delivery> deliveries(Message m) {
        TreeMap<Long, Delivery> found = new TreeMap<>();
        if (m.channel.queue != null) found.put(m.destination(), m.channel.queue.of(m));
        for (Subscription v : m.channel.subscriptions()) if (v.of(m) != null) found.put(v.id(), v.of(m));
        return found;
    }

    private static String views(Message m) {
        TreeSet<String> views = new TreeSet<>();
        deliveries(m)
                .forEach((view, d) -> views.add(Names.of(view) + "="
                        + (d.isAvailable()
                                ? "A." + d.count() + "." + d.notBefore()
                                : "T." + d.holder() + "." + d.count())));
        return String.join(",", views);
    }

    private static String joined(Collection<Long> members) {
        return members.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
