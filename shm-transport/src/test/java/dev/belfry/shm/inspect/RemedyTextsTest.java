package dev.belfry.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.ProgramName;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What doctor says to do. */
@Timeout(60)
@OneJdk
class RemedyTextsTest {
    @Test
    void shouldSayWhatItKnowsOnceEach() {
        assertThat(Remedy.WAITING_FOR_STOPPED_NAMED
                        .problem("shm:q", "x", "QUEUE", "q", "NAME", "\"PID $1\"", "PID", "7")
                        .remedy())
                .isEqualTo("Let it continue ('kill -CONT 7') or end it ('kill -KILL 7'), and then its subscription:"
                        + " 'belfry unsubscribe q \"PID $1\"'.");
        assertThat(Remedy.NO_SLOTS.note("shm:q", "x", "QUEUE", "q").remedy())
                .contains("'belfry subs q'", "'belfry unsubscribe q NAME'");
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
            assertThat(Remedy.STILL.problem("shm:q", "x", "PID", pid).remedy())
                    .isEqualTo("A Java debugger may have suspended it, then 'jstack " + pid
                            + "' does not answer: let it go" + " on there; 'kill -KILL " + pid
                            + "' ends it in any case.");
            assertThat(Remedy.WAITING_FOR_NAMED
                            .problem("shm:q", "x", "QUEUE", "q", "NAME", "audit", "PID", pid)
                            .remedy())
                    .startsWith("'belfry top q' shows whether it moves. A Java debugger")
                    .endsWith("ends it in any case, and then its subscription: 'belfry unsubscribe q audit'.");
        } finally {
            suspended.destroyForcibly();
        }
        String own = Long.toString(ProcessHandle.current().pid());
        assertThat(Remedy.STILL.problem("shm:q", "x", "PID", own).remedy())
                .isEqualTo("'jstack " + own + "' shows what it does; 'kill " + own + "' ends it.");
    }
}
