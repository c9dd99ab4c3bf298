package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** The contestants that failed. The run goes on without them; only its end reports that something is missing. */
final class Failures {
    private static final List<String> NEEDED = new ArrayList<>();

    private Failures() {}

    static synchronized void add(String scenario, String contestant, boolean needed, Throwable reason) {
        Throwable cause = reason instanceof ExceptionInInitializerError ? reason.getCause() : reason;
        String line = scenario + ", " + contestant + ": " + cause;
        System.out.println((needed ? "FAILED: " : "Not there: ") + line);
        if (needed) NEEDED.add(line);
    }

    static synchronized boolean any() {
        return !NEEDED.isEmpty();
    }
}
