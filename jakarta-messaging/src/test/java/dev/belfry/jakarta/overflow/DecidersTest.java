package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is decided before the claim is decided again under it: others come between, over a real log and companion. */
@OneJdk
@Timeout(60)
class DecidersTest {
    private static final String NAME = "orders";
    private static final long QUEUE = DestinationId.of(DestinationId.QUEUE, NAME);
    private static final int RING = 1 << 20;
    private static final int MESSAGES = 400;
    private static final Runnable NOBODY = () -> {};

    private Path directory; // a twin knows no annotation that makes one

    private final MessageQueue queue =
            MessageQueues.open("mem:Deciders" + ProcessHandle.current().pid() + "?capacity=" + RING + "&maxCapacity="
                    + RING + "&" + Log.KIND + "=" + Log.DOMAIN);
    private final Log log = queue.unwrap(Log.class);
    private final RecordWriter writer = new RecordWriter();
    private final Lone member = new Lone();
    private final PageOut out = new PageOut(member);
    private final PageIn in = new PageIn(member);
    private final Floor floor = new Floor(member);
    private Companion companion;
    private Runnable meanwhile = NOBODY;
    private boolean isFlushed = true;

    /** It folds the log, and lets others come before it decides under the claim. */
    private final class Lone implements Member {
        private final LogReader reader = log.reader();
        private final LogReader bodies = log.reader();
        private final State state = new State(1);

        @Override
        public Log log() {
            return (Log) Proxy.newProxyInstance(
                    Log.class.getClassLoader(),
                    new Class<?>[] {Log.class},
                    (proxy, method, arguments) ->
                            method.getName().equals("flush") ? isFlushed : method.invoke(log, arguments));
        }

        @Override
        public LogReader reader() {
            return bodies;
        }

        private State now() {
            while (reader.next() == LogReader.Step.RECORD) state.apply(reader.position(), reader.place(), reader);
            return state;
        }

        @Override
        public <T> T ask(Function<State, T> question) {
            return question.apply(now());
        }

        @Override
        public long append(int most, Reserve reserve, Function<State, ByteBuffer> decision) {
            Runnable others = meanwhile;
            meanwhile = NOBODY;
            others.run();
            try (Claim claim = log.claim(most, reserve, Duration.ZERO)) {
                if (claim == null) return Log.REJECTED;
                ByteBuffer record = decision.apply(now());
                if (record == null) return NOTHING;
                int length = record.remaining();
                claim.copyFrom(0, record);
                return claim.commit(length);
            }
        }

        @Override
        public String unawareOfPages() {
            return "";
        }

        @Override
        public void makeRoom() {}

        @Override
        public void failed(long of) {}

        @Override
        public boolean hasFailed() {
            return false;
        }

        @Override
        public int bell(long of) {
            return 0;
        }
    }

    @BeforeEach
    void begin() throws IOException {
        directory = Files.createTempDirectory("deciders");
        Binding binding = Binding.create(QueueUri.parse("shm:shop"), "file:" + directory + "?anyFileSystem=true");
        companion = new Companion(binding, RING);
        append(other().overflow(binding.overflow()).define(QUEUE, 0, NAME));
        for (int i = 0; i < MESSAGES; i++) append(other().message(message(i, 0)));
    }

    @AfterEach
    void end() throws IOException {
        companion.close(Patience.limit());
        queue.close();
        MessageQueues.delete("mem:Deciders" + ProcessHandle.current().pid());
        MessageQueues.delete(companion.binding().uri().toString());
        Files.delete(directory);
    }

    private static byte[] message(int serial, long expiry) {
        return message(serial, expiry, 1_500);
    }

    private static byte[] message(int serial, long expiry, int length) {
        Envelope message = new Envelope();
        message.destination = QUEUE;
        message.serial = serial;
        message.expiry = expiry;
        message.body = new byte[length];
        return message.bytes();
    }

    private RecordWriter other() {
        return writer.begin(77);
    }

