package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Capability;
import dev.belfry.testing.Seeded;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The kit's index: which behaviours of the contract's list have a test, and whether its tags mean something. */
class BehavioursTest {
    private static final List<Class<?>> SUITES = List.of(
            DeliverySuite.class,
            PropertiesSuite.class,
            StartAndHistorySuite.class,
            SeekSuite.class,
            WaitingSuite.class,
            ClosingSuite.class,
            FullAndSlowSuite.class,
            SlowReaderSuite.class,
            AcknowledgingSuite.class,
            RedeliverySuite.class,
            NamedSuite.class,
            ClaimSuite.class,
            GrowthSuite.class,
            StatsSuite.class,
            MisuseSuite.class,
            ProcessesSuite.class,
            DeathsSuite.class,
            CostSuite.class,
            LifeSuite.class,
            SpiSuite.class,
            LogSuite.class,
            LogUsersSuite.class,
            ModelSuite.class,
            SameAsMemSuite.class,
            ApiRacesSuite.class,
            ApiStatesSuite.class,
            BatchSuite.class,
            BatchUseSuite.class,
            LatestSuite.class,
            SubscribersSuite.class);

    @Test
    void shouldTestEveryBehaviour() {
        Set<String> tested = tests().map(Method::getName)
                .filter(n -> n.matches("b[0-9][0-9][A-Z].*"))
                .map(n -> n.substring(1, 3))
                .collect(Collectors.toSet());
        assertThat(tested)
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 58)
                        .mapToObj(n -> String.format("%02d", n))
                        .toList());
    }

    /** Else a transport written by the page leaves one out. Few transports have a log. */
    @Test
    void shouldBeOnThePageForTransports() throws IOException {
        String page = Files.readString(Path.of("../../docs/writing-a-transport.md"));
        assertThat(SUITES.stream().map(Class::getSimpleName))
                .filteredOn(suite -> !suite.startsWith("Log"))
                .allMatch(suite -> page.contains(" extends " + suite + " {}"));
    }

    @Test
    void shouldBeTaggedWithCapabilities() {
        Set<String> known = Arrays.stream(Capability.values()).map(Enum::name).collect(Collectors.toSet());
        known.add("Cost");
        Stream<Tag> tags = Stream.concat(
                tests().flatMap(m -> Arrays.stream(m.getAnnotationsByType(Tag.class))),
                SUITES.stream().flatMap(s -> Arrays.stream(s.getAnnotationsByType(Tag.class))));
        assertThat(tags.map(Tag::value).filter(t -> !t.matches("[FTI][0-9]+")).distinct())
                .isSubsetOf(known);
    }

    @Test
    void shouldReadAsSentences() throws NoSuchMethodException {
        Method method = CostSuite.class.getDeclaredMethod("b38NeedsNoFlagsAndKeepsStderrClean");
        assertThat(new BehaviourNames().generateDisplayNameForMethod(List.of(), CostSuite.class, method))
                .isEqualTo("38 needs no flags and keeps stderr clean");
    }

    private static Stream<Method> tests() {
        return SUITES.stream()
                .flatMap(s -> Arrays.stream(s.getDeclaredMethods()))
                .filter(m -> m.isAnnotationPresent(Test.class) || m.isAnnotationPresent(Seeded.class));
    }
}
