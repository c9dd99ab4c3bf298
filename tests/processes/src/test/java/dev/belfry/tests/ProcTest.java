package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.Proc;
import dev.belfry.spi.ProgramName;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel tells of processes that live, have ended, or may not be seen. */
@WaitsForOthers
class ProcTest {
    private static final String CUT_NAME = "printf 'a\\303' >/proc/$$/comm; ";

    @TempDir
    Path temporary;

    @Test
    void shouldSeeThatAProcessIsStoppedWhoseNameTheKernelHasCutInsideACharacter() {
        try (ChildJvm stopped = sh(CUT_NAME + "kill -STOP $$")) {
            Patience.until(
                    "it is stopped",
                    () -> Proc.of(stopped.pid()).lines("stat").anyMatch(line -> line.contains(") T ")));
            assertThat(ProgramName.isStopped(stopped.pid())).isTrue();
            assertThat(ProgramName.tracer(stopped.pid())).isNull();
            assertThat(ProgramName.withPid(stopped.pid())).isEqualTo("pid " + stopped.pid() + " (sh)");
        }
    }

    @Test
    void shouldFindNothingWhenTheProcessHasEnded() {
        long pid;
        try (ChildJvm child = sh("read wait")) {
            pid = child.pid();
            assertThat(Proc.of(pid).exists()).isTrue();
            assertThat(Proc.pids()).contains(pid, ProcessHandle.current().pid());
        }
        assertNothingIn(Proc.of(pid));
        assertThat(Proc.of(pid).exists()).isFalse();
        assertThat(ProgramName.of(pid)).isNull();
        assertThat(ProgramName.isStopped(pid)).isFalse();
        assertThat(ProgramName.withPid(pid)).isEqualTo("pid " + pid);
    }

    /** No user can read a folder as a file, or a file as a folder: so maps and fd are as another user's. */
    @Test
    void shouldFindNothingWhenTheProcessMayNotBeSeen() throws IOException {
        for (String file : List.of("maps", "status", "limits")) Files.createDirectory(temporary.resolve(file));
        Files.createFile(temporary.resolve("fd"));
        assertNothingIn(new Proc(temporary));
        assertThat(new Proc(temporary).exists()).isTrue();
    }

    private static void assertNothingIn(Proc process) {
        assertThat(process.text("maps")).isEmpty();
        assertThat(process.field("status", "State")).isEmpty();
        assertThat(process.descriptors()).isEmpty();
        assertThat(Proc.target(process.descriptor(0))).isEmpty();
        assertThat(process.limit("Max open files")).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldReadSoftLimits() throws IOException {
        try (ChildJvm child = sh("ulimit -Sn 77; echo limited; read wait")) {
            child.expect("limited");
            assertThat(Proc.of(child.pid()).limit("Max open files")).isEqualTo(77);
        }
        Files.writeString(temporary.resolve("limits"), """
                Limit                     Soft Limit           Hard Limit           Units
                Max cpu time              unlimited            unlimited            seconds
                Max file size             18446744073709551614 18446744073709551614 bytes
                Max file locks            7                    unlimited            locks
                """);
        Proc process = new Proc(temporary);
        assertThat(process.limit("Max cpu time")).isEqualTo(Long.MAX_VALUE);
        assertThat(process.limit("Max file size")).isEqualTo(Long.MAX_VALUE);
        assertThat(process.limit("Max file locks")).isEqualTo(7);
        assertThat(process.limit("Max stack size")).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldTellWhatDescriptorsAreOpenOn() throws IOException {
        Path removed = Files.createFile(temporary.resolve("it"));
        try (var open = Files.newInputStream(removed)) {
            Files.delete(removed);
            assertThat(open.read()).isEqualTo(-1);
            assertThat(Proc.SELF.descriptors())
                    .anyMatch(each -> Proc.target(each).equals(removed + " (deleted)"));
        }
        assertThat(Proc.SELF.field("fdinfo/1", "flags")).isPresent();
    }

    private static ChildJvm sh(String script) {
        return ChildJvm.start("a shell", List.of("sh", "-c", script));
    }
}
