package dev.belfry.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.conformance.OneJdk;
import dev.belfry.conformance.Slow;
import dev.belfry.conformance.Waits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each folder beside {@code src} is a project of a user. It is built with what {@code mvn install} of this clone
 * installs; then its program is started.
 */
@Slow
@Waits
@Timeout(1200)
@OneJdk
class ConsumerTest {
    private static final Pattern PROGRAM = Pattern.compile("(?s)```java\n// (\\w+\\.java)\n(.*?)```");
    private static final Pattern OUTPUT = Pattern.compile("(?s)`Watch` prints this[^`]*```text\n(.*?)```");
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

    @Test
    void shouldRunTheReadmesProgramsWhenItsLinesAreInAPlainBuild() throws IOException {
        String readme = Files.readString(Installed.ROOT.resolve("README.md"));
        Project plain = installed.project("plain");
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
    void shouldStartSpringBoot3WithItsOwnVersions() throws IOException {
        Project boot = installed.project("boot3");
        boot.build();
        assertThat(boot.run("-jar", boot.path("target/boot3.jar").toString(), "--prices=shm:" + name))
                .contains("received tick 9 of 10");
    }

    @Test
    void shouldStartSpringBoot4WithItsOwnVersions() throws IOException {
        Project boot = installed.project("boot4");
        boot.build();
        assertThat(boot.run(
                        "-jar",
                        boot.path("target/boot4.jar").toString(),
                        "--prices=shm:" + name,
                        "--orders=shm:" + name + "-orders"))
                .contains("ordered tick 9 of 10");
    }

    private static String first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        assertThat(found.find()).as(pattern.pattern()).isTrue();
        return found.group(1);
    }
}
