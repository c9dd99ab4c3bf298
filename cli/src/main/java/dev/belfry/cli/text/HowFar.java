package dev.belfry.cli.text;

import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Says on a terminal how far the reading of a queue has come that takes longer than a second. */
public final class HowFar implements QueueInspector.Progress, AutoCloseable {
    private static final String CLEARS = "\r\u001b[K";
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final PrintWriter terminal; // null: there is none
    private final LongSupplier clock;
    private String subject = "";
    private long done;
    private long began;
    private long shown;
    private boolean hasLine;

    public HowFar(PrintWriter err) {
        this(Readable.isTerminal(2) ? err : null, System::nanoTime);
    }

    HowFar(PrintWriter terminal, LongSupplier clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    /** A second reading of one queue begins again. */
    @Override
    public void at(String read, long bytes, long all) {
        long now = clock.getAsLong();
        if (!read.equals(subject) || bytes < done) shown = began = now;
        subject = read;
        done = bytes;
        if (terminal == null || now - shown < SECOND / 2) return;
        shown = now;
        String line = line(Text.brief(Text.clean(read)), bytes, all, now - began);
        hasLine |= !line.isEmpty();
        if (hasLine) terminal.print(CLEARS + line + "\r"); // what comes next begins where it does
        if (hasLine) terminal.flush();
    }

    /** With rate and time left; empty within the first second. */
    static String line(String subject, long done, long all, long nanos) {
        if (nanos < SECOND) return "";
        double rate = done * 1e9 / nanos;
        return subject + ": read " + Text.size(done) + " of " + Text.size(all) + ", " + Text.size(Math.rint(rate))
                + "/s, " + Units.number((long) ((all - done) / rate)) + " s left";
    }

    @Override
    public void close() {
        if (!hasLine) return;
        terminal.print(CLEARS);
        terminal.flush();
    }
}
