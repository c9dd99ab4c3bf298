package dev.belfry.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page for operators has the remedies as doctor says them. */
@Timeout(60)
@OneJdk
class RemedyTableTest {
    @Test
    void shouldStandInThePageAsDoctorSaysThem() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "operations.md"));
        String table = Arrays.stream(Remedy.values())
                .map(each -> "| `" + each.code + "` | " + each.text + " |\n")
                .distinct()
                .collect(Collectors.joining("", "| check | what to do |\n|---|---|\n", "\n"));
        assertThat(page).contains(table);
    }

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
