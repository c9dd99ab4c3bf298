package dev.belfry.spi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * A process as people know it: a Java program's main class or jar, any other's first word. From
 * {@link Proc}: a process id of another namespace means nothing here, or another process.
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

    /** Answers null if the process cannot be seen. */
    public static String of(long pid) {
        return Proc.of(pid)
                .text("cmdline")
                .map(all -> all.split("\0"))
                .filter(words -> words.length > 0)
                .map(words -> Units.printable(of(words), MOST))
                .filter(name -> !name.isEmpty())
                .orElse(null);
    }

    /** "pid 812 (Reader)", or without its name if that cannot be seen. */
    public static String withPid(long pid) {
        String name = of(pid);
        return "pid " + pid + (name == null ? "" : " (" + name + ")");
    }

    /** Tells whether a signal or a debugger has stopped it; false if that cannot be seen. */
    public static boolean isStopped(long pid) {
        return isIn("Tt", pid);
    }

    private static boolean isIn(String states, long pid) {
        return Proc.of(pid)
                .field("status", "State")
                .filter(state -> states.indexOf(state.charAt(0)) >= 0)
                .isPresent();
    }

    /** The process that traces this one and has stopped it, such as "pid 812 (gdb)"; null: there is none. */
    public static String tracer(long pid) {
        if (!isIn("t", pid)) return null;
        return Proc.of(pid)
                .field("status", "TracerPid")
                .filter(its -> !its.equals("0")) // of another pid namespace
                .map(its -> withPid(Long.parseLong(its)))
                .orElse("its debugger");
    }

    /** A JVM that a Java debugger may have suspended: then it answers no jstack, and no signal but KILL ends it. */
    public static boolean isDebugged(long pid) {
        return Proc.of(pid).lines("maps").anyMatch(line -> line.endsWith("/libjdwp.so"));
    }

    /**
     * Has the process that is called so here mapped this file? False also where that may not be asked. Its name may be
     * another one there, and other file systems have files of its number.
     */
    public static boolean hasMapped(long pid, String file) {
        try {
            String inode = " " + Files.getAttribute(Path.of(file), "unix:ino") + " ";
            String directory = " " + Path.of(file).getParent() + "/";
            return Proc.of(pid).lines("maps").anyMatch(line -> line.contains(inode) && line.contains(directory));
        } catch (IOException | RuntimeException noFile) {
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
