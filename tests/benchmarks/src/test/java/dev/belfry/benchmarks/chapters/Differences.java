package dev.belfry.benchmarks.chapters;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Where Belfry and Artemis differ, each with its reason: {@code differences.txt}, which says how it is read. */
final class Differences {
    private static final String NAME = "differences.txt";

    /** {@code what}, {@code ours} and {@code theirs} may begin or end with "*". */
    record Difference(String program, String what, String ours, String theirs) {
        boolean allows(String aProgram, String ourNote, String theirNote) {
            if (!matches(program, aProgram)) return false;
            String begin = begin(ourNote);
            return begin.equals(begin(theirNote))
                    && matches(what, begin)
                    && matches(ours, ourNote.substring(begin.length() + 2))
                    && matches(theirs, theirNote.substring(begin.length() + 2));
        }

        private static String begin(String note) {
            return note.substring(0, Math.max(0, note.indexOf(": ")));
        }

        private static boolean matches(String pattern, String text) {
            boolean open = pattern.endsWith("*");
            boolean before = pattern.length() > 1 && pattern.startsWith("*");
            String part = pattern.substring(before ? 1 : 0, pattern.length() - (open ? 1 : 0));
            if (before && open) return text.contains(part);
            if (before) return text.endsWith(part);
            return open ? text.startsWith(part) : text.equals(part);
        }
    }

    private final List<Difference> all = new ArrayList<>();
    private final Set<Difference> met = new LinkedHashSet<>();

    private Differences(List<String> lines) {
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) continue;
            String[] parts = line.split(" \\| ", -1);
            if (parts.length != 4)
                throw new AssertionError(NAME + " has a line of " + parts.length + " parts, not 4: " + line);
            all.add(new Difference(parts[0].strip(), parts[1].strip(), parts[2].strip(), parts[3].strip()));
        }
    }

    static Differences read() {
        try (var reader = new BufferedReader(
                new InputStreamReader(Differences.class.getResourceAsStream(NAME), StandardCharsets.UTF_8))) {
            return new Differences(reader.lines().toList());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    boolean allow(String program, String ours, String theirs) {
        List<Difference> these =
                all.stream().filter(one -> one.allows(program, ours, theirs)).toList();
        met.addAll(these);
        return !these.isEmpty();
    }

    /** Those that stand there, and are not there. */
    List<Difference> unmet() {
        return all.stream().filter(one -> !met.contains(one)).toList();
    }
}
