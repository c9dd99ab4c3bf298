package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.Rest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The rules once more, as plainly as they can be said: maps of everything, searched from end to
 * end, no bytes.
 */
final class Oracle {
    record Hold(long holder, int count, long notBefore) {}

    static final class Kept {
        long destination;
        long statement;
        long author;
        Envelope message;
        final Map<Long, Hold> views = new HashMap<>();
    }

    static final class Subs {
        Act.Sub said;
        long cursor;
        final Set<Long> attached = new TreeSet<>();
    }

    record Temp(long owner, long definition) {}

    record Part(List<Envelope> messages, long statement) {}

    record Told(Paged page, long statement) {
        private Told left(Rest rest) {
            return new Told(page.with(rest), statement);
        }
    }

    record PartKey(long owner, long transaction, int first) {}

    final TreeMap<Long, Kept> messages = new TreeMap<>();
    final TreeMap<Long, Subs> subs = new TreeMap<>();
    final Map<Long, Temp> temps = new HashMap<>();
    final Map<String, Long> clients = new TreeMap<>();
    final Map<Long, Set<Long>> queues = new HashMap<>();
    final Map<PartKey, Part> staged = new HashMap<>();
    final TreeMap<UUID, Told> pages = new TreeMap<>();
    private Overflow overflow = Overflow.NONE;
    private long checkpoint;
    private long position;

    void apply(long at, long author, List<? extends Act> acts) {
        position = at;
        int index = 0;
        int op = 0;
        for (Act act : acts) {
            op += act.operations();
            if (act instanceof Act.Send s) add(index++, s.message(), at, author);
            else if (act instanceof Act.Apply a) index = applied(author, a);
            else apply(act, author, (at << 16) + op);
        }
    }

    private void apply(Act act, long x, long id) {
        if (act instanceof Act.Take a) each(a.view(), a.mids(), h -> h.holder == 0 ? new Hold(x, h.count, 0) : h);
        else if (act instanceof Act.Ack a)
            each(a.view(), a.mids(), h -> h.holder == x || exclusive(a.view(), x) ? null : h);
        else if (act instanceof Act.AckUpTo a) {
            List<Long> upTo = new ArrayList<>(messages.headMap(a.mid(), true).keySet());
            if (exclusive(a.view(), x)) each(a.view(), upTo, h -> null);
        } else if (act instanceof Act.Count a)
            each(a.view(), a.mids(), h -> h.holder == x ? new Hold(x, h.count + 1, 0) : h);
        else if (act instanceof Act.Give a)
            each(
                    a.view(),
                    a.mids(),
                    h -> h.holder == x ? new Hold(0, h.count + (a.counted() ? 1 : 0), a.notBefore()) : h);
        else if (act instanceof Act.Drop a) each(a.view(), a.mids(), h -> h.holder == 0 ? null : h);
        else if (act instanceof Act.Restate a) a.batch().forEach(m -> restated(m.mid()));
        else if (act instanceof Act.RestateStaged a) {
            PartKey key = new PartKey(
                    a.part().key.owner(),
                    a.part().key.transaction(),
                    a.part().key.first());
            staged.computeIfPresent(key, (k, p) -> new Part(p.messages, position));
        } else if (act instanceof Act.Stage a)
            staged.put(new PartKey(a.owner(), a.transaction(), a.first()), new Part(a.messages(), position));
        else if (act instanceof Act.Forget a)
            staged.keySet().removeIf(k -> k.owner == x && k.transaction == a.transaction());
        else if (!paged(act)) registry(act, x, id);
    }

    private boolean paged(Act act) {
        if (act instanceof Act.PageOut a) {
            a.mids().forEach(messages::remove);
            pages.put(a.page().id(), new Told(a.page(), position));
        } else if (act instanceof Act.PageAgain a) pages.put(a.page().id(), new Told(a.page(), position));
        else if (act instanceof Act.RestatePages a)
            a.batch().forEach(p -> pages.computeIfPresent(p.id(), (id, told) -> new Told(told.page, position)));
        else if (act instanceof Act.Leaves a)
            pages.computeIfPresent(
                    a.page(),
                    (id, told) -> a.rest().index() <= told.page.rest().index()
                            ? told
                            : a.rest().index() >= told.page.lot().messages() ? null : told.left(a.rest()));
        else if (act instanceof Act.Back a) {
            messages.remove(a.mid());
            keep(a.mid(), a.message(), position, a.author());
        } else if (act instanceof Act.Overflows a) overflow = a.companion();
        else if (act instanceof Act.Floor a) {
            if (a.binding().equals(overflow.binding()) && a.position() > overflow.floor())
                overflow = new Overflow(overflow.binding(), overflow.uri(), a.position());
        } else return false;
        return true;
    }

