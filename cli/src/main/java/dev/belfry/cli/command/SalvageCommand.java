package dev.belfry.cli.command;

import dev.belfry.api.Batch;
import dev.belfry.api.Create;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.bridge.Bridges;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.HowFar;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.ShellWords;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "salvage",
        description =
                "Copies all messages that can be proven of a damaged queue into a new queue of files, which keeps them all, and tells each gap. Changes nothing of the damaged one. Exit code 1: there are gaps.",
        footer = {
            "  belfry salvage ./prices ./prices.salvaged",
            "  belfry salvage orders \"file:/var/lib/orders?keep=7d&maxSize=2g\""
        })
public final class SalvageCommand extends BelfryCommand implements QueueInspector.Salvaged {
    private static final int BATCH = 1 << 18;
    private static final long MORE_ROOM = 128L << 20; // two segments

    private record Gap(long first, long last, long offset, long bytes) {}

    @Parameters(paramLabel = "Q", index = "0", description = "The queue.")
    String queue;

    @Parameters(paramLabel = "NEW", index = "1", description = "A directory that is not there yet.")
    String directory;

    private final List<Gap> gaps = new ArrayList<>();
    private Queue target;
    private Path part; // what it is called until it is whole
    private MessageQueue made;
    private Publisher publisher;
    private Batch batch;
    private long messages;

    @Override
    protected int run(PrintWriter out) throws IOException {
        Queue source = Queue.of(queue);
        require(
                List.of(Queue.SCHEME, Queue.FILES).contains(source.scheme()),
                "a queue of shm: or file: can be salvaged, no other, was '" + queue + "'");
        target = Queue.of(directory);
        require(
                target.scheme().equals(Queue.FILES),
                "NEW is a directory, such as './salvaged', was '" + directory + "'");
        part = Path.of(target.name() + ".part");
        if (Files.exists(Path.of(target.name())))
            throw new Exit.Problem("'" + target.name() + "' exists: choose a directory that does not, or remove it");
        if (Files.exists(part))
            throw new Exit.Problem(
                    "'" + part + "' exists: another salvage writes it, or one that was ended has left it."
                            + " 'belfry rm " + ShellWords.of(part.toString()) + "' removes it then; it is not whole");
        if (Path.of(target.name()).startsWith(source.name()))
            throw new Exit.Problem("'" + target.name() + "' lies in the queue's own directory: choose another place");
        try (HowFar shown = new HowFar(err())) {
            source.inspector().salvage(source.name(), this, shown);
            commit();
        } catch (Throwable failed) {
            if (made != null) giveUp();
            throw failed;
        }
        made.close();
        Files.move(part, Path.of(target.name()));
        try (FileChannel parent = FileChannel.open(part.getParent())) {
            parent.force(true); // or a loss of power would leave it with the name of one that is not whole
        }
        long missing = gaps.stream()
                .mapToLong(gap -> Math.max(0, gap.last - gap.first + 1))
                .sum();
        if (json) out.println(Json.of(json(missing)));
        else tell(out, missing);
        return gaps.isEmpty() ? Exit.OK : Exit.PROBLEM;
    }

    private Map<String, Object> json(long missing) {
        List<Map<String, Object>> all = gaps.stream()
                .map(gap -> Json.object("first", gap.first, "last", gap.last, "offset", gap.offset, "bytes", gap.bytes))
                .toList();
        return Json.object("uri", target.toString(), "messages", messages, "missing", missing, "gaps", all);
    }

    private void tell(PrintWriter out, long missing) {
        for (Gap gap : gaps) {
            String which = gap.last > gap.first
                    ? "messages " + gap.first + " to " + gap.last + " are missing"
                    : gap.last == gap.first ? "message " + gap.first + " is missing" : "no message is missing";
            out.println(which + ": " + Text.number(gap.bytes) + " bytes at byte " + gap.offset + " of its log");
        }
        out.println(target + " has " + Text.number(messages) + " messages; " + Text.number(missing) + " are missing");
    }

    private void giveUp() {
        if (batch != null) batch.close();
        made.close();
        MessageQueues.delete(made.uri().toString());
    }

    @Override
    public void begins(long bytes, long maxCapacity) {
        requireRoom(bytes + MORE_ROOM);
        Map<String, String> given = QueueUri.parse(target.uri()).parameters();
        QueueConfig.Builder config = QueueConfig.builder().create(Create.CREATE_NEW);
        if (!given.containsKey("keep")) config.attribute("keep", "all");
        if (!given.containsKey("maxCapacity")) config.maxCapacity(Math.max(maxCapacity, 64L << 20));
        String parameters = target.uri().replaceFirst("[^?]*", "");
        made = MessageQueues.open(URI.create(Queue.at(target.scheme(), part.toString()) + parameters), config.build());
        publisher = made.createPublisher();
    }

    private void requireRoom(long wanted) {
        Path parent = Path.of(target.name()).getParent();
        try {
            long free = Files.getFileStore(parent).getUsableSpace();
            if (free < wanted)
                throw new Exit.Problem("'" + target + "' was not made: it may take " + Text.size(wanted)
                        + ", and the disk of '" + parent + "' has " + Text.size(free) + " free");
        } catch (IOException unknown) {
            throw new Exit.Problem("'" + parent + "' is not there: make it, or choose another place");
        }
    }

    @Override
    public void message(Message proven) {
        MessageProperties properties = Bridges.withItsTime(proven);
        long length = (long) proven.bytes().length + properties.encodedLength();
        if (length > publisher.maxMessageLength())
            throw new Exit.Problem("message " + proven.position() + " has " + Text.number(length) + " bytes, and '"
                    + target + "' would take " + Text.number(publisher.maxMessageLength())
                    + ": it was not made. Give it no maxCapacity, or a larger one");
        int size = publisher.sizeInBatch(proven.bytes().length, properties);
        if (batch != null && !batch.fits(proven.bytes().length, properties)) commit();
        if (batch == null) batch = publisher.batch(Math.max(size, Math.min(BATCH, publisher.maxMessageLength())));
        batch.add(ByteBuffer.wrap(proven.bytes()), properties);
        messages++;
    }

    private void commit() {
        if (batch == null) return;
        batch.commit();
        batch.close();
        batch = null;
    }

    @Override
    public void gap(long first, long last, long offset, long bytes) {
        gaps.add(new Gap(first, last, offset, bytes));
    }
}
