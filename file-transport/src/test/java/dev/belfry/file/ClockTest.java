package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.memory.RealMemory;
import dev.belfry.shm.posix.Clocks;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.publish.ShmPublisher;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The age of what is kept, by a clock of this test: it may be set, and the machine may start again. */
class ClockTest {
    private static final long SEGMENT = SmallFilesProvider.SEGMENT;

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @TempDir
    Path temporary;

    private Small small;
    private Duration wall = Duration.ofDays(20_000);
    private Duration sinceBoot = Duration.ofHours(3);
    private UUID boot = UUID.randomUUID();
    private long end; // of the log

    @BeforeEach
    void make() {
        small = new Small("&keep=1d");
        small.open().close();
    }

    @AfterEach
    void remove() throws IOException {
        small.close();
    }

    /** The real calls, but those that ask for a time or for the boot. */
    private LibC clock() {
        LibC real = RealLibC.load();
        return (LibC) Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, call, a) -> {
            try {
                if (call.getName().equals("clock_gettime"))
                    return shows((int) a[0] == 0 ? wall : sinceBoot, (long) a[1]);
                if (call.getName().equals("open") && ((String) a[0]).endsWith("/boot_id")) a[0] = bootId();
                return call.invoke(real, a);
            } catch (InvocationTargetException failed) {
                throw failed.getCause();
            }
        });
    }

    private static int shows(Duration time, long timespec) {
        RealMemory.MEMORY.putLong(timespec, time.getSeconds());
        RealMemory.MEMORY.putLong(timespec + 8, time.getNano());
        return 0;
    }

    private String bootId() throws IOException {
        return Files.writeString(temporary.resolve("boot_id"), boot + "\n").toString();
    }

    private void pass(Duration time) {
        wall = wall.plus(time);
        sinceBoot = sinceBoot.plus(time);
    }

    private void restart() {
        boot = UUID.randomUUID();
        sinceBoot = Duration.ofSeconds(10);
    }

    /** A turn of a process that lives for no longer. */
    private long keptFrom() {
        try (LogDirectory files = files()) {
            return files.history.keptFrom(0, end, false);
        }
    }

    private LogDirectory files() {
        LibC c = clock();
        return LogDirectory.open(c, Directory.open(c, small.directory.toString()));
    }

    private List<Long> times(int files) {
        List<Long> times = new ArrayList<>();
        try (LogDirectory here = files()) {
            for (int n = 0; n < files; n++) times.add(here.history.time(n));
        }
        return times;
    }

    private void comesTo(int file) {
        end = file * SEGMENT + 8;
        keptFrom();
    }

    @Test
    void shouldRemoveByAgeThoughNoProcessLivesForAnHour() {
        for (int n = 0; n <= 11; n++) { // each eight hours, of 88
            comesTo(n);
            pass(Duration.ofHours(8));
        }
        assertThat(keptFrom()).isEqualTo(8 * SEGMENT); // that one and what came after it are of the last day
        assertThat(log.text()).doesNotContain("clock");
    }

    @Test
    void shouldRemoveNothingByAgeForAnHourAfterTheClockWentForward() {
        comesTo(0);
        comesTo(1);
        wall = wall.plusDays(30);
        assertThat(keptFrom()).isZero();
        pass(Duration.ofMinutes(59));
        assertThat(keptFrom()).isZero();
        pass(Duration.ofMinutes(2));
        assertThat(keptFrom()).isEqualTo(SEGMENT);
        assertThat(log.text().lines().filter(line -> line.contains("the clock went forward by 2592000 s")))
                .hasSize(1);
    }

    @Test
    void shouldRemoveNothingByAgeForAnHourAfterAReboot() {
        comesTo(0);
        comesTo(1);
        pass(Duration.ofDays(3));
        boot = UUID.randomUUID(); // the machine had been on for as long before
        assertThat(keptFrom()).isZero();
        pass(Duration.ofMinutes(59));
        assertThat(keptFrom()).isZero();
        pass(Duration.ofMinutes(2));
        assertThat(keptFrom()).isEqualTo(SEGMENT);
        assertThat(log.text()).doesNotContain("clock");
    }

    @Test
    void shouldKnowABootByItsClockWhereItsIdIsHidden() {
        boot = new UUID(0, 0);
        comesTo(0);
        comesTo(1);
        pass(Duration.ofDays(3));
        sinceBoot = Duration.ofSeconds(10);
        assertThat(keptFrom()).isZero();
        assertThat(log.text()).doesNotContain("clock");
    }

    @Test
    void shouldNoteTheGreatestTimeThatTheClockHasShownSinceTheFileBefore() {
        comesTo(0);
        wall = wall.plusHours(5);
        keptFrom(); // of a process that ends before the clock is set right
        long most = wall.toMillis();
        wall = wall.minusHours(5);
        pass(Duration.ofMinutes(1));
        comesTo(1);
        pass(Duration.ofMinutes(1));
        comesTo(2);
        assertThat(times(3).get(1)).isBetween(most, most + Duration.ofMinutes(1).toMillis());
        assertThat(times(3).get(2)).isEqualTo(wall.toMillis());
    }

    /** What the log had before the cut may have been published when the clock showed most. */
    @Test
    void shouldNoteTheGreatestTimeThoughItsFileWasCutAway() {
        comesTo(0);
        wall = wall.plusHours(5);
        comesTo(1);
        long most = wall.toMillis();
        wall = wall.minusHours(5);
        comesTo(2);
        try (LogDirectory files = files()) {
            files.history.cutFrom(1);
        }
        assertThat(times(3).subList(1, 3)).containsOnly(0L);
        restart();
        comesTo(1);
        assertThat(times(2).get(1)).isGreaterThanOrEqualTo(most);
    }

    @Test
    void shouldWriteTheClockOnceAMinute() {
        try (LogDirectory files = files()) {
            List<Long> shown = new ArrayList<>();
            for (int turn = 0; turn < 300; turn++) {
                files.history.keptFrom(0, end, false);
                if (!shown.contains(kept(files))) shown.add(kept(files));
                pass(Duration.ofMillis(450));
            }
            assertThat(shown).hasSize(3); // in 135 s
        }
    }

    private static long kept(LogDirectory files) {
        try {
            byte[] history = Files.readAllBytes(Path.of(files.path(), History.NAME));
            return ByteBuffer.wrap(history).order(ByteOrder.LITTLE_ENDIAN).getLong(256 + Block.BODY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Publishers and keepers of {@link Seeking} see a clock that it sets. */
    @Slow
    @Test
    void shouldFindTheFirstMessageOfATimeThoughTheClockWasSetBack() {
        try (Patched clock = Patched.in(
                        ShmPublisher.class,
                        "timestamps ? System.currentTimeMillis() : 0",
                        "timestamps ? System.currentTimeMillis() + Long.getLong(\"" + Seeking.AHEAD + "\", 0) : 0")
                .and(
                        Clocks.class,
                        "millis(c, CLOCK_REALTIME), ",
                        "millis(c, CLOCK_REALTIME) + Long.getLong(\"" + Seeking.AHEAD + "\", 0), ")) {
            clock.run(Seeking.class, "");
        } finally {
            System.clearProperty(Seeking.AHEAD);
        }
    }

    static final class Seeking implements Consumer<String> {
        static final String AHEAD = "dev.belfry.file.ClockTest.ahead";
        private static final int HOUR = 3_600_000;

        @Override
        public void accept(String none) {
            Small small = new Small("&sync=os&capacity=64k&maxCapacity=64k&keep=all");
            try {
                try (MessageQueue queue = small.open()) {
                    seek(small, queue);
                }
                small.close();
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        }

        private static void seek(Small small, MessageQueue queue) {
            Publisher publisher = queue.createPublisher(
                    PublisherOptions.builder().timestamps(true).build());
            int messages = 0;
            for (int ahead : new int[] {0, 5 * HOUR, 0, 0, -2 * HOUR, 0}) {
                System.setProperty(AHEAD, "" + ahead);
                for (int i = 0; i < 2000; i++) publisher.publish(new byte[1000]); // about two files
                messages += 2000;
                int last = (int) (1000L * messages / SEGMENT);
                Patience.until("it is noted when file " + last + " began", () -> isNoted(small, last));
            }
            List<Message> all = new ArrayList<>();
            try (Subscriber reader = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
                for (int i = 0; i < messages; i++) all.add(reader.receive(Patience.limit()));
            }
            int tried = 0;
            for (int i = 0; i < messages; i += 37, tried++) {
                long time = all.get(i).timestampMillis() + tried % 3 - 1;
                Message first = all.stream()
                        .filter(each -> each.timestampMillis() >= time)
                        .findFirst()
                        .orElse(null);
                try (Subscriber there =
                        queue.createSubscriber(SubscriberOptions.observer(StartAt.time(Instant.ofEpochMilli(time))))) {
                    Message found = there.receiveNoWait();
                    assertThat(found == null ? 0 : found.position())
                            .as("of %s", Instant.ofEpochMilli(time))
                            .isEqualTo(first == null ? 0 : first.position());
                }
            }
            assertThat(tried).isGreaterThan(300);
        }

        private static boolean isNoted(Small small, int file) {
            try (LogDirectory files = Small.files(small.directory)) {
                return files.history.time(file) != 0;
            }
        }
    }
}
