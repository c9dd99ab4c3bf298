package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Luck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The soak against transports that have one defect each: it has to report it. */
@Tag("T7")
@Tag("T12")
@Tag("T13")
@Slow
@OneJdk
@ByTurns
class ChaosSoakTwinsTest {
    /** What to change where, and what the ledger then reports. */
    enum Defect {
        A_RECEIVER_SKIPS_ONE_MESSAGE_IN_A_THOUSAND(
                "ShmSubscriber", "        reader.advance();\n        try {", """
                        reader.advance();
                        if (reader.record.position() % 1_000 == 0 && reader.next() == Reader.Found.RECORD)
                            reader.advance();
                        try {""", "position"),
        A_MESSAGE_COMES_TWICE("ShmSubscriber", "                handler.onMessage(view);", """
                                handler.onMessage(view);
                                if (position % 1_000 == 0) handler.onMessage(view);""", " instead of "),
        A_TIMEOUT_AFTER_THE_COMMIT(
                "ShmPublisher", "        body.position(from + length);", """
                if (position % 1_000 == 0) throw publishers.room.full(0);
                body.position(from + length);""", "which was told that number"),
        THE_LOCK_IS_GIVEN_BACK_BEFORE_THE_COMMIT("ShmPublisher", "            end.append(body, from,", """
                            handle.publishLock.release();
                            end.append(body, from,""", " "),
        NOBODY_WAITS_FOR_THE_FAVOURED(
                "PublishLock", "int value = words.getIntAcquire(handles.insideAt(owner));", "int value = 0;", " "),
        SEMAPHORES_STAY(
                "NamedSemaphore",
                "if (c.sem_unlink(checked) == 0) return true;",
                "if (checked != null) return true;",
                "left in /dev/shm: [sem."),
        DESCRIPTORS_STAY(
                "OpenFile", "if (uses.close()) c.close(fd);", "uses.close();", "all was closed, but it still has");

        final String source;
        final String right;
        final String wrong;
        final String said;

        Defect(String source, String right, String wrong, String said) {
            this.source = source;
            this.right = right;
            this.wrong = wrong;
            this.said = said;
        }

        Patched planted(Path into) {
            boolean soon = this == NOBODY_WAITS_FOR_THE_FAVOURED;
            Patched product = soon ? PatchedTransport.favouringSoon(into) : new Patched(into);
            return product.and(source, right, wrong);
        }
    }

    private static final String RACES = "THE_LOCK_IS.*|NOBODY_WAITS.*";

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path files;

    @WaitsForOthers
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = RACES)
    @Timeout(900)
    void shouldFindTheDefect(Defect defect) throws Exception {
        finds(defect, 1, Duration.ofSeconds(1));
    }

    /**
     * Two processes must meet. Without luck the schedules of shm-transport show both, in
     * InterleavingTwinsTest, MistakesTest and StoreBufferTest.
     */
    @Luck
    @Seeded(1)
    @Timeout(900)
    void shouldFindTheLockThatIsGivenBackTooSoon(long seed) throws Exception {
        finds(Defect.THE_LOCK_IS_GIVEN_BACK_BEFORE_THE_COMMIT, seed, Duration.ofSeconds(3));
    }

    @Luck
    @Seeded(1)
    @Timeout(900)
    void shouldFindThatNobodyWaitsForTheFavoured(long seed) throws Exception {
        finds(Defect.NOBODY_WAITS_FOR_THE_FAVOURED, seed, Duration.ofSeconds(3));
    }

    private void finds(Defect defect, long seed, Duration generation) throws Exception {
        Path classes = defect.planted(files).directory();
        SoakReport report;
        long began = System.nanoTime();
        try (Chaos chaos = new Chaos(seed, generation, files, stage, classes, true)) {
            report = chaos.run(Duration.ofSeconds(300));
        }
        assertThat(report.violations).as("what it found in %s", report).isNotEmpty();
        System.out.printf(
                "%s: found after %d ms: %s%n",
                defect, (System.nanoTime() - began) / 1_000_000, report.violations.get(0));
        assertThat(report.violations.toString()).contains(defect.said);
    }
}
