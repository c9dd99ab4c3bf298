package dev.belfry.shm.hostile;

import dev.belfry.shm.hostile.Damage.Kind;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.testing.Yardstick;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * A child JVM that visits damaged queues, one input after the other; an input is a number, and all
 * follows from it but the timing of live damage. Its last line says what it did, or which input did
 * what must not be. A JVM that dies without output has left the input in the progress file.
 *
 * <p>Arguments: the progress file, the seed, the first input, how many, seconds after which an
 * input is said to hang, and seconds within which it must end in one of three tries.
 */
final class Fuzz {
    /** Slower once may be the machine, three times is not. */
    private static final int TRIES = 3;

    static final int FAILED = 9;
    private static final int COLLECT_EVERY = 500; // mappings are given back by the collector

    private final MappedByteBuffer progress;
    private final long seed;
    private final long hangsNanos;
    private final long boundNanos;
    private final String queue = "fuzz-" + ProcessHandle.current().pid();
    private final List<byte[]> images = Images.build(queue);
    private final Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final Yardstick yardstick; // null: the clock decides nothing but that an input hangs
    private long slowest;
    private volatile long began;
    private volatile Visit visit;
    private volatile boolean flipping;

    private Fuzz(Path progress, long seed, long hangsNanos, long boundNanos) throws IOException {
        try (FileChannel file = FileChannel.open(
                progress, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            this.progress = file.map(FileChannel.MapMode.READ_WRITE, 0, 8);
        }
        this.seed = seed;
        this.hangsNanos = hangsNanos;
        this.boundNanos = boundNanos;
        yardstick = boundNanos < hangsNanos ? new Yardstick() : null;
    }

    public static void main(String[] args) throws Exception {
        Fuzz fuzz = new Fuzz(
                Path.of(args[0]),
                Long.parseLong(args[1]),
                Long.parseLong(args[4]) * 1_000_000_000,
                Long.parseLong(args[5]) * 1_000_000_000);
        fuzz.watch(Thread.currentThread());
        fuzz.run(Long.parseLong(args[2]), Long.parseLong(args[3]));
    }

    private void run(long first, long count) throws IOException {
        for (long input = first; input < first + count; input++) {
            try {
                bounded(input);
            } catch (Throwable failure) {
                StringWriter text = new StringWriter();
                failure.printStackTrace(new PrintWriter(text));
                clearUp();
                fail(text.toString());
            }
        }
        clearUp();
        System.out.println(
                "done " + count + " inputs " + kinds + " " + outcomes + ", the slowest " + slowest / 1_000_000 + " ms");
        System.exit(0);
    }

    private void fail(String what) {
        System.out.println("after" + visit + ": " + what);
        Runtime.getRuntime().halt(FAILED);
    }

    private void bounded(long input) throws Exception {
        long took = Long.MAX_VALUE;
        for (int i = 0; i < TRIES && took > boundNanos; i++) took = Math.min(took, timed(input));
        slowest = Math.max(slowest, took);
        if (took > boundNanos) throw new IllegalStateException("took " + took / 1_000_000 + " ms");
        if (input % COLLECT_EVERY == 0) System.gc();
    }

    private long timed(long input) throws Exception {
        progress.putLong(0, input);
        if (yardstick != null) yardstick.begin();
        began = System.nanoTime();
        one(input);
        long took = yardstick != null ? yardstick.took().toNanos() : System.nanoTime() - began;
        began = 0;
        return took;
    }

    private void one(long input) throws Exception {
        Random random = new Random(seed * 0x9E3779B97F4A7C15L + input * 0xBF58476D1CE4E5B9L);
        Kind kind = Kind.pick(random);
        kinds.merge(kind, 1, Integer::sum);
        byte[] bytes = new Damage(random).apply(kind, images, random.nextInt(images.size()));
        Visit.prepare(queue, bytes);
        visit = new Visit(queue, random, outcomes);
        Thread flipper = kind == Kind.LIVE ? flip(random.nextLong()) : null;
        try {
            visit.run();
        } finally {
            flipping = false;
            if (flipper != null) flipper.join();
            removeSemaphores(bytes);
        }
    }

    /** The second party of live damage: it stores nonsense as fast as it can. */
    private Thread flip(long flips) throws IOException {
        ByteBuffer file;
        try (FileChannel channel =
                FileChannel.open(Images.file(queue), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            file = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size())
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        Random random = new Random(flips);
        Damage damage = new Damage(random);
        int pause = 1 << random.nextInt(14);
        flipping = true;
        Thread thread = new Thread(
                () -> {
                    while (flipping) {
                        damage.field(file, true);
                        for (int i = random.nextInt(pause); i > 0 && flipping; i--) Thread.onSpinWait();
                    }
                },
                "flipper");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Of a queue that could not be closed in order. Its id is where the damaged file says. */
    private static void removeSemaphores(byte[] bytes) {
        if (bytes.length < 56) return;
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        removeSemaphores(new UUID(file.getLong(40), file.getLong(48)).toString().replace("-", ""));
    }

    static void removeSemaphores(String id) {
        LibC libC = RealLibC.load();
        for (String name : NamedSemaphore.list("belfry." + id + ".")) NamedSemaphore.unlink(libC, name);
    }

    /** What a child left that was killed by what it met. */
    static void removeAfterDeath(long pid) throws IOException {
        Path left = Images.file("fuzz-" + pid);
        if (!Files.exists(left)) return;
        removeSemaphores(Files.readAllBytes(left));
        Files.delete(left);
    }

    private void clearUp() throws IOException {
        Files.deleteIfExists(Images.file(queue));
    }

    /** A JVM that hangs cannot report it itself. */
    private void watch(Thread worker) {
        Thread watch = new Thread(
                () -> {
                    while (true) {
                        long since = began;
                        if (since != 0 && System.nanoTime() - since > hangsNanos)
                            fail("hangs at " + Arrays.toString(worker.getStackTrace()));
                        LockSupport.parkNanos(100_000_000);
                    }
                },
                "watchdog");
        watch.setDaemon(true);
        watch.start();
    }
}
