package dev.belfry.shm.publish;

import static dev.belfry.shm.Inside.newLog;
import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever is appended lies in a ring that has room for all of it: each way of appending, each length,
 * beside each size of the ring, which is empty, used, held or has grown. The model is a sentence: the
 * bytes from the gate, or from the ring's beginning, to the end of the log, and eight more, are at most
 * the ring's; a reserve stays free beside them, unless the whole ring is.
 */
@Timeout(120)
@Tag(LeakCheck.PLANTED)
@ExtendWith(Quiet.Always.class)
class EachLengthFitsTest {
    private static final int SMALLEST = 4 << 10;
    private static final int[] RINGS = {SMALLEST, 2 * SMALLEST, 4 * SMALLEST};
    private static final int LARGEST = 16 * SMALLEST;
    private static final Duration AT_ONCE = Duration.ofMillis(1); // too short to wait for a reader: the ring grows

    enum Way {
        PUBLISH(8),
        PUBLISH_WITH_TIMESTAMP(40),
        PUBLISH_WITH_PROPERTIES(8 + 8 + 16),
        CLAIM(8),
        BATCH(8),
        CLAIM_IN_BATCH(8),
        APPEND(Reserve.NORMAL),
        APPEND_SMALL(Reserve.SMALL),
        APPEND_ALL(Reserve.NONE),
        CLAIM_RECORD(Reserve.NORMAL),
        CLAIM_RECORD_SMALL(Reserve.SMALL),
        CLAIM_RECORD_ALL(Reserve.NONE);

        final int front; // before the body
        final Reserve reserve; // null: a message

        Way(int front) {
            this.front = front;
            this.reserve = null;
        }

        Way(Reserve reserve) {
            this.front = 16;
            this.reserve = reserve;
        }

        long record(int length) {
            return (front + length + 7) / 8 * 8;
        }

        /** A batch counts what stands before its messages. */
        int longest(int limit) {
            return this == BATCH || this == CLAIM_IN_BATCH
                    ? limit - front
                    : this == PUBLISH_WITH_PROPERTIES ? limit - 16 : limit;
        }

        int shortest() {
            return this == CLAIM || reserve != null ? 0 : 1;
        }
    }

    /** A queue and all that appends to it or holds it. */
    private static final class Scene implements AutoCloseable {
        private static final MessageProperties PROPERTIES =
                MessageProperties.builder().put("k", 1).build();

        final Way way;
        final Duration timeout;
        final MessageQueue queue;
        final Handle handle;
        final Publisher publisher;
        final Log log;
        final int limit;
        final int piece; // of what fills it: shorter than the smallest ring that is to stay as it is
        private Subscriber holder;
        private Mark mark;
        private long last; // position
        private long newest; // place of a log's newest record
        private long read;

        Scene(Way way, int capacity, int maxCapacity, Duration timeout) {
            String name = "fits-" + ProcessHandle.current().pid()
                    + Thread.currentThread().getId();
            QueueConfig.Builder builder = QueueConfig.builder()
                    .capacity(capacity)
                    .maxCapacity(maxCapacity)
                    .deleteOnLastClose(true);
            if (way.reserve != null) builder.attribute(Log.KIND, Log.DOMAIN);
            QueueConfig config = builder.build();
            this.way = way;
            this.timeout = timeout;
            this.handle = Opening.open(Machine.real(), name, config, QueueSettings.of(config), 2);
            this.queue = newQueue(URI.create("shm:" + name), handle);
            this.publisher = queue.createPublisher(PublisherOptions.builder()
                    .timeout(timeout)
                    .timestamps(way == Way.PUBLISH_WITH_TIMESTAMP)
                    .build());
            this.log = way.reserve == null ? null : newLog(queue, queue.createPublisher());
            this.limit = publisher.maxMessageLength();
            this.piece = capacity == maxCapacity ? limit : 1000;
        }