    private void registry(Act act, long x, long id) {
        if (act instanceof Act.Define a) {
            if (DestinationId.isTemporary(a.destination())) temps.putIfAbsent(a.destination(), new Temp(x, id));
        } else if (act instanceof Act.Delete a) {
            if (!DestinationId.isTemporary(a.destination())) purge(a.destination());
            else if (temps.containsKey(a.destination()) && temps.get(a.destination()).owner == x)
                endTemp(a.destination());
        } else if (act instanceof Act.Sub a) subscribe(a, x, id);
        else if (act instanceof Act.Attach a) {
            if (DestinationId.isQueue(a.view()) && !DestinationId.isTemporary(a.view()))
                queues.computeIfAbsent(a.view(), q -> new TreeSet<>()).add(x);
        } else if (act instanceof Act.Detach a) detach(a.view(), x);
        else if (act instanceof Act.Unsub a) {
            Long v = find(new Act.Sub(0, 1, a.client(), a.name(), null));
            if (v != null && subs.get(v).attached.isEmpty()) endView(v);
        } else if (act instanceof Act.Client a) {
            if (a.claim()) clients.putIfAbsent(a.id(), x);
            else clients.remove(a.id(), x);
        } else if (act instanceof Act.Leave a) leave(a.member());
        else if (act instanceof Act.Checkpointed) {
            checkpoint = position;
            subs.forEach((v, s) -> s.cursor = messages.entrySet().stream()
                            .filter(m -> m.getValue().views.containsKey(v))
                            .mapToLong(Map.Entry::getKey)
                            .min()
                            .orElse(position << 16)
                    - 1);
        } else throw new AssertionError(act);
    }

    private interface Change {
        Hold of(Hold now);
    }

    private void each(long view, List<Long> mids, Change change) {
        for (long mid : new TreeSet<>(mids)) {
            Kept m = messages.get(mid);
            if (m == null || !m.views.containsKey(view)) continue;
            Hold next = change.of(m.views.get(view));
            if (next == null) gone(view, mid);
            else m.views.put(view, next);
        }
    }

    private void gone(long view, long mid) {
        Kept m = messages.get(mid);
        m.views.remove(view);
        if (m.views.isEmpty()) messages.remove(mid);
    }

    private boolean exclusive(long view, long x) {
        Subs s = subs.get(view);
        return s != null && !s.said.durable() && !s.said.shared() && s.attached.contains(x);
    }

    private void restated(long mid) {
        if (messages.containsKey(mid)) messages.get(mid).statement = position;
    }

    private void add(int index, Envelope e, long statement, long author) {
        keep((position << 16) + index, e, statement, author);
    }

    private void keep(long mid, Envelope e, long statement, long author) {
        Kept m = new Kept();
        m.destination = e.destination;
        m.statement = statement;
        m.author = author;
        m.message = e;
        if (DestinationId.isTemporary(e.destination)) {
            Temp t = temps.get(e.destination);
            if (t == null || t.definition >= mid) return;
        }
        if (DestinationId.isQueue(e.destination)) m.views.put(e.destination, new Hold(0, 0, 0));
        subs.forEach((v, s) -> {
            if (s.said.topic() == e.destination && v < mid && s.cursor < mid) m.views.put(v, new Hold(0, 0, 0));
        });
        if (!m.views.isEmpty()) messages.put(mid, m);
    }

    private int applied(long x, Act.Apply a) {
        List<PartKey> parts = staged.keySet().stream()
                .filter(k -> k.owner == x && k.transaction == a.transaction())
                .toList();
        for (int i = 0; i < a.n(); i++) {
            PartKey newest = null;
            for (PartKey k : parts) {
                if (i < k.first || i >= k.first + staged.get(k).messages.size()) continue;
                long than = newest == null ? -1 : staged.get(newest).statement;
                long statement = staged.get(k).statement;
                if (statement > than || statement == than && k.first < newest.first) newest = k;
            }
            if (newest != null) {
                Part part = staged.get(newest);
                add(i, part.messages.get(i - newest.first), part.statement, x);
            }
        }
        parts.forEach(staged::remove);
        return a.n();
    }

    private Long find(Act.Sub like) {
        for (Map.Entry<Long, Subs> s : subs.entrySet()) {
            Act.Sub said = s.getValue().said;
            boolean hasKey = said.durable() || said.shared();
            if (hasKey
                    && said.durable() == like.durable()
                    && Objects.equals(said.client(), like.client())
                    && Objects.equals(said.name(), like.name())) return s.getKey();
        }
        return null;
    }

    private void subscribe(Act.Sub a, long x, long id) {
        if (!DestinationId.isTopic(a.topic())) return;
        if (DestinationId.isTemporary(a.topic()) && !temps.containsKey(a.topic())) return;
        Long v = a.durable() || a.shared() ? find(a) : null;
        if (v != null) {
            Subs s = subs.get(v);
            if (s.said.shared() != a.shared()) return;
            if (s.said.equals(a)) {
                if (a.shared() || s.attached.isEmpty()) s.attached.add(x);
                return;
            }
            if (!s.attached.isEmpty()) return;
            endView(v);
        }
        Subs s = new Subs();
        s.said = a;
        s.attached.add(x);
        subs.put(id, s);
    }

