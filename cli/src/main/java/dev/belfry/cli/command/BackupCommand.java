package dev.belfry.cli.command;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.HowFar;
import dev.belfry.cli.text.Text;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "backup",
        description =
                "Copies the directory of a file: queue, also while processes use it. The copy is a queue of its own, with all that was on the disk when this began. It is refused while the original is open on this machine.",
        footer = {
            "  belfry backup ./prices ./prices.monday    on one file system it takes no more than two segments",
            "  belfry backup ./prices /mnt/other/prices"
        })
public final class BackupCommand extends BelfryCommand {
    @Parameters(paramLabel = "Q", index = "0", description = "The queue.")
    String queue;

    @Parameters(paramLabel = "DIR", index = "1", description = "A directory that is not there yet.")
    String directory;

    @Override
    protected int run(PrintWriter out) {
        Queue of = Queue.of(queue);
        Map<String, Object> made;
        try (HowFar shown = new HowFar(err())) {
            made = of.inspector().backup(of.name(), directory, shown);
        }
        String words = made.get("uri") + " has " + made.get("files") + " files of the log: " + made.get("linked")
                + " are links, " + Text.size((long) made.get("copiedBytes")) + " were copied";
        say(out, made, words);
        return Exit.OK;
    }
}
