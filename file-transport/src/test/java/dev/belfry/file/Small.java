package dev.belfry.file;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A queue of small segments, for one test: its directory, its name, and what it has in /dev/shm. */
final class Small implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();

    static final SubscriberOptions READER =
            SubscriberOptions.builder().name("reader").build();

    /** Of this copy of the class: a twin has one of its own, which counts from the beginning again. */
    private static final String COPY = Integer.toHexString(System.identityHashCode(NEXT));

    final String name = "bad-" + ProcessHandle.current().pid() + "-" + COPY + "-" + NEXT.incrementAndGet();
    final Path directory = SmallFilesProvider.ROOT.resolve(name);
    private final String parameters;

    Small(String parameters) {
        this.parameters = parameters;
    }

    String uri() {
        return "small:" + name + "?anyFileSystem=true" + parameters;
    }

    /** As an older library made it. */
    void makeWithoutHistory() throws IOException {
        Files.createDirectories(directory);
        Origin origin = new Origin(
                UUID.randomUUID(), 1 << 20, 8 << 20, 0600, true, 8, false, false, SmallFilesProvider.SEGMENT, 0);
        LogDirectory.create(RealLibC.load(), Directory.open(RealLibC.load(), directory.toString()), origin);
    }

    MessageQueue open() {
        return MessageQueues.open(uri());
    }

    /** With that many messages of 1,000 bytes, closed, and without a live part: as after a reboot. */
    void fill(int messages) {
        try (MessageQueue queue = open()) {
            if (messages > 0) {
                queue.createSubscriber(READER).close();
                var publisher = queue.createPublisher();
                for (int i = 1; i <= messages; i++) publisher.publish("message " + i + "x".repeat(1000));
            }
        }
        forgetLivePart();
    }

    static LogDirectory files(Path directory) {
        return LogDirectory.open(RealLibC.load(), Directory.open(RealLibC.load(), directory.toString()));
    }

    String livePart() {
        try (LogDirectory files = files(directory)) {
            return files.origin.logId().toString().replace("-", "")
                    + Long.toHexString(files.status().inode());
        }
    }

    void forgetLivePart() {
        LivePart.setAside(livePart());
    }

    List<String> names() throws IOException {
        return names(directory);
    }

    static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    /** Also of a directory that is no queue any more. */
    @Override
    public void close() throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.deleteIfExists(directory);
            return;
        }
        try {
            forgetLivePart();
        } catch (RuntimeException noQueueAnyMore) {
            // of a test that has damaged it, and had forgotten it before
        }
        Patience.until("the last thread is out of its files", this::isRemoved);
    }

    /** Removes it, unless a file has been made meanwhile. */
    boolean isRemoved() {
        try {
            for (String each : names()) Files.deleteIfExists(directory.resolve(each));
            Files.delete(directory);
            return true;
        } catch (DirectoryNotEmptyException madeMeanwhile) {
            return false;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
