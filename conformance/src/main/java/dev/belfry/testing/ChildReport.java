package dev.belfry.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The part of a failure's message about a child. A JVM prints its threads itself, by SIGQUIT: that
 * needs no second JVM, and works in other namespaces and with other JDKs. If it does not answer,
 * the kernel's view is used.
 */
final class ChildReport {
    /** Together with the line before it, which says what failed, 60. */
    static final int MOST_LINES = 59;

    /** So that of each part there is something, however many children share the lines. */
    private static final int LEAST_LINES = 12;

    private static final int MOST_CHARACTERS = 300;
    private static final int MOST_FRAMES = 10;
    private static final Duration DUMP_TAKES = Duration.ofSeconds(5);
    private static final long SIGQUIT_BIT = 1 << 2;
    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"),
            Map.entry(6, "SIGABRT"),
            Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"),
            Map.entry(15, "SIGTERM"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(25, "SIGXFSZ"),
            Map.entry(31, "SIGSYS"));

    private ChildReport() {}

    static String of(String title, Process process, Output output, Output errors, int lines)
            throws InterruptedException {
        Map<String, List<String>> parts = new LinkedHashMap<>();
        parts.put("stdout", folded(output.text().lines().toList()));
        parts.put("stderr", folded(errors.text().lines().toList()));
        if (process.isAlive()) parts.put("threads", threads(process, output));
        parts.put("/dev/shm", sharedMemory(process));
        List<String> report = new ArrayList<>();
        report.add("--- " + title + ", pid " + process.pid() + ": " + state(process));
        report.addAll(cut(parts, Math.max(lines, LEAST_LINES) - report.size()));
        return String.join("\n", report);
    }

    /**
     * With only the first frames of each stack, so that deep stacks leave room for the exceptions.
     */
    private static List<String> folded(List<String> lines) {
        List<String> kept = new ArrayList<>();
        int frames = 0;
        for (String line : lines) {
            boolean frame = line.startsWith("\tat ");
            if (!frame && frames > MOST_FRAMES) kept.add("\t(" + (frames - MOST_FRAMES) + " more)");
            frames = frame ? frames + 1 : 0;
            if (frames <= MOST_FRAMES) kept.add(line);
        }
        if (frames > MOST_FRAMES) kept.add("\t(" + (frames - MOST_FRAMES) + " more)");
        return kept;
    }

    private static String state(Process process) {
        if (process.isAlive()) return "tT".indexOf(Tasks.state(process.pid())) >= 0 ? "stopped" : "still running";
        int value = process.exitValue();
        String signal = SIGNALS.get(value - 128);
        return signal == null ? "ended with exit " + value : "ended by " + signal + " (exit value " + value + ")";
    }

    // ---- threads

