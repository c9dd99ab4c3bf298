package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.jakarta.wire.RecordWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Members as objects over one heap log, one step at a time, and what must hold after each. Stopped,
 * passed and dead ones among them.
 */
class Members {
    static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1;

        Violation(String what) {
            super(what);
        }
    }

    record Held(long view, long mid) {}

    record Ask(long position, Act.Sub said) {}

    record Half(long mark, long tail) {}

    static final class Member {
        final long id;
        boolean alive = true;
        boolean stopped;
        State state;
        final Set<Held> held = new HashSet<>();
        /** Own ACK or RETURN, and its position. */
        final Map<Held, Long> ended = new HashMap<>();

        final Set<Long> consumes = new TreeSet<>();
        Ask ask;
        Half half;
        long hold = -1;
        int staged;

        Member(long id) {
            this.id = id;
        }
    }

    private static final int ENOUGH = 5;

    final HeapLog log;
    final Slip slip;
    private final RecordWriter out = new RecordWriter();
    State full = new State(HeapLog.FIRST);
    private final List<String> digests = new ArrayList<>(List.of(Digest.of(full)));
    private final List<Long> holds = new ArrayList<>(List.of((long) HeapLog.FIRST));
    final List<Member> members = new ArrayList<>();
    /** The positions of the records that did it. */
    private final Map<Held, Long> everLive = new HashMap<>();

    private final Map<Held, Long> acknowledged = new HashMap<>();
    private int passed;

    Members(Slip slip, long ring) {
        this.slip = slip;
        log = new HeapLog(ring);
        for (int i = 0; i < 3; i++) join();
    }

    int passed() {
        return passed;
    }

    Member join() {
        members.add(new Member(members.size() + 1));
        return members.get(members.size() - 1);
    }

    boolean isDead(long id) {
        if (id > members.size()) return true;
        Member m = members.get((int) id - 1);
        return !m.alive || slip == Slip.ROBBED && m.stopped;
    }

    // ---- the log

    static Map<Held, Delivery> live(State state) {
        Map<Held, Delivery> live = new HashMap<>();
        Digest.messages(state)
                .forEach((mid, m) -> Digest.deliveries(m).forEach((view, d) -> live.put(new Held(view, mid), d)));
        return live;
    }

    /** All that some view needs, wherever it is. */
    Map<Held, Delivery> needed() {
        return live(full);
    }

    /** Reserve: the part of the ring that stays free. */
    long append(Member x, int reserve, List<? extends Act> acts, Set<Held> done) {
        ByteBuffer record = Act.record(out, x.id, acts);
        if (record.remaining() > log.ring() / 8) return -1;
        Map<Held, Delivery> before = needed();
        long p = log.append(record, reserve);
        if (p < 0) return p;
        done.forEach(h -> acknowledged.putIfAbsent(h, p));
        expect(full.apply(p, p, log.record(p)) == Verdict.WHOLE, "damaged: %s", acts);
        Map<Held, Delivery> after = needed();
        digests.add(Digest.of(full));
        holds.add(full.hold());
        expect(holds.get((int) p) >= holds.get((int) p - 1), "K falls at %s", acts);
        expect(log.mark() <= full.hold(), "mark above K after %s", acts);
        before.forEach((h, d) -> expect(after.containsKey(h) || mayEnd(h, d, acts), "lost %s by %s", h, acts));
        for (Held h : after.keySet()) {
            expect(before.containsKey(h) || everLive.put(h, p) == null, "came back: %s by %s", h, acts);
            expect(!acknowledged.containsKey(h), "acknowledged but live: %s by %s", h, acts);
        }
        return p;
    }

    private boolean mayEnd(Held h, Delivery was, List<? extends Act> acts) {
        if (acknowledged.containsKey(h)) return true;
        if (!DestinationId.is(h.view)) {
            if (full.registry.subscription(h.view) == null) return true;
        } else if (DestinationId.isTemporary(h.view) && full.registry.owner(h.view) == 0) return true;
        for (Act act : acts) if (act instanceof Act.Delete || act instanceof Act.Drop && was.isAvailable()) return true;
        return false;
    }

    static void expect(boolean holds, String what, Object... of) {
        if (!holds) throw new Violation(what.formatted(of));
    }

    long append(Member x, int reserve, Act... acts) {
        return append(x, reserve, List.of(acts), Set.of());
    }

    // ---- folding

    void bootstrap(Member x, State state) {
        if (x.state != null) passed++;
        x.state = state;
        expectFull(x);
        if (x.ask == null || x.ask.position > state.position()) return;
        Act.Sub said = x.ask.said;
        boolean anonymous = !said.durable() && !said.shared();
        Subscription found = anonymous
                ? state.registry.subscription(Mids.of(x.ask.position, 1))
                : state.registry.find(said.client(), said.name(), said.durable());
        if (slip != Slip.ANSWER_LOST && found != null && found.attached().contains(x.id)) x.consumes.add(found.id());
        x.ask = null;
    }

    private void expectFull(Member x) {
        expect(
                Digest.of(x.state).equals(digests.get((int) Math.max(0, x.state.position()))),
                "member %d differs from the full fold at %d",
                x.id,
                x.state.position());
    }

    void fold(Member x, long most) {
        if (x.state == null) bootstrap(x, log.bootstrap(log.mark(), log.newest()));
        long next = Math.max(HeapLog.FIRST, x.state.position() + 1);
        for (long n = most; n > 0 && next <= log.newest(); n--, next++) {
            if (!log.intact(next)) {
                bootstrap(x, log.bootstrap(log.mark(), log.newest()));
                break;
            }
            x.state.apply(next, next, log.record(next));
            if (x.ask != null && x.ask.position == next) {
                Answer answer = x.state.answers().get(0);
                if (answer.outcome() == Outcome.CREATED || answer.outcome() == Outcome.ATTACHED)
                    x.consumes.add(answer.view());
                x.ask = null;
            }
        }
        expectFull(x);
        reconcile(x);
    }

    /** The member holds all that the state says it holds, however it learnt that. */
    void reconcile(Member x) {
        x.ended.values().removeIf(p -> p <= x.state.position());
        Set<Held> now = new HashSet<>();
        live(x.state).forEach((h, d) -> {
            if (d.holder() == x.id) now.add(h);
        });
        if (slip != Slip.BELIEVED) x.held.retainAll(now);
        now.removeAll(x.ended.keySet());
        x.held.addAll(now);
        x.consumes.removeIf(v -> !DestinationId.is(v) && x.state.registry.subscription(v) == null);
    }

    void checkAll() {
        Map<Held, Member> holder = new HashMap<>();
        for (Member x : members) {
            if (!x.alive) continue;
            for (Held h : x.held) {
                Member other = holder.put(h, x);
                expect(other == null, "%s is held by two", h);
            }
            if (x.stopped || x.state == null || x.ask != null || x.state.position() < log.newest()) continue;
            for (Subscription v : x.state.registry.subscriptions.values())
                expect(
                        !v.attached().contains(x.id) || x.consumes.contains(v.id()),
                        "member %d is attached to %d, and nobody consumes",
                        x.id,
                        v.id());
        }
    }

    /** Those that the state names, in any way: as the product finds them, and who holds a message. */
    TreeSet<Long> owners(State state) {
        TreeSet<Long> owners =
                new TreeSet<>(slip == Slip.LEFT_BUT_FOR_STAGED ? state.registry.members() : state.owners());
        live(state).values().forEach(d -> owners.add(d.holder()));
        owners.remove(0L);
        return owners;
    }

    // ---- keeping room

    void advance(long hold) {
        log.advance(hold);
        expect(log.mark() <= full.hold(), "mark %d above K %d", log.mark(), full.hold());
    }

    /** One round of keeping room. */
    long round(Member x) {
        fold(x, Long.MAX_VALUE);
        long p = x.state.hold() == Math.max(HeapLog.FIRST, x.state.checkpoint()) ? checkpoint(x) : put(x, 300);
        fold(x, Long.MAX_VALUE);
        advance(x.state.hold());
        return p;
    }

    long put(Member x, int a) {
        if (slip != Slip.STALE_PUT) fold(x, Long.MAX_VALUE);
        if (x.state == null) return -1;
        Staged part = Restating.oldestStaged(x.state);
        if (part != null) return append(x, 0, new Act.RestateStaged(part, log));
        List<Page> pages = Restating.oldestPages(x.state, (int) log.ring() / 32);
        if (!pages.isEmpty()) return append(x, 0, new Act.RestatePages(pages, log));
        List<Message> batch = Restating.oldest(x.state, a % 400);
        if (batch.isEmpty()) return -1;
        if (slip == Slip.EARLY_MARK) {
            // As if this batch were told already, and nothing older were there.
            long next = batch.get(batch.size() - 1).statement() + 1;
            log.advance(Math.min(next, Math.max(HeapLog.FIRST, x.state.checkpoint())));
        }
        return append(x, 0, new Act.Restate(batch, log));
    }

    long checkpoint(Member x) {
        if (slip != Slip.STALE_CHECKPOINT) fold(x, Long.MAX_VALUE);
        return x.state == null ? -1 : append(x, 0, new Act.Checkpointed(x.state));
    }

    // ---- the end

    /** The log ends with this record, and nobody is there. */
    void losePower(long to) {
        for (Member x : members) x.alive = false;
        log.cut(to);
        full = log.fold(to);
        digests.subList((int) to + 1, digests.size()).clear();
        holds.subList((int) to + 1, holds.size()).clear();
        acknowledged.values().removeIf(p -> p > to);
        everLive.values().removeIf(p -> p > to);
    }

    /** Bootstrap from every mark ever set, and from K, is the full fold. */
    void checkLateMembers() {
        if (slip == Slip.EARLY_MARK) return;
        for (int p = HeapLog.FIRST; p <= log.newest(); p++) {
            TreeSet<Long> from = new TreeSet<>(List.of(holds.get(p)));
            for (HeapLog.Moved m : log.marks) if (m.at() <= p && (m.at() + p) % ENOUGH == 0) from.add(m.mark());
            for (long mark : from)
                expect(
                        Digest.of(log.bootstrap(mark, p)).equals(digests.get(p)),
                        "bootstrap from %d at %d differs from the full fold",
                        mark,
                        p);
        }
    }

    /** All die; one new member drains everything. */
    void drain() {
        for (Member x : members) x.alive = false;
        Member z = join();
        fold(z, Long.MAX_VALUE);
        for (long y : owners(z.state)) if (y != z.id) must(z, List.of(new Act.Leave(y)), Set.of());
        expect(owners(z.state).isEmpty(), "still owned after LEAVE: %s", owners(z.state));
        for (Held h : List.copyOf(live(z.state).keySet())) {
            must(z, List.of(new Act.Take(h.view, List.of(h.mid))), Set.of());
            must(z, List.of(new Act.Ack(h.view, List.of(h.mid))), Set.of(h));
        }
        expect(full.size() == 0 && full.staged.isEmpty(), "not empty: %s", Digest.of(full));
    }

    private void must(Member z, List<Act> acts, Set<Held> done) {
        while (append(z, 8, acts, done) < 0) if (round(z) < 0) log.grow();
        fold(z, Long.MAX_VALUE);
    }
}
