package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.CaughtLog;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator finds in the log of a backlog that cannot go to the disk or come back. */
class OutagesTest {
    private static final String HANGS = "its disk hangs";

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private final Outages outages = new Outages("shop");

    private List<String> lines() {
        return log.text().lines().filter(line -> line.contains("'shop'")).toList();
    }

    @Test
    void shouldLogTheEndAndTheNextOneWhenTheReasonIsTheSame() {
        for (int night = 1; night <= 2; night++) {
            for (int i = 0; i < 3; i++) outages.tell(1L, HANGS);
            assertThat(lines()).hasSize(2 * night - 1).last().asString().endsWith("come back: " + HANGS);
            outages.goesOn(1L);
            outages.goesOn(1L);
            assertThat(lines()).hasSize(2 * night).last().asString().endsWith("comes back again");
        }
    }

    @Test
    void shouldLogTwoReasonsOnceWhenTheirQueuesAreTriedByTurns() {
        for (int i = 0; i < 3; i++) {
            outages.tell(1L, "that at 7 is damaged");
            outages.tell(2L, "that at 8 is damaged");
            outages.goesOn(3L);
        }
        assertThat(lines()).hasSize(2);
    }

    @Test
    void shouldLogOneReasonOnceWhenManyQueuesHaveIt() {
        for (long queue = 0; queue < 100; queue++) outages.tell(queue, HANGS);
        for (long queue = 0; queue < 100; queue++) outages.goesOn(queue);
        assertThat(lines()).hasSize(2);
    }
}
