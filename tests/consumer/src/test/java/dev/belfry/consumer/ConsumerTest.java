package dev.belfry.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Jdks;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each folder beside {@code src} is a project of a user, as are two of the examples. It is built with what
 * {@code mvn install} of this clone installs; then its programs are started.
 */
@Slow
@WaitsForOthers
@Timeout(1200)
@OneJdk
class ConsumerTest {
    private static final Pattern PROGRAM = Pattern.compile("(?s)```java\n// (\\w+\\.java)\n(.*?)```");
    private static final Pattern OUTPUT = Pattern.compile("(?s)`Watch` prints this[^`]*```text\n(.*?)```");
    private static final Pattern STARTER = Pattern.compile("(?s)## Spring Boot\n.*?```xml\n(.*?)```");
    private static final Pattern SHOP = Pattern.compile("(?s)```java\n// Shop\\.java\n(.*?)```");
    private static final Pattern PROPERTIES = Pattern.compile("(?s)```properties\n(.*?)```");
    private static final Pattern BILLED = Pattern.compile("(?m)^billed (\\d+): Order\\[what=pears, howMany=\\d+]$");
    private static final Pattern SOLD = Pattern.compile("(?m)^sold order (\\d+)\n");
    private static final Pattern PACKED = Pattern.compile("(?m)^packed order (\\d+)\n");
    private static final Pattern NEWS = Pattern.compile("(?m)^read: (\\d+) are sold\n");
    private static final Pattern ORDERED = Pattern.compile(" ordered pear (\\d+) for 2 coins\n");
    private static final Pattern RECEIVED = Pattern.compile(" received a parcel of pear (\\d+) for 2 coins\n");
    private static final Pattern BUILD = Pattern.compile("(?s)## In your build\n.*?```xml\n(.*?)```");

    @TempDir
    static Path folder;

    private static Installed installed;

    private final String name = "consumer-" + ProcessHandle.current().pid();

    @BeforeAll
    static void install() throws IOException {
        installed = Installed.in(folder);
    }

    @AfterAll
    static void keepWhatWasFetched() throws IOException {
        if (installed != null) installed.keepWhatWasFetched();
    }

    @AfterEach
    void removeQueues() {
        MessageQueues.delete("shm:" + name);
        MessageQueues.delete("shm:" + name + "-orders");
    }

    @ByTurns
    @Test
    void shouldRunTheReadmesProgramsWhenItsLinesAreInAPlainBuild() throws IOException {
        Project plain = installed.project(Path.of("plain"));
        runReadme(plain, name);
    }

    /** A plain project with the lines and programs of the README. */
    static void runReadme(Project plain, String name) throws IOException {
        String readme = Files.readString(Installed.ROOT.resolve("README.md"));
        plain.replace("pom.xml", "<!-- README -->", first(BUILD, readme));
        for (Matcher program = PROGRAM.matcher(readme); program.find(); )
            plain.write("src/main/java/" + program.group(1), program.group(2).replace("shm:prices", "shm:" + name));
        plain.build();

        String classPath = plain.path("target/classes") + ":" + plain.path("target/lib") + "/*";
        assertThat(plain.run("-cp", classPath, "Prices")).isEmpty();
        assertThat(plain.run("-cp", classPath, "Watch"))
                .containsExactlyElementsOf(first(OUTPUT, readme).lines().toList());
    }

    @Test
    void shouldInstallTheSourcesThatAnEditorShows() {
        assertThat(installed.artifact("belfry-api", "-sources.jar")).exists();
        assertThat(installed.artifact("belfry-shm-transport", "-sources.jar")).exists();
    }

    @ByTurns
    @Test
    void shouldStartSpringBoot3WithItsOwnVersions() throws IOException {
        Project boot = installed.project(Path.of("boot3"));
        boot.build();
        assertThat(boot.run("-jar", boot.path("target/boot3.jar").toString(), "--prices=shm:" + name))
                .contains("received tick 9 of 10");
    }

