package dev.belfry.shm.journal;

import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.Errors;
import dev.belfry.spi.NoAnswerException;
import dev.belfry.spi.Proc;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Reads directories for people, who wait for five seconds where a disk does not answer, and for ten where it is slow.
 * Each read is done by a daemon thread, one at a time for each directory: nothing ends a thread that is inside a disk
 * that hangs. Until it comes back all others are told at once, so a process that reads again and again keeps one thread
 * a directory. Any thread may call it.
 */
public class DirectoryReads {
    public static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** So much longer it may take if the disk answers: what is closed is proven by up to 1,024 reads. */
    private static final int SLOW = 2;

    private static final String HANGS =
            "Check that disk: its processes wait for it, and nothing else is known of the queue.";

    private static final String GOES_ON = "Ask again: it is still being read. 'belfry doctor --deep' waits for it.";

    /** A directory that is well answers by then, also where the machine is busy. */
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /**
     * If more reads than {@link #MANY} are under way, a page cache answers by then. So hundreds of directories of one
     * mount that hangs are told after 7 s, and 20 ms more for each.
     */
    private static final long LEAST_NANOS_OF_MANY = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int MANY = 8;

    private static final int OF_A_MOUNT_THAT_HANGS = 8; // five seconds become 20 ms

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    public static final Executor THREADS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), DirectoryReads::thread);

    private static Thread thread(Runnable reads) {
        Thread thread = new Thread(reads, "belfry-directory");
        thread.setDaemon(true);
        return thread;
    }

    public final LibC c;
    Proc process = Proc.SELF;
    private final long patienceNanos;
    private final Executor executor;
    private final ConcurrentMap<String, Read<?>> running = new ConcurrentHashMap<>();

    /** A process that asks for an inspector each time has one thread a directory all the same. */
    private static final class Process {
        static final DirectoryReads READS = new DirectoryReads(RealLibC.load(), PATIENCE_NANOS, THREADS);
    }

    public static DirectoryReads ofProcess() {
        return Process.READS;
    }

    public DirectoryReads(LibC c, long patienceNanos, Executor executor) {
        this.executor = executor;
        this.c = c;
        this.patienceNanos = patienceNanos;
    }

    /** {@code question}: is given what it calls where it goes on: then it may take longer. */
    public <T> T in(String directory, Function<Runnable, T> question) {
        return in(directory, SLOW * patienceNanos, question);
    }

    /** Reads all of it for a user who has asked for that: as long as the disk answers. */
    public <T> T atLength(String directory, Function<Runnable, T> question) {
        return in(directory, Long.MAX_VALUE, question);
    }

    /** {@code mostNanos}: it may take no longer, also if it goes on. */
    public <T> T in(String directory, long mostNanos, Function<Runnable, T> question) {
        Read<T> mine = new Read<>(directory, question);
        for (Read<?> before; (before = running.putIfAbsent(directory, mine)) != null; ) {
            await(before, mostNanos);
            mine = new Read<>(directory, question); // its time begins now
        }
        try {
            executor.execute(mine.task);
        } catch (Throwable noThread) {
            running.remove(directory, mine);
            mine.task.cancel(false); // who waits for it goes on
            throw noThread;
        }
        await(mine, mostNanos);
        return mine.answer();
    }

    private final class Read<T> {
        private final String directory;
        private final FutureTask<T> task;
        private final long begunNanos = System.nanoTime();
        private volatile long movedNanos = begunNanos;
        private volatile boolean isLate; // a thread has given up waiting for it
        private volatile String mount; // null: nobody has asked for it yet

        Read(String directory, Function<Runnable, T> question) {
            this.directory = directory;
            task = new FutureTask<>(() -> {
                try {
                    return question.apply(this::moves);
                } finally {
                    running.remove(directory, this); // before its answer can be had
                }
            });
        }

        void moves() {
            movedNanos = System.nanoTime();
        }

        long silentNanos() {
            return System.nanoTime() - movedNanos;
        }

        long lastedNanos() {
            return System.nanoTime() - begunNanos;
        }

        String mount() {
            return mount == null ? mount = mountOf(directory) : mount;
        }

        NoAnswerException noAnswer(String what, long nanos, String remedy) {
            isLate = true;
            return new NoAnswerException(
                    new QueueUri("file", directory, Map.of()).toString(),
                    "the disk under " + directory + " " + what
                            + Units.duration(nanos < SECOND ? nanos : nanos - nanos % SECOND),
                    remedy);
        }

        /** After its end. */
        T answer() {
            try {
                return task.get();
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof RuntimeException refused) throw refused;
                throw (Error) failed.getCause();
            } catch (InterruptedException e) {
                throw interrupted("an answer");
            }
        }
    }

    private static RuntimeException interrupted(String waitingFor) {
        Thread.currentThread().interrupt();
        return Errors.interrupted(waitingFor);
    }

    /** Until it has ended, however. */
    private void await(Read<?> read, long mostNanos) {
        for (; ; ) {
            int halvings = halvings(read, mostNanos);
            long silent = read.silentNanos();
            long lasted = read.lastedNanos();
            long left = (patienceNanos >> halvings) - silent;
            long most = (mostNanos >> halvings) - lasted;
            long slice = lasted < leastNanos() ? leastNanos() : Long.MAX_VALUE;
            try {
                read.task.get(Math.max(0, Math.min(slice, Math.min(left, most))), TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException e) {
                if (left <= 0) throw read.noAnswer("has not answered for ", silent, HANGS);
                if (most <= 0) throw read.noAnswer("is slow: this is not read yet after ", lasted, GOES_ON);
            } catch (ExecutionException | CancellationException failed) {
                return;
            } catch (InterruptedException e) {
                throw interrupted("the disk under " + read.directory);
            }
        }
    }

    /**
     * How often its time is halved: once for each other directory of that mount that is late, as hundreds may be. If
     * one of those has not answered at all, the mount hangs.
     */
    private int halvings(Read<?> of, long mostNanos) {
        long lasted = of.lastedNanos();
        if (lasted < leastNanos() || lasted >= mostNanos || of.silentNanos() >= patienceNanos) return 0;
        int halvings = 0;
        for (Read<?> each : running.values()) {
            if (patienceNanos >> halvings <= leastNanos()) break;
            if (each != of && each.isLate && each.mount().equals(of.mount()))
                halvings += each.silentNanos() < patienceNanos ? 1 : OF_A_MOUNT_THAT_HANGS;
        }
        return halvings;
    }

    private long leastNanos() {
        return running.size() > MANY ? LEAST_NANOS_OF_MANY : LEAST_NANOS;
    }

    /** As the kernel lists them, without a word to any disk: the longest that the path begins with. */
    String mountOf(String path) {
        return process.lines("mounts")
                .map(line -> line.split(" ")[1].translateEscapes()) // a space is \040
                .filter(Path.of(path)::startsWith)
                .max(Comparator.comparingInt(String::length))
                .orElse("");
    }
}
