package dev.belfry.mem.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Half;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Planted;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** A kit that cannot fail proves nothing: for each promise that a twin of mem: breaks, the kit's test of it fails. */
@Timeout(120)
@Slow
@OneJdk
@ByTurns
class KitFindsDefectsTest {
    private final String patience = Patience.limit().toMillis() + "ms";
    private final String classPath = System.getProperty("java.class.path");
    private final ClassLoader loader = Thread.currentThread().getContextClassLoader();

    /** The twin is no provider for the other tests: it is registered in a directory that only this class path has. */
    @BeforeEach
    void registerTheTwin() throws Exception {
        URL directory = KitFindsDefectsTest.class.getResource("/twin/");
        Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[] {directory}, loader));
        System.setProperty("java.class.path", classPath + File.pathSeparator + Path.of(directory.toURI()));
    }

    @AfterEach
    void forgetTheTwin() {
        TwinProvider.current = Defect.NONE;
        System.setProperty("belfry.patience", patience);
        System.clearProperty(Seeded.SEED);
        System.setProperty("java.class.path", classPath);
        Thread.currentThread().setContextClassLoader(loader);
    }

    @ParameterizedTest
    @MethodSource("behaviours")
    void shouldPassWithoutADefect(String behaviour) {
        TestExecutionSummary summary = run(Defect.NONE, behaviour);
        assertThat(summary.getFailures())
                .as("failures")
                .extracting(f -> f.getTestIdentifier().getDisplayName() + ": " + f.getException())
                .isEmpty();
        assertThat(summary.getTestsSucceededCount()).isPositive();
    }

    static List<String> behaviours() {
        return defects().map(d -> d.behaviour).distinct().sorted().toList();
    }

    private static Stream<Defect> defects() {
        return Stream.of(Defect.values()).filter(d -> d != Defect.NONE);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldFailOnEachDefect(Defect defect) {
        System.setProperty("belfry.patience", "500ms");
        TestExecutionSummary summary = run(defect, defect.behaviour);
        summary.getFailures()
                .forEach(f -> System.out.println(
                        defect + " is noticed by '" + f.getTestIdentifier().getDisplayName() + "'"));
        assertThat(summary.getTestsFailedCount())
                .as("failures of %s with %s, of %d", defect.behaviour, defect, summary.getTestsFoundCount())
                .isPositive();
    }

    /** The random operations see most of them too, without having been told. */
    @Test
    void shouldFailTheModelOnDefectsOfSingleCalls() {
        System.setProperty("belfry.patience", "500ms");
        System.setProperty(Seeded.SEED, "1");
        for (Defect defect : List.of(
                Defect.SKIPS_A_MESSAGE, Defect.DELIVERS_TWICE, Defect.LOSES_PROPERTIES, Defect.RECOVER_DOES_NOTHING))
            assertThat(run(defect, "modelOfAQueueThatGrows").getTestsFailedCount())
                    .as("failures of the model with %s", defect)
                    .isOne();
    }

    private static TestExecutionSummary run(Defect defect, String behaviour) {
        TwinProvider.current = defect;
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(TwinSuites.class))
                .configurationParameter(Planted.TWIN, "true")
                .configurationParameter(Half.COMMIT, "")
                .filters((PostDiscoveryFilter) d -> isTestOf(d, behaviour))
                .build();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    private static FilterResult isTestOf(TestDescriptor descriptor, String behaviour) {
        return FilterResult.includedIf(descriptor
                .getSource()
                .map(s -> !(s instanceof org.junit.platform.engine.support.descriptor.MethodSource m)
                        || m.getMethodName().startsWith(behaviour))
                .orElse(true));
    }
}
