package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Log;
import dev.belfry.testing.Patched;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A feature that no release knows yet is raised in a domain in use, if each handle is of the level that knows it. */
@Timeout(60)
class FeaturesTest {
    private static final long FEATURE = 4;
    private static final int KNOWS_IT = 3;
    private static final int LEVEL = 40;
    private static final long OPEN = 1;
    private static final QueueConfig DOMAIN = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .attribute(Log.KIND, Log.DOMAIN)
            .build();

    private final Disk disk = new Disk(true);
    private final List<MessageQueue> open = new ArrayList<>();
    private final String name = "features-" + ProcessHandle.current().pid();

    private Log open(Consumer<String> step) {
        MessageQueue queue = disk.open(Machine.real(), name, DOMAIN, step);
        open.add(queue);
        return queue.unwrap(Log.class);
    }

    private Log open() {
        return open(step -> {});
    }

    @AfterEach
    void close() {
        open.forEach(MessageQueue::close);
        LivePart.setAside(name);
    }

    private Segment segment() {
        return ((ShmDomain) open.get(0)).queue.handle.segment;
    }

    private void level(int handle, int level) {
        segment().header.bytes().putInt(SegmentHeader.SIZE + (long) handle * Handles.SIZE + LEVEL, level);
    }

    @Test
    void shouldWaitForEachHandleOfALowerLevel() {
        Log one = open();
        Log two = open();
        level(0, KNOWS_IT);
        assertThat(one.raise(FEATURE)).isFalse();
        assertThat(one.unawareOf(FEATURE))
                .startsWith("pid " + ProcessHandle.current().pid() + " (");
        assertThat(two.raise(FEATURE)).as("it does not know it itself").isFalse();
        assertThat(segment().header.features()).isZero();
        assertThat(disk.raised).isZero();
        open.remove(1).close();
        assertThat(one.unawareOf(FEATURE)).isEmpty();
        assertThat(one.raise(FEATURE)).isTrue();
        assertThat(disk.raised).isEqualTo(FEATURE);
        assertThatThrownBy(this::open)
                .isInstanceOf(IncompatibleVersionException.class)
                .hasMessageContaining("features 4");
        assertThat(one.raise(FEATURE)).as("it stays").isTrue();
    }

    /** The history would be a flag of the directory that means something else. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 6, -1, Long.MIN_VALUE})
    void shouldRefuseWhatIsNoFeatureThatIsRaised(long feature) {
        Log one = open();
        level(0, KNOWS_IT);
        assertThatThrownBy(() -> one.raise(feature))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(": " + feature);
        assertThat(disk.raised).isZero();
    }

    @Test
    void shouldNotWaitForTheHandleOfAProcessThatHasDied() {
        Log one = open();
        level(0, KNOWS_IT);
        segment().header.bytes().putLong(SegmentHeader.SIZE + 3L * Handles.SIZE, 7 << 16 | OPEN);
        assertThat(one.raise(FEATURE)).isTrue();
    }

    /** It dies when it has asked the files, or they refuse: no process may meet it that a later life does not know. */
    static final class Killed implements Consumer<String> {
        @Override
        public void accept(String argument) {
            FeaturesTest test = new FeaturesTest();
            try {
                Log log = test.open(step -> {
                    if (step.equals("raise")) throw new IllegalStateException("killed");
                });
                test.level(0, KNOWS_IT);
                assertThatThrownBy(() -> log.raise(FEATURE)).hasMessageContaining("killed");
                assertThat(test.segment().header.features()).isZero();
            } finally {
                test.close();
            }
        }
    }

    @Test
    void shouldRaiseItInTheFilesFirst() {
        new Killed().accept("");
        try (Patched twin = Patched.in(
                "ShmDomain",
                "if (queue.keeper != null) queue.keeper.raise(feature); return features.raise(feature);",
                "boolean raised = features.raise(feature); if (queue.keeper != null) queue.keeper.raise(feature); return raised;")) {
            assertThatThrownBy(() -> twin.run(Killed.class, "")).isInstanceOf(AssertionError.class);
        }
    }
}
