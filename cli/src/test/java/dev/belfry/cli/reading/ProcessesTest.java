package dev.belfry.cli.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.ProgramName;
import dev.belfry.testing.Patience;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(180)
@Tag("Waits")
class ProcessesTest {
    private static final long SELF = ProcessHandle.current().pid();

    @ParameterizedTest
    @CsvSource({
        "java --add-opens a/b=ALL-UNNAMED --class-path x pkg.Main -v, Main",
        "/opt/jdk/bin/java -Xmx1g -cp x pkg.Main @file, Main",
        "java @options -classpath x --add-exports a/b=c --add-reads a=b Main, Main",
        "java --add-modules a --limit-modules a --patch-module a=b --upgrade-module-path x -p y -m mod.a/pkg.Main, Main",
        "java --module-path y --module mod.a, mod.a",
        "java --module-path=y --module=mod.a/pkg.Main, Main",
        "java --enable-native-access ALL-UNNAMED -jar /opt/some.jar x, some.jar",
        "java --source 17 /tmp/Try.java x, Try.java",
        "java -version, java",
        "java -m, java",
        "/usr/bin/python3 x.py, python3",
    })
    void shouldNameWhatRuns(String words, String command) {
        assertThat(ProgramName.of(words.split(" "))).isEqualTo(command);
    }

    @Test
    void shouldForgetAProcessThatIsGone() {
        Processes processes = new Processes();
        processes.look(Set.of(SELF));
        Patience.until("it has used some processor time", () -> {
            processes.look(Set.of(SELF));
            return processes.cpu(SELF) > 0;
        });
        assertThat(processes.cpu(SELF)).as("asked again, of another queue").isPositive();
        processes.look(Set.of());
        assertThat(processes.cpu(SELF)).isEqualTo(-1);
        processes.look(Set.of(SELF));
        assertThat(processes.cpu(SELF)).isZero();
    }
}
