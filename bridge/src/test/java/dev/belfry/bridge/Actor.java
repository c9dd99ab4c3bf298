package dev.belfry.bridge;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** What the other processes of these tests do until they are killed, or their input ends. */
final class Actor {
    private static final int BATCH = 500;
    private static volatile boolean stop;

    private Actor() {}

    public static void main(String[] args) throws Exception {
        Thread line = new Thread(Actor::listen, "line");
        line.setDaemon(true);
        line.start();
        switch (args[0]) {
            case "publish" -> publish(args[1], Integer.parseInt(args[2]), Path.of(args[3]));
            case "bridge" -> bridge(args[1], args[2]);
            case "read" -> read(args[1], Path.of(args[2]));
            default -> throw new IllegalArgumentException(args[0]);
        }
        Runtime.getRuntime().halt(0);
    }

    /** A line: to stop. Its end: the parent is gone. */
    private static void listen() {
        try {
            for (int c; (c = System.in.read()) >= 0; ) stop |= c == '\n';
        } catch (IOException broken) {
            System.err.println(broken);
        }
        Runtime.getRuntime().halt(3);
    }

    private static void say(String text) {
        System.out.println(text);
        System.out.flush();
    }

    /** The file has how many publishes have returned: it survives this process. */
    private static void publish(String uri, int id, Path file) throws IOException {
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            MappedByteBuffer progress = progress(file);
            say("ready");
            for (long n = 1; !stop; n++) {
                out.publish(body(id, n));
                progress.putLong(0, n);
            }
            say("published " + progress.getLong(0));
        }
    }

    static MappedByteBuffer progress(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, 8);
        }
    }

    private static ByteBuffer body(int id, long n) {
        ByteBuffer body = ByteBuffer.allocate(length(id, n));
        body.putInt(id).putLong(n);
        while (body.hasRemaining()) body.put((byte) n);
        return body.flip();
    }

    private static int length(int id, long n) {
        return 12 + (int) ((id * 31 + n * 17) % 150);
    }

    /** Publisher and number in one; checks that the message is whole. */
    static long fingerprint(ByteBuffer body) {
        int length = body.remaining();
        int id = body.getInt();
        long n = body.getLong();
        if (length != length(id, n)) throw new IllegalStateException(id + "/" + n + " has " + length + " bytes");
        while (body.hasRemaining())
            if (body.get() != (byte) n) throw new IllegalStateException(id + "/" + n + " is torn");
        return (long) id << 40 | n;
    }

    private static void bridge(String from, String to) throws InterruptedException {
        Bridge bridge = new Bridge(from, to);
        Thread thread = new Thread(bridge, "bridge");
        thread.setUncaughtExceptionHandler((t, failure) -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
        thread.start();
        while (bridge.stats().state() != BridgeStats.State.FORWARDING) Thread.sleep(1);
        say("ready");
        while (!stop) Thread.sleep(5);
        bridge.close();
        say("ended " + bridge.stats().state());
    }

    /**
     * Writes position and fingerprint of each message into the journal, and then acknowledges it.
     * What is in the journal already comes again after a kill.
     */
    private static void read(String uri, Path file) throws IOException {
        try (MessageQueue queue = MessageQueues.open(uri);
                FileChannel journal = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Subscriber in = Bridges.dropDuplicates(
                        queue,
                        SubscriberOptions.builder()
                                .name("audit")
                                .startAt(StartAt.OLDEST_RETAINED)
                                .ackMode(AckMode.CLIENT)
                                .build())) {
            long[] last = {lastIn(journal)};
            ByteBuffer entries = ByteBuffer.allocate(16 * BATCH);
            say("ready");
            while (!stop) {
                in.poll(
                        m -> {
                            if (m.position() <= last[0]) return;
                            last[0] = m.position();
                            entries.putLong(m.position()).putLong(fingerprint(m.buffer()));
                        },
                        BATCH,
                        Duration.ofMillis(5));
                for (entries.flip(); entries.hasRemaining(); ) journal.write(entries);
                entries.clear();
                in.acknowledge();
            }
        }
    }

    /** Cuts off an entry that is not whole. */
    private static long lastIn(FileChannel journal) throws IOException {
        journal.truncate(journal.size() / 16 * 16);
        journal.position(journal.size());
        if (journal.size() == 0) return 0;
        ByteBuffer entry = ByteBuffer.allocate(8);
        journal.read(entry, journal.size() - 16);
        return entry.getLong(0);
    }
}
