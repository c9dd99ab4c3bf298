package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Envelope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The steps of members, as a scheduler picks them. */
class MemberSteps extends Members {
    private static final String[] ORDINARY = {"q0", "q0", "q1", "t.0", "t.1", "t.0"};
    private static final String[] TEMPORARY = {"qt0", "tt0", "qt1", "tt1"};

    private long serial;

    MemberSteps(Slip slip, long ring) {
        super(slip, ring);
    }

    /** The next one. Which member, and what exactly, follows from the random numbers. */
    void step(Random random) {
        List<Member> able = members.stream().filter(m -> m.alive && !m.stopped).toList();
        int kind = random.nextInt(100);
        int a = random.nextInt(1 << 16);
        int b = random.nextInt(1 << 16);
        if (able.isEmpty() || kind == 99 && members.size() < 40) join();
        else if (kind >= 94 && kind < 99)
            members.stream().filter(m -> m.alive && m.stopped).findFirst().ifPresent(m -> m.stopped = false);
        else step(able.get(b % able.size()), kind, a, b >> 4);
        checkAll();
    }

    private void step(Member x, int kind, int a, int b) {
        if (kind < 14) append(x, 4, new Act.Send(message(a % 5 == 0 ? TEMPORARY[b % 4] : ORDINARY[b % 6])));
        else if (kind < 26) fold(x, b % 3 == 0 ? 1 + a % 12 : Long.MAX_VALUE);
        else if (kind < 38) take(x, a, b);
        else if (kind < 52) end(x, a, b);
        else if (kind < 60) registry(x, kind, a, b);
        else if (kind < 66) leave(x, a);
        else if (kind < 71) large(x, a, b);
        else if (kind < 83) keep(x, kind, a);
        else if (kind == 83) fill(x, a);
        else if (kind == 84) stray(x, a, b);
        else if (kind < 87) x.half = new Half(log.mark(), log.newest());
        else if (kind < 90) secondHalf(x);
        else if (kind == 90 && b % 2 == 0) x.alive = false;
        else if (kind == 91) x.stopped = true;
        else if (kind == 92) drop(x, a);
        else if (b % 6 == 0) append(x, 8, new Act.Delete(Names.id("q1")));
    }

    private Envelope message(String destination) {
        return Act.message(destination, ++serial, serial % 3 == 0 ? 9 : 4);
    }

    void take(Member x, int a, int b) {
        if (x.state == null || a % 2 == 0) fold(x, Long.MAX_VALUE);
        List<Long> views = views(Names.id(TEMPORARY[b % 2 * 2]));
        for (long v : x.consumes) if (!isExclusive(x, v)) views.add(v);
        View view = x.state.view(views.get(b % views.size()));
        if (view == null) return;
        List<Long> front = new ArrayList<>();
        view.forEach(m -> {
            if (view.of(m).isAvailable()) front.add(m.mid());
            return front.size() <= a % 4;
        });
        if (front.isEmpty() || append(x, 8, new Act.Take(view.id(), front)) < 0) return;
        if (slip == Slip.BELIEVED) front.forEach(mid -> x.held.add(new Held(view.id(), mid)));
        if (a % 3 == 0) fold(x, Long.MAX_VALUE);
    }

    /** Queues of which it takes at the state that it has, be that old. */
    List<Long> views(long temporary) {
        return new ArrayList<>(List.of(Names.id("q0"), Names.id("q1"), temporary));
    }

    private static boolean isExclusive(Member x, long view) {
        View v = x.state.view(view);
        return v != null && v.isExclusiveOf(x.id);
    }

    /** ACK, alone or with sends, RETURN or COUNT. */
    private void end(Member x, int a, int b) {
        for (long v : x.consumes) if (isExclusive(x, v) && b % 3 != 0) endExclusive(x, v, b);
        if (x.held.isEmpty()) return;
        List<Held> mine = new ArrayList<>(x.held);
        long view = mine.get(a % mine.size()).view();
        List<Long> mids = mine.stream()
                .filter(h -> h.view() == view)
                .map(Held::mid)
                .sorted()
                .limit(1 + b % 4)
                .toList();
        Set<Held> these = new HashSet<>();
        for (long mid : mids) these.add(new Held(view, mid));
        if (b % 7 == 0) {
            append(x, 8, new Act.Count(view, mids));
            return;
        }
        boolean back = b % 7 == 1;
        List<Act> acts = new ArrayList<>();
        acts.add(back ? new Act.Give(view, b % 50, a % 2 == 0, mids) : new Act.Ack(view, mids));
        for (int i = 0; !back && i < a % 3; i++) acts.add(new Act.Send(message(ORDINARY[(b + i) % 6])));
        long p = append(x, acts.size() > 1 ? 4 : 8, acts, back ? Set.of() : these);
        if (p < 0) return;
        x.held.removeAll(these);
        for (Held h : these) x.ended.put(h, p);
    }

