package dev.belfry.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueClosedException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command itself. Exit codes: 0 all is well, 1 a problem, 2 wrong usage. */
@Command(
        name = "belfry",
        description = {"See and steer the message queues of this machine.", ""},
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Belfry.Version.class,
        subcommands = {
            LsCommand.class,
            InfoCommand.class,
            TopCommand.class,
            TailCommand.class,
            PubCommand.class,
            SubCommand.class,
            SubsCommand.class,
            UnsubscribeCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            GcCommand.class,
            RmCommand.class,
            CompletionCommand.class
        },
        footer = {
            "",
            "Q is a queue's name, or a URI such as 'shm:prices?capacity=4m'.",
            "Data goes to stdout, logs to stderr. Exit code 0: all is well, 1: a problem, 2: wrong usage.",
            "Colours only on a terminal, and not if NO_COLOR is set.",
            "",
            "Examples:",
            "  belfry ls                      every queue of this machine",
            "  belfry top                     the same, live",
            "  belfry tail -f prices          what is published, disturbing nobody",
            "  belfry doctor                  is everything well?"
        })
public final class Belfry {
    /** So that lines are not torn apart where it is killed between two of its writes. */
    private static final int BUFFER = 1 << 18;

    static final int OK = 0;
    static final int PROBLEM = 1;
    static final int USAGE = 2;

    final OutputStream stdout;

    private Belfry(OutputStream stdout) {
        this.stdout = stdout;
    }

    public static void main(String[] args) {
        StandardOutput out = new StandardOutput();
        OutputStream buffered = new BufferedOutputStream(out, BUFFER);
        CommandLine line = commandLine(buffered);
        line.setOut(new PrintWriter(new OutputStreamWriter(buffered, UTF_8)));
        int code = line.execute(args);
        line.getOut().flush();
        if (out.failure != null) {
            line.getErr().println("belfry: cannot write what it has to say: " + out.failure.getMessage());
            if (code == OK) code = PROBLEM;
        }
        System.exit(code);
    }

    /** Remembers why it could not be written, which a PrintWriter does not say; but that nobody reads it any more, as {@code | head} does, is no failure. */
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
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExpandAtFiles(false); // a message may begin with an @
        line.setExecutionExceptionHandler(Belfry::failed);
        line.setParameterExceptionHandler(Belfry::misused);
        return line;
    }

    /** What Belfry throws says what to do; anything else is a defect, and shows where. */
    private static int failed(Exception failure, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        if (failure instanceof QueueClosedException) return PROBLEM; // Ctrl-C: the process is ending
        if (failure instanceof IllegalArgumentException) {
            err.println(Show.clean("belfry: " + failure.getMessage()));
            return USAGE;
        }
        if (failure instanceof MessageQueueException || failure instanceof Problem) {
            err.println(Show.clean("belfry: " + failure.getMessage()));
            return PROBLEM;
        }
        failure.printStackTrace(err);
        return PROBLEM;
    }

    private static int misused(ParameterException failure, String[] args) {
        CommandLine line = failure.getCommandLine();
        line.getErr().println("belfry: " + failure.getMessage());
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return USAGE;
    }

    /** Something to be said in a sentence, with exit code 1. */
    static final class Problem extends RuntimeException {
        private static final long serialVersionUID = 1;

        Problem(String message) {
            super(message);
        }
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
