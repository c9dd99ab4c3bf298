package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
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
        assertThat(Files.size(JAR)).isLessThanOrEqualTo(18_000_000);
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
            assertThat(listed).isEqualTo(new Result(0, "[]\n", ""));
            assertThat(run(sandbox, "env", "BELFRY_JAR=" + JAR, script.toString(), "tail")
                            .code())
                    .isEqualTo(2);
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
                    .isEqualTo(new Result(0, "[]\n", ""));
        }
    }

    private static Result run(Sandbox sandbox, String... command) {
        return Sandbox.finish(sandbox.start(new ArrayList<>(List.of(command))), "");
    }
}
