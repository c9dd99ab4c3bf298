package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Anything by anybody: random operations, most of them on what their author has no part in, with
 * restating and a mark that follows. The fold agrees with the oracle after each record, and each
 * late member with the full fold. A history that fails is shrunk.
 */
@OneJdk
class RandomOperationsTest {
    @Slow
    @Seeded({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1001, 1002, 1003, 1004, 1005, 1006})
    void shouldAgreeWithThePlainRules(long seed) {
        check(seed, 250);
    }

    @Test
    void shouldShrinkAHistoryThatFails() {
        List<Step> steps = steps(1, 200);
        List<Step> less = shrunk(steps, some -> some.contains(steps.get(17)) && some.contains(steps.get(150)));
        assertThat(less).containsExactly(steps.get(17), steps.get(150));
    }

    private static void check(long seed, int n) {
        List<Step> steps = steps(seed, n);
        if (run(steps) == null) return;
        List<Step> less = shrunk(steps, some -> run(some) != null);
        throw new AssertionError("seed %d, shrunk to %d steps: %s".formatted(seed, less.size(), run(less)));
    }

    /** A search that ends so has not compared anything. */
    static final String THREW = "threw: ";

    /** For planted mistakes. */
    static final class Search implements LongFunction<String> {
        @Override
        public String apply(long seed) {
            return run(steps(seed, 150));
        }
    }

    /**
     * A step's effect follows from its numbers and from what is there, so that each part of a
     * history is one.
     */
    private record Step(long author, int kind, int a, int b, int c) {}

    /** A transaction of which nothing is staged. */
    private static final int NOBODYS = 99;

    /** Every fourth history has more of what is rare: large transactions, destinations that end. */
    private static final int[] RARE = {0, 12, 13, 17, 18, 20, 28, 29, 30, 31, 40, 40, 40, 41, 41, 43, 44, 44, 46};

    /** Histories of seeds from here on have pages, too. */
    static final int PAGED = 1000;

    private static final int KINDS = 48;
    private static final int KINDS_WITH_PAGES = 64;

