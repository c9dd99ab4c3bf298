package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.Rest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * Members that page messages of their queues out to a {@link SimulatedCompanion} and in again. Each step to its disk is
 * one of the schedule, so that others come between, die, or lose power. A step that appends is one under the claim.
 */
final class PagedMembers extends MemberSteps {
    private static final long[] QUEUES = {Names.id("q0"), Names.id("q1")};
    private static final String URI = "file:/companion";
    private static final long GARBAGE = 1 << 20;

    private final PageSlip slip;
    private final Random random;
    private final SimulatedCompanion companion;
    private final Map<Member, Out> outs = new HashMap<>();
    private final Map<Member, In> ins = new HashMap<>();
    private final Map<Member, Move> moves = new HashMap<>();
    private final Map<Member, Seek> seeks = new HashMap<>();
    /** Pages of which chunks were damaged. */
    private final Set<UUID> damaged = new HashSet<>();
    /** All mids of each page, in its order. */
    private final Map<UUID, List<Long>> contents = new HashMap<>();
    /** What was sent, by mid. */
    private final Map<Long, Long> serials = new HashMap<>();

    private int pages;

    private int back;
    private int losses;
    /** The rest is taken in any order. */
    private boolean draining;

    /** A message, and where it lay when it was chosen. */
    private record Chosen(long mid, long author, long statement, int at) {}

    /** Chunks on their way out. */
    private static final class Out {
        final UUID id;
        final long queue;
        final int priority;
        final List<List<Chosen>> chunks;
        final List<Long> positions = new ArrayList<>();
        boolean synced;

        Out(UUID id, long queue, int priority, List<List<Chosen>> chunks) {
            this.id = id;
            this.queue = queue;
            this.priority = priority;
            this.chunks = chunks;
        }
    }

    /** A chunk that was read. */
    private record In(UUID page, List<Chunk> chunks, Chunk chunk, Rest rest, List<SimulatedCompanion.One> messages) {}

    private static final class Move {
        final Paged page;
        final List<Chunk> from;
        final List<Chunk> to = new ArrayList<>();
        boolean synced;

        Move(Paged page, List<Chunk> from) {
            this.page = page;
            this.from = from;
        }
    }

    /** The place shall go there, as the log up to {@code tail} allows. */
    private record Seek(long to, long tail) {}

    PagedMembers(PageSlip slip, long seed) {
        super(Slip.NONE, 8192L << seed % 3);
        this.slip = slip;
        random = new Random(seed);
        companion = new SimulatedCompanion(20 + random.nextInt(60));
    }

    int pages() {
        return pages;
    }

    int back() {
        return back;
    }

    int losses() {
        return losses;
    }

    @Override
    void step(Random unused) {
        List<Member> able = members.stream().filter(m -> m.alive && !m.stopped).toList();
        int kind = random.nextInt(100);
        if (able.isEmpty() || kind < 35) super.step(random);
        else if (kind == 35) losePower();
        else pagedStep(able.get(random.nextInt(able.size())), kind);
        verify();
    }

    private void pagedStep(Member x, int kind) {
        if (kind < 65) pageOut(x);
        else if (kind < 76) pageIn(x, QUEUES[random.nextInt(2)]);
        else if (kind < 84) floor(x);
        else if (kind < 90) move(x);
        else if (kind < 91) companion.publishForeign();
        else if (kind < 92 && random.nextInt(4) == 0) damaged.addAll(companion.swap(random));
        else if (kind < 94) companion.removeFiles();
        else if (kind < 96) companion.storePlace();
        else if (kind < 98) log.sync();
        else companion.sync();
    }

    // ---- what must hold

    /** With those in pages: they are needed, and nobody holds them. */
    @Override
    Map<Held, Delivery> needed() {
        Map<Held, Delivery> needed = live(full);
        for (Page page : full.pages.all())
            for (long mid : left(page)) {
                Held one = new Held(page.lot().queue(), mid);
                expect(needed.put(one, Delivery.AVAILABLE) == null, "%s is in memory, and in page %s", one, page.id());
            }
        return needed;
    }

    private List<Long> left(Page page) {
        return contents.get(page.id()).subList(page.rest().index(), page.lot().messages());
    }

