package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueInspector.Progress;
import dev.belfry.spi.Reserve;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The directory of a domain may have a queue in it, for what its ring cannot hold. No other queue's may. */
@Timeout(60)
class OverflowInsideTest {
    private final Small domain = new Small("&queueKind=domain");
    private final Path inside = domain.directory.resolve("overflow");
    private final String uri = "file:" + inside;

    @AfterEach
    void close() throws IOException {
        if (Files.exists(inside)) MessageQueues.delete(uri);
        domain.close();
    }

    private void make() {
        try (MessageQueue queue = domain.open()) {
            Log log = queue.unwrap(Log.class);
            log.append(ByteBuffer.allocate(64), Reserve.NORMAL, 0, Duration.ZERO);
        }
        openInside().close();
    }

    private MessageQueue openInside() {
        MessageQueue queue = MessageQueues.open(uri + "?anyFileSystem=true");
        queue.createPublisher().publish("a page");
        return queue;
    }

    private List<Finding> strangers() {
        return checkup("strangers");
    }

    private List<Finding> checkup(String check) {
        DirectoryCheckup checkup = new DirectoryCheckup(
                RealLibC.load(), domain.directory.toString(), false, false, () -> {}, Progress.NOBODY);
        return checkup.run().stream().filter(each -> each.check().equals(check)).toList();
    }

    @Test
    void shouldGoWithItsDomain() {
        make();
        domain.open().close();
        assertThat(strangers()).isEmpty();
        assertThat(MessageQueues.delete(domain.uri())).isTrue();
        assertThat(domain.directory).doesNotExist();
    }

    @Test
    void shouldKeepItsDomainWhileItIsOpen() throws IOException {
        make();
        List<String> names = domain.names();
        try (MessageQueue queue = openInside()) {
            assertThat(queue.stats().newestPosition()).isEqualTo(2);
            assertThatThrownBy(() -> MessageQueues.delete(domain.uri()))
                    .isInstanceOf(InUseException.class)
                    .hasMessageContaining("overflow stays: attached are");
        }
        assertThat(domain.names()).isEqualTo(names);
    }

    @Test
    void shouldKeepItsDomainWhenItIsNoQueue() throws IOException {
        make();
        MessageQueues.delete(uri);
        Files.createDirectory(inside);
        Files.writeString(inside.resolve("letter"), "Dear");
        assertThatThrownBy(() -> MessageQueues.delete(domain.uri()))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("overflow' stays: it is no queue of Belfry");
        assertThat(domain.names()).contains("queue", "life", "overflow");
        Files.delete(inside.resolve("letter"));
        assertThat(MessageQueues.delete(domain.uri())).as("it is empty").isTrue();
    }

    /** Makes this call instead of those of {@code rename}, {@code unlink}, {@code rmdir} and {@code fsync}. */
    private interface Instead {
        Object of(String name, Object[] arguments, Callable<Object> real) throws Exception;
    }

    private boolean delete(Instead instead) {
        LibC real = RealLibC.load();
        LibC libC = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    boolean isChange =
                            Set.of("rename", "unlink", "rmdir", "fsync").contains(method.getName());
                    Callable<Object> call = () -> method.invoke(real, arguments);
                    return isChange ? instead.of(method.getName(), arguments, call) : call.call();
                });
        return new Door(libC, URI.create(domain.uri()), domain.directory.toString()).delete();
    }

    /** It may be 20 GB, and its disk may be slow: who opens a domain of that name waits for none of it. */
    @Test
    void shouldKeepNobodyWaitingWhileItGoes() throws Exception {
        make();
        CountDownLatch isGoing = new CountDownLatch(1);
        CountDownLatch mayGo = new CountDownLatch(1);
        FutureTask<Boolean> delete = new FutureTask<>(() -> delete((name, arguments, real) -> {
            if (name.equals("rmdir") && arguments[0].toString().contains("/overflow")) {
                isGoing.countDown();
                mayGo.await();
            }
            return real.call();
        }));
        new Thread(delete).start();
        isGoing.await();
        make();
        mayGo.countDown();
        assertThat(delete.get()).isTrue();
        assertThat(domain.names()).contains("queue", "overflow").noneMatch(LogDirectory::isSetAside);
    }

    /** While the domain is there, so is all that it has on the disk. */
    @Test
    void shouldBeDeletedAgainWhereADeleteWasEndedInTheMiddle() throws IOException {
        int calls = 0;
        for (boolean isWhole = false; !isWhole; calls++) {
            make();
            int last = calls;
            int[] call = {0};
            try {
                isWhole = delete((name, arguments, real) -> {
                    if (call[0]++ >= last) throw new IllegalStateException("killed");
                    return real.call();
                });
            } catch (IllegalStateException killed) {
                List<String> names = domain.names();
                if (names.contains("queue"))
                    assertThat(pages(names)).as("call %d: %s", last, names).isTrue();
                if (names.isEmpty()) Files.delete(domain.directory); // nothing tells that it was a queue's
                else
                    assertThat(MessageQueues.delete(domain.uri()))
                            .as("call %d: %s", last, names)
                            .isTrue();
            }
            assertThat(domain.directory).doesNotExist();
        }
        assertThat(calls).isGreaterThan(10);
    }

    /** Whether they can be read, under their name or when they are set aside. */
    private boolean pages(List<String> names) {
        String name = names.stream()
                .filter(each -> each.startsWith("overflow"))
                .findFirst()
                .orElseThrow();
        try (MessageQueue queue = MessageQueues.open("file:" + domain.directory.resolve(name) + "?anyFileSystem=true");
                Subscriber in = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
            return in.receiveNoWait().text().equals("a page");
        }
    }

    @Test
    void shouldBeToldWhereADeleteHasLeftIt() throws IOException {
        make();
        Files.move(inside, inside.resolveSibling("overflow.removed-1"));
        assertThat(checkup("set-aside")).singleElement().satisfies(one -> assertThat(one.remedy())
                .startsWith("'rm -r " + inside + ".removed-1' removes it"));
        domain.open().close();
        assertThat(MessageQueues.delete(domain.uri())).isTrue();
        assertThat(domain.directory).doesNotExist();
    }

    @Test
    void shouldBeAStrangersInAPlainQueue() throws IOException {
        Small plain = new Small("");
        try (plain) {
            plain.fill(1);
            Files.createDirectory(plain.directory.resolve("overflow"));
            assertThatThrownBy(() -> MessageQueues.delete(plain.uri()))
                    .isInstanceOf(IncompatibleQueueException.class)
                    .hasMessageContaining("another program, such as 'overflow'");
        }
    }
}
