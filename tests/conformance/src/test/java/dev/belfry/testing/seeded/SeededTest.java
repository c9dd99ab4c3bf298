package dev.belfry.testing.seeded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Planted;
import dev.belfry.testing.Seeded;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Which seeds a search runs with, where it ends, and whether the seed that failed fails again. */
@OneJdk
class SeededTest {
    private final Properties before = new Properties();
    private final PrintStream out = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void begin() {
        before.putAll(System.getProperties());
        System.clearProperty(Depth.PROPERTY);
        System.clearProperty(Seeded.SEED);
        System.clearProperty(Seeded.TIME);
        Searches.SEEDS.clear();
        Searches.failsFrom = Long.MAX_VALUE;
        System.setOut(new PrintStream(printed, true));
    }

    @AfterEach
    void end() {
        System.setOut(out);
        System.setProperties(before);
    }

    @Test
    void shouldRunTheSeedsWrittenOnceEachInTheGateAndInLong() {
        for (String depth : List.of("sample", "whole", "long")) {
            System.setProperty(Depth.PROPERTY, depth);
            Searches.SEEDS.clear();
            assertThat(run("search", "long").getTestsSucceededCount()).isEqualTo(2);
            assertThat(Searches.SEEDS).containsExactly(6L, 8L);
        }
        assertThat(printed.size()).isZero();
    }

    @Test
    void shouldRunFreshSeedsUntilTheTimeHasPassed() {
        System.setProperty(Depth.PROPERTY, "luck");
        System.setProperty(Seeded.TIME, "200ms");
        long began = System.nanoTime();
        assertThat(run("search", "long").getTestsFailedCount()).isZero();
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(200_000_000);
        assertThat(Searches.SEEDS).isNotEmpty().doesNotHaveDuplicates().doesNotContain(6L, 8L);
        assertThat(seedsPrinted()).isEqualTo(Searches.SEEDS);
    }

    @Test
    void shouldStopAtTheFirstFailureAndReproduceIt() {
        System.setProperty(Depth.PROPERTY, "luck");
        System.setProperty(Seeded.TIME, "1h");
        Searches.failsFrom = 1L << 40;
        TestExecutionSummary summary = run("search", "long");
        assertThat(summary.getFailures()).hasSize(1);
        long seed = seedsPrinted().get(seedsPrinted().size() - 1);
        TestIdentifier failed = summary.getFailures().get(0).getTestIdentifier();
        assertThat(failed.getDisplayName()).isEqualTo("seed " + seed);

        for (String depth : List.of("luck", "whole", "long")) {
            System.setProperty(Depth.PROPERTY, depth);
            System.setProperty(Seeded.SEED, Long.toString(seed));
            Searches.SEEDS.clear();
            assertThat(run("search", "long").getTestsFailedCount()).isOne();
            assertThat(Searches.SEEDS).containsExactly(seed);
        }
    }

    @Test
    void shouldRunWhatNeedsLuckOnlyThere() {
        assertThat(run("repeated", "").getContainersSkippedCount()).isOne();
        assertThat(run("once", "").getTestsSkippedCount()).isOne();
        assertThat(Searches.SEEDS).isEmpty();
        System.setProperty(Depth.PROPERTY, "luck");
        System.setProperty(Seeded.TIME, "50ms");
        run("repeated", "");
        run("once", "");
        assertThat(Searches.SEEDS).contains(0L).containsOnlyOnce(-1L);
    }

    @Test
    void shouldBeSelectedByItsTags() {
        System.setProperty(Depth.PROPERTY, "luck");
        System.setProperty(Seeded.TIME, "0s"); // one at least is tried
        for (String tags : List.of("Luck | Seeded", "Seeded")) {
            Searches.SEEDS.clear();
            run("search", "long", TagFilter.includeTags(tags));
            assertThat(Searches.SEEDS).as(tags).isNotEmpty();
        }
        Searches.SEEDS.clear();
        run("repeated", "", TagFilter.excludeTags("Luck"));
        assertThat(Searches.SEEDS).isEmpty();
    }

    private List<Long> seedsPrinted() {
        return printed.toString()
                .lines()
                .filter(line -> line.startsWith(Searches.class.getName() + ".search: -Dbelfry.seed="))
                .map(line -> Long.valueOf(line.substring(line.indexOf('=') + 1)))
                .toList();
    }

    private static TestExecutionSummary run(String method, String parameters, PostDiscoveryFilter... tags) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(Searches.class, method, parameters))
                .configurationParameter(Planted.TWIN, "true")
                .filters(tags)
                .build();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }
}