    @ByTurns
    @Test
    void shouldLoseNoOrderWhenThePagesSpringBoot4ApplicationIsKilled() throws IOException {
        String page = Files.readString(Installed.ROOT.resolve("docs/application.md"));
        Project boot = installed.project(Path.of("boot4"));
        boot.replace("pom.xml", "<!-- PAGE -->", first(STARTER, page));
        String shop = first(SHOP, page);
        assertThat(shop.lines().filter(line -> !line.isBlank() && !line.matches("(import|package) .*")))
                .hasSizeLessThanOrEqualTo(25);
        boot.write("src/main/java/shop/Shop.java", shop);
        boot.write(
                "src/main/resources/application.properties",
                first(PROPERTIES, page).replace("shm:orders", "shm:" + name));
        boot.build();

        String jar = boot.path("target/boot4.jar").toString();
        List<String> till = List.of("-jar", jar, "--spring.profiles.active=till");
        List<String> billing = List.of("-jar", jar, "--spring.profiles.active=billing");
        Set<Long> billed = new TreeSet<>();
        try (ChildJvm killed = boot.start(billing);
                ChildJvm publishes = boot.start(till)) {
            Patience.until("it bills", killed, () -> killed.output().contains("billed 1:"));
            killed.kill();
            billed.addAll(numbers(BILLED, killed));
            publishes.awaitEnd();
        }
        boot.run(till);
        // The newest JDK goes on where the oldest was killed.
        try (ChildJvm again = boot.start(newest(), billing)) {
            Patience.until("it bills all", again, () -> again.output().contains("billed 2000:"));
            billed.addAll(numbers(BILLED, again));
            again.terminate();
            again.awaitExit();
        }
        assertThat(billed)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 2000).boxed().toList());
    }

    @ByTurns
    @Test
    void shouldShareOrdersAndReadAllNewsInTheSpringBootExample() throws IOException {
        Project boot = example("spring-boot", "shm:boot-shop");
        List<String> lines = linesToRun("spring-boot");
        try (ChildJvm one = boot.start(Project.OUR_JAVA, lines.get(0));
                ChildJvm other = boot.start(newest(), lines.get(1));
                ChildJvm till = boot.start(Project.OUR_JAVA, lines.get(2))) {
            Patience.until(
                    "both pack, and have read the same news",
                    till,
                    () -> !numbers(PACKED, one).isEmpty()
                            && !numbers(PACKED, other).isEmpty()
                            && numbers(NEWS, one).stream().anyMatch(numbers(NEWS, other)::contains));
            assertThat(numbers(PACKED, one)).doesNotContainAnyElementsOf(numbers(PACKED, other));
            one.kill();
            till.terminate();
            till.awaitExit();
            Set<Long> sold = Set.copyOf(numbers(SOLD, till));
            Patience.until("all is packed", other, () -> {
                Set<Long> packed = new TreeSet<>(numbers(PACKED, one));
                packed.addAll(numbers(PACKED, other));
                return packed.containsAll(sold);
            });
            other.terminate();
            other.awaitExit();
        }
    }

    @ByTurns
    @Test
    void shouldSendOneParcelForEachOrderInTheCamelExample() throws IOException {
        Project camel = example("camel", "shm:camel-shop");
        List<String> lines = linesToRun("camel");
        try (ChildJvm customer = camel.start(newest(), lines.get(1))) {
            try (ChildJvm killed = camel.start(Project.OUR_JAVA, lines.get(0))) {
                Patience.until(
                        "parcels", customer, () -> numbers(RECEIVED, customer).size() > 2);
                killed.kill();
            }
            int before = numbers(ORDERED, customer).size();
            try (ChildJvm again = camel.start(newest(), lines.get(0))) {
                Patience.until(
                        "orders", customer, () -> numbers(ORDERED, customer).size() > before + 1);
                List<Long> ordered = numbers(ORDERED, customer);
                Patience.until("parcels of all", again, () -> numbers(RECEIVED, customer)
                        .containsAll(ordered));
                assertThat(numbers(RECEIVED, customer)).doesNotHaveDuplicates();
            }
        }
    }

    /** Between a commit and its line one may be killed, so one order may be packed without being seen. */
    @ByTurns
    @Test
    void shouldLoseNoOrderWhenAQuarkusApplicationIsKilled() throws IOException {
        Project quarkus = installed.project(Path.of("quarkus"));
        quarkus.replace("src/main/resources/application.properties", "shm:shop", "shm:" + name);
        quarkus.build();
        String jar = quarkus.path("target/quarkus-app/quarkus-run.jar").toString();
        Set<Long> sold = new TreeSet<>();
        Set<Long> packed = new TreeSet<>();
        try (ChildJvm killed = quarkus.start(List.of("-Dshop.orders=2000", "-jar", jar))) {
            Patience.until("it packs", killed, () -> numbers(PACKED, killed).size() > 50);
            killed.kill();
            sold.addAll(numbers(SOLD, killed));
            packed.addAll(numbers(PACKED, killed));
        }
        // The newest JDK goes on where the oldest was killed.
        try (ChildJvm again = quarkus.start(newest(), List.of("-Dshop.orders=1", "-jar", jar))) {
            Patience.until(
                    "it packs all",
                    again,
                    () -> again.output().contains("packed order 1\n")
                            && again.output().contains("shown order 1\n"));
            packed.addAll(numbers(PACKED, again));
            again.terminate();
            again.awaitExit();
        }
        sold.removeAll(packed);
        assertThat(sold).as("sold, and not packed").hasSizeLessThanOrEqualTo(1);
    }

    /** An example that is a project, built, with a domain of this test. */
    private Project example(String folder, String domain) throws IOException {
        Project example = installed.project(Installed.ROOT.resolve("examples").resolve(folder));
        example.replace("src/main/resources/application.properties", domain, "shm:" + name);
        example.build();
        return example;
    }

    /** What the page of the examples says to run once it is built. */
    private static List<String> linesToRun(String folder) throws IOException {
        String page = Files.readString(Installed.ROOT.resolve("examples/README.md"));
        Pattern block = Pattern.compile("(?s)\ncd examples/" + folder + " && mvn -q package\n(.*?)```");
        return first(block, page).lines().toList();
    }

    private static Path newest() {
        return Objects.requireNonNullElse(Jdks.java(25), Project.OUR_JAVA);
    }

    private static List<Long> numbers(Pattern pattern, ChildJvm child) {
        return pattern.matcher(child.output())
                .results()
                .map(one -> Long.valueOf(one.group(1)))
                .toList();
    }

    private static String first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        assertThat(found.find()).as(pattern.pattern()).isTrue();
        return found.group(1);
    }
}
