package dev.belfry.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Scope;
import dev.belfry.cli.text.Exit;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A reading that does not end, as of queues on a disk that hangs. */
@Timeout(120)
@Tag("Waits")
class ServeWatchTest {
    private static final String NAME = "served-" + ProcessHandle.current().pid();

    private final QueueWatch queues = new QueueWatch(Scope.of(List.of(NAME)));
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private final AtomicInteger readings = new AtomicInteger();
    private final MessageQueue queue = MessageQueues.open("shm:" + NAME + "?deleteOnLastClose=true");
    private volatile boolean hangs;
    private ServePages pages;

    @BeforeEach
    void read() {
        pages = new ServePages(new ServeWatch(this::look, List::of, Duration.ofMillis(50)), false, List.of());
        hangs = true;
    }

    @AfterEach
    void end() {
        goesOn.countDown();
        queue.close();
    }

    private List<QueueWatch.Look> look() {
        if (hangs) {
            readings.incrementAndGet();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return queues.look();
    }

    private String answer(String... path) {
        try {
            Answer answer = pages.answer(List.of(path));
            return answer.status() + " " + new String(answer.body(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each would wait for the one before, and the first for the disk. */
    @Test
    void shouldAnswerFromTheLastReadingWithItsAge() {
        Patience.until("the next one has begun, and it is late", () -> answer("health")
                .contains(" ago, as the next reading has not ended: a disk may not answer"));
        List<String> all = IntStream.range(0, 8)
                .parallel()
                .mapToObj(i -> answer(i % 2 == 0 ? "health" : "metrics"))
                .toList();
        assertThat(all).allMatch(one -> one.startsWith("200 ") && one.contains(NAME));
        assertThat(answer("health", NAME)).startsWith("200 ok       shm:" + NAME);
        assertThat(answer("metrics"))
                .containsPattern("\nmessaging_belfry_reading_age_seconds ([3-9]|\\d{2,})\\.")
                .containsPattern("messaging_belfry_health\\{.*\"" + NAME + "\".*} 0.0");
        assertThat(readings).as("threads in the disk").hasValue(1);
        goesOn.countDown();
        Patience.until("it is read again", () -> !answer("health").contains(" ago, "));
    }

    /** It is there, and a reading that has it would have to be waited for. */
    @Test
    void shouldNotWaitForAQueueThatTheLastReadingHasNot() {
        String name = NAME + "-new";
        try (MessageQueue other = MessageQueues.open("shm:" + name + "?deleteOnLastClose=true")) {
            assertThatThrownBy(() -> answer("health", name))
                    .isInstanceOf(Exit.Problem.class)
                    .hasMessageMatching("'" + other.uri() + "' is not in the last reading, of .* ago: ask again");
        }
    }

    @Test
    void shouldTellTheFailureOfAReadingAndReadAgain() {
        hangs = false;
        queue.close();
        Patience.until("the queue is gone", () -> {
            try {
                return answer("health").isEmpty();
            } catch (QueueNotFoundException none) {
                return true;
            }
        });
        try (MessageQueue again = MessageQueues.open("shm:" + NAME + "?deleteOnLastClose=true")) {
            Patience.until("it is there again", () -> {
                try {
                    return answer("health").contains(again.uri().toString());
                } catch (QueueNotFoundException young) {
                    return false;
                }
            });
        }
    }
}