    private void detach(long view, long x) {
        if (queues.containsKey(view)) queues.get(view).remove(x);
        Subs s = subs.get(view);
        if (s != null && s.attached.remove(x) && s.attached.isEmpty() && !s.said.durable()) endView(view);
    }

    private void endView(long view) {
        subs.remove(view);
        for (long mid : List.copyOf(messages.keySet()))
            if (messages.get(mid).views.containsKey(view)) gone(view, mid);
    }

    private void purge(long destination) {
        messages.values().removeIf(m -> m.destination == destination);
        pages.values().removeIf(told -> told.page.lot().queue() == destination);
    }

    private void endTemp(long destination) {
        temps.remove(destination);
        purge(destination);
        for (long v : List.copyOf(subs.keySet())) if (subs.get(v).said.topic() == destination) endView(v);
    }

    private void leave(long y) {
        for (Kept m : messages.values()) m.views.replaceAll((v, h) -> h.holder == y ? new Hold(0, h.count + 1, 0) : h);
        staged.keySet().removeIf(k -> k.owner == y);
        for (long v : List.copyOf(subs.keySet())) detach(v, y);
        queues.values().forEach(q -> q.remove(y));
        clients.values().removeIf(m -> m == y);
        for (long d : List.copyOf(temps.keySet())) if (temps.get(d).owner == y) endTemp(d);
    }

    /** As {@link Digest#lines} writes a state. */
    String digest() {
        List<String> lines = new ArrayList<>();
        messages.forEach((mid, m) -> {
            TreeSet<String> views = new TreeSet<>();
            m.views.forEach((v, h) -> views.add(Names.of(v) + "="
                    + (h.holder == 0 ? "A." + h.count + "." + h.notBefore : "T." + h.holder + "." + h.count)));
            lines.add("M " + mid + " " + m.statement + " " + String.join(",", views));
        });
        subs.forEach((v, s) -> lines.add("S " + v + " " + Names.of(s.said.topic()) + " " + (s.said.durable() ? 1 : 0)
                + " " + (s.said.shared() ? 1 : 0) + " "
                + (s.said.name() == null || !s.said.durable() && !s.said.shared() ? "-" : s.said.name()) + " "
                + (s.said.selector() == null ? "-" : s.said.selector()) + " " + s.cursor + " " + joined(s.attached)));
        temps.entrySet().stream()
                .map(t -> "D " + Names.of(t.getKey()) + " " + t.getValue().owner + " " + t.getValue().definition)
                .sorted()
                .forEach(lines::add);
        clients.forEach((id, m) -> lines.add("C " + id + " " + m));
        queues.entrySet().stream()
                .filter(q -> !q.getValue().isEmpty())
                .map(q -> "Q " + Names.of(q.getKey()) + " " + joined(q.getValue()))
                .sorted()
                .forEach(lines::add);
        staged.entrySet().stream()
                .map(e -> "G " + e.getKey().owner + " " + e.getKey().transaction + " " + e.getKey().first + " "
                        + e.getValue().messages.size() + " " + e.getValue().statement)
                .sorted()
                .forEach(lines::add);
        pages.forEach((id, told) -> lines.add(
                "E " + told.statement + " " + told.page.chunks().get(0).position() + " " + id + " "
                        + told.page.binding() + " " + Digest.told(told.page.lot()) + " " + told.page.rest()));
        pages.values().stream()
                .map(told -> told.page.lot().queue())
                .distinct()
                .map(queue -> "F " + Names.of(queue) + " " + line(queue) + " "
                        + line(queue).get(0))
                .sorted()
                .forEach(lines::add);
        if (!overflow.equals(Overflow.NONE)) lines.add("O " + overflow);
        lines.add("P " + checkpoint);
        lines.add("K " + hold());
        return String.join("\n", lines);
    }

    private List<UUID> line(long queue) {
        return pages.values().stream()
                .map(Told::page)
                .filter(page -> page.lot().queue() == queue)
                .sorted(Comparator.comparing((Paged page) -> -page.lot().priority())
                        .thenComparing(page -> page.rest().mid())
                        .thenComparing(Paged::id))
                .map(Paged::id)
                .toList();
    }

    String told() {
        List<String> lines = new ArrayList<>();
        messages.forEach((mid, m) -> lines.add(Digest.told(mid, m.author, m.message)));
        pages.forEach((id, told) -> lines.add("e " + id + " " + told.page.chunks()));
        return String.join("\n", lines);
    }

    long hold() {
        long hold = checkpoint == 0 ? HeapLog.FIRST : checkpoint;
        for (Kept m : messages.values()) hold = Math.min(hold, m.statement);
        for (Part part : staged.values()) hold = Math.min(hold, part.statement);
        for (Told told : pages.values()) hold = Math.min(hold, told.statement);
        return hold;
    }

    private static String joined(Set<Long> members) {
        return members.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
