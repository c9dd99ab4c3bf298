package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.overflow.Binding;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.spi.Log;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backlog of many times the ring goes to the disk, and comes back once and in order, while another queue lives. */
@Slow
@OneJdk
@Timeout(600)
class PagedBacklogTest {
    private static final int RING = 1 << 20;
    private static final int LITTLE_RING = 64 << 10;
    private static final int LENGTH = 1_000;
    private static final int MESSAGES = 21 * RING / LENGTH;
    private static final int EACH = 50;
    private static final int PRIORITIES = 3;
    private static final long SOON = 10_000_000;

    private Path directory; // a twin knows no annotation that makes one

    private final List<Domain> members = new ArrayList<>();
    private String uri;
    private String overflow;
    private int ring = RING;

    private Domain member() {
        Domain member = new Domain(
                uri,
                MessageQueues.open(
                        uri + "?capacity=" + ring + "&maxCapacity=" + ring + "&" + Log.KIND + "=" + Log.DOMAIN));
        members.add(member);
        member.overflow(overflow);
        return member;
    }

    @BeforeEach
    void begin() throws IOException {
        directory = Files.createTempDirectory("paged");
    }

    @AfterEach
    void end() throws IOException {
        for (Domain one : members) one.close(Duration.ZERO);
        if (uri.startsWith("shm:")) MessageQueues.delete(uri);
        try (Stream<Path> queues = Files.list(directory)) {
            queues.forEach(queue -> Patience.until("its members' threads have closed it", () -> isDeleted(queue)));
        }
        Files.delete(directory);
    }

    private static boolean isDeleted(Path queue) {
        try {
            return MessageQueues.delete("file:" + queue + "?anyFileSystem=true");
        } catch (InUseException inUse) {
            return false;
        }
    }

    private void inMemory() {
        uri = "shm:PagedBacklog" + ProcessHandle.current().pid();
        overflow = "file:" + directory + "?anyFileSystem=true&maxSize=128m";
    }

    private static Sent message(String queue, long serial) {
        return message(queue, serial, (int) (serial % PRIORITIES), LENGTH);
    }

    private static Sent message(String queue, long serial, int priority, int length) {
        Envelope message = new Envelope();
        message.destination = Domain.queueId(queue);
        message.serial = serial;
        message.priority = priority;
        message.body = new byte[length];
        return new Sent(message.destination, queue, message.bytes());
    }

    private static LocalConsumer consume(Domain member, String queue) {
        return member.consume(Domain.queueId(queue), queue, Selector.orNull(null), new Signal(), 32);
    }

    private static long receive(Domain member, LocalConsumer consumer) {
        consumer.hungry(true);
        Patience.until("the next message", () -> {
            if (consumer.isEmpty()) member.takeNow(consumer);
            return !consumer.isEmpty();
        });
        consumer.hungry(false);
        Taken taken = consumer.poll();
        member.acknowledge(taken, Limit.of(Patience.limit()));
        assertThat(taken.count()).isZero();
        return Envelope.read(dev.belfry.spi.Bytes.of(ByteBuffer.wrap(taken.bytes())), 0).serial;
    }

    private long bytesOnDisk() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().contains("overflow") || uri.startsWith("shm:"))
                    .filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "file"})
    void shouldKeepABacklogOfManyTimesTheRingWhenItHasADirectory(String scheme) throws IOException {
        inMemory();
        if (scheme.equals("file")) {
            uri = "file:" + directory.resolve("domain");
            overflow = Binding.ON + "?anyFileSystem=true&maxSize=128m";
        }
        Domain sender = member();
        Domain receiver = member();
        LocalConsumer alerts = consume(receiver, "alerts");
        for (int i = 0; i < MESSAGES; i++) {
            sender.send(message("orders", i), Limit.of(Patience.limit()));
            if (i % EACH > 0) continue;
            sender.send(message("alerts", i), Limit.of(Patience.limit()));
            assertThat(receive(receiver, alerts)).isEqualTo(i);
        }
        assertThat(sender.log.maxRingBytes()).isEqualTo(RING);
        assertThat(bytesOnDisk()).as("on the disk").isGreaterThan(19L * RING);
        assertThat((long) sender.withState(state -> state.pages.stated())).isBetween(1L, (long) RING / 64);
        LocalConsumer orders = consume(receiver, "orders");
        for (int priority = PRIORITIES - 1; priority >= 0; priority--)
            for (int i = priority; i < MESSAGES; i += PRIORITIES)
                assertThat(receive(receiver, orders)).isEqualTo(i);
        assertThat((long) sender.withState(state -> state.pages.stated())).isZero();
        Patience.until(
                "most of it went",
                () -> sender.withState(state -> state.registry.overflow().floor()) > 12L * RING >> 16);
    }

    /** Pages out until the statements of pages have what they may have, and its senders what they may have. */
    private int fill(Domain sender, String queue) {
        for (int sent = 0; ; ) {
            try {
                sender.send(message(queue, sent, 4, 200), Limit.of(Duration.ofMillis(200)));
                sent++;
            } catch (NoRoomException full) {
                if (stated(sender) > ring / 64) return sent;
            }
        }
    }

    private static long stated(Domain member) {
        return member.withState(state -> state.pages.stated());
    }

    /** What stands in memory leaves room for what comes back, though senders have filled all that they may. */
    @Test
    void shouldDrainOneQueueAfterTheOtherWhenNoMoreMayBePagedOut() {
        ring = LITTLE_RING;
        inMemory();
        Domain sender = member();
        int orders = fill(sender, "orders");
        int alerts = fill(sender, "alerts");
        assertThat(stated(sender)).isLessThan(ring / 16);
        Domain receiver = member();
        LocalConsumer first = consume(receiver, "orders");
        for (int i = 0; i < orders; i++) assertThat(receive(receiver, first)).isEqualTo(i);
        LocalConsumer second = consume(receiver, "alerts");
        for (int i = 0; i < alerts; i++) assertThat(receive(receiver, second)).isEqualTo(i);
        assertThat(stated(sender)).isZero();
    }

    /** A selector that matches nothing would bring in what is paged out again. */
    @Test
    void shouldBringNothingInForASelectorWhenMemoryHasAPartOfTheRing() {
        ring = LITTLE_RING;
        inMemory();
        Domain sender = member();
        fill(sender, "orders");
        Domain receiver = member();
        LocalConsumer blind = receiver.consume(
                Domain.queueId("orders"), "orders", Selector.orNull("colour = 'red'"), new Signal(), 32);
        blind.hungry(true);
        Patience.until("it has looked through memory", () -> {
            receiver.takeNow(blind);
            return blind.isEmpty();
        });
        long newest = receiver.log.newest();
        for (int i = 0; i < 20; i++) {
            receiver.takeNow(blind);
            LockSupport.parkNanos(SOON);
        }
        assertThat(receiver.log.newest()).isEqualTo(newest);
    }
}
