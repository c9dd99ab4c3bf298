package dev.belfry.benchmarks;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Whether other processes' threads sleep in the kernel, as /proc tells. Allocates nothing meanwhile. */
final class Asleep implements AutoCloseable {
    private static final long MOMENT_NANOS = 20_000;

    private final List<RandomAccessFile> states = new ArrayList<>();
    private final byte[] bytes = new byte[64];

    /** Of the process, all threads of that name. */
    void watch(long pid, String name) {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : (Iterable<Path>) threads::iterator)
                if (Files.readString(thread.resolve("comm")).trim().equals(name))
                    states.add(new RandomAccessFile(thread.resolve("stat").toFile(), "r"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int count() {
        return states.size();
    }

    /**
     * Until all are, and still are a moment later: a thread says that it sleeps shortly before it
     * leaves its processor.
     */
    void await() {
        do {
            while (!all()) Thread.onSpinWait();
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < MOMENT_NANOS) Thread.onSpinWait();
        } while (!all());
    }

    private boolean all() {
        for (int i = 0; i < states.size(); i++) if (!isAsleep(states.get(i))) return false;
        return true;
    }

    /** {@code 1234 (name) S ...}. */
    private boolean isAsleep(RandomAccessFile state) {
        try {
            state.seek(0);
            int length = state.read(bytes);
            int end = 0;
            while (end < length && bytes[end] != ')') end++;
            if (end + 2 >= length) throw new IllegalStateException("whoever should sleep has ended");
            return bytes[end + 2] == 'S';
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (RandomAccessFile state : states) {
            try {
                state.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
