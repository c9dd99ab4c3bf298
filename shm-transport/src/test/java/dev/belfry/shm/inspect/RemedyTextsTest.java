package dev.belfry.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.ProgramName;
import dev.belfry.spi.RemedyText;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What doctor says to do. */
@Timeout(60)
@OneJdk
class RemedyTextsTest {
    @Test
    void shouldSayWhatItKnowsOnceEach() {
        assertThat(RemedyText.of(
                        RemedyText.CONTINUE + ", 'belfry unsubscribe QUEUE NAME' OTHER",
                        Map.of("QUEUE", "q", "NAME", "\"PID $1\"", "PID", "7")))
                .isEqualTo("Let it continue ('kill -CONT 7'), 'belfry unsubscribe q \"PID $1\"' OTHER");
        assertThat(RemedyText.of("'belfry subs QUEUE'", Map.of("QUEUE", "-q"))).isEqualTo("'belfry subs shm:-q'");
        assertThat(List.of(Remedy.values())).allMatch(each -> !each.text.isEmpty());
    }

    @Test
    void shouldMakeAMountLargerThanItIs() {
        assertThat(MachineCheckup.larger(64L << 20)).isEqualTo("2g");
        assertThat(MachineCheckup.larger(3L << 30)).isEqualTo("6g");
        assertThat(Remedy.FULL.problem("/dev/shm", "x", "SIZE", "6g").remedy())
                .contains("'mount -o remount,size=6g /dev/shm'; Docker --shm-size=6g;");
    }

    /** As one at a breakpoint is: it answers no jstack, and SIGTERM does not end it. */
    @Test
    void shouldTellOfAJavaDebuggerWhatHelps() throws IOException {
        Process suspended = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0",
                        "-version")
                .redirectErrorStream(true)
                .start();
        try {
            Patience.until("its agent is there", () -> ProgramName.isDebugged(suspended.pid()));
            String pid = Long.toString(suspended.pid());
            assertThat(ofProcess(pid))
                    .isEqualTo("A Java debugger may have suspended it, then 'jstack " + pid
                            + "' does not answer: let it go" + " on there; 'kill -KILL " + pid
                            + "' ends it in any case.");
        } finally {
            suspended.destroyForcibly();
        }
        String own = Long.toString(ProcessHandle.current().pid());
        assertThat(ofProcess(own)).isEqualTo("'jstack " + own + "' shows what it does; 'kill " + own + "' ends it.");
    }

    private static String ofProcess(String pid) {
        return RemedyText.of(RemedyText.JSTACK + "; " + RemedyText.KILL + ".", Map.of("PID", pid));
    }
}
