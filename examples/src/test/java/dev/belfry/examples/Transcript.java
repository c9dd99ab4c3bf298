package dev.belfry.examples;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What a page says a program prints, against what it printed. Stable is what each speaker says, in
 * its order; how speakers interleave is not, nor are pids and measured figures, nor need the page
 * show every line.
 */
final class Transcript {
    private Transcript() {}

    /** The page's lines that were not printed, or not in that order. */
    static List<String> missing(List<String> page, List<String> printed) {
        List<String> missing = new ArrayList<>();
        List<String> speakers =
                page.stream().map(Transcript::speaker).distinct().toList();
        for (String speaker : speakers) {
            Iterator<String> lines = by(speaker, printed).iterator();
            for (String wanted : by(speaker, page)) {
                boolean found = false;
                while (!found && lines.hasNext()) found = lines.next().equals(wanted);
                if (!found) missing.add(wanted);
            }
        }
        return missing;
    }

    private static List<String> by(String speaker, List<String> lines) {
        return lines.stream()
                .filter(line -> speaker(line).equals(speaker))
                .map(Transcript::stable)
                .toList();
    }

    private static String speaker(String line) {
        return line.startsWith("[") ? line.substring(0, line.indexOf(']') + 1) : "";
    }

    private static String stable(String line) {
        String stable = line.replaceAll("hello-\\d+", "hello-PID")
                .replaceAll("region \\d+", "region N")
                .replaceAll("\\d+(?:,\\d{3})+|\\d+\\.\\d+", "N");
        return stable.replaceFirst("(System calls while sending:).*", "$1 ...");
    }
}