    @Override
    long append(Member x, int reserve, List<? extends Act> acts, Set<Held> done) {
        for (Act act : acts) if (act instanceof Act.Take take && !draining) expectFirst(take);
        long p = super.append(x, reserve, acts, done);
        if (p > 0)
            Digest.messages(full)
                    .forEach((mid, m) ->
                            serials.putIfAbsent(mid, Envelope.read(log.record(m.statement()), m.at()).serial));
        return p;
    }

    /** Nothing that was never taken comes before it: what was returned has no place in the order. */
    private void expectFirst(Act.Take take) {
        View view = full.view(take.view());
        if (!(view instanceof QueueView) || DestinationId.isTemporary(take.view())) return;
        for (long mid : take.mids()) {
            Message m = full.message(mid);
            if (m == null || !view.of(m).isAvailable()) continue;
            Page page = full.pages.first(take.view());
            expect(page == null || !page.isBefore(m), "%d is taken before page %s", mid, page);
            view.forEach(other -> {
                expect(
                        other.compareTo(m) >= 0
                                || !view.of(other).equals(Delivery.AVAILABLE)
                                || take.mids().contains(other.mid()),
                        "%d is taken before %d",
                        mid,
                        other.mid());
                return other.compareTo(m) < 0;
            });
        }
    }

    /** Each live page is in the companion, with what was sent. */
    private void verify() {
        for (Page page : full.pages.all()) {
            if (damaged.contains(page.id())) continue;
            Paged told = told(page);
            List<Long> all = contents.get(page.id());
            for (int i = 0; i < told.chunks().size(); i++) {
                int first = told.chunks().get(i).first();
                int end = i + 1 < told.chunks().size()
                        ? told.chunks().get(i + 1).first()
                        : page.lot().messages();
                if (end <= page.rest().index()) continue;
                SimulatedCompanion.Entry entry =
                        companion.read(told.chunks().get(i).position());
                expect(entry != null && entry.page().equals(page.id()), "a chunk of page %s is gone", page.id());
                expect(
                        mids(entry.messages()).equals(all.subList(first, end)),
                        "a chunk of page %s has other messages",
                        page.id());
                for (SimulatedCompanion.One one : entry.messages()) expectAsSent(one);
            }
        }
    }

    private void expectAsSent(SimulatedCompanion.One one) {
        expect(one.message().serial == serials.get(one.mid()), "%d is not as it was sent", one.mid());
    }

    private static List<Long> mids(List<SimulatedCompanion.One> messages) {
        return messages.stream().map(SimulatedCompanion.One::mid).toList();
    }

    private Paged told(Page page) {
        return Paged.read(log.record(page.statement()), page.at());
    }

    // ---- out

    private void pageOut(Member x) {
        Out out = outs.get(x);
        if (out == null) choose(x);
        else if (out.positions.size() < out.chunks.size()) {
            List<SimulatedCompanion.One> bodies = bodies(out.chunks.get(out.positions.size()));
            long at = bodies.isEmpty()
                    ? SimulatedCompanion.FULL
                    : companion.publish(new SimulatedCompanion.Entry(companion.binding, out.id, bodies));
            if (at == SimulatedCompanion.FULL) outs.remove(x);
            else out.positions.add(slip == PageSlip.NOBODY_ELSE_PUBLISHES ? next(out, at) : at);
        } else if (!out.synced && slip != PageSlip.PAGE_BEFORE_SYNC) {
            companion.sync();
            out.synced = true;
        } else {
            outs.remove(x);
            commit(x, out);
        }
    }

    private static long next(Out out, long at) {
        return out.positions.isEmpty() ? at : out.positions.get(0) + out.positions.size();
    }

    private void choose(Member x) {
        if (x.state == null || random.nextInt(3) == 0) fold(x, Long.MAX_VALUE);
        if (x.state.pages.stated > log.ring() / 8 || companion.free() < 8) return;
        long queue = QUEUES[random.nextInt(2)];
        int priority = random.nextBoolean() ? 4 : 9;
        Channel channel = x.state.channel(queue);
        if (channel == null) return;
        List<Message> lane = new ArrayList<>();
        channel.forEach(priority, -1, m -> !isPlain(channel, m) || lane.add(m));
        if (lane.size() < 4) return;
        List<Chosen> out = new ArrayList<>();
        for (Message m : lane.subList(lane.size() / 2, lane.size()))
            out.add(new Chosen(m.mid(), m.author(), m.statement(), m.at()));
        UUID id = slip == PageSlip.ID_NOT_RANDOM
                ? new UUID(0, out.size())
                : new UUID(random.nextLong(), random.nextLong());
        List<List<Chosen>> chunks = new ArrayList<>();
        for (int i = 0; i < out.size(); i += 2) chunks.add(out.subList(i, Math.min(out.size(), i + 2)));
        outs.put(x, new Out(id, queue, priority, chunks));
    }

