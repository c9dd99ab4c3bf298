package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which messages are to be paged out next, and how many are visited for that. */
@OneJdk
@Timeout(60)
class ChoiceTest {
    private static final String URI = "mem:Choice" + ProcessHandle.current().pid() + "?capacity=32m&maxCapacity=32m&"
            + Log.KIND + "=" + Log.DOMAIN;
    private static final int RING = 64 << 20;
    private static final int MOST = 8_192;
    private static final int STAY = 1_024;

    private final Backlog backlog = new Backlog();

    @AfterEach
    void end() {
        backlog.close();
    }

    /** Messages of queues, and the state of a member that has folded them. */
    private static final class Backlog implements AutoCloseable {
        private final MessageQueue queue = MessageQueues.open(URI);
        private final Log log = queue.unwrap(Log.class);
        private final LogReader reader = log.reader();
        private final State state = new State(1);
        private final RecordWriter writer = new RecordWriter();

        private long append(RecordWriter record) {
            long position = log.append(record.end(), Reserve.SMALL, 0, Duration.ZERO);
            assertThat(position).isPositive();
            while (reader.next() == LogReader.Step.RECORD) state.apply(reader.position(), reader.place(), reader);
            return position;
        }

        private static long id(String name) {
            return DestinationId.of(DestinationId.QUEUE, name);
        }

        void define(String name) {
            append(writer.begin(77).define(id(name), 0, name));
        }

        /** Returns their mids. */
        List<Long> send(String name, int count, int priority, int length, long deliveryTime) {
            List<Long> mids = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Envelope message = new Envelope();
                message.destination = id(name);
                message.serial = i;
                message.priority = priority;
                message.deliveryTime = deliveryTime;
                message.body = new byte[length];
                mids.add(Mids.of(append(writer.begin(77).message(message.bytes())), 0));
            }
            return mids;
        }

        /** The fold knows it as a page from now on. */
        void pageOut(Choice choice) {
            long[] mids = choice.messages().stream().mapToLong(Choice.One::mid).toArray();
            Lot lot = new Lot(choice.queue(), choice.priority(), mids.length, 0, 1);
            List<Chunk> chunks = List.of(new Chunk(1, 0));
            UUID any = UUID.randomUUID();
            append(writer.begin(77).page(new Paged(any, any, lot, chunks, new Rest(0, mids[0])), mids));
        }

        Choice choice() {
            return Choice.of(state, RING, System.currentTimeMillis());
        }

        @Override
        public void close() {
            queue.close();
            MessageQueues.delete(URI);
        }
    }

    private static List<Long> mids(Choice choice) {
        return choice.messages().stream().map(Choice.One::mid).toList();
    }

    private static <T> List<T> last(List<T> all, int count) {
        return all.subList(all.size() - count, all.size());
    }

    @Test
    void shouldTakeTheNewestOfTheLargestQueueWhenMessagesAreSmall() {
        backlog.define("orders");
        backlog.define("alerts");
        List<Long> all = backlog.send("orders", 50_000, 4, 8, 0);
        backlog.send("alerts", 1_000, 4, 1_000, 0);
        Choice choice = backlog.choice();
        assertThat(choice.name()).isEqualTo("orders");
        assertThat(mids(choice)).isEqualTo(last(all, MOST));
    }

    @Test
    void shouldTakeTheLowestPriorityFirst() {
        backlog.define("orders");
        List<Long> low = backlog.send("orders", 4_000, 1, 1_000, 0);
        backlog.send("orders", 4_000, 7, 1_000, 0);
        Choice choice = backlog.choice();
        assertThat(choice.priority()).isEqualTo(1);
        assertThat(mids(choice)).endsWith(low.get(low.size() - 1)).hasSizeBetween(4_000 - STAY - 1, 4_000 - 500);
    }

    @Test
    void shouldLeaveTheOldestInMemory() {
        backlog.define("orders");
        backlog.send("orders", 800, 4, 3_000, 0); // 2.4 MB: 1 MB stays
        assertThat(backlog.choice().messages()).hasSizeBetween(400, 500);
    }

    /** Of each, what comes after the oldest would not be worth the statement of its page. */
    @Test
    void shouldTakeNothingWhenEachPriorityHasLittle() {
        backlog.define("orders");
        backlog.send("orders", 400, 4, 3_000, 0);
        backlog.send("orders", 400, 5, 3_000, 0);
        assertThat(backlog.choice()).isNull();
    }

    @Test
    void shouldPassOverWhatIsNotDueYet() {
        backlog.define("orders");
        List<Long> all = backlog.send("orders", 12_000, 4, 300, 0);
        backlog.send("orders", 3_000, 4, 300, System.currentTimeMillis() + 3_600_000);
        assertThat(mids(backlog.choice())).isEqualTo(last(all, MOST));
    }

    /** Counts visits, in a class loader where these are counted. */
    static final class Visits implements Consumer<String> {
        @Override
        public void accept(String most) {
            assertThat(visits(20_000)).isEqualTo(visits(80_000)).isBetween(MOST, Integer.parseInt(most));
        }

        private static int visits(int messages) {
            try (Backlog backlog = new Backlog()) {
                backlog.define("orders");
                backlog.send("orders", messages, 4, 150, 0);
                backlog.pageOut(backlog.choice());
                System.clearProperty("visits");
                assertThat(backlog.choice().messages()).hasSize(MOST);
                return Integer.getInteger("visits");
            } finally {
                System.clearProperty("visits");
            }
        }
    }

    @Test
    void shouldVisitAsManyMessagesWhenFourTimesAsManyWait() {
        try (Patched counts = Patched.in(
                "Lane",
                "Message m = items[index];",
                "System.setProperty(\"visits\", \"\" + (Integer.getInteger(\"visits\", 0) + 1));"
                        + " Message m = items[index];")) {
            counts.run(Visits.class, "" + (MOST + STAY + 1));
        }
    }
}
