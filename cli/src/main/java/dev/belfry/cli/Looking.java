package dev.belfry.cli;

import dev.belfry.spi.QueueReport;
import picocli.CommandLine.Option;

/** The common part of the commands that show the state of a queue. */
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
