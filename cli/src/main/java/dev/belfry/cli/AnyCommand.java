package dev.belfry.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands have: output, {@code --json}, {@code --help}. */
@Command(
        mixinStandardHelpOptions = true,
        sortOptions = false,
        optionListHeading = "%nOptions:%n",
        descriptionHeading = "%n",
        footerHeading = "%nExamples:%n")
abstract class AnyCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--json", description = "JSON instead of text.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        int code = run(spec.commandLine().getOut());
        spec.commandLine().getOut().flush();
        return code;
    }

    abstract int run(PrintWriter out) throws Exception;

    /** Colours only where somebody sees them. */
    static Ansi ansi() {
        return Ansi.AUTO;
    }

    static String paint(String markup) {
        return ansi().string(markup);
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** A number from {@code least} on, or wrong usage. */
    static void require(boolean right, String what) {
        if (!right) throw new IllegalArgumentException(what);
    }
}
