package dev.belfry.shm.mistakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.Quiet;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Each mistake that the protocol warns of, put into the product: some check must notice it. Without
 * the mistake the same check passes: the crash points and schedules do in tests of their own, the
 * rest here.
 */
@Tag("T1")
@Tag("T2")
@Tag("F79")
@Tag(LeakCheck.PLANTED)
@ExtendWith(Quiet.Always.class)
@Slow
@OneJdk
@ByTurns
class MistakesTest {
    private static final int ROWS = 29;

    private static final int TOGETHER = 4;

    private static ExecutorService workers;

    @BeforeAll
    static void hire() {
        workers = Executors.newFixedThreadPool(TOGETHER);
    }

    @AfterAll
    static void dismiss() {
        workers.shutdownNow();
    }

    /** Several at a time: most of what they cost is waiting. */
    private static Stream<DynamicTest> together(
            Stream<Mistake> mistakes, Function<Mistake, String> name, Consumer<Mistake> check) {
        List<DynamicTest> tests = new ArrayList<>();
        for (Mistake mistake : mistakes.toList()) {
            Future<?> done = Turn.has(tests.size()) ? workers.submit(() -> check.accept(mistake)) : null;
            tests.add(DynamicTest.dynamicTest(name.apply(mistake), () -> {
                try {
                    done.get();
                } catch (ExecutionException e) {
                    throw e.getCause();
                }
            }));
        }
        return Turn.of(tests.stream());
    }

    @TestFactory
    Stream<DynamicTest> shouldNotice() {
        return together(Mistake.all().stream(), Mistake::toString, m -> {
            long began = System.nanoTime();
            try (Patched twin = m.patched()) {
                twin.directory();
                assertThatThrownBy(() -> twin.run(m.noticer(), m.argument()))
                        .as("%s puts in: %s", m.id(), m.what())
                        .isNotInstanceOf(IllegalArgumentException.class);
            }
            System.out.printf("mistake %-4s noticed in %5d ms%n", m.id(), (System.nanoTime() - began) / 1_000_000);
        });
    }

    @TestFactory
    Stream<DynamicTest> shouldPassWithoutTheMistake() {
        return together(
                Mistake.all().stream().filter(m -> m.noticer() == Noticers.Behaviour.class), Mistake::argument, m -> {
                    Behaviours.soon = Duration.ofSeconds(60);
                    new Noticers.Behaviour().accept(m.argument());
                });
    }

    /** Or it is said why no run of it could show it. */
    @Test
    void shouldHaveATwinOfEachRow() {
        Set<Integer> rows = new TreeSet<>();
        for (Mistake m : Mistake.all()) rows.add(m.row());
        for (Mistake.Unseen unseen : Mistake.unseen()) rows.add(unseen.row());
        assertThat(rows)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
        List<String> ids = new ArrayList<>();
        Mistake.all().forEach(m -> ids.add(m.id()));
        assertThat(ids).doesNotHaveDuplicates();
    }
}
