package dev.belfry.cli.command;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.Proc;
import dev.belfry.spi.Units;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "pub",
        description =
                "Publishes: the argument, a file as one message, or the standard input, each line of it unless --format says otherwise. Creates the queue if need be.",
        footer = {
            "  belfry pub prices 'tick 1'",
            "  tail -f app.log | belfry pub log",
            "  belfry pub --file picture.png pictures",
            "  belfry tail --from oldest --format framed trades | belfry pub --format framed copy",
            "  belfry pub --size 1000 --count 100000 --rate 5000 load"
        })
public final class PubCommand extends BelfryCommand {
    /** The next message, or null. */
    @FunctionalInterface
    private interface Source {
        ByteBuffer next() throws IOException;
    }

    /** How the standard input is divided into messages. */
    public enum Input {
        LINES,
        RAW,
        FRAMED
    }

    private static final char UNKNOWN = '\uFFFD';

    @Parameters(index = "0", paramLabel = "Q", description = "The queue.")
    String queue;

    @Parameters(index = "1", arity = "0..1", paramLabel = "TEXT", description = "The message.")
    String text;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "Of the standard input: lines (each line is a message; the default), raw (all of it is one message) or framed (before each message its length, 4 bytes, big-endian).")
    Input format;

    @Option(names = "--file", paramLabel = "FILE", description = "All of this file is the message.")
    Path file;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            description = "The message is made up, of this many bytes, such as 1k.")
    String size;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "So many messages: the same again and again, or at most so many lines.")
    Long count;

    @Option(names = "--rate", paramLabel = "N", description = "At most so many in a second.")
    Double rate;

    @Option(
            names = {"-P", "--property"},
            paramLabel = "NAME=VALUE",
            description = "A property of type String; may be given again.")
    Map<String, String> properties = new LinkedHashMap<>();

    @Mixin
    Opening opening;

    @Option(names = "--timestamps", description = "Each message says when it was published.")
    boolean timestamps;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long to wait for room in a full queue, and to open it (1s at least), such as 5s."
                    + " Default: for ever.")
    String timeout;

    @Override
    protected int run(PrintWriter out) throws IOException {
        int sources = (text != null ? 1 : 0) + (file != null ? 1 : 0) + (size != null ? 1 : 0);
        require(sources <= 1, "one of TEXT, --file and --size, not " + sources);
        require(format == null || sources == 0, "--format is for the standard input, not for TEXT, --file or --size");
        require(count == null || count > 0, "--count must be > 0, was " + count);
        require(rate == null || rate > 0, "--rate must be > 0, was " + rate);
        requireWhole(text);
        MessageProperties.Builder with = MessageProperties.builder();
        properties.forEach((name, value) -> {
            if (OnFailure.ADDED.contains(name))
                with.putReceived(name, requireWhole(value)); // a dead letter, made again
            else with.put(name, requireWhole(value));
        });
        MessageProperties all = properties.isEmpty() ? MessageProperties.empty() : with.build();
        PublisherOptions.Builder options = PublisherOptions.builder().timestamps(timestamps);
        if (timeout != null) options.timeout(Units.parseDuration(timeout));
        Source source = source();
        Queue named = Queue.of(queue);
        long first = 0;
        long last = 0;
        long published = 0;
        boolean done = false;
        long began = System.nanoTime();
        try (MessageQueue opened = opening.open(named, timeout);
                Publisher publisher = opened.createPublisher(options.build())) {
            for (ByteBuffer body; (body = source.next()) != null; published++) {
                if (rate != null) awaitTurn(began + (long) (published * 1e9 / rate));
                last = publisher.publish(body, all);
                if (published == 0) first = last;
            }
            if (published == 0 && count != null)
                throw new Exit.Problem("the standard input is empty: nothing was published; --size makes messages up");
            done = true;
        } finally { // a caller that sends the rest again must know where it begins
            long millis = Math.round((System.nanoTime() - began) / 1e6);
            if (done || published > 0) say(out, new Done(named.toString(), published, first, last, millis, done));
        }
        return Exit.OK;
    }

    private record Done(String uri, long published, long first, long last, long millis, boolean all) {}

    private void say(PrintWriter out, Done done) {
        if (json)
            out.println(Json.of(Json.object(
                    "uri", done.uri,
                    "published", done.published,
                    "firstPosition", done.first,
                    "lastPosition", done.last,
                    "seconds", done.millis / 1000.0)));
        else if (!done.all || done.published != 1 || count != null)
            err().println("belfry: published " + Text.number(done.published) + " in "
                    + Duration.ofMillis(done.millis).toString().substring(2).toLowerCase(Locale.ROOT));
    }

    /** Refuses an argument with characters that the JVM could not decode: it has put UNKNOWN in their place. */
    private static String requireWhole(String argument) {
        if (argument != null && argument.indexOf(UNKNOWN) >= 0)
            throw new Exit.Problem("this locale (" + Charset.defaultCharset().name() + ", "
                    + System.getProperty("sun.jnu.encoding")
                    + ") cannot carry all characters of an argument: set LC_ALL=C.UTF-8, or use the standard input");
        return argument;
    }

    private Source source() throws IOException {
        boolean standardInput = text == null && file == null && size == null;
        if (standardInput && format != Input.RAW) return parts();
        ByteBuffer body = ByteBuffer.wrap(
                standardInput
                        ? whole(standardInput())
                        : text != null ? text.getBytes(StandardCharsets.UTF_8) : file != null ? contents() : madeUp());
        long[] left = {count == null ? 1 : count};
        return () -> left[0]-- > 0 ? body.rewind() : null;
    }

    private byte[] contents() throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new Exit.Problem("there is no file " + file);
        } catch (IOException | OutOfMemoryError e) {
            throw new Exit.Problem("cannot read " + file + ": " + e.getMessage());
        }
    }

    private byte[] madeUp() {
        byte[] bytes = new byte[BelfryCommand.bytes(size)];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) ('a' + i % 26);
        return bytes;
    }

    private static InputStream standardInput() {
        if (isClosed()) throw new Exit.Problem("the standard input is closed: give TEXT, --file or --size");
        return new BufferedInputStream(new FileInputStream(FileDescriptor.in), 1 << 16);
    }

    private static byte[] whole(InputStream in) {
        try {
            return in.readAllBytes();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private Source parts() {
        InputStream in = standardInput();
        long[] left = {count == null ? Long.MAX_VALUE : count};
        return () -> {
            if (left[0]-- <= 0) return null;
            try {
                byte[] part = format == Input.FRAMED ? frame(in) : line(in);
                return part == null ? null : ByteBuffer.wrap(part);
            } catch (IOException e) {
                throw unreadable(e);
            }
        };
    }

    private static Exit.Problem unreadable(IOException e) {
        return new Exit.Problem("cannot read the standard input: " + e.getMessage());
    }

    /** Byte for byte what is between line feeds; null at the end. */
    private static byte[] line(InputStream in) throws IOException {
        int next = in.read();
        if (next < 0) return null;
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (; next >= 0 && next != '\n'; next = in.read()) line.write(next);
        return line.toByteArray();
    }

    /** Null at the end, which must not lie inside a message. */
    private static byte[] frame(InputStream in) throws IOException {
        byte[] head = in.readNBytes(Integer.BYTES);
        if (head.length == 0) return null;
        if (head.length < Integer.BYTES) throw new Exit.Problem("the standard input ends inside a message's length");
        long length = Integer.toUnsignedLong(ByteBuffer.wrap(head).getInt());
        if (length > MOST_BYTES)
            throw new Exit.Problem("the standard input is not framed: a length of " + Text.number(length)
                    + " bytes, where a message has at most " + Text.number(MOST_BYTES));
        byte[] body = in.readNBytes((int) length);
        if (body.length < length)
            throw new Exit.Problem("the standard input ends inside a message: " + Text.number(body.length) + " of "
                    + Text.number(length) + " bytes");
        return body;
    }

    /** The JVM's own file is then the first that gets this number. */
    private static boolean isClosed() {
        try {
            Path modules = Path.of(System.getProperty("java.home"), "lib", "modules");
            return Files.isSameFile(Proc.SELF.descriptor(0), modules);
        } catch (IOException notThere) {
            return false;
        }
    }

    private static void awaitTurn(long nanos) {
        for (long left; (left = nanos - System.nanoTime()) > 0; ) LockSupport.parkNanos(left);
    }
}