    private static List<Step> steps(long seed, int n) {
        Random random = new Random(seed);
        int kinds = Math.abs(seed) < PAGED ? KINDS : KINDS_WITH_PAGES;
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < n; i++)
            steps.add(new Step(
                    1 + random.nextInt(4),
                    seed % 4 == 0 ? RARE[random.nextInt(RARE.length)] : random.nextInt(kinds),
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16)));
        return steps;
    }

    private interface Fails {
        boolean on(List<Step> steps);
    }

    private static List<Step> shrunk(List<Step> steps, Fails fails) {
        List<Step> now = steps;
        for (int n = steps.size() / 2; n > 0; n /= 2)
            for (int i = 0; i + n <= now.size(); ) {
                List<Step> less = new ArrayList<>(now.subList(0, i));
                less.addAll(now.subList(i + n, now.size()));
                if (fails.on(less)) now = less;
                else i += n;
            }
        return now;
    }

    /** Null, or how it failed. */
    private static String run(List<Step> steps) {
        HeapLog log = new HeapLog(Long.MAX_VALUE / 4);
        State state = new State(HeapLog.FIRST);
        Oracle oracle = new Oracle();
        RecordWriter out = new RecordWriter();
        List<String> history = new ArrayList<>();
        List<String> digests = new ArrayList<>(List.of(""));
        List<Long> holds = new ArrayList<>(List.of(0L));
        try {
            for (Step s : steps) {
                if (s.kind == 46 || s.kind == 47) {
                    log.advance(state.hold());
                    continue;
                }
                List<Act> acts = new ArrayList<>(List.of(act(s, state, log)));
                if (s.c % 7 == 0) second(s, acts, state, log);
                ByteBuffer record = Act.record(out, s.author, acts);
                boolean damaged = acts.size() > 1 && acts.get(0) instanceof Act.Apply && makesAnId(acts.get(1));
                if (!damaged && s.kind == 45) {
                    record.limit(record.limit() - 1 - s.c % record.limit());
                    damaged = true;
                }
                if (damaged) acts.clear(); // nothing to all members
                long p = log.append(record, 0);
                history.add(p + " by " + s.author + " " + acts);
                boolean exact = ToldRegistry.isExact(state, log.record(p));
                Verdict verdict = state.apply(p, p, log.record(p));
                oracle.apply(p, s.author, acts);
                String lines = String.join("\n", Digest.lines(state));
                if ((verdict == Verdict.DAMAGED) != damaged) return history + ": " + verdict;
                if (!lines.equals(oracle.digest())) return history + ":\n" + lines + "\nis not\n" + oracle.digest();
                if (!countsWhatItHas(state)) return history + ": a channel's sums";
                if (!exact) return history + ": CHECKPOINT tells another registry";
                String told = Digest.told(state, log);
                if (!told.equals(oracle.told())) return history + ":\n" + told + "\nis not\n" + oracle.told();
                digests.add(Digest.of(state));
                holds.add(state.hold());
                if (holds.get((int) p) < holds.get((int) p - 1)) return history + ": K falls";
            }
            return lateMembers(log, digests, holds, history);
        } catch (RuntimeException e) {
            return THREW + history + ": " + e + List.of(e.getStackTrace()).subList(0, 3);
        }
    }

    /** What a channel counts as messages come and go is what a walk over them finds. */
    private static boolean countsWhatItHas(State state) {
        for (Channel channel : state.channels()) {
            long[] bytes = {0};
            boolean[] expires = {false};
            int[] highest = {-1};
            channel.forEach(-1, m -> {
                bytes[0] += m.length() + 16;
                expires[0] |= m.expiry() != 0;
                highest[0] = Math.max(highest[0], m.priority());
                return true;
            });
            if (bytes[0] != channel.bytes() || expires[0] != channel.mayExpire()) return false;
            if (channel.hasAbove(highest[0]) || highest[0] >= 0 && !channel.hasAbove(highest[0] - 1)) return false;
        }
        int[] stated = {0};
        state.pages.all().forEach(page -> stated[0] += page.length());
        return stated[0] == state.pages.stated;
    }

    private static void second(Step s, List<Act> acts, State state, HeapLog log) {
        Act first = acts.get(0);
        if (first instanceof Act.Checkpointed) return;
        // What is told again stands first: it is exact only there.
        int kind = first instanceof Act.Apply && s.b % 2 == 0 ? 28 + s.b % 7 : s.b % 43;
        Act then = act(new Step(s.author, kind, s.c, s.a, s.b), state, log);
        if (then instanceof Act.Apply && (first instanceof Act.Send || first instanceof Act.Apply)) return;
        acts.add(then);
    }

    private static boolean makesAnId(Act act) {
        return act instanceof Act.Sub || act instanceof Act.Define d && DestinationId.isTemporary(d.destination());
    }

    private static String lateMembers(HeapLog log, List<String> digests, List<Long> holds, List<String> history) {
        for (int p = HeapLog.FIRST; p <= log.newest(); p++) {
            List<Long> from = new ArrayList<>(List.of(holds.get(p)));
            for (HeapLog.Moved m : log.marks) if (m.at() <= p && (m.at() + p) % 5 == 0) from.add(m.mark());
            for (long mark : from) {
                String late = Digest.of(log.bootstrap(mark, p));
                if (!late.equals(digests.get(p)))
                    return history + ": bootstrap from " + mark + " at " + p + "\n" + late + "\nis not\n"
                            + digests.get(p);
            }
        }
        return null;
    }

    private static final String[] DESTINATIONS = {"q0", "q1", "t.0", "t.1", "qt0", "tt0", "qt1", "tt1"};

    private static Act act(Step s, State state, HeapLog log) {
        long any = Names.id(DESTINATIONS[s.a % 8]);
        if (s.kind < 12) return new Act.Send(message(s, 4 + s.b % 2 * 5));
        if (s.kind < 28) return onMessages(s, state);
        if (s.kind >= KINDS) return onPages(s, state, log);
        return switch (s.kind) {
            case 28 -> new Act.Define(Names.id(DESTINATIONS[4 + s.a % 4]), DESTINATIONS[4 + s.a % 4]);
            case 29 -> new Act.Define(any, DESTINATIONS[s.a % 8]);
            case 30 -> new Act.Delete(s.b % 3 == 0 ? any : Names.id(DESTINATIONS[4 + s.a % 4]));
            case 31, 32, 33, 34 ->
                new Act.Sub(
                        Names.id(DESTINATIONS[s.a % 9 == 0 ? 0 : s.a % 5 == 0 ? 5 : 2 + s.a % 2]),
                        s.b % 8,
                        client(s),
                        "n" + s.c % 3,
                        s.c % 2 == 0 ? null : "x");
            case 35 -> new Act.Attach(s.b % 3 == 0 ? view(s, state) : any);
            case 36 -> new Act.Detach(view(s, state));
            case 37 -> new Act.Unsub(client(s), "n" + s.a % 3);
            case 38 -> new Act.Client("c" + s.a % 2, s.b % 2 == 0);
            case 39 -> new Act.Leave(1 + s.a % 4);
            case 40 ->
                new Act.Stage(
                        s.a % 3 == 0 ? 1 + s.a % 4 : s.author, s.b % 2, s.c % 5, List.of(message(s, 4), message(s, 9)));
            case 41 -> s.c % 3 == 0 ? new Act.Forget(s.b % 2) : new Act.Apply(s.b % 2, s.a % 8);
            case 42 -> new Act.Forget(NOBODYS);
            case 43 -> new Act.Checkpointed(state);
            default -> {
                Staged part = Restating.oldestStaged(state);
                yield part != null && s.b % 2 == 0
                        ? new Act.RestateStaged(part, log)
                        : new Act.Restate(Restating.oldest(state, s.c % 400), log);
            }
        };
    }

    private static final UUID[] PAGES = {new UUID(1, 0), new UUID(2, 0), new UUID(-3, 0), new UUID(4, 0)};
    private static final UUID[] BINDINGS = {new UUID(8, 8), new UUID(9, 9)};

    private static Act onPages(Step s, State state, HeapLog log) {
        UUID id = PAGES[s.a % PAGES.length];
        UUID binding = BINDINGS[s.b % 2];
        Page page = state.pages.get(id);
        switch (s.kind) {
            case 48, 49, 50, 51 -> {
                List<Long> mids = toBePaged(s, state);
                Lot lot = new Lot(Names.id("q" + s.b % 2), 4 + s.c % 2 * 5, mids.size(), s.c % 7, s.a);
                return new Act.PageOut(
                        new Paged(id, binding, lot, chunks(s, mids.size()), new Rest(0, mids.get(0))), mids);
            }
            case 52, 53, 54, 55 -> {
                int n = page == null ? 3 : page.lot().messages();
                return new Act.Leaves(id, new Rest(1 + s.b % n, s.c));
            }
            case 56 -> {
                int n = 2 + s.c % 3;
                Lot lot = page == null || s.b % 3 == 0 ? new Lot(Names.id("q" + s.a % 2), 9, n, 0, s.b) : page.lot();
                int index = lot.messages() - 1;
                return new Act.PageAgain(
                        new Paged(id, binding, lot, List.of(new Chunk(1 + s.c, index)), new Rest(index, s.b)));
            }
            case 57 -> {
                long mid = s.b % 4 == 0 && state.position() > 5 ? 5L << 16 : s.a;
                return new Act.Back(s.author, mid, Act.message("q" + s.a % 2, s.c, 4));
            }
            case 58 -> {
                return new Act.Overflows(s.c % 5 == 0 ? Overflow.NONE : new Overflow(binding, "file:/" + s.c % 3));
            }
            case 59, 60, 61 -> {
                return new Act.Floor(binding, 1 + s.c % 50);
            }
            default -> {
                List<Page> oldest = Restating.oldestPages(state, 16 << 10);
                return oldest.isEmpty()
                        ? new Act.Restate(Restating.oldest(state, s.c % 400), log)
                        : new Act.RestatePages(oldest, log);
            }
        }
    }

    /** Mostly messages that there are, of anything. */
    private static List<Long> toBePaged(Step s, State state) {
        List<Long> there = new ArrayList<>(Digest.messages(state).keySet());
        TreeSet<Long> mids = new TreeSet<>();
        if (there.isEmpty() || s.c % 4 == 0) mids.add((long) s.c);
        for (int i = 0; i < 1 + s.a % 4 && !there.isEmpty(); i++) mids.add(there.get((s.b + i) % there.size()));
        return List.copyOf(mids);
    }

    private static List<Chunk> chunks(Step s, int messages) {
        List<Chunk> chunks = new ArrayList<>();
        for (int first = 0; first < messages; first += 1 + s.a % 2)
            chunks.add(new Chunk(1 + s.c % 40 + first * (1 + s.b % 3), first));
        return chunks;
    }

    private static String client(Step s) {
        return s.b % 5 == 0 ? "c" : null;
    }

    private static Envelope message(Step s, int priority) {
        return Act.message(DESTINATIONS[s.a % 8], s.c, priority);
    }

    private static long view(Step s, State state) {
        List<Long> views = new ArrayList<>(List.of(Names.id("q0"), Names.id("q1"), Names.id("qt0"), 7L));
        views.addAll(state.registry.subscriptions.keySet());
        return views.get(s.a % views.size());
    }

    private static Act onMessages(Step s, State state) {
        List<Long> mids = new ArrayList<>(Digest.messages(state).keySet());
        if (mids.isEmpty()) mids.add(5L << 16);
        long mid = mids.get(s.b % mids.size());
        // Most often a view that has the message.
        List<Long> has = state.message(mid) == null
                ? List.of()
                : List.copyOf(Digest.deliveries(state.message(mid)).keySet());
        long view = has.isEmpty() || s.c % 9 == 0 ? view(s, state) : has.get(s.a % has.size());
        List<Long> some = s.c % 3 == 0 ? List.of(mid, mids.get(s.c % mids.size())) : List.of(mid);
        return switch (s.kind) {
            case 12, 13, 14, 15, 16 -> new Act.Take(view, some);
            case 17, 18, 19 -> new Act.Ack(view, some);
            case 20, 21 -> new Act.AckUpTo(view, mid);
            case 22, 23 -> new Act.Count(view, some);
            case 24, 25 -> new Act.Give(view, s.c % 50, s.a % 2 == 0, some);
            default -> new Act.Drop(view, some);
        };
    }
}
