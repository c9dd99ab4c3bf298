package dev.belfry.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.cli.command.BackupCommand;
import dev.belfry.cli.command.BenchCommand;
import dev.belfry.cli.command.BridgeCommand;
import dev.belfry.cli.command.CheckCommand;
import dev.belfry.cli.command.CompletionCommand;
import dev.belfry.cli.command.DoctorCommand;
import dev.belfry.cli.command.Format;
import dev.belfry.cli.command.GcCommand;
import dev.belfry.cli.command.HealthCommand;
import dev.belfry.cli.command.InfoCommand;
import dev.belfry.cli.command.JmsCommand;
import dev.belfry.cli.command.KeepCommand;
import dev.belfry.cli.command.LsCommand;
import dev.belfry.cli.command.ManCommand;
import dev.belfry.cli.command.PubCommand;
import dev.belfry.cli.command.RequeueCommand;
import dev.belfry.cli.command.ResetCommand;
import dev.belfry.cli.command.RmCommand;
import dev.belfry.cli.command.SalvageCommand;
import dev.belfry.cli.command.ServeCommand;
import dev.belfry.cli.command.SkipCommand;
import dev.belfry.cli.command.SubCommand;
import dev.belfry.cli.command.SubsCommand;
import dev.belfry.cli.command.TailCommand;
import dev.belfry.cli.command.TopCommand;
import dev.belfry.cli.command.UnsubscribeCommand;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.Suggestions;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The command itself. Exit codes: 0 all is well, 1 a problem, 2 wrong usage. */
@Command(
        name = "belfry",
        description = {"See and steer the message queues of this machine.", ""},
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Belfry.Version.class,
        subcommands = {
            LsCommand.class,
            HealthCommand.class,
            CheckCommand.class,
            InfoCommand.class,
            TopCommand.class,
            ServeCommand.class,
            TailCommand.class,
            PubCommand.class,
            SubCommand.class,
            SubsCommand.class,
            SkipCommand.class,
            RequeueCommand.class,
            ResetCommand.class,
            UnsubscribeCommand.class,
            BridgeCommand.class,
            JmsCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            GcCommand.class,
            KeepCommand.class,
            BackupCommand.class,
            SalvageCommand.class,
            RmCommand.class,
            CompletionCommand.class,
            ManCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Q is a queue's name, or a URI such as 'shm:prices?capacity=4m'.",
            "Data goes to stdout, logs to stderr. Exit code 0: all is well, 1: a problem, 2: wrong usage.",
            "Colours only on a terminal, and not if NO_COLOR is set or TERM is dumb.",
            "",
            "Examples:",
            "  belfry ls                      every queue of this machine",
            "  belfry top                     the same, live",
            "  belfry serve                   the same, as a page, for Prometheus and for probes",
            "  belfry tail -f prices          what is published, without disturbing a process",
            "  belfry health                  is everything well? A word for each queue",
            "  belfry doctor                  what is wrong, and what to do"
        })
public final class Belfry implements BelfryCommand.Root {
    /** So that lines stay whole if the process is killed between two of its writes. */
    private static final int BUFFER = 1 << 18;

    private final OutputStream stdout;

    private Belfry(OutputStream stdout) {
        this.stdout = stdout;
    }

    @Override
    public OutputStream stdout() {
        return stdout;
    }

    public static void main(String[] args) {
        if (List.of(args).contains("--verbose")) logMore();
        System.setErr(new QuietErrors(System.err));
        StandardOutput out = new StandardOutput();
        OutputStream buffered = new BufferedOutputStream(out, BUFFER);
        CommandLine line = commandLine(buffered);
        line.setOut(new PrintWriter(new OutputStreamWriter(buffered, UTF_8)));
        int code = line.execute(args);
        line.getOut().flush();
        if (out.failure != null) {
            line.getErr().println("belfry: cannot write the output: " + out.failure.getMessage());
            if (code == Exit.OK) code = Exit.PROBLEM;
        }
        if (!isEnding()) System.exit(code); // else JDK 17 may end with this value, not with the signal's
    }

    /** Before the first logger; simplelogger.properties has the rest. */
    private static void logMore() {
        for (String logger : List.of("org.apache.kafka", "dev.belfry.bridge.Bridge"))
            System.setProperty("org.slf4j.simpleLogger.log." + logger, "warn");
    }

    /**
     * Without stack traces, which are printed line by line as objects: the traces of the log add
     * nothing to the sentence that follows them.
     */
    private static final class QuietErrors extends PrintStream {
        QuietErrors(PrintStream errors) {
            super(errors, true);
        }

        @Override
        public void println(Object lineOfATrace) {
            if (BelfryCommand.showTraces) super.println(lineOfATrace);
        }
    }

    /**
     * Remembers why it could not be written, which a PrintWriter does not report. A reader that has
     * gone, as with {@code | head}, is no failure.
     */
    private static final class StandardOutput extends FilterOutputStream {
        volatile IOException failure;

