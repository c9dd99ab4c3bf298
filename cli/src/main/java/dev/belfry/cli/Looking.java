package dev.belfry.cli;

import dev.belfry.spi.QueueReport;
import picocli.CommandLine.Option;

/** What the commands have in common that show what a queue is. */
final class Looking {
    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Fails if there is no answer for so long, such as 5s (1s at least).")
    String timeout;

    QueueReport at(Queue queue) {
        return Opening.within(timeout, queue, queue::look, tooLate -> {});
    }
}
