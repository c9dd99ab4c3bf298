package dev.belfry.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** All that a process prints, read as it comes; a JVM's dump of its threads is kept apart. */
final class Output {
    private static final Optional<String> END = Optional.empty();

    private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final Thread reader;
    private StringBuilder dump; // of threads; null unless one is being printed

    Output(String name, InputStream stream) {
        reader = new Thread(() -> readAll(stream), name);
        reader.setDaemon(true);
        reader.start();
    }

    private void readAll(InputStream stream) {
        StringBuilder line = new StringBuilder();
        try (Reader in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (int c; (c = in.read()) >= 0; ) {
                if (c != '\n') line.append((char) c);
                else accept(line, "\n");
            }
        } catch (IOException cutOff) {
            line.append("(").append(cutOff).append(")");
        }
        if (!line.isEmpty()) accept(line, "");
        lines.add(END);
    }

    private synchronized void accept(StringBuilder line, String end) {
        if (dump != null) {
            dump.append(line).append(end);
            notifyAll();
        } else {
            text.append(line).append(end);
            lines.add(Optional.of(line.toString()));
        }
        line.setLength(0);
    }

    /** Null if none came in time; empty at the end, again and again. */
    Optional<String> next(Duration patience) throws InterruptedException {
        Optional<String> line = lines.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (line != null && line.isEmpty()) lines.add(END);
        return line;
    }

    boolean hasNext() {
        return !lines.isEmpty();
    }

    synchronized String text() {
        return text.toString();
    }

    boolean awaitEnd(Duration patience) throws InterruptedException {
        reader.join(patience.toMillis());
        return !reader.isAlive();
    }

    /** The dump that the JVM prints because of this request; empty if none is complete in time. */
    synchronized List<String> dump(Runnable request, Duration patience) throws InterruptedException {
        dump = new StringBuilder();
        try {
            request.run();
            long end = System.nanoTime() + patience.toNanos();
            for (long left; (left = end - System.nanoTime()) > 0 && reader.isAlive(); ) {
                int heap = dump.indexOf("\nHeap\n"); // the last part, which ends with an empty line
                if (heap >= 0 && dump.indexOf("\n\n", heap) >= 0)
                    return new ArrayList<>(dump.substring(0, heap).lines().toList());
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            return List.of();
        } finally {
            dump = null;
        }
    }
}
