package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a page says a program prints, against what it printed. Stable is what each speaker says, in
 * its order; how speakers interleave is not, nor are pids and measured figures, nor need the page
 * show every line.
 */
final class Transcript {
    private static final Pattern TRANSCRIPT = Pattern.compile("(?s)\n\\./hello\n[^`]*```[^`]*```text\n(.*?)```");

    private Transcript() {}

    /** What the README shows of ./hello, without the dots for what it leaves out. */
    static List<String> ofTheReadme() throws IOException {
        Matcher transcript = TRANSCRIPT.matcher(Files.readString(Checkout.root().resolve("README.md")));
        assertThat(transcript.find()).as("the transcript of ./hello").isTrue();
        List<String> lines =
                transcript.group(1).lines().filter(line -> !line.equals("...")).toList();
        assertThat(lines).hasSizeGreaterThan(4);
        return lines;
    }

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
