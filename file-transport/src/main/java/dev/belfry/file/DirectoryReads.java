package dev.belfry.file;

import dev.belfry.shm.posix.LibC;
import dev.belfry.spi.Errors;
import dev.belfry.spi.NoAnswerException;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.stream.Stream;

/**
 * Reads directories for people, who wait for at most five seconds. Each read is done by a daemon thread, one at a time
 * for each directory: nothing ends a thread that is inside a disk that hangs. Until it comes back all others are told
 * at once, so a process that reads again and again keeps one thread a directory. Any thread may call it.
 */
class DirectoryReads {
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A page cache answers by then. */
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    static final Executor THREADS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), DirectoryReads::thread);

    private static Thread thread(Runnable reads) {
        Thread thread = new Thread(reads, "belfry-directory");
        thread.setDaemon(true);
        return thread;
    }

    final LibC c;
    private final long patienceNanos;
    private final Executor executor;
    private final ConcurrentMap<String, Read<?>> running = new ConcurrentHashMap<>();

    DirectoryReads(LibC c, long patienceNanos, Executor executor) {
        this.executor = executor;
        this.c = c;
        this.patienceNanos = patienceNanos;
    }

    /** {@code question}: is given what it calls where it goes on: then it may take longer. */
    <T> T in(String directory, Function<Runnable, T> question) {
        Read<T> mine = new Read<>(directory, question);
        for (Read<?> before; (before = running.putIfAbsent(directory, mine)) != null; ) {
            await(directory, before);
            mine.moves();
        }
        try {
            executor.execute(mine.task);
        } catch (Throwable noThread) {
            running.remove(directory, mine);
            mine.task.cancel(false); // who waits for it goes on
            throw noThread;
        }
        await(directory, mine);
        return mine.answer();
    }

    private final class Read<T> {
        private final FutureTask<T> task;
        private volatile long movedNanos = System.nanoTime();

        Read(String directory, Function<Runnable, T> question) {
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
    private void await(String directory, Read<?> read) {
        for (; ; ) {
            long silent = read.silentNanos();
            long left = patience(directory) - silent;
            try {
                read.task.get(Math.max(0, left), TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException e) {
                if (left <= 0) throw noAnswer(directory, silent);
            } catch (ExecutionException | CancellationException failed) {
                return;
            } catch (InterruptedException e) {
                throw interrupted("the disk under " + directory);
            }
        }
    }

    private static NoAnswerException noAnswer(String directory, long nanos) {
        return new NoAnswerException(
                new QueueUri("file", directory, Map.of()).toString(),
                "the disk under " + directory + " has not answered for "
                        + Units.duration(nanos < SECOND ? nanos : nanos - nanos % SECOND),
                "Check that disk: its processes wait for it, and nothing else is known of the queue.");
    }

    /** The half for each other directory of that mount that has not answered: hundreds may not. */
    private long patience(String directory) {
        String mount = null;
        long patience = patienceNanos;
        for (Map.Entry<String, Read<?>> one : running.entrySet()) {
            if (one.getValue().silentNanos() < patienceNanos || one.getKey().equals(directory)) continue;
            if (mount == null) mount = mountOf(directory);
            if (mountOf(one.getKey()).equals(mount)) patience /= 2;
        }
        return Math.max(patience, Math.min(LEAST_NANOS, patienceNanos));
    }

    /** As the kernel lists them, without a word to any disk: the longest that the path begins with. */
    private static String mountOf(String path) {
        String longest = "";
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            for (String each : (Iterable<String>) mounts.map(line -> line.split(" ")[1])::iterator)
                if (Path.of(path).startsWith(each) && each.length() > longest.length()) longest = each;
        } catch (IOException | RuntimeException unknown) {
            return "";
        }
        return longest;
    }
}
