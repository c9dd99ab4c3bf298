package dev.belfry.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A project of a user, in a folder of its own. */
final class Project {
    static final Path OUR_JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private final Installed installed;
    private final Path folder;

    Project(Installed installed, Path folder) {
        this.installed = installed;
        this.folder = folder;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    void write(String name, String text) throws IOException {
        Files.createDirectories(path(name).getParent());
        Files.writeString(path(name), text);
    }

    void replace(String name, String old, String text) throws IOException {
        String before = Files.readString(path(name));
        assertThat(before).contains(old);
        write(name, before.replace(old, text));
    }

    /** Compiles, tests and packages it. */
    void build() {
        installed.maven(folder, "verify");
    }

    /** Starts a JVM with these arguments, and waits for its end; returns the lines that it printed on stdout. */
    List<String> run(String... arguments) {
        return run(List.of(arguments));
    }

    List<String> run(List<String> arguments) {
        try (ChildJvm program = start(arguments)) {
            program.awaitEnd(Duration.ofMinutes(5));
            return program.output().lines().toList();
        }
    }

    ChildJvm start(List<String> arguments) {
        return start(OUR_JAVA, arguments);
    }

    /** Starts a JVM with these arguments. */
    ChildJvm start(Path java, List<String> arguments) {
        return ChildJvm.start("program of " + folder.getFileName(), command(java, arguments));
    }

    /** Starts a JVM in the project's folder by this line of a page; its errors are among its output. */
    ChildJvm start(Path java, String line) {
        assertThat(line).startsWith("java ");
        List<String> arguments = List.of(line.replace("'", "").split(" "));
        return ChildJvm.startMerged(line, folder, command(java, arguments.subList(1, arguments.size())));
    }

    private static List<String> command(Path java, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(List.of(Installed.QUICK.split(" ")));
        command.addAll(arguments);
        return command;
    }
}
