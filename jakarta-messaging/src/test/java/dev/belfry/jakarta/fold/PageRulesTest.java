package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.testing.OneJdk;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Each rule of pages in the package's description, and each "else". A late member folds each record, too. */
@OneJdk
class PageRulesTest extends RuleCase {
    private static final UUID ONE = new UUID(1, 1);
    private static final UUID TWO = new UUID(2, 2);
    private static final UUID BINDING = new UUID(7, 7);

    private static Paged page(UUID id, long queue, int priority, int n, long firstMid, long firstChunk) {
        List<Chunk> chunks = n == 1
                ? List.of(new Chunk(firstChunk, 0))
                : List.of(new Chunk(firstChunk, 0), new Chunk(firstChunk + 3, 1)); // others publish between
        return new Paged(id, BINDING, new Lot(queue, priority, n, 0, 100L * n), chunks, new Rest(0, firstMid));
    }

    private void out(UUID id, int priority, Long... mids) {
        by(2, new Act.PageOut(page(id, Q, priority, mids.length, mids[0], 300), List.of(mids)));
    }

    private long send(int priority) {
        var m = message(Q);
        m.priority = priority;
        return Mids.of(by(1, new Act.Send(m)), 0);
    }

    private void left(UUID id, int index, long mid) {
        assertThat(state.pages.get(id).rest()).isEqualTo(new Rest(index, mid));
    }

    @Test
    void shouldTakeOutOfMemoryWhatAPageHas() {
        long a = send(Q);
        long b = send(Q);
        long c = send(Q);
        out(ONE, 0, b, c);
        assertThat(of(Q, a) + ", " + of(Q, b) + ", " + of(Q, c)).isEqualTo("A0@0, gone, gone");
        left(ONE, 0, b);
        assertThat(state.size()).isOne();
        nothing(3, take(Q, b));
        nothing(3, new Act.Drop(Q, List.of(c)));
    }

    /** A message of which a late member knows nothing: PAGE lists it all the same. */
    @Test
    void shouldBelieveTheListOfAPage() {
        long gone = send(Q);
        long b = send(Q);
        by(2, new Act.Drop(Q, List.of(gone)));
        by(2, new Act.PageOut(page(ONE, Q, 0, 2, gone, 300), List.of(gone, b)));
        left(ONE, 0, gone);
        by(3, new Act.PageOut(page(TWO, Q, 0, 1, 7, 400), List.of(7L)));
        left(TWO, 0, 7);
    }

    @Test
    void shouldGiveBackFrontToBack() {
        long a = send(Q);
        long b = send(Q);
        long c = send(Q);
        out(ONE, 0, a, b, c);
        by(3, new Act.Leaves(ONE, new Rest(1, b)), new Act.Back(1, a, message(Q)));
        left(ONE, 1, b);
        assertThat(of(Q, a)).isEqualTo("A0@0");
        assertThat(state.message(a).author()).isOne();
        nothing(3, new Act.Leaves(ONE, new Rest(1, b))); // late, or twice
        nothing(3, new Act.Leaves(TWO, new Rest(1, b)));
        by(4, new Act.Leaves(ONE, new Rest(3, 0)), new Act.Back(1, b, message(Q)), new Act.Back(1, c, message(Q)));
        assertThat(state.pages.get(ONE)).isNull();
        assertThat(state.pages.first(Q)).isNull();
        assertThat(state.pages.stated).isZero();
        nothing(4, new Act.Leaves(ONE, new Rest(2, c)));
        assertThat(state.size()).isEqualTo(3);
    }

    @Test
    void shouldEndWhatExpiredWithoutGivingItBack() {
        out(ONE, 0, send(Q), send(Q));
        by(3, new Act.Leaves(ONE, new Rest(2, 0)));
        assertThat(state.pages.get(ONE)).isNull();
        assertThat(state.size()).isZero();
    }

    /** The order is that of messages: by priority, then by what is next. */
    @Test
    void shouldLineUpPagesByWhatIsNextInThem() {
        long a = send(4);
        long b = send(4);
        long c = send(4);
        long high = send(9);
        out(TWO, 4, a, c);
        out(ONE, 4, b);
        assertThat(state.pages.first(Q).id()).isEqualTo(TWO);
        by(2, new Act.Leaves(TWO, new Rest(1, c)), new Act.Back(1, a, message(Q)));
        assertThat(state.pages.first(Q).id()).isEqualTo(ONE);
        Message first = state.message(a);
        assertThat(state.pages.first(Q).isBefore(first)).isFalse();
        assertThat(state.pages.first(Q).isBefore(state.message(high))).isFalse();
        long low = send(1);
        assertThat(state.pages.first(Q).isBefore(state.message(low))).isTrue();
        out(new UUID(3, 3), 9, high);
        assertThat(state.pages.first(Q).id()).isEqualTo(new UUID(3, 3));
        long last = send(4);
        assertThat(state.pages.first(Q).isBefore(state.message(last))).isTrue();
        assertThat(state.pages.get(ONE).isBefore(state.message(last))).isTrue();
        assertThat(state.pages.get(TWO).isBefore(state.message(last))).isTrue();
        out(new UUID(4, 4), 4, last);
        long newest = send(4);
        out(new UUID(5, 5), 4, send(4));
        assertThat(state.pages.get(new UUID(5, 5)).isBefore(state.message(newest)))
                .isFalse();
    }

