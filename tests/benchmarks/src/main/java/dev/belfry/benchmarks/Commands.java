package dev.belfry.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What a child process is told. */
final class Commands {
    private final BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

    /** The next line's words; null when whoever started this process is done with it, or gone. */
    String[] next() {
        try {
            String line = lines.readLine();
            return line == null ? null : line.split(" ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it was told something since: {@link #next} would not wait. */
    boolean isWaiting() {
        try {
            return lines.ready();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
