package dev.belfry.benchmarks;

import java.util.Arrays;
import java.util.List;

/**
 * What one round of one contestant showed. Latencies in nanoseconds at 50, 90, 99, 99.9 and 100 %,
 * of the slowest receiver; processor time in cores.
 *
 * @param perSecond messages a second, as the slowest receiver got them
 */
record Round(
        double perSecond,
        long[] fromDue,
        long[] fromSent,
        double senderCores,
        double receiverCores,
        double helperCores) {
    static Round of(long sent, List<String> got, long nanos, long[] cpuBefore, long[] cpuAfter) {
        double slowest = Double.MAX_VALUE;
        long[] due = new long[5];
        long[] send = new long[5];
        for (String line : got) {
            long[] n = Arrays.stream(line.split(" "))
                    .skip(1)
                    .mapToLong(Long::parseLong)
                    .toArray();
            if (n[0] != sent) throw new IllegalStateException(sent + " were sent, one receiver got " + n[0]);
            slowest = Math.min(slowest, n[0] * 1e9 / n[1]);
            for (int i = 0; i < 5; i++) {
                due[i] = Math.max(due[i], n[2 + i]);
                send[i] = Math.max(send[i], n[7 + i]);
            }
        }
        double[] cores = new double[3];
        for (int i = 0; i < 3; i++) cores[i] = (double) (cpuAfter[i] - cpuBefore[i]) / nanos;
        return new Round(slowest, due, send, cores[0], cores[1], cores[2]);
    }

    /** Of a program in which a message is sent when it is due: one set of latencies. */
    static Round of(String got, long nanos, long[] cpuBefore, long[] cpuAfter) {
        String[] words = got.split(" ", 4);
        return of(Long.parseLong(words[1]), List.of(got + " " + words[3]), nanos, cpuBefore, cpuAfter);
    }
}
