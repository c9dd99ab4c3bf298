package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The library beside another release of it: of the same layout, and of another one. */
@Timeout(120)
@WaitsForOthers
@Slow
@OneJdk
class OtherReleasesTest {
    @RegisterExtension
    final Stage stage = new Stage();

    private ChildJvm member() {
        return stage.member(Member.command());
    }

    /**
     * The classes in which another release differs, to be put before ours: those of the transport's
     * sources that have {@code part} in them, with one of these files changed. That is the changed
     * class, or a constant, which the compiler copies into all that name it.
     */
    private static Path otherRelease(Path directory, String file, String part, String from, String to)
            throws IOException {
        Path sources = Path.of("../../shm-transport/src/main").toAbsolutePath().normalize();
        assumeTrue(Files.isDirectory(sources), "there are no sources beside this module");
        Path changed = Files.createDirectories(directory.resolve("src"));
        Path classes = Files.createDirectories(directory.resolve("classes"));
        List<String> command = new ArrayList<>(List.of(
                "-proc:none", "-nowarn", "-d", classes.toString(), "-cp", System.getProperty("java.class.path")));
        try (Stream<Path> all = Files.walk(sources.resolve("java"))) {
            for (Path source : all.filter(s -> s.toString().endsWith(".java")).toList()) {
                String text = Files.readString(source);
                if (!source.getFileName().toString().equals(file)) {
                    if (text.contains(part)) command.add(source.toString());
                    continue;
                }
                assertThat(text).contains(from, part);
                command.add(Files.writeString(changed.resolve(file), text.replace(from, to))
                        .toString());
            }
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        assumeTrue(compiler != null, "no compiler in this Java");
        assertThat(compiler.run(null, null, null, command.toArray(String[]::new)))
                .isZero();
        return classes;
    }

    private ChildJvm memberOf(Path release) {
        return stage.member(Member.command().inFront(release));
    }

    @Test
    @Tag("F73")
    void f73AReleaseOfTheSameLayoutSharesAQueue(@TempDir Path directory) throws IOException {
        Path release = otherRelease(
                directory,
                "ShmProvider.java",
                "class ShmProvider",
                "return ProviderVersion.of(ShmProvider.class);",
                "return \"0.9\";");
        String uri = stage.uri("capacity=64k&maxCapacity=1m");
        ChildJvm old = member();
        old.ask("open " + uri, "ok");
        old.ask("subscribe audit", "ok");
        old.ask("publish 10 1000", "ok");
        ChildJvm upgraded = memberOf(release);
        assertThat(upgraded.ask("version")).isEqualTo("ok 0.9");
        assertThat(old.ask("version")).startsWith("ok ").isNotEqualTo("ok 0.9");
        upgraded.ask("open " + uri, "ok");
        assertThat(upgraded.ask("subscribe audit")).startsWith("failed InUseException: ");
        old.ask("receive 4", "ok");
        old.ask("close", "ok");
        old.tell("exit");
        old.awaitEnd();
        upgraded.ask("subscribe audit", "ok");
        assertThat(upgraded.ask("receive 6"))
                .as("what the old one had not acknowledged")
                .isEqualTo("ok 10");
        assertThat(upgraded.ask("publish 1 100000")).as("it grows").isEqualTo("ok 11");
        ChildJvm again = member();
        again.ask("open " + uri, "ok");
        again.ask("publish 1 100", "ok");
        assertThat(upgraded.ask("receive 2")).isEqualTo("ok 12");
    }

    @Test
    @Tag("F73")
    void f73AReleaseOfAnotherLayoutIsRefusedOnBothSidesWithBothNumbers(@TempDir Path directory) throws IOException {
        Path release = otherRelease(
                directory,
                "SegmentHeader.java",
                "LAYOUT_VERSION",
                "int LAYOUT_VERSION = 3;",
                "int LAYOUT_VERSION = 4;");
        String theirs = stage.uri("");
        String ours = stage.uri("");
        ChildJvm old = member();
        ChildJvm upgraded = memberOf(release);
        old.ask("open " + ours, "ok");
        old.ask("subscribe", "ok");
        upgraded.ask("open " + theirs, "ok");
        assertThat(upgraded.ask("open " + ours))
                .startsWith("failed IncompatibleVersionException: ")
                .contains("has layout 3, this library reads 4");
        assertThat(old.ask("open " + theirs))
                .startsWith("failed IncompatibleVersionException: ")
                .contains("has layout 4, this library reads 3");
        assertThat(old.ask("publish 1 10")).isEqualTo("ok 1");
        assertThat(old.ask("receive 1")).as("untouched").isEqualTo("ok 1");
    }
}
