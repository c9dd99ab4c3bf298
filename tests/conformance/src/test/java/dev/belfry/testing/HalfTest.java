package dev.belfry.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

@OneJdk
class HalfTest {
    private static final List<String> RAN = new ArrayList<>();

    @Planted
    @Slow
    static class One {
        @Test
        void shouldRun() {
            RAN.add("one");
        }
    }

    @Planted
    @Slow
    static class Two {
        @Test
        void shouldRun() {
            RAN.add("two");
        }
    }

    @Planted
    @OneJdk
    @Slow
    static class OfOneJdk {
        @Test
        void shouldRun() {
            RAN.add("one JDK");
        }
    }

    @Planted
    @Slow
    static class Outer {
        @Nested
        class A {
            @Test
            void shouldRun() {
                RAN.add("a");
            }
        }

        @Nested
        class B {
            @Test
            void shouldRun() {
                RAN.add("b");
            }
        }
    }

    @Planted
    static class Quick {
        @Test
        void shouldRun() {
            RAN.add("quick");
        }

        @Test
        @Slow
        void shouldRunThoughItIsSlow() {
            RAN.add("slow");
        }
    }

    private final Map<String, String> ours = new HashMap<>();

    @BeforeEach
    void clear() {
        for (String property : List.of(Half.COMMIT, Half.CHANGED, Half.BOTH))
            ours.put(property, System.clearProperty(property));
    }

    @AfterEach
    void restore() {
        ours.forEach((property, value) -> {
            if (value == null) System.clearProperty(property);
            else System.setProperty(property, value);
        });
        RAN.clear();
    }

    private static void run(Class<?> type) {
        LauncherFactory.create()
                .execute(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(type))
                        .configurationParameter(Planted.TWIN, "true")
                        .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                        .build());
    }

    @Test
    void shouldRunEachSlowClassOnOneOfTwoCommits() {
        for (Class<?> type : List.of(One.class, Two.class)) {
            for (String commit : List.of("fffffffe", "00000001c0ffee")) {
                System.setProperty(Half.COMMIT, commit);
                run(type);
            }
        }
        assertThat(RAN).containsExactly("one", "two");
    }

    @ParameterizedTest
    @CsvSource({"'cli,tests/conformance', 2", "'cli,conformance', 1", "'', 1", ", 2"})
    void shouldRunOnEachCommitWhatTheOtherJdkLeavesOutWhereItChanged(String changed, int times) {
        if (changed != null) System.setProperty(Half.CHANGED, changed);
        for (String commit : List.of("0", "1")) {
            System.setProperty(Half.COMMIT, commit);
            run(OfOneJdk.class);
        }
        assertThat(RAN).hasSize(times).containsOnly("one JDK");
    }

    @ParameterizedTest
    @CsvSource({"'cli,tests/conformance', 2", "'cli,conformance', 1", "'', 1", ", 2"})
    void shouldRunOnEachCommitQuickClassesOfModulesThatBothJdksRun(String both, int times) {
        if (both != null) System.setProperty(Half.BOTH, both);
        for (String commit : List.of("0", "1")) {
            System.setProperty(Half.COMMIT, commit);
            run(Quick.class);
        }
        assertThat(RAN).hasSize(2 * times).containsOnly("quick", "slow");
    }

    @Test
    void shouldRunNestedClassesWithTheirOuterOne() {
        for (String commit : List.of("0", "1")) {
            System.setProperty(Half.COMMIT, commit);
            run(Outer.class);
        }
        assertThat(RAN).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void shouldRunAllWithoutACommit() {
        run(One.class);
        run(Two.class);
        assertThat(RAN).containsExactly("one", "two");
    }
}
