package dev.belfry.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A watch for limits of time, beside a process that only sleeps for a moment, again and again. The time by which that
 * process was late is the machine's, and does not count. For tests with {@link Luck}: in the gate no time decides.
 */
public final class Yardstick implements AutoCloseable {
    private static final long NAP_NANOS = 10_000_000;

    /** An archive of classes would take longer to make. */
    private static final List<String> SMALL = List.of("-Xshare:auto", "-Xmx16m", "-XX:+UseSerialGC");

    final ChildJvm sleeper;
    private long began;
    private long lateBefore;

    /** Starts its process, and begins. */
    public Yardstick() {
        sleeper = JavaCommand.of(Yardstick.class).flags(SMALL).start();
        sleeper.expect("ready");
        begin();
    }

    /** The work after this call is measured. */
    public void begin() {
        lateBefore = lateSoFar();
        began = System.nanoTime();
    }

    /** Since it began, without the time by which the process was late meanwhile. */
    public Duration took() {
        long took = System.nanoTime() - began;
        return Duration.ofNanos(Math.max(0, took - late().toNanos()));
    }

    /** By how much the process was late since it began. */
    public Duration late() {
        return Duration.ofNanos(lateSoFar() - lateBefore);
    }

    private long lateSoFar() {
        return Long.parseLong(sleeper.ask("late", "late"));
    }

    @Override
    public void close() {
        sleeper.close();
    }

    /** The process. It answers by one thread, and sleeps in another; a nap that is not over yet may be late already. */
    private static final class Sleeper {
        private long late;
        private long due = System.nanoTime() + NAP_NANOS;

        void sleep() {
            while (true) {
                LockSupport.parkNanos(NAP_NANOS);
                wake();
            }
        }

        /** One reading of the clock: a stop between two would not count. */
        private synchronized void wake() {
            long now = System.nanoTime();
            late += Math.max(0, now - due);
            due = now + NAP_NANOS;
        }

        synchronized long late() {
            return late + Math.max(0, System.nanoTime() - due);
        }
    }

    /** Without arguments. */
    public static void main(String[] none) throws IOException {
        Sleeper sleeper = new Sleeper();
        Thread thread = new Thread(sleeper::sleep, "sleeper");
        thread.setDaemon(true);
        thread.start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        while (in.readLine() != null) System.out.println("late " + sleeper.late());
    }
}
