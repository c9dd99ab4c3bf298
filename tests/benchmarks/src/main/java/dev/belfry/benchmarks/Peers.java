package dev.belfry.benchmarks;

import java.util.List;

/**
 * What Linux itself offers, without a JVM: {@code peers.c}, compiled here and now. Two processes;
 * they stop while it is another's turn.
 */
final class Peers implements AutoCloseable {
    /** Round trips of 32 bytes, of any length with {@code log}: two processes that answer each other. */
    static final List<String> ROUND_TRIPS = List.of(
            "semaphores",
            "futex",
            "spin",
            "log",
            "condition",
            "sysv-flag",
            "sysv-queue",
            "posix-queue",
            "pipe",
            "fifo",
            "unix-socket");

    /** Of any length, as fast as they can; {@code memcpy} in one process. */
    static final List<String> LIMITS = List.of("ring", "memcpy");

    private final Jvm program;
    private final long other;

    private Peers(Jvm program) {
        this.program = program;
        other = Long.parseLong(program.expect("ready ").split(" ")[1]);
    }

    static Peers start(String kind, int length) {
        return new Peers(Jvm.program(Compiled.PROGRAM, kind, Integer.toString(length)));
    }

    Round exchange(long millis) {
        long[] before = cpu();
        long begin = System.nanoTime();
        program.tell("exchange " + millis);
        program.expect("done");
        long nanos = System.nanoTime() - begin;
        long[] after = cpu();
        return Round.of(program.expect("got"), nanos, before, after);
    }

    /** Of both processes, and nobody beside. */
    private long[] cpu() {
        return new long[] {program.cpuNanos(), other == 0 ? 0 : Jvm.cpuNanos(other), 0};
    }

    @Override
    public void close() {
        program.close();
    }

    /** Once in a JVM's life. */
    private static final class Compiled {
        static final String PROGRAM = CProgram.compiled("peers");
    }
}
