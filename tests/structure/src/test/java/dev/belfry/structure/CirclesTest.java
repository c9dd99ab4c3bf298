package dev.belfry.structure;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Classes that need each other in a circle can only be read together. Today's knots are listed, and
 * the list may only shrink. A class counts with the classes nested in it. It goes by its simple
 * name, so that a move to another package is no change; if two have that name, by the last word of
 * its package, too. A constant that the compiler copies leaves no trace in a class file: such a need
 * is not seen.
 */
@OneJdk
@Slow
class CirclesTest {
    /** One knot a line: its classes in order, joined by ", "; the lines in order. */
    private static final List<String> KNOTS = List.of(
            "BelfryBrowser, BelfryConnection, BelfryConsumer, BelfryProducer, BelfrySession, "
                    + "Incoming, Listening, Receiving, SessionState, Settlement",
            "Browsing, Daemon, Domain, Holdings, LocalConsumer, Membership, Pump, RoomMaker, Sender",
            "Channel, Lane, MessageMap, View, fold.Message, fold.QueueView, fold.Subscription",
            "ChildJvm, Patience",
            "ClassArchive, JavaCommand",
            "ConformanceExtension, ConformanceSuite",
            "FutexLock, Wait",
            "Lexer, Literal",
            "MessageView, api.Message",
            "Problems, message.Names",
            "Put, RecordCheck",
            "RegistryImage, RegistryRules, Rules, State",
            "Seeded, Seeds");

    private static final String[] PRODUCT = {
        "dev.belfry.api",
        "dev.belfry.spi",
        "dev.belfry.judgement",
        "dev.belfry.shm",
        "dev.belfry.mem",
        "dev.belfry.file",
        "dev.belfry.bridge",
        "dev.belfry.conformance",
        "dev.belfry.testing",
        "dev.belfry.cli",
        "dev.belfry.kafka",
        "dev.belfry.micrometer",
        "dev.belfry.jackson",
        "dev.belfry.chronicle",
        "dev.belfry.opentelemetry",
        "dev.belfry.spring.boot",
        "dev.belfry.jakarta"
    };

