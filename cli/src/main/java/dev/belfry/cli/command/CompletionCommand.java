package dev.belfry.cli.command;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Set;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "completion",
        description = "The completion script of this command, for bash and zsh.",
        footer = {"  source <(belfry completion)", "  belfry completion > /etc/bash_completion.d/belfry"})
public final class CompletionCommand extends BelfryCommand {
    /** A shell expands the words that it is given, so a file of another name must not be one. */
    private static final String QUEUES =
            "$(ls /dev/shm 2>/dev/null | sed -n 's/^belfry\\.\\([A-Za-z0-9_-][A-Za-z0-9._-]*\\)$/\\1/p')";

    @Override
    protected int run(PrintWriter out) {
        CommandLine root = spec.root().commandLine();
        String script = withQueues(AutoComplete.bash("belfry", root), functions(root));
        say(out, Json.object("script", script), script);
        return Exit.OK;
    }

    /** The functions of commands that are given a queue. */
    private static Set<String> functions(CommandLine line) {
        Set<String> all = new HashSet<>();
        if (!line.getCommandSpec().positionalParameters().isEmpty())
            all.add("function _picocli_" + line.getCommandSpec().qualifiedName("_") + "() {");
        for (CommandLine each : line.getSubcommands().values()) all.addAll(functions(each));
        return all;
    }

    private static String withQueues(String script, Set<String> functions) {
        StringBuilder all = new StringBuilder();
        boolean named = false;
        for (String line : script.split("\n", -1)) {
            if (line.startsWith("function ")) named = functions.contains(line);
            String words = named ? line.replace("local positionals=\"\"", "local positionals=\"" + QUEUES + '"') : line;
            all.append(words).append('\n');
        }
        return all.substring(0, all.length() - 1);
    }
}
