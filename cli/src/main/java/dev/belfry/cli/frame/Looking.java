package dev.belfry.cli.frame;

import dev.belfry.cli.reading.Queue;
import dev.belfry.spi.QueueReport;
import picocli.CommandLine.Option;

/** The common part of the commands that show the state of a queue. */
public final class Looking {
    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Fails if there is no answer for so long, such as 5s (1s at least).")
    String timeout;

    public QueueReport at(Queue queue) {
        return Opening.within(timeout, queue, queue::look, tooLate -> {});
    }
}
