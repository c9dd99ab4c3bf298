package dev.belfry.cli;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

@Command(
        name = "completion",
        description = "The completion script of this command, for bash and zsh.",
        footer = {"  source <(belfry completion)", "  belfry completion > /etc/bash_completion.d/belfry"})
final class CompletionCommand extends BelfryCommand {
    @Override
    int run(PrintWriter out) {
        String script = AutoComplete.bash("belfry", spec.root().commandLine());
        out.println(json ? Json.of(Json.object("script", script)) : script);
        return Exit.OK;
    }
}