    private final ClassFileImporter importer =
            new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests());

    @Test
    void shouldHaveNoCirclesOfClassesButThoseListed() {
        assertThat(KNOTS).isSorted();
        assertThat(complaints(needs(importer.importPackages(PRODUCT)), KNOTS)).isEmpty();
    }

    @Test
    void shouldSeeAllOfTheProduct() {
        SortedMap<String, SortedSet<String>> needs = needs(importer.importPackages(PRODUCT));
        assertThat(needs.keySet()).contains("Publisher", "QueueSupport", "ShmPublisher", "LogEnd", "MemLog");
        assertThat(needs.keySet())
                .contains(
                        "Pump",
                        "jndi.Names",
                        "message.Names",
                        "ConformanceSuite",
                        "Cluster",
                        "BelfryMetrics",
                        "BridgeCommand")
                .doesNotContain("Names");
        assertThat(needs.get("ShmPublisher")).contains("LogEnd").doesNotContain("ShmPublisher");
    }

    @Test
    void shouldFindAPlantedCircle() {
        SortedMap<String, SortedSet<String>> needs =
                needs(new ClassFileImporter().importClasses(Hen.class, Hen.Nest.class, Egg.class, Farm.class));
        assertThat(complaints(needs, List.of()))
                .containsExactly("a circle that is not listed: \"Egg, Hen\", by Egg -> Hen, Hen -> Egg");
        assertThat(complaints(needs, List.of("Egg, Farm")))
                .containsExactly(
                        "a circle that is not listed: \"Egg, Hen\", by Egg -> Hen, Hen -> Egg",
                        "the list may shrink: \"Egg, Farm\" is no circle any more, remove its line");
        assertThat(complaints(needs, List.of("Egg, Farm, Hen")))
                .containsExactly("the list may shrink: in place of \"Egg, Farm, Hen\" put \"Egg, Hen\"");
        assertThat(complaints(needs, List.of("Egg, Hen"))).isEmpty();
    }

    private static List<String> complaints(SortedMap<String, SortedSet<String>> needs, List<String> listed) {
        Set<SortedSet<String>> knots = knots(needs);
        List<String> complaints = new ArrayList<>();
        for (SortedSet<String> knot : knots)
            if (listed.stream().noneMatch(line -> classes(line).containsAll(knot)))
                complaints.add("a circle that is not listed: " + line(knot) + ", by " + edges(needs, knot));
        for (String line : listed) {
            Set<String> classes = classes(line);
            String left = knots.stream()
                    .filter(classes::containsAll)
                    .map(CirclesTest::line)
                    .collect(joining(", "));
            boolean hasGrown = knots.stream().anyMatch(knot -> knot.containsAll(classes));
            if (left.isEmpty() && !hasGrown)
                complaints.add("the list may shrink: \"" + line + "\" is no circle any more, remove its line");
            else if (!left.isEmpty() && !left.equals("\"" + line + "\""))
                complaints.add("the list may shrink: in place of \"" + line + "\" put " + left);
        }
        return complaints;
    }

    /** For each class those that it needs, itself left out. */
    private static SortedMap<String, SortedSet<String>> needs(JavaClasses imported) {
        Map<String, String> names = names(imported);
        SortedMap<String, SortedSet<String>> needs = new TreeMap<>();
        for (JavaClass type : imported) {
            String name = names.get(topLevel(type));
            SortedSet<String> needed = needs.computeIfAbsent(name, t -> new TreeSet<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (imported.contain(target.getName())) needed.add(names.get(topLevel(target)));
            }
            needed.remove(name);
        }
        return needs;
    }

    /** By what each top-level class goes. */
    private static Map<String, String> names(JavaClasses imported) {
        Set<String> all = imported.stream().map(CirclesTest::topLevel).collect(toSet());
        Map<String, Long> times = all.stream().collect(groupingBy(CirclesTest::simple, counting()));
        return all.stream()
                .collect(toMap(
                        name -> name,
                        name -> times.get(simple(name)) == 1 ? simple(name) : name.replaceFirst(".*\\.(?=.*\\.)", "")));
    }

    private static String topLevel(JavaClass type) {
        return type.getName().replaceFirst("\\$.*", "");
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static Set<SortedSet<String>> knots(SortedMap<String, SortedSet<String>> needs) {
        Set<SortedSet<String>> knots = new LinkedHashSet<>();
        for (String type : needs.keySet()) {
            SortedSet<String> knot = reached(type, needs);
            knot.removeIf(other -> !reached(other, needs).contains(type));
            if (!knot.isEmpty()) knots.add(knot);
        }
        return knots;
    }

    /** All that a class needs in the end: itself only in a circle. */
    private static SortedSet<String> reached(String from, SortedMap<String, SortedSet<String>> needs) {
        SortedSet<String> reached = new TreeSet<>();
        for (Deque<String> open = new ArrayDeque<>(needs.get(from)); !open.isEmpty(); ) {
            String next = open.pop();
            if (reached.add(next)) open.addAll(needs.get(next));
        }
        return reached;
    }

    private static String edges(SortedMap<String, SortedSet<String>> needs, SortedSet<String> knot) {
        return knot.stream()
                .flatMap(from -> needs.get(from).stream().filter(knot::contains).map(to -> from + " -> " + to))
                .collect(joining(", "));
    }

    private static String line(SortedSet<String> knot) {
        return "\"" + String.join(", ", knot) + "\"";
    }

    private static Set<String> classes(String line) {
        return Set.of(line.split(", "));
    }
}

/** Needs the egg by a class that is nested in it. */
class Hen {
    static class Nest {
        Egg[] eggs;
    }
}

class Egg {
    Hen hen;
}

/** Needs both, and is in no circle. */
class Farm {
    Hen hen;
    Egg egg;
}