        StandardOutput() {
            super(new FileOutputStream(FileDescriptor.out));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                if (!"Broken pipe".equals(e.getMessage())) failure = e;
                throw e;
            }
        }
    }

    private static CommandLine commandLine(OutputStream stdout) {
        CommandLine line = new CommandLine(new Belfry(stdout));
        line.setExpandAtFiles(false); // a message may begin with an @
        convert(line);
        line.setExecutionExceptionHandler(Belfry::failed);
        line.setParameterExceptionHandler(Belfry::misused);
        return line;
    }

    /** In words of its own. */
    private static void convert(CommandLine line) {
        for (CommandLine each : line.getSubcommands().values()) {
            each.registerConverter(Long.class, text -> number(text, Long::valueOf, "a whole number, such as 100"));
            each.registerConverter(Double.class, text -> number(text, Double::valueOf, "a number, such as 0.5"));
            each.registerConverter(double.class, text -> number(text, Double::valueOf, "a number, such as 0.5"));
            each.registerConverter(Format.class, text -> constant(text, Format.values()));
            each.registerConverter(PubCommand.Input.class, text -> constant(text, PubCommand.Input.values()));
            each.registerConverter(SubCommand.Policy.class, text -> constant(text, SubCommand.Policy.values()));
            convert(each);
        }
    }

    private static <N> N number(String text, Function<String, N> as, String what) {
        try {
            return as.apply(text);
        } catch (NumberFormatException wrong) {
            throw new TypeConversionException("'" + text + "' is not " + what);
        }
    }

    private static <E extends Enum<E>> E constant(String text, E[] all) {
        for (E each : all) if (Text.word(each).equalsIgnoreCase(text)) return each;
        throw new TypeConversionException("'" + text + "' is not one of "
                + Arrays.stream(all).map(Text::word).toList());
    }

    /** The text of a Belfry exception says what to do; any other exception is a defect. */
    private static int failed(Exception failure, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        if (failure instanceof QueueClosedException && isEnding()) return Exit.PROBLEM; // Ctrl-C: closed by its hook
        if (BelfryCommand.showTraces) failure.printStackTrace(err);
        if (failure instanceof IllegalArgumentException) {
            say(line, failure.getMessage());
            return line.getCommandSpec().exitCodeOnInvalidInput();
        }
        if (failure instanceof MessageQueueException || failure instanceof Exit.Problem) {
            say(line, failure.getMessage() + directory(failure, parsed));
            return line.getCommandSpec().exitCodeOnExecutionException();
        }
        say(
                line,
                "failed, and should not have: " + failure
                        + (BelfryCommand.showTraces ? "" : "; --verbose shows where"));
        return line.getCommandSpec().exitCodeOnExecutionException();
    }

    /** A hint at a directory that was named as a queue of {@code shm:} is. */
    private static String directory(Exception failure, ParseResult parsed) {
        return parsed.originalArgs().stream()
                .filter(word -> failure.getMessage().startsWith("No queue '" + word + "' in ")
                        && Files.isDirectory(Path.of(word)))
                .map(word -> " The directory is './" + word + "'.")
                .findFirst()
                .orElse("");
    }

    /** The process: it takes no hook any more. */
    private static boolean isEnding() {
        Thread hook = new Thread(() -> {}, "none");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            Runtime.getRuntime().removeShutdownHook(hook);
            return false;
        } catch (IllegalStateException ending) {
            return true;
        }
    }

    private static void say(CommandLine line, String failure) {
        boolean json = line.getCommand() instanceof BelfryCommand command && command.json;
        line.getErr()
                .println(json ? Json.of(Json.object("error", Text.clean(failure))) : Text.clean("belfry: " + failure));
    }

    private static int misused(ParameterException failure, String[] args) {
        CommandLine line = failure.getCommandLine();
        if (Arrays.asList(args).contains("--json")) {
            line.getErr().println(Json.of(Json.object("error", Text.clean(failure.getMessage()))));
            return line.getCommandSpec().exitCodeOnInvalidInput();
        }
        if (args.length == 0) {
            line.usage(line.getErr());
            return Exit.USAGE;
        }
        String nearest = line.getParent() != null
                ? null
                : Suggestions.nearest(args[0], line.getSubcommands().keySet());
        line.getErr()
                .println("belfry: "
                        + (nearest == null
                                ? failure.getMessage()
                                : "There is no command '" + args[0] + "'; did you mean '" + nearest + "'?"));
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Belfry.class.getPackage().getImplementationVersion();
            String transports = String.join(
                    ", ",
                    Transports.all().stream()
                            .map(t -> t.name() + " " + t.version())
                            .toList());
            return List.of("belfry " + (version == null ? "(built from source)" : version), transports)
                    .toArray(new String[0]);
        }
    }
}
