package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages in a domain's log: while traffic laps the ring they are told again, and a member that comes later has them. */
@OneJdk
@Timeout(60)
class PagesToldAgainTest {
    private static final long Q = Domain.queueId("q");
    private static final long OTHER = Domain.queueId("other");
    private static final UUID BINDING = new UUID(7, 7);
    private static final int PAGES = 400;
    private static final int RING = 1 << 20;

    private final String uri = "mem:PagesToldAgain" + ProcessHandle.current().pid();
    private final List<Domain> members = new ArrayList<>();
    private final RecordWriter out = new RecordWriter();

    private Domain member() {
        Domain member = new Domain(
                uri,
                MessageQueues.open(
                        uri + "?capacity=" + RING + "&maxCapacity=" + RING + "&" + Log.KIND + "=" + Log.DOMAIN));
        members.add(member);
        return member;
    }

    @AfterEach
    void end() {
        for (Domain one : members) one.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    private static Sent message(long queue, long serial, int length) {
        Envelope message = new Envelope();
        message.destination = queue;
        message.serial = serial;
        message.body = new byte[length];
        return new Sent(queue, queue == Q ? "q" : "other", message.bytes());
    }

    private static void append(Domain member, ByteBuffer record) {
        assertThat(member.log.append(record, Reserve.SMALL, 0, Duration.ZERO)).isPositive();
    }

    private static List<Long> mids(Domain member) {
        return member.withState(state -> {
            List<Long> mids = new ArrayList<>();
            if (state.channel(Q) != null) state.channel(Q).forEach(4, -1, m -> mids.add(m.mid()));
            return mids;
        });
    }

    /** One message each, so that they are longer when they are told again. */
    private void pageOut(Domain member, List<Long> mids) {
        for (int i = 0; i < mids.size(); i++) {
            Lot lot = new Lot(Q, 4, 1, (1L << 42) - 1, 100);
            Rest rest = new Rest(0, mids.get(i));
            Paged page = new Paged(new UUID(i, i), BINDING, lot, List.of(new Chunk(500 + i, 0)), rest);
            append(member, out.begin(member.self).page(page, mids.get(i)).end());
        }
    }

    /** Their pages end, the last one first. */
    private void back(Domain member, List<Long> mids) {
        for (int i = mids.size() - 1; i >= 0; i--) {
            out.begin(member.self).leaves(new UUID(i, i), new Rest(1, 0));
            out.put().run(member.self, mids.get(i), 1).staged(message(Q, i, 100).bytes());
            append(member, out.endOfRuns().endOfDone().endOfStates().end());
        }
    }

    private static List<Page> pages(Domain member) {
        return member.withState(state -> {
            List<Page> pages = new ArrayList<>();
            for (int i = 0; i < PAGES; i++) pages.add(state.pages.get(new UUID(i, i)));
            return pages;
        });
    }

    private static void lap(Domain member, int times) {
        Signal signal = new Signal();
        LocalConsumer consumer = member.consume(OTHER, "other", Selector.orNull(null), signal, 32);
        for (int i = 0; i < times * RING / 4_000; i++) {
            member.send(message(OTHER, i, 4_000), Limit.of(Patience.limit()));
            member.acknowledge(next(member, consumer), Limit.of(Patience.limit()));
        }
    }

    private static Taken next(Domain member, LocalConsumer consumer) {
        consumer.hungry(true);
        Patience.until("the next message", () -> {
            if (consumer.isEmpty()) member.turn();
            return !consumer.isEmpty();
        });
        consumer.hungry(false);
        return consumer.poll();
    }

    @Test
    void shouldTellPagesAgainWhileTrafficLapsTheRing() {
        Domain member = member();
        for (int i = 0; i < PAGES; i++) member.send(message(Q, i, 100), Limit.AT_ONCE);
        List<Long> mids = mids(member);
        assertThat(mids).hasSize(PAGES);
        pageOut(member, mids);
        int before = pages(member).get(PAGES - 1).length();
        lap(member, 4);
        assertThat(mids(member)).isEmpty();
        List<Page> told = pages(member);
        long mark = member.mark.at().position();
        assertThat(told).allMatch(page -> page.statement() >= mark);
        assertThat(told.get(PAGES - 1).length()).as("told again").isGreaterThan(before);
        assertThat(told).extracting(page -> page.rest().mid()).isEqualTo(mids);
        assertThat(pages(member())).usingRecursiveComparison().isEqualTo(told);
    }

    /** Each is exactly once in memory again, as new, and a consumer gets them in their order. */
    @Test
    void shouldDeliverInOrderWhatComesBack() {
        Domain member = member();
        for (int i = 0; i < PAGES; i++) member.send(message(Q, i, 100), Limit.AT_ONCE);
        List<Long> mids = mids(member);
        pageOut(member, mids);
        lap(member, 2);
        back(member, mids);
        Domain late = member();
        assertThat(mids(late)).isEqualTo(mids);
        assertThat(pages(late)).containsOnlyNulls();
        Signal signal = new Signal();
        LocalConsumer consumer = late.consume(Q, "q", Selector.orNull(null), signal, 32);
        for (long mid : mids) {
            Taken taken = next(late, consumer);
            assertThat(taken.mid).isEqualTo(mid);
            assertThat(taken.count()).isZero();
            late.acknowledge(taken, Limit.of(Patience.limit()));
        }
        assertThat(mids(member)).isEmpty();
    }

    /** It has passed them already, and knows nothing of them while they are in pages. */
    @Test
    void shouldDeliverWhatComesBackToAConsumerThatHasSeenIt() {
        Domain member = member();
        for (int i = 0; i < PAGES; i++) member.send(message(Q, i, 100), Limit.AT_ONCE);
        LocalConsumer consumer = member.consume(Q, "q", Selector.orNull(null), new Signal(), 32);
        List<Long> all = mids(member);
        List<Long> got = new ArrayList<>();
        got.add(receive(member, consumer));
        List<Long> free = member.withState(state -> {
            List<Long> mids = new ArrayList<>();
            state.view(Q).forEach(m -> !state.view(Q).of(m).isAvailable() || mids.add(m.mid()));
            return mids;
        });
        assertThat(free).hasSizeBetween(PAGES - 64, PAGES - 1);
        pageOut(member, free);
        while (got.size() < PAGES - free.size()) got.add(receive(member, consumer));
        member.send(message(Q, PAGES, 100), Limit.AT_ONCE);
        consumer.hungry(true);
        member.turn();
        assertThat(consumer.isEmpty())
                .as("what lies behind the pages is not delivered")
                .isTrue();
        consumer.hungry(false);
        lap(member, 1);
        back(member, free);
        while (got.size() < PAGES) got.add(receive(member, consumer));
        assertThat(got).isEqualTo(all);
        assertThat(receive(member, consumer)).as("the newest one").isGreaterThan(all.get(PAGES - 1));
    }

    private static long receive(Domain member, LocalConsumer consumer) {
        Taken taken = next(member, consumer);
        member.acknowledge(taken, Limit.of(Patience.limit()));
        return taken.mid;
    }
}
