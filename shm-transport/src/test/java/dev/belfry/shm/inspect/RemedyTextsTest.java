package dev.belfry.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What doctor says to do. */
@Timeout(60)
@OneJdk
class RemedyTextsTest {
    @Test
    void shouldSayWhatItKnowsOnceEach() {
        assertThat(Remedy.WAITING_FOR_STOPPED_NAMED
                        .problem("shm:q", "x", "QUEUE", "q", "NAME", "\"PID $1\"", "PID", "7")
                        .remedy())
                .isEqualTo("Let it continue ('kill -CONT 7') or end it ('kill -KILL 7'), and then its subscription:"
                        + " 'belfry unsubscribe q \"PID $1\"'.");
        assertThat(Remedy.NO_SLOTS.note("shm:q", "x", "QUEUE", "q").remedy())
                .contains("'belfry subs q'", "'belfry unsubscribe q NAME'");
        assertThat(List.of(Remedy.values())).allMatch(each -> !each.text.isEmpty());
    }
}
