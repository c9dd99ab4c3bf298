package dev.belfry.jakarta.overflow;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Create;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Malformed;
import dev.belfry.jakarta.wire.Newer;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.ShellWords;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The companion of a domain, as one member uses it. It is opened at its first use, by the thread that uses it first.
 * Any thread, but each method may wait for a disk, unless it says otherwise: so none is called under a claim, the fold
 * lock, or any other lock that a close of the domain needs. None needs one of them.
 *
 * <p>A chunk that is durable after {@link #awaitDurable} outlives a loss of power, whatever {@code sync} says. One that
 * was published and is not durable yet may be cut off by such a loss, and its position given again. Hence a chunk has
 * the binding, the page and the mids. SIGKILL loses nothing that was published.
 *
 * <p>Each failure is a {@link CompanionException}; each call may be tried again, and opens it again where that helps.
 */
public final class Companion implements AutoCloseable {
    /** The named subscription whose place is the companion's; tools know a companion by it. */
    public static final String SUBSCRIPTION = ShellWords.OVERFLOW;

    /** Each file of its log has so many bytes. */
    static final long SEGMENT = 64L << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Lets its ring grow, and the next files be made: without a wait neither happens. */
    private static final PublisherOptions GROWS =
            PublisherOptions.builder().timeout(Duration.ofSeconds(1)).build();

    private final Binding binding;
    private final long maxCapacity;
    private final long segment;
    private final Failures failures;
    /** Held while a thread opens it, which may take as long as its disk; {@link #close} never takes it. */
    private final ReentrantLock opening = new ReentrantLock();
    /** Null: not open. Written with {@link #opening}, or to null by the thread that closes it. */
    private volatile Opened opened;
    /** From then on it is only made again if nothing was ever told of it. */
    private volatile boolean wasThere;

    private volatile boolean closed;

    private record Opened(MessageQueue queue, Publisher publisher, MessageReads reads) {}

    /** Opens nothing yet, and waits for nothing. {@code maxCapacity}: the domain's. */
    public Companion(Binding binding, long maxCapacity) {
        this(binding, maxCapacity, SEGMENT);
    }

    Companion(Binding binding, long maxCapacity, long segment) {
        this.binding = binding;
        this.segment = segment;
        this.maxCapacity = Math.max(segment, maxCapacity);
        wasThere = binding.floor() > 0;
        failures = new Failures(binding);
    }

    /** Lets no call make it again, as the domain has told what lies in it. Waits for nothing. */
    void expectThere() {
        wasThere = true;
    }

    /** Tells which companion it is, and waits for nothing. */
    public Binding binding() {
        return binding;
    }

    /**
     * Publishes the chunks, all or none, and returns the position of the first: the others follow it without a gap.
     * Waits for room of its ring alone. Makes the companion if its domain has told nothing that lies in it. For a
     * daemon.
     */
    public long publish(List<byte[]> chunks) {
        return with(open -> {
            int bytes = 0;
            for (byte[] each : chunks) bytes += open.publisher.sizeInBatch(each.length);
            try (Batch batch = open.publisher.batch(bytes)) {
                for (byte[] each : chunks) batch.add(each);
                return batch.commit() - chunks.size() + 1;
            }
        });
    }

    /**
     * Returns when all up to this position, which is published, outlives a loss of power. For a daemon: a write or a
     * sync that this thread has begun may take longer than the timeout.
     */
    public void awaitDurable(long position, Duration timeout) {
        boolean isDurable = with(open -> open.publisher.awaitDurable(position, timeout));
        if (!isDurable) throw closed ? failures.closed() : failures.hung(timeout);
    }

    /**
     * Reads the chunk with this index in the page's list. It is of this page, and has as many messages as the page
     * says; its first ones may have left. The caller compares the mid at its index with that which comes next.
     *
     * <p>Has at most this chunk in the heap. For a daemon, or a consumer's thread without any lock.
     */
    public ReadChunk read(Paged page, int index) {
        long position = page.chunks().get(index).position();
        byte[] bytes = with(open -> read(open, position));
        try {
            ReadChunk chunk = ChunkLayout.read(bytes);
            if (!isOf(page, index, chunk)) throw failures.damaged(position, "is of another page");
            return chunk;
        } catch (Malformed damaged) {
            throw failures.damaged(position, "is no chunk: " + damaged.getMessage());
        } catch (Newer newer) {
            throw failures.newer(position);
        }
    }

    /** A subscriber at the end would wait. */
    private byte[] read(Opened open, long position) {
        if (open.queue.stats().newestPosition() < position) throw failures.gone(position);
        Message message = open.reads.read(position, PATIENCE);
        if (message == null) throw closed ? failures.closed() : failures.hung(PATIENCE);
        if (message.position() != position) throw failures.gone(position);
        return message.bytes();
    }

    /** Holds no file for what has not read since this was called last. Opens nothing, and waits for nothing. */
    void letGoUnused() {
        Opened open = opened;
        if (open != null) open.reads.letGoUnused();
    }

    private static boolean isOf(Paged page, int index, ReadChunk chunk) {
        List<Chunk> chunks = page.chunks();
        int end = index + 1 < chunks.size()
                ? chunks.get(index + 1).first()
                : page.lot().messages();
        ChunkHead head = chunk.head();
        return head.binding().equals(page.binding())
                && head.page().equals(page.id())
                && DestinationId.of(DestinationId.QUEUE, head.queue())
                        == page.lot().queue()
                && chunk.messages().size() == end - chunks.get(index).first();
    }

    /** Tells the newest position that outlives a loss of power; 0: none. */
    public long durable() {
        return with(open -> open.publisher.durablePosition());
    }

    /** Tells the newest position; 0: nothing was published. */
    public long newest() {
        return with(open -> open.queue.stats().newestPosition());
    }

    /** Tells the place, below which nothing is needed and files go. */
    public long place() {
        return with(open -> open.queue.stats().subscribers().stream()
                        .filter(each -> SUBSCRIPTION.equals(each.name()))
                        .mapToLong(SubscriberStats::acknowledgedPosition)
                        .findFirst()
                        .orElse(0))
                + 1;
    }

    /**
     * Moves the place to this position. It never moves back: then nothing is done, and the answer is true. False:
     * another process is attached to the subscription at this moment, so ask again later.
     */
    public boolean seek(long position) {
        return with(open -> {
            try (Subscriber place = open.queue.createSubscriber(placeOptions())) {
                if (place.position() + 1 < position) place.seek(StartAt.at(position));
                return true;
            } catch (InUseException another) {
                return false;
            } catch (IllegalArgumentException beyond) {
                throw failures.gone(position);
            }
        });
    }

    /**
     * @throws CompanionException if it ends before this position, up to which all of it was durable: it was put back
     *     from an older copy, and gives the positions after its end again
     */
    public void expectUpTo(long position) {
        if (newest() < position) throw failures.gone(position);
    }

    /** Tells the bytes from the place on. */
    public long bytes() {
        return with(open -> QueueCounter.IN_USE.of(open.queue.stats()));
    }

    /** Tells the bytes from the place to this position, if all messages there were of the same length. */
    public long bytesBefore(long position) {
        long place = place();
        long all = newest() - place + 1;
        return all <= 0 || position <= place ? 0 : (long) ((double) bytes() * Math.min(all, position - place) / all);
    }

    /** Tells the bytes of a file, which goes as a whole. */
    public long segment() {
        return segment;
    }

    /** Tells the most bytes that it may have; no limit: as many as a long has. */
    public long mostBytes() {
        return binding.mostBytes() == 0 ? Long.MAX_VALUE : binding.mostBytes();
    }

    /** Tells how many bytes may be published until it has its maxSize, but for up to a segment. */
    public long freeBytes() {
        return Math.max(0, mostBytes() - bytes());
    }

    /** @throws CompanionException if it has less room by its maxSize than this */
    public void expectRoom(long bytes) {
        if (freeBytes() < bytes) throw failures.full(maxSize());
    }

    /** Tells how many bytes its disk has free. */
    public long freeOnDisk() {
        return with(open -> {
            try {
                return Files.getFileStore(binding.directory()).getUsableSpace();
            } catch (IOException refused) {
                throw failures.refused(refused);
            }
        });
    }

    /** @throws CompanionException if its disk has less free than these bytes, which stay for others */
    public void expectFreeOnDisk(long kept) {
        long free = freeOnDisk();
        if (free < kept) throw failures.fullDisk(free, kept);
    }

    private String maxSize() {
        return binding.uri().parameters().getOrDefault(Binding.MAX_SIZE, Binding.DEFAULT_MAX_SIZE);
    }

    private <R> R with(Function<Opened, R> step) {
        Opened open = opened();
        try {
            return step.apply(open);
        } catch (RuntimeException failed) {
            if (failures.isOver(failed)) forget(open);
            throw closed ? failures.closed() : failures.of(failed);
        }
    }

    private Opened opened() {
        Opened open = opened;
        if (open != null) return open;
        if (closed) throw failures.closed();
        enter();
        try {
            if (opened != null) return opened;
            open = openNow();
            opened = open;
            wasThere = true;
        } finally {
            opening.unlock();
        }
        if (!closed) return open;
        forget(open); // close may have come before it was there to be closed
        throw failures.closed();
    }

    private void enter() {
        try {
            if (!opening.tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) throw failures.hung(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failures.interrupted();
        }
    }

    private Opened openNow() {
        MessageQueue queue = null;
        try {
            queue = MessageQueues.open(URI.create(binding.uri().toString()), config());
            ensurePlace(queue);
            return new Opened(queue, queue.createPublisher(GROWS), new MessageReads(queue));
        } catch (RuntimeException refused) {
            if (queue != null) queue.close();
            throw failures.of(refused);
        }
    }

    private static void ensurePlace(MessageQueue queue) {
        try {
            queue.createSubscriber(placeOptions()).close();
        } catch (InUseException another) {
            return; // so it is there
        }
    }

    /** Makes it gate, so that nothing of a page goes because the companion is full. */
    private static SubscriberOptions placeOptions() {
        return SubscriberOptions.builder()
                .name(SUBSCRIPTION)
                .startAt(StartAt.OLDEST_RETAINED)
                .ackMode(AckMode.CLIENT)
                .build();
    }

    private QueueConfig config() {
        QueueConfig.Builder config = QueueConfig.builder()
                .create(wasThere ? Create.OPEN_EXISTING : Create.CREATE_OR_OPEN)
                .maxCapacity(maxCapacity)
                .mode(mode())
                .attribute("sync", "os")
                .attribute("keep", "needed")
                .attribute(Binding.MAX_SIZE, maxSize());
        String any = binding.uri().parameters().get(Binding.ANY_FILE_SYSTEM);
        if (any != null) config.attribute(Binding.ANY_FILE_SYSTEM, any);
        return config.build();
    }

    /** Those that may write into the directory above share it: in a domain's, its group. Null: it is there. */
    private String mode() {
        Path directory = binding.directory();
        if (Files.exists(directory) || directory.getParent() == null) return null;
        try {
            boolean isShared =
                    Files.getPosixFilePermissions(directory.getParent()).contains(PosixFilePermission.GROUP_WRITE);
            return isShared ? "rw-rw----" : null;
        } catch (IOException isMissing) {
            return null; // the open says so
        }
    }

    /** The next call opens it again. */
    private void forget(Opened open) {
        if (opened == open) opened = null;
        closeAside(open);
    }

    /** A close of a queue may wait for its disk, 5 s and longer. Where no thread can be had, this one closes it. */
    private static Thread closeAside(Opened open) {
        Thread thread = new Thread(open.queue::close, "belfry-overflow-close");
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError noThread) {
            open.queue.close();
        }
        return thread;
    }

    /**
     * Ends all calls that wait, and waits at most so long until it is closed. A thread that the disk holds stays there,
     * and the files with it, until the disk is back.
     */
    public void close(Duration timeout) {
        closed = true;
        Opened open = opened;
        if (open == null) return; // a thread that opens it now closes it
        opened = null;
        Thread closing = closeAside(open);
        if (timeout.isZero()) return; // to join would be for ever
        try {
            closing.join(1 + timeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes it, and waits for nothing. */
    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
