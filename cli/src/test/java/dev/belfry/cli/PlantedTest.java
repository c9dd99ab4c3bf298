package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.conformance.ChildJvm;
import dev.belfry.conformance.OneJdk;
import dev.belfry.conformance.Patience;
import dev.belfry.conformance.Slow;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Problems planted from outside: {@code ls}, {@code top} and {@code doctor} say the same of each, again and again. */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class PlantedTest {
    private static final String LONGER_THAN_ONE_TRY = " has waited (\\d,\\d\\d\\d ms|\\d+ s) ";

    private static String awaited(Sandbox sandbox, Pattern line) {
        Patience.until(
                "it has lasted for a second, over several tries",
                () -> line.matcher(sandbox.belfry("ls").out()).find());
        for (int i = 0; i < 5; i++)
            assertThat(sandbox.belfry("ls").out()).as("steady").containsPattern(line);
        assertThat(sandbox.belfry("top", "--count", "1", "q").out()).containsPattern(line);
        String doctor = sandbox.belfry("doctor", "q").out();
        assertThat(doctor).containsPattern(line);
        return doctor;
    }

    @Test
    void shouldNameTheLivingHolderOfAClaimWherePublishersTimeOut() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("claim", "shm:q");
            ChildJvm publisher = sandbox.actor("tries", "shm:q");
            String doctor = awaited(
                    sandbox,
                    Pattern.compile("pid " + publisher.pid() + " \\(Actor\\)" + LONGER_THAN_ONE_TRY
                            + "for a lock, held by pid " + holder.pid() + " \\(Actor\\)"));
            assertThat(doctor).contains("'kill " + holder.pid() + "' ends it.");
            assertThat(sandbox.belfry("ls", "--json").out()).contains("\"lagging\"");
            holder.kill();
            Patience.until(
                    "it publishes", () -> sandbox.belfry("ls", "--json").out().contains("\"health\":\"ok\""));
            assertThat(sandbox.belfry("doctor", "q").out()).doesNotContain("[waiting]");
        }
    }

    @Test
    void shouldNameTheSubscriberThatNeverPollsWherePublishersTimeOut() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.actor("idle", "shm:q?capacity=4k&maxCapacity=4k");
            ChildJvm publisher = sandbox.actor("tries", "shm:q");
            awaited(
                    sandbox,
                    Pattern.compile("pid " + publisher.pid() + " \\(Actor\\)" + LONGER_THAN_ONE_TRY
                            + "for room, held up by 'audit' of pid " + reader.pid() + " \\(Actor\\)"));
        }
    }
}
