package dev.belfry.conformance.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Half;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Planted;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * For each promise between processes that the toy breaks, the kit's test of it fails; the sound toy
 * passes them all. Some are broken only if a kill or a stop hits the right moment, so a run in
 * which the kit saw nothing is followed by others.
 */
@Timeout(300)
@Slow
@OneJdk
@ByTurns
class KitFindsDefectsOfProcessesTest {
    private static final int MORE_RUNS = 9;

    static volatile ToyDefect current = ToyDefect.NONE;
    private final String patience = Patience.limit().toMillis() + "ms";

    @AfterEach
    void repairTheToy() {
        current = ToyFile.defect = ToyDefect.NONE;
        System.setProperty("belfry.patience", patience);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldFailOnEachDefect(ToyDefect defect) {
        current = defect;
        System.setProperty("belfry.patience", "5s"); // JVMs start meanwhile
        TestExecutionSummary summary = run(defect);
        for (int more = 0; more < MORE_RUNS && summary.getTestsFailedCount() == 0; more++) summary = run(defect);
        assertThat(summary.getTestsFailedCount())
                .as("failures of %s with %s, of %d", defect.behaviour, defect, summary.getTestsFoundCount())
                .isPositive();
    }

    private static TestExecutionSummary run(ToyDefect defect) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(BrokenToy.class))
                                .configurationParameter(Planted.TWIN, "true")
                                .configurationParameter(Half.COMMIT, "")
                                .filters((PostDiscoveryFilter) d -> FilterResult.includedIf(d.getSource()
                                        .map(s -> !(s instanceof MethodSource m)
                                                || m.getMethodName().startsWith(defect.behaviour))
                                        .orElse(true)))
                                .build(),
                        listener);
        listener.getSummary()
                .getFailures()
                .forEach(f -> System.out.println(
                        defect + " is noticed by '" + f.getTestIdentifier().getDisplayName() + "'"));
        return listener.getSummary();
    }
}
