package dev.belfry.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HowFarTest {
    private static final long MIB = 1 << 20;

    private final AtomicLong millis = new AtomicLong(5_000);
    private final StringWriter terminal = new StringWriter();
    private final HowFar shown =
            new HowFar(new PrintWriter(terminal), () -> TimeUnit.MILLISECONDS.toNanos(millis.get()));

    private String after(long more, String subject, long done) {
        millis.addAndGet(more);
        terminal.getBuffer().setLength(0);
        shown.at(subject, done, 100 * MIB);
        return terminal.toString();
    }

    @Test
    void shouldSayRateAndTimeLeftTwiceASecondAfterTheFirst() {
        assertThat(after(0, "shm:a", MIB)).isEmpty();
        assertThat(after(999, "shm:a", 19 * MIB)).isEmpty();
        assertThat(after(1001, "shm:a", 20 * MIB))
                .isEqualTo("\r\u001b[Kshm:a: read 20 MiB of 100 MiB, 10 MiB/s, 8 s left\r");
        assertThat(after(499, "shm:a", 30 * MIB)).isEmpty();
        assertThat(after(1, "shm:a", 30 * MIB)).contains("read 30 MiB of 100 MiB, 12 MiB/s, 5 s left");
        terminal.getBuffer().setLength(0);
        shown.close();
        assertThat(terminal.toString()).isEqualTo("\r\u001b[K");
    }

    @Test
    void shouldBeginAgainWithTheNextQueueAndWithASecondReading() {
        after(0, "shm:a", MIB);
        assertThat(after(2000, "shm:a", 20 * MIB)).contains("shm:a");
        assertThat(after(2000, "shm:b", MIB)).isEmpty();
        assertThat(after(2000, "shm:b", 40 * MIB)).contains("shm:b: read 40 MiB of 100 MiB, 20 MiB/s, 3 s left");
        assertThat(after(2000, "shm:b", MIB)).isEmpty();
        assertThat(after(1000, "shm:b", 10 * MIB)).contains("10 MiB/s, 9 s left");
    }

    @Test
    void shouldCountMessagesThatAreCarriedAndComeAgainWhenItIsCleared() {
        shown.carried("shm:a", 0, 5_000);
        millis.addAndGet(2_000);
        shown.carried("shm:a", 0, 5_000);
        assertThat(terminal.toString()).as("no rate yet").isEmpty();
        millis.addAndGet(500);
        shown.carried("shm:a", 2_000, 5_000);
        assertThat(terminal.toString()).isEqualTo("\r\u001b[Kshm:a: carried 2,000 of 5,000, 800/s, 3 s left\r");
        shown.close();
        shown.close();
        assertThat(terminal.toString()).endsWith("left\r\r\u001b[K");
    }

    @Test
    void shouldSayNothingWithoutATerminal() {
        HowFar none = new HowFar(null, millis::get);
        none.at("shm:a", 1, 2);
        millis.addAndGet(TimeUnit.SECONDS.toNanos(2));
        none.at("shm:a", 2, 2);
        none.close();
    }
}
