package dev.belfry.cli.command;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.serve.ServeHttp;
import dev.belfry.cli.serve.ServePages;
import dev.belfry.cli.text.Exit;
import dev.belfry.spi.ShellWords;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "serve",
        description = {
            "A page about all queues and domains that this user may see, what --json prints, health for probes, and meters for Prometheus, by HTTP. It joins no queue and changes nothing.",
            "",
            "  /              the page",
            "  /metrics       for Prometheus",
            "  /health        what 'health' prints; 503 if something is critical. /health/Q: of this queue",
            "  /api/health    as 'health --json'",
            "  /api/queues    as 'ls --json'. /api/queues/Q: as 'info --json'",
            "  /api/doctor    as 'doctor --json'. /api/doctor/Q: of this one",
            "  /api/domains/D as 'jms ls --json'. /api/domains/D/QUEUE: as 'jms browse --json'",
            "  /api/page      what the page shows"
        },
        footer = {
            "  belfry serve",
            "  belfry serve /var/lib/shop     also the queues of file: in it",
            "  belfry serve --listen 10.0.0.5:9464 --token /etc/belfry/token",
            "  curl -H \"Authorization: Bearer $(cat /etc/belfry/token)\" http://10.0.0.5:9464/health",
            "",
            "It looks when it is asked, at most once a second. A browser asks for a name and a password: the password is",
            "the token, and any name will do. There is no TLS: between machines put a proxy that has it before this."
        })
public final class ServeCommand extends BelfryCommand {
    /** Where the token may be, as a command line is for all to read. */
    static final String TOKEN = "BELFRY_TOKEN";

    private static final int LEAST_TOKEN = 16;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS:PORT",
            defaultValue = "localhost:9464",
            description =
                    "Port 0: a free one (${DEFAULT-VALUE}). Other addresses than those of localhost need a token.")
    String listen;

    @Option(
            names = "--token",
            paramLabel = "FILE",
            description = "Answers only who knows the first line of this file; without it, what is in " + TOKEN + ".")
    Path tokenFile;

    @Option(
            names = "--bodies",
            description = "Also shows properties and bodies of messages in domains. Without it nobody sees any.")
    boolean bodies;

    @Option(
            names = "--bridge",
            paramLabel = "ADDRESS:PORT",
            description = "Also shows what a bridge tells of itself, whose --listen this is. Several times.")
    List<String> bridges = List.of();

    @Parameters(
            paramLabel = "DIRECTORY",
            arity = "0..*",
            description =
                    "Also the queues of file: in these: those that were not open since the machine has started are found only so.")
    List<String> directories = List.of();

    @Override
    protected int run(PrintWriter out) throws Exception {
        Transports.requireUsable(Queue.SCHEME);
        InetSocketAddress address = address("--listen", listen);
        bridges.forEach(each -> address("--bridge", each));
        String token = token(tokenFile, System.getenv(TOKEN));
        String readers = tokenFile == null ? null : readersOf(tokenFile);
        if (readers != null) err().println(readers);
        require(
                token != null || address.getAddress().isLoopbackAddress(),
                "--listen " + listen + " can be reached from other machines: name a file with a token by --token, or"
                        + " set " + TOKEN);
        try (ServeHttp server = listen(address, listen, token, new ServePages(bodies, directories, bridges))) {
            out.println(url(address, server));
            out.flush();
            server.closed.await();
        }
        return Exit.OK;
    }

    /** {@code text}: the address as it was given. */
    static ServeHttp listen(InetSocketAddress address, String text, String token, ServeHttp.Pages pages) {
        try {
            return new ServeHttp(address, token, pages);
        } catch (IOException e) {
            throw new Exit.Problem("cannot listen at " + text + ": " + e.getMessage());
        }
    }

    static String url(InetSocketAddress address, ServeHttp server) {
        String host = address.getHostString();
        String plain = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        return "http://" + plain + ":" + server.port() + "/";
    }

    public static InetSocketAddress address(String option, String text) {
        int colon = text.lastIndexOf(':');
        String wrong = option + " must be ADDRESS:PORT, such as localhost:9464 or [::1]:9464, was " + text;
        require(colon > 0 && text.substring(colon + 1).matches("\\d{1,5}"), wrong);
        int port = Integer.parseInt(text.substring(colon + 1));
        require(port < 65536, wrong);
        try {
            return new InetSocketAddress(InetAddress.getByName(text.substring(0, colon)), port);
        } catch (IOException unknown) {
            throw new IllegalArgumentException(wrong + ": there is no such address");
        }
    }

    /** A warning if others than its owner may read it; else null. */
    public static String readersOf(Path token) {
        try {
            int mode = (int) Files.getAttribute(token, "unix:mode");
            if ((mode & 044) == 0) return null;
            return "belfry: " + ((mode & 04) != 0 ? "every user of this machine" : "the group of " + token)
                    + " may read the token: 'chmod 600 " + ShellWords.of(token.toString()) + "' ends that";
        } catch (IOException | UnsupportedOperationException unknown) {
            return null;
        }
    }

    /** Null: none is wanted. */
    public static String token(Path file, String variable) {
        String token = variable;
        String from = TOKEN;
        if (file != null)
            try {
                from = file.toString();
                token = Files.readAllLines(file).stream().findFirst().orElse("").strip();
            } catch (IOException e) {
                throw new Exit.Problem("cannot read the token in '" + file + "': " + e);
            }
        require(
                token == null || token.length() >= LEAST_TOKEN,
                "the token in " + from + " has " + (token == null ? 0 : token.length()) + " characters; at least "
                        + LEAST_TOKEN + " are needed: 'head -c 24 /dev/urandom | base64' makes one");
        return token;
    }
}
