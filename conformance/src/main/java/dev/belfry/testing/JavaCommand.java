package dev.belfry.testing;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The command that starts a {@link ChildJvm}: with this JVM's Java and class path, unless others
 * are given. Children with both, and with a flag, share their classes, see ClassArchive.
 */
public final class JavaCommand {
    /** For children that live a second; Belfry needs none of these flags. */
    public static final List<String> QUICK = List.of("-Xmx96m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    /** For children that may crash: they leave no core and no log, and report it on stdout. */
    public static final List<String> MAY_CRASH =
            List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null");

    private static final boolean UNSAFE_IS_DENIED = "deny".equals(System.getProperty("sun.misc.unsafe.memory.access"));

    private static final String DENY = "--sun-misc-unsafe-memory-access=deny";

    /** Keeps JDKs from 24 on from warning on stderr. */
    public static final List<String> QUIET = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            UNSAFE_IS_DENIED ? DENY : "--sun-misc-unsafe-memory-access=allow");

    /** With these a child has an archive of its own, cannot use one, or is asked which classes it loads. */
    private static final List<String> NOT_SHARED = List.of(
            "-Xshare:",
            "-XX:SharedArchiveFile",
            "-XX:ArchiveClasses",
            "-Xlog",
            "--module-path",
            "--patch-module",
            "-javaagent");

    private static final Path OUR_JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    /** If it is given, each second child has it: so JVMs of two kinds share queues. */
    private static final String OTHER_JAVA = System.getProperty("belfry.otherJava");

    private static final AtomicInteger CHILDREN = new AtomicInteger();

    private final String main;
    private final List<String> arguments;
    private final List<String> launcher = new ArrayList<>();
    private final List<String> flags = new ArrayList<>();
    private Path java = OTHER_JAVA != null && CHILDREN.getAndIncrement() % 2 == 1 ? Path.of(OTHER_JAVA) : OUR_JAVA;
    private String classPath; // null: this JVM's
    private String title;

    private JavaCommand(String main, List<String> arguments) {
        this.main = main;
        this.arguments = arguments;
        title = main.substring(Math.max(main.lastIndexOf('.'), main.lastIndexOf('$')) + 1);
    }

    public static JavaCommand of(Class<?> main, String... arguments) {
        return of(main.getName(), arguments);
    }

    public static JavaCommand of(String main, String... arguments) {
        return new JavaCommand(main, List.of(arguments));
    }

    /** Adds flags. */
    public JavaCommand flags(List<String> more) {
        flags.addAll(more);
        return this;
    }

    /** {@code bin/java} of another JDK, for example one of {@link Jdks}. */
    public JavaCommand java(Path other) {
        java = other;
        return this;
    }

    /** Another class path. */
    public JavaCommand classPath(String other) {
        classPath = other;
        return this;
    }

    /** Before all others on the class path. */
    public JavaCommand inFront(Path classes) {
        classPath = classes + File.pathSeparator + classPath();
        return this;
    }

    /** A command that executes the JVM: unshare, taskset, setpriv, {@code sh -c}. The last one is the outermost. */
    public JavaCommand through(List<String> command) {
        launcher.addAll(0, command);
        return this;
    }

    /** A name for failures; without it the main class's. */
    public JavaCommand title(String name) {
        title = name;
        return this;
    }

    public List<String> words() {
        List<String> words = new ArrayList<>(launcher);
        words.add(java.toString());
        if (java.equals(OUR_JAVA)) words.addAll(inherited());
        words.addAll(flags);
        String path = classPath();
        if (canShareClasses()) {
            words.addAll(ClassArchive.ours().flags());
            path = ClassArchive.ours().classPath();
        }
        words.addAll(List.of("-cp", path, main));
        words.addAll(arguments);
        return words;
    }

    /** How this JVM reaches memory, if it was told: its children do the same, unless their flags differ. */
    private static List<String> inherited() {
        List<String> inherited = new ArrayList<>();
        String memory = System.getProperty("belfry.memory");
        if (memory != null) inherited.add("-Dbelfry.memory=" + memory);
        if (UNSAFE_IS_DENIED) inherited.add(DENY);
        return inherited;
    }

    private String classPath() {
        return classPath == null ? System.getProperty("java.class.path") : classPath;
    }

    /** For children with our own Java and class path; one without flags may have to prove that none is needed. */
    private boolean canShareClasses() {
        return classPath == null
                && !flags.isEmpty()
                && java.equals(OUR_JAVA)
                && flags.stream().noneMatch(f -> NOT_SHARED.stream().anyMatch(f::startsWith));
    }

    public ChildJvm start() {
        return ChildJvm.start(title, words());
    }
}