    /** Its statement holds the mark until it is told again, with what is left of it. */
    @Test
    void shouldHoldTheMarkUntilItIsToldAgain() {
        by(1, new Act.Checkpointed(state));
        long a = send(Q);
        long b = send(Q);
        out(ONE, 0, a, b);
        long statement = state.position();
        by(3, new Act.Leaves(ONE, new Rest(1, b)), new Act.Back(1, a, message(Q)));
        by(3, take(Q, a));
        by(3, ack(Q, a));
        by(1, new Act.Checkpointed(state));
        assertThat(state.hold()).isEqualTo(statement);
        assertThat(state.holdPlace()).isEqualTo(statement);
        List<Page> oldest = Restating.oldestPages(state, 16 << 10);
        assertThat(oldest).extracting(Page::id).containsExactly(ONE);
        int length = oldest.get(0).length();
        by(1, new Act.RestatePages(oldest, log));
        left(ONE, 1, b);
        Page again = state.pages.get(ONE);
        assertThat(again.statement()).isEqualTo(state.position());
        assertThat(again.length()).as("without its mids").isLessThanOrEqualTo(length);
        assertThat(state.pages.stated).isEqualTo(again.length());
        assertThat(state.hold()).isEqualTo(state.checkpoint());
        assertThat(Paged.read(log.record(again.statement()), again.at()).chunks())
                .containsExactly(new Chunk(300, 0), new Chunk(303, 1));
        assertThat(Restating.pages(oldest, log, new RecordWriter().begin(1)).operations())
                .as("what is not live as it was there is not told")
                .isZero();
    }

    /** What is between is told first, and no record of pages is long. */
    @Test
    void shouldTellPagesAgainInShortRecords() {
        by(1, new Act.Checkpointed(state));
        for (int i = 0; i < 300; i++) out(new UUID(100 + i, 0), 0, send(Q));
        long kept = send(Q);
        out(ONE, 0, send(Q));
        by(1, new Act.Checkpointed(state));
        List<Page> batch = Restating.oldestPages(state, 16 << 10);
        assertThat(batch.stream().mapToInt(Page::length).sum()).isBetween(8 << 10, 16 << 10);
        int records = 0;
        for (; !batch.isEmpty(); batch = Restating.oldestPages(state, 16 << 10), records++)
            by(1, new Act.RestatePages(batch, log));
        assertThat(records).isBetween(2, 5);
        assertThat(state.hold()).isEqualTo(kept >> Mids.INDEX_BITS);
        by(1, new Act.Restate(Restating.oldest(state, 100), log));
        assertThat(Restating.oldestPages(state, 16 << 10)).extracting(Page::id).contains(ONE);
        Long[] many = new Long[9_000];
        for (int i = 0; i < many.length; i++) many[i] = 2L + 200L * i;
        by(2, new Act.PageOut(page(TWO, Q, 0, many.length, many[0], 500), List.of(many)));
        assertThat(state.pages.get(TWO).length()).isGreaterThan(16 << 10);
        List<UUID> told = new ArrayList<>();
        for (int i = 0; i < 8 && !told.contains(TWO); i++) {
            by(1, new Act.Checkpointed(state));
            batch = Restating.oldestPages(state, 16 << 10);
            batch.forEach(page -> told.add(page.id()));
            by(
                    1,
                    batch.isEmpty()
                            ? new Act.Restate(Restating.oldest(state, 100), log)
                            : new Act.RestatePages(batch, log));
        }
        assertThat(told).as("one that is longer is told alone").contains(TWO);
        assertThat(state.pages.get(TWO).length()).isLessThan(200);
    }

