package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged records are skipped, and the log of each member says so. */
@Timeout(60)
@OneJdk
class SkippedTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private final Skipped skipped = new Skipped("mem:orders");

    private int lines() {
        return log.text().split("\n", -1).length - 1;
    }

    @Test
    void shouldSaySoAtOnceAndThenOnceAMinute() {
        skipped.tell(0);
        assertThat(lines()).isZero();
        skipped.note(5);
        skipped.tell(0);
        assertThat(log.text())
                .contains("'mem:orders': skipped 1 damaged record, the last at position 5; what they said is lost."
                        + " Find the program that writes into the log besides Belfry, and run 'belfry doctor'.");
        skipped.note(6);
        skipped.note(1007);
        skipped.tell(MINUTE - 1);
        assertThat(lines()).isOne();
        skipped.tell(MINUTE);
        assertThat(lines()).isEqualTo(2);
        assertThat(log.text()).contains("skipped 3 damaged records, the last at position 1,007");
        skipped.tell(3 * MINUTE);
        assertThat(lines()).as("nothing new").isEqualTo(2);
    }

    @Test
    void shouldNotCountTwiceWhatIsReadAgain() {
        skipped.note(5);
        skipped.note(6);
        skipped.note(5);
        skipped.note(6);
        skipped.tell(0);
        assertThat(log.text()).contains("skipped 2 damaged records, the last at position 6");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mem", "shm"})
    void shouldBeSaidByEachMember(String scheme) {
        String uri = scheme + ":Skipped" + ProcessHandle.current().pid();
        MessageQueue handle = MessageQueues.open(uri + "?" + Log.KIND + "=" + Log.DOMAIN);
        Domain early = new Domain(uri, handle);
        Domain late = null;
        try {
            early.withState(state -> state.position()); // it folds from now on
            byte[] damaged = new byte[100];
            long first = append(handle, damaged);
            String line = "'" + uri + "': skipped 1 damaged record, the last at position " + first;
            Patience.until("it was logged: " + line, () -> log.text().contains(line));
            long second = append(handle, damaged);
            late = new Domain(uri, MessageQueues.open(uri + "?" + Log.KIND + "=" + Log.DOMAIN));
            late.withState(state -> state.position());
            String both = "'" + uri + "': skipped 2 damaged records, the last at position " + second;
            Patience.until("it was logged: " + both, () -> log.text().contains(both));
            assertThat(lines()).as("one of each member").isEqualTo(2);
        } finally {
            if (late != null) late.close(Duration.ZERO);
            early.close(Duration.ZERO);
            MessageQueues.delete(uri);
        }
    }

    private static long append(MessageQueue handle, byte[] record) {
        return handle.unwrap(Log.class).append(ByteBuffer.wrap(record), Reserve.NORMAL, -1, Duration.ofSeconds(20));
    }
}