    /** As they lie in the log; none if the mark has passed one: others may have written over it. */
    private List<SimulatedCompanion.One> bodies(List<Chosen> chunk) {
        List<SimulatedCompanion.One> bodies = new ArrayList<>();
        for (Chosen one : chunk) {
            boolean isPassed = one.statement < log.mark();
            if (isPassed && slip != PageSlip.BODIES_NOT_CHECKED) return List.of();
            Envelope body = isPassed ? Act.message("q0", GARBAGE, 4) : Envelope.read(log.record(one.statement), one.at);
            bodies.add(new SimulatedCompanion.One(one.mid, one.author, body));
        }
        return bodies;
    }

    private boolean isPlain(Channel channel, Message m) {
        return channel.queue.of(m).equals(Delivery.AVAILABLE) || slip == PageSlip.HELD_MESSAGES_TOO;
    }

    /** Under the claim: of what is plain still, in whole chunks. */
    private void commit(Member x, Out out) {
        if (slip != PageSlip.PAGE_DECIDED_BEFORE) fold(x, Long.MAX_VALUE);
        Overflow overflow = x.state.registry.overflow();
        if (overflow.equals(Overflow.NONE)) {
            append(x, 8, new Act.Overflows(new Overflow(companion.binding, URI)));
            return;
        }
        if (out.positions.get(0) < overflow.floor() && slip != PageSlip.FLOOR_NOT_ASKED) return;
        List<Chunk> chunks = new ArrayList<>();
        List<Long> mids = new ArrayList<>();
        for (int i = 0; i < out.chunks.size(); i++) {
            List<Long> here = new ArrayList<>();
            for (Chosen one : out.chunks.get(i)) here.add(one.mid);
            if (slip != PageSlip.PAGE_DECIDED_BEFORE) here.removeIf(mid -> !isStill(x.state, out, mid));
            boolean whole = here.size() == out.chunks.get(i).size();
            if (here.isEmpty() || !whole && slip != PageSlip.PARTS_OF_CHUNKS) continue;
            chunks.add(new Chunk(out.positions.get(i), mids.size()));
            mids.addAll(here);
        }
        if (mids.isEmpty()) return;
        Lot lot = new Lot(out.queue, out.priority, mids.size(), 0, 100);
        Paged page = new Paged(out.id, companion.binding, lot, chunks, new Rest(0, mids.get(0)));
        List<Long> before = contents.put(out.id, mids);
        if (append(x, 8, new Act.PageOut(page, mids)) > 0) pages++;
        else if (before != null) contents.put(out.id, before);
    }

    private boolean isStill(State state, Out out, long mid) {
        Message m = state.message(mid);
        return m != null && m.destination() == out.queue && isPlain(m.channel, m);
    }

    // ---- in

    /** Those with pages are asked with the claim. */
    @Override
    List<Long> views(long temporary) {
        return new ArrayList<>(List.of(temporary));
    }

    @Override
    void take(Member x, int a, int b) {
        long queue = QUEUES[b % 2];
        if (b % 5 == 0) {
            super.take(x, a, b);
            return;
        }
        if (x.state == null || slip != PageSlip.TAKE_WITHOUT_CLAIM) fold(x, Long.MAX_VALUE);
        View view = x.state.view(queue);
        Page page = x.state.pages.first(queue);
        List<Long> front = new ArrayList<>();
        if (view != null)
            view.forEach(m -> {
                if (page != null && page.isBefore(m) && slip != PageSlip.PAGE_PASSED_OVER) return false;
                if (view.of(m).isAvailable()) front.add(m.mid());
                return front.size() <= a % 3;
            });
        if (!front.isEmpty()) append(x, 8, new Act.Take(queue, front));
        else if (page != null) pageIn(x, queue);
    }

    private void pageIn(Member x, long queue) {
        In in = ins.remove(x);
        if (in == null) read(x, queue);
        else if (slip == PageSlip.LEAVES_AND_PUT_APART) {
            List<Act> acts = back(x, in);
            if (acts.isEmpty() || append(x, 8, acts.get(0)) < 0) return;
            if (random.nextInt(4) == 0) x.alive = false;
            else append(x, 0, acts.subList(1, acts.size()), Set.of());
        } else {
            List<Act> acts = back(x, in);
            if (!acts.isEmpty() && append(x, 8, acts, Set.of()) > 0) back += acts.size() - 1;
        }
    }

