package dev.belfry.tests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** What a JVM needs that is started as somebody else. */
final class Somebody {
    private static final String SETPRIV = "/usr/bin/setpriv";

    private Somebody() {}

    static void needed() {
        assumeTrue(World.isRoot(), "only root can start a JVM as somebody else");
        assumeTrue(Files.isExecutable(Path.of(SETPRIV)), "setpriv is not installed");
    }

    /** To be put before a command. */
    static List<String> as(int user) {
        return List.of(SETPRIV, "--reuid=" + user, "--regid=" + user, "--clear-groups");
    }

    /** As {@link Child#command}, of what such a JVM can read; {@code directory}: a new one. */
    static List<String> command(Path directory, List<String> flags, Class<? extends Role> role, String... args)
            throws IOException {
        List<String> all = new ArrayList<>(Child.QUICK);
        all.addAll(List.of("-Djava.io.tmpdir=" + directory, "-Djna.tmpdir=" + directory));
        all.addAll(flags);
        List<String> command = Child.command(all, role, args);
        command.set(command.indexOf("-cp") + 1, readableCopies(directory));
        return command;
    }

    /** Class path and repository may lie in a home that others cannot enter. */
    private static String readableCopies(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path from = Path.of(entry);
            if (!Files.exists(from)) continue;
            Path to = directory.resolve(copies.size() + "-" + from.getFileName());
            Files.walkFileTree(from, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes)
                        throws IOException {
                    Files.createDirectories(to.resolve(from.relativize(visited).toString()));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path visited, BasicFileAttributes attributes) throws IOException {
                    Path copy = visited.equals(from)
                            ? to
                            : to.resolve(from.relativize(visited).toString());
                    Files.copy(visited, copy);
                    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
                    return FileVisitResult.CONTINUE;
                }
            });
            copies.add(to.toString());
        }
        return String.join(":", copies);
    }
}
