package dev.belfry.spi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A process as people know it: a Java program's main class or jar, any other's first word. From
 * /proc: a process id of another namespace means nothing here, or another process.
 */
public final class ProgramName {
    /** Options of java whose value may be the next word. */
    private static final Set<String> TWO_WORDS = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--upgrade-module-path",
            "--add-modules",
            "--limit-modules",
            "--add-opens",
            "--add-exports",
            "--add-reads",
            "--patch-module",
            "--enable-native-access",
            "--source");

    private static final int MOST = 64;

    private ProgramName() {}

    /** Null if it cannot be seen. */
    public static String of(long pid) {
        try {
            String words = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
            return words.isEmpty() ? null : Units.printable(of(words.split("\0")), MOST);
        } catch (IOException | RuntimeException gone) {
            return null;
        }
    }

    /** By a signal, or by a debugger. */
    public static boolean isStopped(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return "Tt".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
        } catch (IOException | RuntimeException gone) {
            return false;
        }
    }

    /** The process that traces this one and has stopped it, such as "pid 812 (gdb)"; null: there is none. */
    public static String tracer(long pid) {
        try (Stream<String> status = Files.lines(Path.of("/proc", Long.toString(pid), "status"), ISO_8859_1)) {
            List<String> lines = status.toList();
            if (lines.stream().noneMatch(line -> line.startsWith("State:\tt"))) return null;
            String its = lines.stream()
                    .filter(line -> line.startsWith("TracerPid:"))
                    .findFirst()
                    .orElseThrow()
                    .substring(10)
                    .strip();
            String name = of(Long.parseLong(its));
            return its.equals("0") ? "its debugger" : "pid " + its + (name == null ? "" : " (" + name + ")");
        } catch (IOException | RuntimeException gone) {
            return null;
        }
    }

    /** A JVM that a Java debugger may have suspended: then it answers no jstack, and no signal but KILL ends it. */
    public static boolean isDebugged(long pid) {
        try (Stream<String> maps = Files.lines(Path.of("/proc", Long.toString(pid), "maps"), ISO_8859_1)) {
            return maps.anyMatch(line -> line.endsWith("/libjdwp.so"));
        } catch (IOException | RuntimeException gone) {
            return false;
        }
    }

    /** The name of the program that a command line starts. */
    public static String of(String... words) {
        String first = fileOf(words[0]);
        if (!first.equals("java")) return first;
        for (int i = 1; i < words.length; i++) {
            String word = words[i];
            boolean last = i + 1 == words.length;
            if (word.equals("-jar") && !last) return fileOf(words[i + 1]);
            if ((word.equals("-m") || word.equals("--module")) && !last) return mainOf(words[i + 1]);
            if (word.startsWith("--module=")) return mainOf(word.substring("--module=".length()));
            if (TWO_WORDS.contains(word)) i++;
            else if (!word.startsWith("-") && !word.startsWith("@"))
                return word.endsWith(".java") ? fileOf(word) : classOf(word);
        }
        return first;
    }

    /** The name of MODULE or MODULE/CLASS. */
    private static String mainOf(String module) {
        return module.contains("/") ? classOf(module) : module;
    }

    private static String classOf(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static String fileOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
