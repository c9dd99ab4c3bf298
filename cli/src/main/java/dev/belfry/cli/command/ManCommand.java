package dev.belfry.cli.command;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

@Command(
        name = "man",
        description = "The manual page of this command, made of what --help says of each.",
        footer = {"  belfry man | man -l -", "  belfry man > /usr/local/share/man/man1/belfry.1"})
public final class ManCommand extends BelfryCommand {
    @Override
    protected int run(PrintWriter out) {
        CommandLine root = spec.root().commandLine();
        StringBuilder page = new StringBuilder(".TH BELFRY 1\n.SH NAME\nbelfry \\- see and steer message queues\n");
        helps(root).forEach((name, help) -> page.append(".SH ")
                .append(escaped(name))
                .append("\n.nf\n")
                .append(escaped(help))
                .append(".fi\n"));
        out.print(json ? Json.of(Json.object("page", page.toString())) + '\n' : page);
        return Exit.OK;
    }

    /** By their whole names, each command before its own. */
    private static Map<String, String> helps(CommandLine line) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(line.getCommandSpec().qualifiedName(), line.getUsageMessage(Ansi.OFF));
        line.getSubcommands().values().forEach(each -> all.putAll(helps(each)));
        return all;
    }

    /** No line of it is a request of roff. */
    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^(?=[.'])", "\\\\&");
    }
}