    /** Without the claim, at the state that the member has. */
    private void read(Member x, long queue) {
        if (x.state == null || random.nextBoolean()) fold(x, Long.MAX_VALUE);
        Page page = x.state.pages.first(queue);
        if (page == null || page.statement() < log.mark() || page.statement() > log.newest()) return;
        Paged told = told(page);
        Chunk chunk = told.chunks().get(0);
        for (Chunk one : told.chunks()) if (one.first() <= page.rest().index()) chunk = one;
        SimulatedCompanion.Entry entry = companion.read(chunk.position());
        if (slip != PageSlip.CHUNK_NOT_COMPARED && !isOf(entry, page, chunk)) {
            if (damaged.contains(page.id())) purge(x, page.id());
            return;
        }
        if (entry != null && !entry.messages().isEmpty())
            ins.put(x, new In(page.id(), told.chunks(), chunk, page.rest(), entry.messages()));
    }

    /** An operator ends what nobody can read. */
    private void purge(Member x, UUID id) {
        fold(x, Long.MAX_VALUE);
        Page page = x.state.pages.get(id);
        if (page == null) return;
        Set<Held> done = new HashSet<>();
        for (long mid : left(page)) done.add(new Held(page.lot().queue(), mid));
        append(x, 8, List.of(new Act.Leaves(id, new Rest(page.lot().messages(), 0))), done);
    }

    private boolean isOf(SimulatedCompanion.Entry entry, Page page, Chunk chunk) {
        int index = page.rest().index() - chunk.first();
        return entry != null
                && entry.binding().equals(companion.binding)
                && entry.page().equals(page.id())
                && index < entry.messages().size()
                && entry.messages().get(index).mid() == page.rest().mid();
    }

    /** What goes into the record; empty: the page has gone, moved, or been read further. */
    private List<Act> back(Member x, In in) {
        Rest rest = in.rest();
        Page page = x.state.pages.get(in.page());
        if (slip != PageSlip.BACK_DECIDED_BEFORE) {
            fold(x, Long.MAX_VALUE);
            page = x.state.pages.get(in.page());
            if (page == null || !told(page).chunks().equals(in.chunks())) return List.of();
            rest = page.rest();
        } else if (page == null) return List.of();
        int at = rest.index() - in.chunk().first();
        if (at >= in.messages().size()) return List.of();
        int end = Math.min(in.messages().size(), at + 1 + random.nextInt(2));
        int index = in.chunk().first() + end;
        List<Long> all = contents.get(in.page());
        long mid = index < all.size() ? all.get(index) : 0;
        List<Act> acts = new ArrayList<>(List.of(new Act.Leaves(in.page(), new Rest(index, mid))));
        for (SimulatedCompanion.One one : in.messages().subList(at, end)) {
            expectAsSent(one);
            acts.add(new Act.Back(one.author(), one.mid(), one.message()));
        }
        return acts;
    }

    // ---- place

    private void floor(Member x) {
        Seek seek = seeks.remove(x);
        if (seek != null) {
            if (slip != PageSlip.SEEK_BEFORE_SYNC && log.durable() < seek.tail) {
                log.sync();
                seeks.put(x, seek);
            } else companion.seek(seek.to);
            return;
        }
        fold(x, Long.MAX_VALUE);
        boolean isTold = x.state.registry.overflow().binding().equals(companion.binding);
        if (!isTold && slip != PageSlip.FLOOR_OF_A_COMPANION_NOT_TOLD) return;
        long told = x.state.registry.overflow().floor();
        long durable = companion.durableEnd();
        if (told > companion.place() && slip != PageSlip.SEEK_NOT_REPEATED) {
            seeks.put(x, new Seek(told, log.newest()));
            return;
        }
        long first = x.state.pages.firstChunk(companion.binding, durable);
        if (slip == PageSlip.NO_FLOOR) {
            seeks.put(x, new Seek(first, log.newest()));
            return;
        }
        if (slip == PageSlip.FLOOR_PAST_A_PAGE) first = firstButOne(x.state, durable);
        if (first < told + SimulatedCompanion.FILE) return;
        long p = append(x, 8, new Act.Floor(companion.binding, first));
        if (p > 0) seeks.put(x, new Seek(first, p));
    }