    /** Copied forward: its chunks are others, and those that left it stay out of it. */
    @Test
    void shouldMoveAPage() {
        long a = send(Q);
        long b = send(Q);
        out(ONE, 0, a, b);
        by(2, new Act.Leaves(ONE, new Rest(1, b)), new Act.Back(1, a, message(Q)));
        assertThat(state.pages.firstChunk(BINDING, 999)).isEqualTo(300);
        Paged old = Paged.read(
                log.record(state.pages.get(ONE).statement()),
                state.pages.get(ONE).at());
        by(3, new Act.PageAgain(new Paged(ONE, BINDING, old.lot(), List.of(new Chunk(410, 1)), new Rest(1, b))));
        left(ONE, 1, b);
        assertThat(state.pages.firstChunk(BINDING, 999)).isEqualTo(410);
        assertThat(state.pages.firstChunk(TWO, 999)).as("of another companion").isEqualTo(999);
    }

    @Test
    void shouldEndPagesWithWhatIsPurged() {
        long other = send(Names.id("q1"));
        out(ONE, 0, send(Q));
        by(2, new Act.PageOut(page(TWO, Names.id("q1"), 0, 1, other, 400), List.of(other)));
        by(1, new Act.Checkpointed(state));
        by(3, new Act.Delete(Q));
        assertThat(state.pages.get(ONE)).isNull();
        left(TWO, 0, other);
        by(3, new Act.Delete(Names.id("q1")));
        assertThat(state.hold()).isEqualTo(state.checkpoint());
        assertThat(state.bytes()).isZero();
    }

    /** None of its messages is in memory, and it may have no consumer. */
    @Test
    void shouldKeepTheNameOfAQueueThatIsInPagesAlone() {
        by(1, new Act.Define(Q, "q"));
        out(ONE, 0, send(Q));
        by(1, new Act.Checkpointed(state));
        by(1, new Act.Checkpointed(state));
        assertThat(state.registry.name(Q)).isEqualTo("q");
        by(1, new Act.Leaves(ONE, new Rest(1, 0)));
        by(1, new Act.Checkpointed(state));
        by(1, new Act.Checkpointed(state));
        assertThat(state.registry.name(Q)).isNull();
    }

    @Test
    void shouldTellItsCompanionAndFloorInEachCheckpoint() {
        nothing(1, new Act.Floor(BINDING, 5));
        Overflow companion = new Overflow(BINDING, "file:/o");
        by(1, new Act.Overflows(companion));
        assertThat(state.registry.overflow()).isEqualTo(companion);
        by(1, new Act.Floor(BINDING, 310));
        nothing(2, new Act.Floor(BINDING, 309)); // it never falls
        nothing(2, new Act.Floor(TWO, 400)); // of another companion
        long changes = state.registry.changes;
        by(2, new Act.Floor(BINDING, 311));
        assertThat(state.registry.changes).as("a draft of a CHECKPOINT is old").isGreaterThan(changes);
        by(1, new Act.Checkpointed(state));
        assertThat(state.hold()).isEqualTo(state.position());
        assertThat(log.bootstrap(state.hold(), state.position()).registry.overflow())
                .isEqualTo(new Overflow(BINDING, "file:/o", 311));
        by(1, new Act.Overflows(new Overflow(TWO, "file:/p")));
        assertThat(state.registry.overflow().floor()).isZero();
        by(1, new Act.Overflows(Overflow.NONE));
        by(1, new Act.Checkpointed(state));
        assertThat(state.registry.overflow()).isEqualTo(Overflow.NONE);
    }

    /** A late member may know a newer floor than the one that was there then. */
    @Test
    void shouldBelieveAPageWhateverTheFloorIs() {
        by(1, new Act.Overflows(new Overflow(BINDING, "file:/o")), new Act.Floor(BINDING, 301));
        by(1, new Act.Checkpointed(state));
        long a = send(Q);
        out(ONE, 0, a);
        by(1, new Act.Floor(BINDING, 500));
        left(ONE, 0, a);
        by(1, new Act.Checkpointed(state));
        left(ONE, 0, a);
    }

    /** What a topic's subscriptions need is never paged, but a record that says so is folded as it says. */
    @Test
    void shouldFoldALieAlike() {
        long view = subscribe(2, Op.DURABLE, "d");
        long m = send(T);
        by(3, take(view, m));
        by(2, new Act.PageOut(page(ONE, Q, 0, 1, m, 300), List.of(m)));
        assertThat(of(view, m)).isEqualTo("gone");
        by(2, new Act.PageOut(page(ONE, Q, 0, 1, m, 400), List.of(m))); // the same id again
        assertThat(state.pages.of(Q)).hasSize(1);
        assertThat(state.pages.firstChunk(BINDING, 999)).isEqualTo(400);
        by(2, new Act.Back(2, m, message(Q))); // and it is in the page still
        by(3, new Act.Leave(3));
        assertThat(of(Q, m)).isEqualTo("A0@0");
    }
}
