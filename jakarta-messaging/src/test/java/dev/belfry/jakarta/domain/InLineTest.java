package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.Restating;
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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer of a queue that has pages: it gets nothing that lies behind the first of them, until that is back. */
@OneJdk
@Timeout(60)
class InLineTest {
    private static final long Q = Domain.queueId("q");
    private static final long OTHER = Domain.queueId("other");
    private static final UUID PAGE = new UUID(1, 1);
    private static final UUID BINDING = new UUID(7, 7);
    private static final int NORMAL = 4;
    private static final int HIGH = 9;
    private static final int SOME = 20;

    private final String uri = "mem:InLine" + ProcessHandle.current().pid();
    private final List<Domain> members = new ArrayList<>();
    private final Set<Long> wanted = ConcurrentHashMap.newKeySet();
    private final RecordWriter out = new RecordWriter();
    private final Domain member = member();

    private Domain member() {
        Domain one = new Domain(uri, MessageQueues.open(uri + "?" + Log.KIND + "=" + Log.DOMAIN));
        one.inLine = wanted::add;
        members.add(one);
        return one;
    }

    @AfterEach
    void end() {
        for (Domain one : members) one.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    private Sent message(long queue, int priority) {
        Envelope message = new Envelope();
        message.destination = queue;
        message.serial = member.nextSerial();
        message.priority = priority;
        message.body = new byte[10];
        return new Sent(queue, queue == Q ? "q" : "other", message.bytes());
    }

    /** The mids of those that were sent. */
    private List<Long> send(long queue, int priority, int count) {
        List<Long> before = mids(queue, priority);
        for (int i = 0; i < count; i++) member.send(message(queue, priority), Limit.AT_ONCE);
        List<Long> sent = new ArrayList<>(mids(queue, priority));
        sent.removeAll(before);
        return sent;
    }

    private List<Long> mids(long queue, int priority) {
        return member.withState(state -> {
            List<Long> mids = new ArrayList<>();
            if (state.channel(queue) != null) state.channel(queue).forEach(priority, -1, m -> mids.add(m.mid()));
            return mids;
        });
    }

    private void append(ByteBuffer record) {
        assertThat(member.log.append(record, Reserve.SMALL, Domain.bell(Q), Duration.ZERO))
                .isPositive();
    }

    private void pageOut(int priority, List<Long> mids) {
        Lot lot = new Lot(Q, priority, mids.size(), 0, 100L * mids.size());
        Paged page = new Paged(PAGE, BINDING, lot, List.of(new Chunk(500, 0)), new Rest(0, mids.get(0)));
        append(out.begin(member.self)
                .page(page, mids.stream().mapToLong(Long::longValue).toArray())
                .end());
    }

    private void back(int priority, List<Long> mids) {
        out.begin(member.self).leaves(PAGE, new Rest(mids.size(), 0));
        out.put();
        for (long mid : mids)
            out.run(member.self, mid, 1).staged(message(Q, priority).bytes());
        append(out.endOfRuns().endOfDone().endOfStates().end());
    }

    private static LocalConsumer consume(Domain domain, long queue, String selector) {
        return domain.consume(queue, queue == Q ? "q" : "other", Selector.orNull(selector), new Signal(), 8);
    }

    /** All that it can have now; acknowledged. */
    private static List<Long> receiveAll(Domain domain, LocalConsumer consumer) {
        List<Long> got = new ArrayList<>();
        consumer.hungry(true);
        for (int empty = 0; empty < 3; ) {
            if (consumer.isEmpty()) domain.turn();
            Taken one = consumer.poll();
            if (one == null) empty++;
            else {
                got.add(one.mid);
                domain.acknowledge(one, Limit.of(Patience.limit()));
            }
        }
        consumer.hungry(false);
        return got;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveNothingThatLiesBehindAPage(boolean competes) {
        if (competes) consume(member(), Q, null); // so that each choice is made under the publish lock
        List<Long> front = send(Q, NORMAL, SOME);
        List<Long> paged = send(Q, NORMAL, SOME);
        pageOut(NORMAL, paged);
        List<Long> behind = send(Q, NORMAL, SOME);
        List<Long> others = send(OTHER, NORMAL, SOME);
        LocalConsumer consumer = consume(member, Q, null);
        assertThat(receiveAll(member, consumer)).isEqualTo(front);
        assertThat(wanted).containsExactly(Q);
        assertThat(receiveAll(member, consumer)).isEmpty();
        assertThat(receiveAll(member, consume(member, OTHER, null))).isEqualTo(others);
        back(NORMAL, paged);
        List<Long> all = new ArrayList<>(paged);
        all.addAll(behind);
        assertThat(receiveAll(member, consumer)).isEqualTo(all);
    }

    @Test
    void shouldGiveNothingOfALowerPriorityThanAPage() {
        List<Long> high = send(Q, HIGH, SOME);
        List<Long> low = send(Q, NORMAL, SOME);
        pageOut(HIGH, high);
        LocalConsumer consumer = consume(member, Q, null);
        assertThat(receiveAll(member, consumer)).isEmpty();
        back(HIGH, high);
        List<Long> all = new ArrayList<>(high);
        all.addAll(low);
        assertThat(receiveAll(member, consumer)).isEqualTo(all);
    }

    @Test
    void shouldGiveWhatIsMoreUrgentThanAPage() {
        List<Long> paged = send(Q, NORMAL, SOME);
        pageOut(NORMAL, paged);
        List<Long> urgent = send(Q, HIGH, SOME);
        assertThat(receiveAll(member, consume(member, Q, null))).isEqualTo(urgent);
    }

    /** Nothing of the queue is in memory, and a member that comes late has never seen any of it there. */
    @Test
    void shouldAskForAPageOfAQueueThatHasNothingElse() {
        pageOut(NORMAL, send(Q, NORMAL, SOME));
        Domain late = member();
        assertThat(receiveAll(late, consume(late, Q, null))).isEmpty();
        assertThat(wanted).containsExactly(Q);
    }

    /** A CHECKPOINT lets go destinations that nobody uses. */
    @Test
    void shouldAskForAPageOfAQueueThatHasNothingElseAfterACheckpoint() {
        pageOut(NORMAL, send(Q, NORMAL, SOME));
        LocalConsumer waits = consume(member, Q, null);
        append(member.withState(state -> Restating.checkpoint(state, Integer.MAX_VALUE, out.begin(member.self))
                .end()));
        assertThat(receiveAll(member, waits)).isEmpty();
        assertThat(wanted).containsExactly(Q);
    }

    /** It has expired there, say. */
    @Test
    void shouldGoOnWhenAPageEndsAndNothingComesBack() {
        List<Long> paged = send(Q, NORMAL, SOME);
        pageOut(NORMAL, paged);
        List<Long> behind = send(Q, NORMAL, SOME);
        LocalConsumer consumer = consume(member, Q, null);
        consumer.hungry(true);
        member.turn();
        assertThat(consumer.isEmpty()).isTrue();
        append(out.begin(member.self).leaves(PAGE, new Rest(SOME, 0)).end());
        member.turn();
        assertThat(consumer.isEmpty()).as("while it waits").isFalse();
        assertThat(receiveAll(member, consumer)).isEqualTo(behind);
    }

    @Test
    void shouldPassOverPagesForASelector() {
        List<Long> paged = send(Q, NORMAL, SOME);
        pageOut(NORMAL, paged);
        List<Long> behind = send(Q, NORMAL, SOME);
        LocalConsumer consumer = consume(member, Q, "JMSPriority = 4");
        assertThat(receiveAll(member, consumer)).isEqualTo(behind);
        assertThat(wanted).as("little is in memory").containsExactly(Q);
    }

    @Test
    void shouldAskForNothingWithoutPages() {
        List<Long> all = send(Q, NORMAL, SOME);
        assertThat(receiveAll(member, consume(member, Q, null))).isEqualTo(all);
        assertThat(wanted).isEmpty();
    }
}
