package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.posix.SelfTest;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A kernel whose pages are larger than 4 KiB: what is mapped there begins at a whole page, and two
 * halves meet at one.
 */
@Timeout(60)
@Tag("F77")
class LargePagesTest {
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;

    private final LibC real = RealLibC.load();
    private final String name = "large-pages-" + ProcessHandle.current().pid();
    private boolean refused;

    @AfterEach
    void remove() {
        SharedMemory.unlink(real, QueueFile.objectName(name));
    }

    /** The real one, but for the size of a page, and what follows for mmap. */
    private Machine withPagesOf(int page) {
        LibC libC = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    boolean asksForErrno = method.getName().equals("errno");
                    if (asksForErrno && refused) return Errno.EINVAL;
                    if (!asksForErrno) refused = false;
                    if (method.getName().equals("getpagesize")) return page;
                    if (method.getName().equals("mmap") && !fits(arguments, page)) {
                        refused = true;
                        return -1L;
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new Machine(libC, SharedBytes.PLAIN);
    }

    /** The address only of the second half: where this kernel puts the first one is nothing to that kernel. */
    private static boolean fits(Object[] mmap, int page) {
        long length = (long) mmap[1];
        int flags = (int) mmap[3];
        long offset = (long) mmap[5];
        boolean half = (flags & MAP_FIXED) != 0 && (flags & MAP_ANONYMOUS) == 0;
        return offset % page == 0 && (!half || length % page == 0);
    }

    private MessageQueue open(Machine machine, long capacity, long maxCapacity) {
        QueueConfig config = QueueConfig.builder()
                .capacity(capacity)
                .maxCapacity(maxCapacity)
                .deleteOnLastClose(true)
                .build();
        return newQueue(URI.create("shm:" + name), Opening.open(machine, name, config, QueueSettings.of(config), 5));
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 16 << 10, 64 << 10})
    void f77ShouldWorkWithPagesOf(int page) {
        Machine machine = withPagesOf(page);
        assertThat(SelfTest.check(machine.libC())).isNull();
        try (MessageQueue queue = open(machine, page, 16L * page);
                MessageQueue other = open(machine, page, 16L * page);
                Subscriber subscriber = other.createSubscriber(StartAt.OLDEST_RETAINED);
                Publisher publisher = queue.createPublisher()) {
            int messages = 8 * page / 100;
            for (int i = 0; i < messages; i++) publisher.publish("message " + i + "x".repeat(80));
            assertThat(queue.stats().counters().get("grows")).isPositive();
            for (int i = 0; i < messages; i++) {
                Message message = subscriber.receive(Patience.limit());
                assertThat(message.text()).startsWith("message " + i + "x");
            }
        }
    }

    @Test
    void f77ShouldSayTheLeastWhereARingIsSmallerThanAPage() {
        assertThatThrownBy(() -> open(withPagesOf(64 << 10), 16 << 10, 1 << 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity (16 KiB) of '" + name + "' is less than a page of this kernel, and a ring is made"
                        + " of whole pages: 64 KiB is the least here");
        assertThat(SharedMemory.status(real, QueueFile.objectName(name))).isNull();
    }

    @Test
    void f77ShouldSayThatItKnowsNoLargerPages() {
        assertThat(SelfTest.check(withPagesOf(128 << 10).libC())).contains("pages of 131072 bytes");
    }

    /** What lies in between is a hole. */
    @Test
    void shouldTakeNoMoreMemoryThanIsUsed() throws IOException {
        QueueConfig config =
                QueueConfig.builder().capacity(4096).maxCapacity(4096).build();
        Machine machine = Machine.real();
        MessageQueue queue =
                newQueue(URI.create("shm:" + name), Opening.open(machine, name, config, QueueSettings.of(config), 128));
        try (queue;
                Subscriber subscriber = queue.createSubscriber();
                Publisher publisher = queue.createPublisher()) {
            for (int i = 0; i < 1000; i++) {
                publisher.publish("x".repeat(100));
                subscriber.receive();
            }
            Path file = Path.of(SharedMemory.DIRECTORY + QueueFile.objectName(name));
            assertThat(Files.size(file)).isEqualTo(196608 + 4096);
            Process du = new ProcessBuilder("du", "--block-size=1", file.toString()).start();
            String said = new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
            assertThat(Long.parseLong(said.split("\\s")[0])).isEqualTo(151552 + 4096);
        }
    }
}
