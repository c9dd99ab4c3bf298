package dev.belfry.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.cli.frame.LimitedCommand;
import dev.belfry.cli.text.Exit;
import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Commands that read what may stand still end in time, and fail as they would without a limit. */
@OneJdk
class LimitedCommandTest {
    @CommandLine.Command(name = "toy")
    static final class Toy extends LimitedCommand {
        private final boolean fails;

        Toy(boolean fails) {
            this.fails = fails;
        }

        @Override
        protected int run(PrintWriter out) throws Exception {
            if (fails) throw new IOException("broken");
            new CountDownLatch(1).await();
            return Exit.OK;
        }
    }

    private static Toy toy(boolean fails, String... args) {
        Toy toy = new Toy(fails);
        new CommandLine(toy).parseArgs(args);
        return toy;
    }

    @Test
    void shouldGiveUpWhenThereIsNoAnswer() {
        assertThatThrownBy(toy(false, "--timeout", "1ms")::call)
                .isInstanceOf(Exit.Problem.class)
                .hasMessage("no answer within 1 s: give a longer --timeout, or name one queue");
    }

    @Test
    void shouldFailAsWithoutALimit() {
        for (Toy toy : List.of(toy(true), toy(true, "--timeout", "1s")))
            assertThatThrownBy(toy::call).isInstanceOf(IOException.class).hasMessage("broken");
    }

    @Test
    void shouldBeEachThatReadsOthersQueues() {
        for (Class<?> command :
                List.of(LsCommand.class, TopCommand.class, DoctorCommand.class, GcCommand.class, OfDomain.class))
            assertThat(LimitedCommand.class).isAssignableFrom(command);
    }
}
