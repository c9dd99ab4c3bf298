package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Publisher;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Publishers of the real live part, with its real leaders, over a {@link Disk}: again and again the power goes, on a
 * copy. Whatever had returned by then is there, in order and whole.
 */
@WaitsForOthers
@Timeout(300)
class LeaderPowerLossTest {
    private static final int PUBLISHERS = 4;
    private static final int AT_ONCE = 100;

    private final Random random = new Random(11);
    private final LiveDisk disk = new LiveDisk(false, true, 1 << 20);
    private final Map<String, Long> returned = new ConcurrentHashMap<>();
    private final AtomicInteger permits = new AtomicInteger(); // to publish; a disk of memory is too fast
    private volatile boolean ends;

    @AfterEach
    void close() {
        disk.close();
    }

    private Thread publisher(int number) {
        return new Thread(
                () -> {
                    Random own = new Random(number);
                    try (Publisher publisher = disk.handles.get(number % 2).createPublisher()) {
                        for (long i = 0; !ends; i++) {
                            while (permits.getAndDecrement() <= 0 && !ends) {
                                permits.incrementAndGet();
                                Thread.onSpinWait();
                            }
                            String text =
                                    number + "-" + i + "-" + "x".repeat(own.nextInt(own.nextInt(9) == 0 ? 9000 : 200));
                            returned.put(text, publisher.publish(text));
                        }
                    }
                },
                "publisher-" + number);
    }

    private void losePower() {
        Map<String, Long> before = Map.copyOf(returned);
        LiveDisk.Found found = disk.afterPowerLoss(random);
        before.forEach((text, position) -> {
            if (position >= found.start())
                assertThat(found.bodies().get(position))
                        .as("message %d of %d", position, found.bodies().size())
                        .isEqualTo(text);
        });
    }

    private void publish(int losses) throws InterruptedException {
        disk.open(2, files -> files);
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) publishers.add(publisher(i));
        publishers.forEach(Thread::start);
        try {
            for (int i = 0; i < losses; i++) {
                permits.addAndGet(AT_ONCE);
                losePower();
            }
        } finally {
            ends = true;
            for (Thread each : publishers) each.join();
        }
        losePower();
        Set<Long> positions = new HashSet<>(returned.values());
        assertThat(positions).hasSameSizeAs(returned.keySet()).hasSizeGreaterThan(losses);
    }

    @Test
    void shouldHaveWhatHadReturned() throws Exception {
        publish(60);
    }

    @Test
    @Slow
    void shouldHaveWhatHadReturnedManyTimes() throws Exception {
        publish(300);
    }
}