    private void endExclusive(Member x, long view, int b) {
        List<Long> mids = new ArrayList<>();
        x.state.view(view).forEach(m -> mids.add(m.mid()));
        if (mids.isEmpty()) return;
        long mid = mids.get(b % mids.size());
        boolean upTo = b % 2 == 0;
        Set<Held> done = new HashSet<>();
        for (Held h : live(full).keySet())
            if (h.view() == view && (upTo ? h.mid() <= mid : h.mid() == mid)) done.add(h);
        append(x, 8, List.of(upTo ? new Act.AckUpTo(view, mid) : new Act.Ack(view, List.of(mid))), done);
    }

    private void registry(Member x, int kind, int a, int b) {
        String temporary = TEMPORARY[a % 4];
        switch (kind) {
            case 52, 53, 54 -> {
                if (x.ask != null) return;
                String topic = b % 5 == 0 ? TEMPORARY[1] : "t." + a % 2;
                Act.Sub sub = new Act.Sub(Names.id(topic), b % 4, null, "n" + a % 3, a % 4 == 0 ? "x" : null);
                long p = append(x, 4, sub);
                if (p > 0) x.ask = new Ask(p, sub);
            }
            case 55 -> {
                if (x.consumes.isEmpty()) return;
                long view = List.copyOf(x.consumes).get(a % x.consumes.size());
                if (append(x, 8, new Act.Detach(view)) > 0) x.consumes.remove(view);
            }
            case 56 -> append(x, 8, new Act.Unsub(null, "n" + a % 3));
            case 57 -> append(x, 4, new Act.Define(Names.id(temporary), temporary));
            case 58 -> append(x, 8, b % 2 == 0 ? new Act.Delete(Names.id(temporary)) : new Act.Client("c", b % 4 > 1));
            default -> append(x, 4, new Act.Attach(Names.id("q" + a % 2)));
        }
    }

    private void leave(Member x, int a) {
        if (x.state == null) return;
        List<Long> dead =
                owners(x.state).stream().filter(y -> y != x.id && isDead(y)).toList();
        if (!dead.isEmpty()) append(x, 8, new Act.Leave(dead.get(a % dead.size())));
    }

    private void large(Member x, int a, int b) {
        if (a % 4 == 0 && x.staged > 0) {
            if (append(x, 8, b % 3 == 0 ? new Act.Forget(1) : new Act.Apply(1, x.staged)) > 0) x.staged = 0;
        } else if (append(x, 4, new Act.Stage(x.id, 1, x.staged, List.of(message(ORDINARY[b % 6]), message("q0")))) > 0)
            x.staged += 2;
    }

    private void keep(Member x, int kind, int a) {
        if (kind < 74) put(x, a);
        else if (kind < 76) checkpoint(x);
        else if (kind < 79) x.hold = x.state == null ? -1 : x.state.hold();
        else if (kind < 81) advance(x.hold);
        else {
            for (int i = 0; i < 1 + a % 3 && log.used() > log.ring() / 3; i++) round(x);
        }
    }

    private void fill(Member x, int a) {
        for (int i = 0; i < 30; i++) if (append(x, 4, new Act.Send(message(ORDINARY[(a + i) % 6]))) < 0) return;
    }

    private void drop(Member x, int a) {
        if (x.state == null) return;
        List<Held> free = new ArrayList<>();
        live(x.state).forEach((h, d) -> {
            if (d.isAvailable()) free.add(h);
        });
        if (a % 3 != 0 || free.isEmpty()) return;
        Held h = free.get(a % free.size());
        append(x, 8, new Act.Drop(h.view(), List.of(h.mid())));
    }

    /** A slow thread's operation on what its member does not hold. */
    private void stray(Member x, int a, int b) {
        List<Held> others = new ArrayList<>();
        live(full).forEach((h, d) -> {
            View view = full.view(h.view());
            if (d.holder() != x.id && !d.isAvailable() && !view.isExclusiveOf(x.id)) others.add(h);
        });
        if (others.isEmpty()) return;
        Held h = others.get(a % others.size());
        List<Long> mid = List.of(h.mid());
        List<Act> acts = List.of(
                new Act.Ack(h.view(), mid),
                new Act.Give(h.view(), 0, true, mid),
                new Act.Count(h.view(), mid),
                new Act.Take(h.view(), mid),
                new Act.Drop(h.view(), mid));
        Map<Held, Delivery> before = live(full);
        append(x, 8, acts.get(b % acts.size()));
        expect(live(full).equals(before), "a stray operation had an effect: %s", acts.get(b % acts.size()));
    }

    private void secondHalf(Member x) {
        Half half = x.half;
        x.half = null;
        if (half == null) return;
        if (slip == Slip.SECOND_PASS_FROM_A_NEWER_MARK) {
            Bootstrap late = new Bootstrap(HeapLog.FIRST);
            for (long p = half.mark(); p <= half.tail() && late.scan(p, log.record(p)); p++) continue;
            State state = late.state();
            for (long p = log.mark(); p <= log.newest(); p++) state.apply(p, p, log.record(p));
            bootstrap(x, state);
        } else
            bootstrap(
                    x,
                    log.intact(half.mark())
                            ? log.bootstrap(half.mark(), half.tail(), log.newest())
                            : log.bootstrap(log.mark(), log.newest()));
        reconcile(x);
    }
}
