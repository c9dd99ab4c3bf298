package dev.belfry.cli.frame;

import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Units;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The common part of all commands: output, {@code --json}, {@code --help}. */
@Command(
        mixinStandardHelpOptions = true,
        sortOptions = false,
        optionListHeading = "%nOptions:%n",
        descriptionHeading = "%n",
        footerHeading = "%nExamples:%n")
public abstract class BelfryCommand implements Callable<Integer> {
    /** The root command, as the other commands know it. */
    public interface Root {
        /** For bytes. */
        OutputStream stdout();
    }

    /** With --verbose. */
    public static volatile boolean showTraces;

    /** The longest message that any queue takes: a quarter of the largest ring. */
    public static final long MOST_BYTES = Units.LARGEST_CAPACITY / 4;

    @Spec
    public CommandSpec spec;

    @Option(names = "--json", description = "JSON instead of text.")
    public boolean json;

    @Option(names = "--verbose", description = "Also where in the program a failure came up, for a report of a defect.")
    boolean verbose;

    @Override
    public Integer call() throws Exception {
        showTraces = verbose;
        try {
            return run(spec.commandLine().getOut());
        } catch (OutOfMemoryError tooMuch) {
            throw new Exit.Problem("a message, or the buffer for it, does not fit into this JVM's heap of "
                    + Text.size(Runtime.getRuntime().maxMemory()) + " (" + tooMuch.getMessage()
                    + "): raise it, as in JAVA_TOOL_OPTIONS=-Xmx2g");
        } catch (Error defect) { // picocli would let it through
            throw new ExecutionException(defect.toString(), defect);
        }
    }

    protected abstract int run(PrintWriter out) throws Exception;

    /** For bytes: not to be mixed with {@code out}, which has a buffer of its own. */
    protected final OutputStream stdout() {
        return ((Root) spec.root().userObject()).stdout();
    }

    protected final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Tells it as JSON, or in words. */
    protected final void say(PrintWriter out, Map<String, Object> asJson, String words) {
        out.println(json ? Json.of(asJson) : words);
    }

    /** The size of a generated message, such as 1k. */
    public static int bytes(String size) {
        long bytes = Units.parseSize(size);
        require(bytes <= MOST_BYTES, "--size must be at most 256m, was " + size);
        return (int) bytes;
    }

    /** Between two readings. */
    protected static Duration interval(String text) {
        Duration interval = time(text);
        require(!interval.isZero(), "--interval must be > 0, was " + text);
        return interval;
    }

    /** A time that is longer than any machine lives has no limit. Also {@code 5m}, as tools for operators have it. */
    public static Duration time(String text) {
        String minutes = text.matches("\\d+m") ? text + "in" : text;
        return Duration.ofNanos(Deadlines.nanos(Units.parseDuration(minutes)));
    }

    /** Throws for wrong usage. */
    public static void require(boolean right, String what) {
        if (!right) throw new IllegalArgumentException(what);
    }
}
