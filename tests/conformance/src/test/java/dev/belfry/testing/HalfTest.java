package dev.belfry.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
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

    private final String ours = System.clearProperty(Half.COMMIT);

    @AfterEach
    void restore() {
        if (ours == null) System.clearProperty(Half.COMMIT);
        else System.setProperty(Half.COMMIT, ours);
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

    @Test
    void shouldRunOnEachCommitWhatTheOtherJdkLeavesOut() {
        for (String commit : List.of("0", "1")) {
            System.setProperty(Half.COMMIT, commit);
            run(OfOneJdk.class);
        }
        assertThat(RAN).containsExactly("one JDK", "one JDK");
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
    void shouldRunClassesThatAreNotSlowOnEachCommit() {
        for (String commit : List.of("0", "1")) {
            System.setProperty(Half.COMMIT, commit);
            run(Quick.class);
        }
        assertThat(RAN).containsExactlyInAnyOrder("quick", "slow", "quick", "slow");
    }

    @Test
    void shouldRunAllWithoutACommit() {
        run(One.class);
        run(Two.class);
        assertThat(RAN).containsExactly("one", "two");
    }
}