    private void append(RecordWriter record) {
        assertThat(log.append(record.end(), Reserve.SMALL, 0, Duration.ZERO)).isPositive();
    }

    private List<Long> inMemory() {
        return member.ask(state -> {
            List<Long> mids = new ArrayList<>();
            state.view(QUEUE).forEach(m -> mids.add(m.mid()));
            return mids;
        });
    }

    private Page page() {
        return member.ask(state -> state.pages.first(QUEUE));
    }

    private static long floorOf(Overflow told) {
        return told.floor();
    }

    private Paged told() {
        return Told.of(page()).read(member.reader());
    }

    private void pageOut() {
        assertThat(out.isPaged(companion, false)).isTrue();
    }

    @Test
    void shouldPageOutTheNewestAndBringThemBackInOrder() {
        List<Long> all = inMemory();
        pageOut();
        List<Long> left = inMemory();
        assertThat(left).hasSizeBetween(RING / 64 / 1_600, RING / 64 / 1_000).isEqualTo(all.subList(0, left.size()));
        assertThat(page().lot().messages()).isEqualTo(MESSAGES - left.size());
        while (page() != null) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(inMemory()).isEqualTo(all);
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.NONE);
    }

    /** One that is as long as a record may be would find no room beside the LEAVES of its page. */
    @Test
    void shouldLeaveAMessageInMemoryWhenItIsVeryLong() {
        while (out.isPaged(companion, false)) Thread.onSpinWait();
        append(other().message(message(MESSAGES, 0, RING / 4 - 300)));
        for (int i = 1; i < 50; i++) append(other().message(message(MESSAGES + i, 0)));
        List<Long> before = inMemory();
        long longest = before.get(before.size() - 50);
        while (out.isPaged(companion, true)) Thread.onSpinWait();
        assertThat(inMemory()).contains(longest).hasSizeLessThan(before.size());
        while (page() != null) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(inMemory()).hasSize(MESSAGES + 50);
    }

    /** Many short lanes, which nobody consumes, may have what it needs. */
    @Test
    void shouldPageOutOfAShortLaneOnlyWhenAPageFindsNoRoom() {
        List<Long> all = inMemory();
        while (out.isPaged(companion, false)) Thread.onSpinWait();
        List<Long> left = inMemory();
        assertThat(out.isPaged(companion, true)).isTrue();
        assertThat(inMemory()).hasSizeBetween(1, left.size() / 2);
        while (page() != null) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldTellAPageOnlyWhenItsChunksAreDurable() {
        List<Long> durable = new ArrayList<>();
        meanwhile = () -> durable.add(companion.durable());
        pageOut();
        assertThat(durable).containsExactly(companion.newest());
    }

    @Test
    void shouldLeaveAChunkInMemoryWhenOneOfItsMessagesWasTakenMeanwhile() {
        List<Long> all = inMemory();
        long taken = all.get(MESSAGES / 2);
        meanwhile = () -> append(other().take(QUEUE, taken));
        pageOut();
        List<Long> left = inMemory();
        assertThat(left).contains(taken);
        assertThat(page().lot().messages() + left.size()).isEqualTo(MESSAGES);
        append(other().ack(QUEUE, taken));
        while (page() != null) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(inMemory()).hasSize(MESSAGES - 1).isSorted().doesNotContain(taken);
    }

    @Test
    void shouldPageOutNothingBelowTheFloor() {
        meanwhile = () -> append(other().floor(companion.binding().id(), 1_000));
        assertThat(out.isPaged(companion, false)).isFalse();
        assertThat(page()).isNull();
    }

    @Test
    void shouldPageOutNothingWhenTheDomainHasAnotherCompanionMeanwhile() {
        meanwhile = () -> append(other().overflow(new Overflow(UUID.randomUUID(), "file:/other")));
        assertThat(out.isPaged(companion, false)).isFalse();
        assertThat(page()).isNull();
    }

    @Test
    void shouldBringBackOnceWhenAnotherMemberDoesItMeanwhile() {
        List<Long> all = inMemory();
        pageOut();
        meanwhile = () -> assertThat(new PageIn(member).next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.AGAIN);
        while (page() != null) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldReadItAgainWhenThePageWasToldAgainMeanwhile() {
        pageOut();
        meanwhile = () -> append(other().pageAgain(told().with(page().rest())));
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.AGAIN);
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
    }

    private boolean finds(int length, Reserve reserve) {
        ByteBuffer record = other().message(message(MESSAGES, 0, length)).end();
        return log.append(record, reserve, 0, Duration.ZERO) != Log.REJECTED;
    }

    /** So it stops no other queue, whose consumers are not slow. */
    @Test
    void shouldLeaveTheRoomOfOtherFlowsWhenConsumersHoldMuchOfItsQueue() {
        log.mark("nothing is passed"); // so they fill more than a half
        pageOut();
        PageIn.Outcome outcome = PageIn.Outcome.BACK;
        while (outcome == PageIn.Outcome.BACK) {
            for (long mid : inMemory()) append(other().take(QUEUE, mid));
            outcome = in.next(companion, QUEUE);
        }
        assertThat(outcome).isEqualTo(PageIn.Outcome.NO_ROOM);
        assertThat(finds(RING / 64, Reserve.LITTLE)).isTrue();
        for (long mid : inMemory()) append(other().ack(QUEUE, mid));
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
    }

    /** Or what it has brought could not be taken, and never went. */
    @Test
    void shouldLeaveRoomForThoseThatEndWhatComesBack() {
        log.mark("nothing is passed"); // so they fill more than a half
        pageOut();
        PageIn.Outcome outcome = PageIn.Outcome.BACK;
        while (outcome == PageIn.Outcome.BACK) outcome = in.next(companion, QUEUE);
        assertThat(outcome).isEqualTo(PageIn.Outcome.NO_ROOM);
        assertThat(finds(1, Reserve.LITTLE)).as("it uses what others leave").isFalse();
        assertThat(finds(RING / 128 * 5, Reserve.SMALL)).isTrue();
    }

    @Test
    void shouldLeaveOutWhatHasExpiredInItsPage() {
        long soon = System.currentTimeMillis() + 1_000;
        for (int i = 0; i < 20; i++) append(other().message(message(MESSAGES + i, i % 2 * soon)));
        List<Long> all = inMemory();
        pageOut();
        assertThat(page().lot().expiry()).as("of all").isZero();
        Patience.until("they have expired", () -> System.currentTimeMillis() > soon);
        while (page() != null) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(inMemory()).hasSize(MESSAGES + 10).isSubsetOf(all);
    }

    @Test
    void shouldMoveThePlaceOnlyWhenTheFloorIsDurable() {
        pageOut();
        while (page() != null) in.next(companion, QUEUE);
        long newest = companion.newest();
        isFlushed = false;
        floor.raise(companion);
        assertThat(floorOf(member.ask(state -> state.registry.overflow()))).isEqualTo(newest + 1);
        assertThat(companion.place()).isEqualTo(1);
        isFlushed = true;
        floor.raise(companion);
        assertThat(companion.place()).as("moved by the next one").isEqualTo(newest + 1);
    }

    @Test
    void shouldKeepTheFloorBelowWhatAPageNeeds() {
        pageOut();
        floor.raise(companion);
        assertThat(companion.place()).isEqualTo(page().firstChunk());
        meanwhile = () -> out.isPaged(companion, true);
        floor.raise(companion);
        while (page() != null) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
    }

    @Test
    void shouldTellNoFloorOfACompanionThatTheLogDoesNotTell() {
        pageOut();
        while (page() != null) in.next(companion, QUEUE);
        append(other().overflow(new Overflow(UUID.randomUUID(), "file:/other")));
        floor.raise(companion);
        assertThat(companion.place()).isEqualTo(1);
        assertThat(floorOf(member.ask(state -> state.registry.overflow()))).isZero();
    }
}