    private static List<String> threads(Process process, Output output) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        List<Long> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
        for (long pid : all) {
            List<String> dump = answersSigquit(pid) ? output.dump(() -> quit(pid), DUMP_TAKES) : List.of();
            if (all.size() > 1) lines.add("of process " + pid + ":");
            lines.addAll(dump.isEmpty() ? kernelsView(pid) : condensed(dump));
        }
        return lines;
    }

    /** A JVM that runs, and is far enough not to be killed by the signal. */
    private static boolean answersSigquit(long pid) {
        try {
            if (!Files.readString(Tasks.process(pid).resolve("comm")).strip().equals("java")) return false;
            for (String line : Files.readAllLines(Tasks.process(pid).resolve("status")))
                if (line.startsWith("SigCgt:"))
                    return (Long.parseUnsignedLong(line.substring(7).strip(), 16) & SIGQUIT_BIT) != 0
                            && "tT".indexOf(Tasks.state(pid)) < 0;
        } catch (IOException gone) {
            return false;
        }
        return false;
    }

    private static void quit(long pid) {
        try {
            send("QUIT", pid); // what has ended meanwhile has no stacks
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void signal(String name, long pid) throws InterruptedException {
        int result = send(name, pid);
        if (result != 0) throw new AssertionError("kill -" + name + " " + pid + " ended with " + result);
    }

    private static int send(String name, long pid) throws InterruptedException {
        try {
            return new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid)
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new AssertionError("kill -" + name + " failed", e);
        }
    }

    /** Deadlocks first, then each thread that runs code beyond the JDK's; the others by name. */
    private static List<String> condensed(List<String> dump) {
        List<String> lines = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (int i = 0; i < dump.size(); i++) {
            String line = dump.get(i);
            if (line.startsWith("Found ") && line.contains("deadlock")) lines.addAll(0, dump.subList(i, dump.size()));
            if (!line.startsWith("\"") || line.endsWith(":")) continue;
            int end = i;
            while (end < dump.size() && !dump.get(end).isEmpty()) end++;
            List<String> stack = dump.subList(i, end);
            String name = line.substring(1, line.indexOf('"', 1));
            if (stack.stream().anyMatch(ChildReport::isBeyondTheJdk)) lines.addAll(thread(name, stack));
            else others.add(name);
            i = end;
        }
        if (!others.isEmpty()) lines.add(others.size() + " in the JDK only: " + String.join(", ", others));
        return lines;
    }

    private static boolean isBeyondTheJdk(String frame) {
        String code = frame.strip();
        return code.startsWith("at ") && !code.matches("at (java|javax|jdk|sun)\\..*");
    }

    private static List<String> thread(String name, List<String> stack) {
        List<String> lines = new ArrayList<>();
        String state = stack.size() > 1 ? stack.get(1).strip() : "";
        lines.add('"' + name + '"' + state.replace("java.lang.Thread.State:", ""));
        List<String> frames = stack.subList(Math.min(2, stack.size()), stack.size());
        for (String frame : frames.subList(0, Math.min(MOST_FRAMES, frames.size()))) lines.add("  " + frame.strip());
        if (frames.size() > MOST_FRAMES) lines.add("  (" + (frames.size() - MOST_FRAMES) + " more)");
        return lines;
    }

    private static List<String> kernelsView(long pid) {
        List<String> lines = new ArrayList<>();
        lines.add("(it prints no stacks: the kernel's view)");
        Map<String, String> waits = Tasks.files(pid, "wchan");
        Map<String, String> names = Tasks.files(pid, "comm");
        Tasks.files(pid, "stat").entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.comparing(Long::valueOf)))
                .forEach(thread ->
                        lines.add(names.getOrDefault(thread.getKey(), "?").strip() + ": state "
                                + Tasks.state(thread.getValue()) + ", in " + waits.getOrDefault(thread.getKey(), "?")));
        return lines;
    }

    // ---- shared memory

    /** As the child sees it. */
    private static List<String> sharedMemory(Process process) {
        Path own = Tasks.process(process.pid()).resolve("root/dev/shm");
        Path shm = Files.isReadable(own) ? own : Held.SHM;
        try (Stream<Path> files = Files.list(shm)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("belfry.") || name.startsWith("sem.belfry."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of("(" + e + ")");
        }
    }

    // ---- length

    /** Each part gets a fair share of the lines; a short one leaves the rest of its share to the longer ones. */
    private static List<String> cut(Map<String, List<String>> parts, int most) {
        Map<String, List<String>> shares = new LinkedHashMap<>(parts);
        int left = most - parts.size(); // the headings
        int waiting = parts.size();
        for (String name : parts.keySet().stream()
                .sorted(Comparator.comparing(name -> parts.get(name).size()))
                .toList()) {
            List<String> lines = cut(parts.get(name), left / waiting--, name.startsWith("std"));
            shares.put(name, lines);
            left -= lines.size();
        }
        List<String> all = new ArrayList<>();
        shares.forEach((name, lines) -> {
            all.add(name + (lines.isEmpty() ? ": nothing" : ":"));
            lines.forEach(line -> all.add("  " + shortened(line)));
        });
        return all;
    }

    /** The last lines of output are kept, and a few of the first: an exception's message stands there. */
    private static List<String> cut(List<String> lines, int most, boolean last) {
        if (lines.size() <= most) return lines;
        int head = last ? most / 4 : most - 1;
        int tail = most - 1 - head;
        List<String> kept = new ArrayList<>(lines.subList(0, head));
        kept.add("(" + (lines.size() - head - tail) + " lines cut)");
        kept.addAll(lines.subList(lines.size() - tail, lines.size()));
        return kept;
    }

    static String shortened(String line) {
        if (line.length() <= MOST_CHARACTERS) return line;
        return line.substring(0, MOST_CHARACTERS) + "... (" + line.length() + " characters)";
    }
}