        /** From here on nothing goes. */
        void hold() {
            if (log == null)
                holder = queue.createSubscriber(
                        SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
            else mark = log.mark("m");
        }

        /** All that is there may go, but for a short record of a log, where its mark is: so many bytes are held. */
        long letGo() {
            if (log == null) {
                readAll();
                holder.acknowledge();
                return 0;
            }
            moveMark();
            append(new byte[0], Reserve.NONE);
            return moveMark();
        }

        /** To the newest record, of so many bytes. */
        private long moveMark() {
            mark.advance(new Mark.At(newest, last));
            if (mark.at().place() != newest) throw new AssertionError("the mark stays");
            return header().tailAcquire() - newest;
        }

        private static byte content(long position) {
            return (byte) (position * 31 + 7);
        }

        private byte[] body(int length) {
            byte[] body = new byte[length];
            Arrays.fill(body, content(last + 1));
            return body;
        }

        /** By its way. */
        boolean append(int length) {
            byte[] body = body(length);
            long position = append(body);
            if (position == Publisher.REJECTED) return false;
            if (position != ++last) throw new AssertionError(way + " of " + length + " became number " + position);
            checkBound(way.record(length));
            newest = header().tailAcquire() - way.record(length);
            return true;
        }

        private long append(byte[] body) {
            try {
                return switch (way) {
                    case PUBLISH, PUBLISH_WITH_TIMESTAMP -> publisher.offer(ByteBuffer.wrap(body), timeout);
                    case PUBLISH_WITH_PROPERTIES -> publisher.offer(ByteBuffer.wrap(body), PROPERTIES, timeout);
                    case CLAIM -> committed(publisher.claim(body.length), body);
                    case BATCH, CLAIM_IN_BATCH -> inBatch(body);
                    case APPEND, APPEND_SMALL, APPEND_ALL -> log.append(ByteBuffer.wrap(body), way.reserve, 1, timeout);
                    case CLAIM_RECORD, CLAIM_RECORD_SMALL, CLAIM_RECORD_ALL ->
                        committed(log.claim(body.length, way.reserve, timeout), body);
                };
            } catch (QueueFullException full) {
                return Publisher.REJECTED;
            }
        }

        private long inBatch(byte[] body) {
            int bytes = publisher.sizeInBatch(body.length, MessageProperties.empty());
            try (Batch batch = publisher.tryBatch(bytes, timeout)) {
                if (batch == null) return Publisher.REJECTED;
                if (way == Way.BATCH) batch.add(body);
                else batch.claim(body.length).copyFrom(0, body, 0, body.length);
                return batch.commit();
            }
        }

        private static long committed(Claim claim, byte[] body) {
            if (claim == null) return Publisher.REJECTED;
            try (claim) {
                claim.copyFrom(0, body, 0, body.length);
                return claim.commit();
            }
        }

        /** So many bytes of the ring, without a reserve. */
        void fill(long bytes) {
            int front = log != null ? 16 : way == Way.PUBLISH_WITH_TIMESTAMP ? 40 : 8;
            for (long left = bytes; left >= front; ) {
                byte[] body = body((int) Math.min(left - front, piece));
                left -= front + body.length;
                append(body, Reserve.NONE);
                checkBound(front + body.length);
            }
        }

        private void append(byte[] body, Reserve reserve) {
            ByteBuffer bytes = ByteBuffer.wrap(body);
            long position = log == null ? publisher.offer(bytes, timeout) : log.append(bytes, reserve, 0, timeout);
            if (position != ++last) throw new AssertionError("a filler of " + body.length + " became " + position);
            newest = header().tailAcquire() - (16 + body.length + 7) / 8 * 8; // of a log
        }

        private SegmentHeader header() {
            return handle.segment.header;
        }

        long capacity() {
            return handle.segment.table.capacity(header().current());
        }

        private long ringBase() {
            return handle.segment.table.baseAcquire(header().current());
        }

        private void checkBound(long record) {
            long begin = Math.max(header().gateAcquire(), ringBase());
            if (header().tailAcquire() - begin + 8 > capacity() || capacity() > handle.segment.creation.maxCapacity())
                throw new AssertionError(way + ", a record of " + record + ": the log goes from " + begin + " to "
                        + header().tailAcquire() + " in a ring of " + capacity());
        }

        /** The model, for a ring that cannot grow, and so much of which is held. */
        boolean takes(int length, long held) {
            long free = capacity() - held;
            long record = way.record(length);
            long reserve = way.reserve == null ? 0 : way.reserve.bytes(capacity());
            return record + 8 <= free && (held == 0 || record + reserve + 8 <= free);
        }

        /** All that is there is whole, and the newest is. */
        void readAll() {
            if (log == null) {
                if (holder != null) readAll(holder);
                else
                    try (Subscriber reader = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
                        readAll(reader);
                    }
            } else
                try (LogReader reader = log.reader()) {
                    while (reader.next() == LogReader.Step.RECORD) {
                        byte[] body = new byte[reader.length()];
                        reader.get(0, body, 0, body.length);
                        check(reader.position(), body);
                    }
                }
            if (read != last) throw new AssertionError("of " + last + " messages the last one read is " + read);
        }

        private void readAll(Subscriber reader) {
            for (Message m = reader.receiveNoWait(); m != null; m = reader.receiveNoWait())
                check(m.position(), m.bytes());
        }

        private void check(long position, byte[] body) {
            read = position;
            for (byte b : body)
                if (b != content(position))
                    throw new AssertionError("message " + position + " of " + body.length + " bytes is torn");
        }

        /** A planted defect leaves a damaged queue, whose close removes nothing. */
        @Override
        public void close() {
            queue.close();
            try {
                Files.deleteIfExists(Path.of("/dev/shm/belfry." + queue.uri().getSchemeSpecificPart()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What a ring has seen before the append. */
    enum Before {
        NOTHING,
        /** More than a lap, none of which is held. */
        A_LAP,
        /** Half of it, all of which is held. */
        HELD,
        /** A smaller ring, which is full of what is held. */
        A_SMALLER_RING
    }

    private static Scene scene(Way way, int ring, Before before) {
        Scene scene = new Scene(way, before == Before.A_SMALLER_RING ? ring / 2 : ring, LARGEST, AT_ONCE);
        try {
            switch (before) {
                case NOTHING -> {}
                case A_LAP -> scene.fill(ring + ring / 3 / 8 * 8);
                case HELD -> {
                    scene.fill(64);
                    scene.hold();
                    scene.fill(ring / 2);
                }
                case A_SMALLER_RING -> {
                    scene.hold();
                    scene.fill(ring / 2 + 512);
                }
            }
            assertThat(scene.capacity()).isEqualTo(ring);
            return scene;
        } catch (Throwable failure) {
            scene.close();
            throw failure;
        }
    }

    /** Around the lengths that just fit, and just do not, into this ring and the next one; and the longest. */
    private static IntStream lengths(Way way, int ring, int limit) {
        int longest = way.longest(limit);
        return IntStream.of(ring, 2 * ring)
                .flatMap(size -> IntStream.rangeClosed(size - 40, size + 8).filter(length -> length % 7 == 0))
                .filter(length -> length < longest)
                .sorted()
                .collect(() -> IntStream.builder().add(longest), IntStream.Builder::add, (one, other) -> other.build()
                        .forEach(one))
                .build();
    }

    private static int growing(Way way) {
        int cases = 0;
        for (int ring : RINGS)
            for (Before before : Before.values()) {
                if (before == Before.A_SMALLER_RING && ring == SMALLEST) continue;
                for (int length : lengths(way, ring, LARGEST / 4).toArray())
                    try (Scene scene = scene(way, ring, before)) {
                        if (!scene.append(length))
                            throw new AssertionError(way + " of " + length + " is rejected by " + ring);
                        scene.append(1);
                        scene.readAll();
                        cases++;
                    }
            }
        return cases;
    }

    /** Each length beside a ring in which nothing is held, and which it need not make grow. */
    private static int passing(Way way) {
        int cases = 0;
        for (int ring : RINGS)
            try (Scene scene = new Scene(way, ring, LARGEST, AT_ONCE)) {
                int longest = Math.min(way.longest(scene.limit), ring - 8 - way.front);
                for (int length = way.shortest(); length <= longest; length += length < SMALLEST ? 1 : 5, cases++)
                    if (!scene.append(length)) throw new AssertionError(way + " of " + length + " is rejected");
                if (scene.capacity() != ring) throw new AssertionError(way + ": it grew without need");
                scene.readAll();
            }
        return cases;
    }

    /** Each length beside a ring that cannot grow, of which so much is held: as the model says. */
    private static int held(Way way) {
        int cases = 0;
        Random random = new Random(20261126);
        int ring = 4 * SMALLEST;
        try (Scene scene = new Scene(way, ring, ring, Duration.ZERO)) {
            scene.hold();
            for (int length = way.shortest(); length <= way.longest(scene.limit); length++, cases++) {
                long held = scene.letGo();
                long from = scene.header().tailAcquire();
                long least = way.record(length) + 8 + (way.reserve == null ? 0 : way.reserve.bytes(ring));
                long wanted = cases % 4 == 0 ? random.nextInt(ring) : ring - least + 8 * (random.nextInt(5) - 2);
                scene.fill(Math.min(wanted, ring - 8) / 8 * 8 - held);
                held += scene.header().tailAcquire() - from;
                boolean takes = scene.takes(length, held);
                if (scene.append(length) != takes)
                    throw new AssertionError(way + " of " + length + " beside " + held + " bytes that are held: "
                            + (takes ? "rejected" : "taken"));
            }
            scene.readAll();
        }
        return cases;
    }

    /** The three of them, of all ways; run with a defect, too. */
    static final class Check implements Consumer<String> {
        @Override
        public void accept(String ways) {
            List<Way> all = new ArrayList<>();
            for (String way : ways.split(" ")) all.add(Way.valueOf(way));
            for (Way way : all) {
                growing(way);
                passing(way);
                held(way);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PUBLISH", "BATCH", "APPEND", "CLAIM_RECORD"})
    void shouldLieInARingThatHasRoomForIt(Way way) {
        assertItFits(way);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"PUBLISH", "BATCH", "APPEND", "CLAIM_RECORD"},
            mode = EnumSource.Mode.EXCLUDE)
    @Slow
    void shouldLieInARingThatHasRoomForItByEachOtherWay(Way way) {
        assertItFits(way);
    }

    private static void assertItFits(Way way) {
        assertThat(growing(way)).isGreaterThan(100);
        assertThat(passing(way)).isGreaterThan(15_000);
        assertThat(held(way)).isGreaterThan(4_000);
    }

    private static final String WHOLE_RECORD =
            "Math.max(record, Math.min(record + reserve + older, ring.capacity - RecordHeader.SIZE))";

    /** Each puts more into a ring than it has room for, or leaves less than it must. */
    enum Defect {
        A_RECORD_LONGER_THAN_THE_RING(
                Way.APPEND_SMALL,
                "LogEnd",
                WHOLE_RECORD,
                "Math.min(record + reserve + older, ring.capacity - RecordHeader.SIZE)"),
        A_CLAIM_LONGER_THAN_THE_RING(Way.CLAIM_RECORD, "LogEnd", WHOLE_RECORD, "Math.max(reserve, older)"),
        NO_RESERVE(Way.APPEND, "LogEnd", "record + reserve + older", "record + older"),
        NO_ROOM_FOR_A_HOP(Way.BATCH, "LogEnd", "tail + ring.capacity) - RecordHeader.SIZE", "tail + ring.capacity)"),
        HALF_OF_A_CLAIM(
                Way.CLAIM,
                "LogEnd",
                "if (tail + need > most) return false;",
                "if (tail + need / 2 > most) return false;");

        final Way way;
        final String type;
        final String right;
        final String wrong;

        Defect(Way way, String type, String right, String wrong) {
            this.way = way;
            this.type = type;
            this.right = right;
            this.wrong = wrong;
        }
    }

    /** It ended domains: their first record that was longer than a fresh ring lay over its own beginning. */
    @Test
    void shouldNoticeARecordLongerThanTheRing() {
        assertNoticed(Defect.A_RECORD_LONGER_THAN_THE_RING);
    }

    @ParameterizedTest
    @EnumSource
    @Slow
    void shouldNotice(Defect defect) {
        assertNoticed(defect);
    }

    private static void assertNoticed(Defect defect) {
        try (Patched twin = Patched.in(defect.type, defect.right, defect.wrong)) {
            twin.directory();
            assertThatThrownBy(() -> twin.run(Check.class, defect.way.name()))
                    .isNotInstanceOf(IllegalArgumentException.class);
        }
    }
}
