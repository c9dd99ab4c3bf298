package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar belfry.jar} and {@code ./belfry}; runs when the jar has been packed. */
@Timeout(180)
@Tag("Waits")
class ExecutableJarTest {
    private static final Path JAR = Path.of("target/belfry.jar").toAbsolutePath();
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @Test
    void shouldRunByItself() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo(Belfry.class.getName());
            assertThat(jar.getEntry("module-info.class")).isNull();
        }
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(run(sandbox, JAVA, "-jar", JAR.toString(), "pub", "q", "hello")
                            .code())
                    .isZero();
            assertThat(run(sandbox, JAVA, "-jar", JAR.toString(), "tail", "--format", "lines", "q")
                            .out())
                    .isEqualTo("hello\n");
            List<String> versions = run(sandbox, JAVA, "-jar", JAR.toString(), "--version")
                    .out()
                    .lines()
                    .toList();
            assertThat(versions.get(0)).matches("belfry \\d+\\.\\d+\\.\\d+.*");
            String version = versions.get(0).replace("belfry ", "");
            assertThat(versions.get(1))
                    .isEqualTo("belfry-shm-transport V, belfry-file-transport V, belfry-kafka-transport V"
                            .replace("V", version));
        }
    }

    /** Belfry runs on no other system. What its libraries bring for others was a third of the jar. */
    @Test
    void shouldCarryNativeCodeOfLinuxAlone() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.stream().map(JarEntry::getName).filter(n -> n.matches(".*\\.(so|a|dll|dylib|jnilib)")))
                    .contains("com/sun/jna/linux-x86-64/libjnidispatch.so")
                    .contains("com/sun/jna/linux-aarch64/libjnidispatch.so")
                    .allMatch(n -> n.matches("(?i).*linux.*"))
                    .allMatch(n -> n.matches(".*/(linux-)?(x86[-_]64|amd64|aarch64|arm64)/.*"));
        }
        assertThat(Files.size(JAR)).isLessThanOrEqualTo(18_400_000);
    }

    /** Those of Belfry, once each, and those of what it carries. Its own jars have the former. */
    @Test
    void shouldCarryItsLicenseAndTheNoticesOfItsParts() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(text(jar, "META-INF/NOTICE"))
                    .containsOnlyOnce("Copyright 2026 The Belfry authors")
                    .contains("Micrometer", "Jakarta Messaging")
                    .doesNotContain("Copyright 2006");
            assertThat(text(jar, "META-INF/LICENSE.txt")).contains("QOS.ch", "Gil Tene");
            assertThat(text(jar, "META-INF/LICENSE")).isEqualTo(Files.readString(Path.of("../LICENSE")));
            assertThat(jar.stream().map(JarEntry::getName)).contains("META-INF/AL2.0", "META-INF/LICENSE.md");
        }
        List<Path> own;
        try (Stream<Path> files = Files.list(JAR.getParent())) {
            own = files.filter(file -> file.getFileName().toString().matches("belfry-cli-(?!.*javadoc).*\\.jar"))
                    .toList();
        }
        assertThat(own).isNotEmpty();
        for (Path each : own) {
            try (JarFile jar = new JarFile(each.toFile())) {
                assertThat(text(jar, "META-INF/NOTICE")).isEqualTo(Files.readString(Path.of("../NOTICE")));
                assertThat(text(jar, "META-INF/LICENSE")).isEqualTo(Files.readString(Path.of("../LICENSE")));
            }
        }
    }

    private static String text(JarFile jar, String name) throws IOException {
        return new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    @Slow
    void shouldHaveTheLiveScreen() {
        try (Sandbox sandbox = new Sandbox();
                PseudoTerminal terminal = new PseudoTerminal(80, 24)) {
            List<String> command = List.of(JAVA, "-jar", JAR.toString(), "top");
            ChildJvm top = TopScreenTest.start(sandbox, terminal, "exec \"$@\" >TTY", command);
            Patience.until("it is there", top, () -> terminal.lines().get(23).startsWith("q quit"));
            terminal.press("q");
            assertThat(Sandbox.finish(top, "").code()).isZero();
        }
    }

    @Test
    void shouldBeStartedByTheScript() {
        Path script = Path.of("../belfry").toAbsolutePath().normalize();
        assertThat(Files.isExecutable(script)).isTrue();
        try (Sandbox sandbox = new Sandbox()) {
            Result listed = run(sandbox, "env", "BELFRY_JAR=" + JAR, script.toString(), "ls", "--json");
            assertThat(listed).isEqualTo(new Result(0, "{\"format\":1,\"queues\":[]}\n", ""));
            assertThat(run(sandbox, "env", "BELFRY_JAR=" + JAR, script.toString(), "tail")
                            .code())
                    .isEqualTo(2);
        }
    }

    /** Those that are read from the jar cost most of the time of a short command. */
    @Slow
    @Test
    void shouldStartFasterByAnArchiveOfClasses(@TempDir Path files) throws IOException {
        Path jar = Files.copy(JAR, files.resolve("belfry.jar"));
        try (Sandbox sandbox = new Sandbox()) {
            long first = classesFromTheJar(sandbox, files); // and makes it
            assertThat(archives(files)).hasSize(1);
            long then = classesFromTheJar(sandbox, files);
            assertThat(then)
                    .as("classes read from the jar, " + first + " without an archive")
                    .isLessThan(250);
            assertThat(Files.readAllLines(files.resolve("classes")))
                    .as("all classes")
                    .hasSizeLessThan(2_500);
            Files.write(archives(files).get(0), new byte[0]); // none can be made
            assertThat(classesFromTheJar(sandbox, files)).isGreaterThan(then + 100);
            assertThat(archives(files)).singleElement().satisfies(file -> assertThat(file)
                    .isEmptyFile());
            Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
            Files.setLastModifiedTime(archives(files).get(0), FileTime.from(Instant.EPOCH));
            classesFromTheJar(sandbox, files); // of another jar: made again
            assertThat(archives(files)).singleElement().satisfies(file -> assertThat(file)
                    .isNotEmptyFile());
        }
    }

    private static List<Path> archives(Path files) throws IOException {
        try (Stream<Path> all = Files.list(files)) {
            return all.filter(file -> file.toString().contains(".jsa")).toList();
        }
    }

    /** And it says nothing of the archive. */
    private static long classesFromTheJar(Sandbox sandbox, Path files) throws IOException {
        String script = Path.of("../belfry").toAbsolutePath().normalize().toString();
        String log = "JDK_JAVA_OPTIONS=-Xlog:class+load:file=" + files.resolve("classes");
        Result listed = run(sandbox, "env", log, "BELFRY_JAR=" + files.resolve("belfry.jar"), script, "ls", "--json");
        assertThat(listed.code()).as(listed.toString()).isZero();
        assertThat(listed.out()).isEqualTo("{\"format\":1,\"queues\":[]}\n");
        assertThat(listed.err().lines()).as(listed.err()).hasSize(1).allMatch(line -> line.contains("NOTE: Picked up"));
        try (Stream<String> lines = Files.lines(files.resolve("classes"))) {
            return lines.filter(line -> line.contains("belfry.jar")).count();
        }
    }

    /** What lies beside the link is not a clone. */
    @Slow
    @Test
    void shouldBeStartedThroughALink(@TempDir Path files) throws IOException {
        Path clone = Files.createDirectories(files.resolve("clone/cli/target"));
        Files.copy(JAR, clone.resolve("belfry.jar"));
        Files.copy(Path.of("../belfry"), files.resolve("clone/belfry"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(
                Path.of("../.mvn/built.sh"),
                Files.createDirectories(files.resolve("clone/.mvn")).resolve("built.sh"));
        Path link = Files.createSymbolicLink(files.resolve("belfry"), Path.of("clone/belfry"));
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(run(sandbox, "env", "-u", "BELFRY_JAR", link.toString(), "ls", "--json"))
                    .isEqualTo(new Result(0, "{\"format\":1,\"queues\":[]}\n", ""));
        }
    }

    private static Result run(Sandbox sandbox, String... command) {
        return Sandbox.finish(sandbox.start(new ArrayList<>(List.of(command))), "");
    }
}
