package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The power is lost after a step of paging: the domain, its pages, or both keep no more than what was synced. Then no
 * page lacks its chunks, and what is left is what was sent, up to some message. With sync=always that is all.
 */
@Slow
@OneJdk
@WaitsForOthers
@Timeout(300)
class PowerLossWhilePagingTest {
    private static final String QUEUE = "orders";
    private static final String SENDER = QUEUE + "/0";
    private static final int MESSAGES = 1_600;
    private static final int LENGTH = 12_000;
    /** Little enough that so many messages are worth a floor. */
    private static final String LITTLE = "%26maxSize%3D256m";

    private static final String PAGED = "paged";
    private static final List<String> OUT = List.of("published", "durable", PAGED);
    private static final List<String> IN = List.of("read", "back", "floor", "attached", "moved");
    private static final String FILES = "OpenFile";
    private static final String SYNC = "if (Retry.onInterrupt(c, () -> call.applyAsInt(mine)) != -1) return null;";
    private static final long SOON = 500;

    @TempDir
    Path directory;

    private record Loss(String step, PagedDomain.Kind kind) {}

    static Stream<Loss> losses() {
        List<Loss> all = new ArrayList<>();
        for (List<String> steps : List.of(OUT, IN)) {
            for (String step : steps) {
                all.add(new Loss(step, PagedDomain.Kind.FILE_OS));
                all.add(new Loss(step, PagedDomain.Kind.FILE_ALWAYS));
            }
        }
        return Depth.isLong() ? all.stream() : Stream.of(all.get(5));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void shouldReadEveryPageWhenThePowerIsLostAfterAStep(Loss loss) throws Exception {
        Path kept = Files.createDirectories(directory.resolve("kept"));
        try (PagedDomain domain = new PagedDomain(loss.kind, directory);
                Patched steps = StoppedWhilePagingTest.steps()
                        .and(
                                FILES,
                                SYNC,
                                SYNC.replace(
                                        "return null;",
                                        "{" + SyncedDisk.class.getName() + ".synced(mine); return null;}"))) {
            domain.inFront(steps.directory());
            flags(domain, kept, "none");
            ChildJvm pager = OUT.contains(loss.step) ? null : domain.start(domain.paging(LITTLE), "page");
            ChildJvm sender = domain.sender(domain.uri(), QUEUE, MESSAGES, LENGTH);
            ChildJvm stands;
            if (pager == null) {
                flags(domain, kept, loss.step);
                stands = domain.start(domain.paging(LITTLE), "stay");
            } else {
                sender.expect("ended");
                flags(domain, kept, loss.step);
                pager.kill(); // it would be the first one at each step
                stands = domain.receiver(domain.paging(LITTLE), QUEUE);
            }
            stands.expect("at " + loss.step);
            if (loss.step.equals(PAGED))
                domain.awaitMore("sent", 2, book -> false); // so the domain's disk has the page
            domain.endAll();
            domain.book.read();
            Path made = directory.resolve("domain");
            Path was = directory.resolve("was");
            forgetMemory(made);
            forgetMemory(made.resolve("overflow"));
            Files.move(made, was);
            for (int i = 0; i < 4; i++) {
                Path after = directory.resolve("after" + i);
                restore(was, kept, after, (i & 1) != 0);
                restore(was.resolve("overflow"), kept, after.resolve("overflow"), (i & 2) != 0);
                verify(domain.book, loss, i, after);
            }
            Files.move(was, made);
        }
    }

    private static void flags(PagedDomain domain, Path kept, String step) {
        List<String> flags = new ArrayList<>(JavaCommand.QUICK);
        flags.add("-D" + SyncedDisk.PROPERTY + "=" + kept);
        flags.add("-D" + StandsAt.PROPERTY + "=" + step);
        domain.flags(flags);
    }

    private static void forgetMemory(Path queue) throws IOException {
        String inode = Long.toHexString((long) Files.getAttribute(queue.resolve("queue"), "unix:ino"));
        try (var parts = Files.newDirectoryStream(Path.of("/dev/shm"), "belfry..file.*" + inode)) {
            for (Path part : parts) Files.delete(part);
        }
    }

    private static void restore(Path was, Path kept, Path after, boolean isLost) throws IOException {
        if (isLost) {
            SyncedDisk.lose(was, kept, after);
            return;
        }
        Files.createDirectories(after);
        try (Stream<Path> files = Files.list(was)) {
            for (Path file : files.filter(Files::isRegularFile).toList())
                Files.copy(file, after.resolve(file.getFileName()));
        }
    }

    private static void verify(PagedBook book, Loss loss, int what, Path after) throws Exception {
        String uri = "file:" + after + "?" + PagedDomain.ANYWHERE;
        boolean isAllThere = loss.kind == PagedDomain.Kind.FILE_ALWAYS || what % 2 == 0;
        int last = book.last(SENDER);
        BitSet left = book.came(SENDER);
        List<Integer> received = new ArrayList<>();
        Connection connection = new BelfryConnectionFactory(uri).createConnection();
        try (connection) {
            connection.start();
            MessageConsumer consumer =
                    connection.createSession(Session.AUTO_ACKNOWLEDGE).createConsumer(DomainTest.queue(QUEUE));
            while (true) {
                boolean mustCome = isAllThere && left.nextClearBit(0) <= last;
                Message one = consumer.receive(mustCome ? Patience.limit().toMillis() : SOON);
                if (one == null) break;
                received.add(
                        Integer.parseInt(((TextMessage) one).getText().trim().split(" ")[1]));
                left.set(received.get(received.size() - 1));
            }
        } catch (JMSException refused) {
            throw new AssertionError(loss + ", " + what + ": after " + received.size(), refused);
        }
        assertThat(received).as(loss + ", " + what).doesNotHaveDuplicates();
        if (isAllThere) assertThat(received).as(loss + ", " + what).noneMatch(book.done(SENDER)::get);
        assertThat(left.nextClearBit(0)).as(loss + ", " + what).isEqualTo(left.length());
        if (isAllThere) assertThat(left.length()).as(loss + ", " + what).isGreaterThan(last);
        Patience.until("it is closed", () -> isDeleted(uri));
    }

    private static boolean isDeleted(String uri) {
        try {
            return MessageQueues.delete(uri);
        } catch (RuntimeException inUse) {
            return false;
        }
    }
}
