package dev.belfry.cli.text;

import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleFunction;
import java.util.function.LongSupplier;

/** Says on a terminal how far the reading or carrying of a queue has come that takes longer than a second. */
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
        at(read, ": read ", bytes, all, Text::size);
    }

    /** The same, counted in messages. */
    public void carried(String from, long messages, long all) {
        at(from, ": carried ", messages, all, number -> Text.number((long) number));
    }

    private void at(String of, String what, long soFar, long all, DoubleFunction<String> unit) {
        long now = clock.getAsLong();
        if (!of.equals(subject) || soFar < done) shown = began = now;
        subject = of;
        done = soFar;
        if (terminal == null || now - shown < SECOND / 2) return;
        shown = now;
        String line = line(Text.brief(Text.clean(of)) + what, all, now - began, unit);
        hasLine |= !line.isEmpty();
        if (hasLine) terminal.print(CLEARS + line + "\r"); // what comes next begins where it does
        if (hasLine) terminal.flush();
    }

    /** With rate and time left; empty within the first second. */
    private String line(String what, long all, long nanos, DoubleFunction<String> unit) {
        if (nanos < SECOND || done == 0) return "";
        double rate = done * 1e9 / nanos;
        return what + unit.apply(done) + " of " + unit.apply(all) + ", " + unit.apply(Math.rint(rate)) + "/s, "
                + Units.number((long) ((all - done) / rate)) + " s left";
    }

    @Override
    public void close() {
        if (!hasLine) return;
        hasLine = false;
        terminal.print(CLEARS);
        terminal.flush();
    }
}
