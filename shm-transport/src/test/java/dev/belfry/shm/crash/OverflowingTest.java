package dev.belfry.shm.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.posix.Isolated;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An Error that comes anywhere in a publish. In a JVM of its own: what it still has open when its
 * stack has ended so often goes with it.
 */
@Tag("F16")
@WaitsForOthers
@Slow
class OverflowingTest {
    @Test
    @Timeout(120)
    void shouldNotHangAnybodyWhenTheStackOverflowsInsideAPublish() throws Exception {
        String name = "overflowing-" + ProcessHandle.current().pid();
        try (ChildJvm child = Isolated.command(Overflowing.class, name)
                .flags(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=off"))
                .start()) {
            assertThat(child.rest()).as(child::report).endsWith(Overflowing.ALL_WELL, "exit 0");
        }
    }

    /** A class whose first use fails is lost to the JVM. Depths are many, as compilers make frames of many sizes. */
    @Test
    @Timeout(120)
    void shouldPublishThoughTheStackOverflowedInsideTheFirstPublishOfTheProcess() throws Exception {
        Set<String> first = new HashSet<>();
        for (int frames = 50; frames <= 800; frames += 50) {
            String name = "cold-" + ProcessHandle.current().pid();
            try (ChildJvm child = Isolated.command(ColdPublish.class, name, Integer.toString(frames))
                    .flags(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-XX:TieredStopAtLevel=1"))
                    .start()) {
                List<String> lines = child.rest();
                assertThat(lines).as(child::report).endsWith("published later", "exit 0");
                first.add(lines.get(0));
            }
        }
        assertThat(first).containsExactlyInAnyOrder("overflowed", "published");
    }
}