    private long firstButOne(State state, long none) {
        List<Long> all = new ArrayList<>();
        for (Page page : state.pages.all()) all.add(page.firstChunk());
        all.sort(null);
        return all.size() > 1 ? all.get(1) : none;
    }

    /** Copies the rest of the oldest page to the end. */
    private void move(Member x) {
        Move move = moves.get(x);
        if (move == null) {
            if (x.state == null || random.nextInt(3) == 0) fold(x, Long.MAX_VALUE);
            Page oldest = null;
            for (Page page : x.state.pages.all())
                if (oldest == null || page.firstChunk() < oldest.firstChunk()) oldest = page;
            if (oldest == null || oldest.statement() < log.mark() || oldest.statement() > log.newest()) return;
            Paged told = told(oldest).with(oldest.rest());
            List<Chunk> from = new ArrayList<>(told.chunks());
            while (from.size() > 1 && from.get(1).first() <= oldest.rest().index()) from.remove(0);
            moves.put(x, new Move(told, from));
        } else if (move.to.size() < move.from.size()) {
            Chunk one = move.from.get(move.to.size());
            SimulatedCompanion.Entry entry = companion.read(one.position());
            long at = entry == null || !entry.page().equals(move.page.id())
                    ? SimulatedCompanion.FULL
                    : companion.publish(entry);
            if (at == SimulatedCompanion.FULL) moves.remove(x);
            else move.to.add(new Chunk(at, one.first()));
        } else if (!move.synced) {
            companion.sync();
            move.synced = true;
        } else {
            moves.remove(x);
            moved(x, move);
        }
    }

    private void moved(Member x, Move move) {
        Rest rest = move.page.rest();
        if (slip != PageSlip.MOVE_DECIDED_BEFORE) {
            fold(x, Long.MAX_VALUE);
            Page now = x.state.pages.get(move.page.id());
            if (now == null || !told(now).chunks().equals(move.page.chunks())) return;
            if (move.to.get(0).position() < x.state.registry.overflow().floor()) return;
            rest = now.rest();
        }
        append(x, 8, new Act.PageAgain(new Paged(move.page.id(), companion.binding, move.page.lot(), move.to, rest)));
    }

    // ---- the end

    private void losePower() {
        losses++;
        companion.losePower(random);
        long to = log.durable() + random.nextInt((int) (log.newest() - log.durable()) + 1);
        losePower(to);
        serials.keySet().removeIf(mid -> mid >= Mids.of(to + 1, 0));
        for (Map<Member, ?> all : List.of(outs, ins, moves, seeks)) all.clear();
    }

    /** One member brings all back, while it receives; then all that it needs of the companion is gone. */
    @Override
    void drain() {
        for (Member x : members) x.alive = false;
        Member z = join();
        ins.clear();
        for (int tries = 0; !full.pages.all().isEmpty(); tries++) {
            expect(tries < 20_000, "pages cannot be drained: %s", Digest.of(full));
            fold(z, Long.MAX_VALUE);
            for (long queue : QUEUES) {
                pageIn(z, queue);
                takeAll(z, queue);
            }
            if (tries % 4 == 0) round(z);
        }
        draining = true;
        super.drain();
        Member last = join();
        for (int i = 0; i < 60; i++) {
            floor(last);
            companion.sync();
            companion.removeFiles();
            round(last);
        }
        boolean isTold = !full.registry.overflow().equals(Overflow.NONE);
        expect(!isTold || companion.left() <= 2 * SimulatedCompanion.FILE, "%d entries are left", companion.left());
    }

    private void takeAll(Member z, long queue) {
        for (int i = 0; i < 4; i++) {
            fold(z, Long.MAX_VALUE);
            View view = z.state.view(queue);
            Page page = z.state.pages.first(queue);
            if (view == null) return;
            List<Long> front = new ArrayList<>();
            view.forEach(m -> {
                if (page != null && page.isBefore(m)) return false;
                if (view.of(m).isAvailable()) front.add(m.mid());
                return front.isEmpty();
            });
            if (front.isEmpty() || append(z, 8, new Act.Take(queue, front)) < 0) return;
            Held one = new Held(queue, front.get(0));
            while (append(z, 8, List.of(new Act.Ack(queue, front)), Set.of(one)) < 0) round(z);
        }
    }
}
