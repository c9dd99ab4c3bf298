package dev.belfry.tests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OwnMount;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Another user, and what a JVM needs that is started as that one. */
final class Somebody {
    private static final String SETPRIV = "/usr/bin/setpriv";

    private final int user;
    private final Path directory;
    private final String classPath;

    /** {@code directory}: a new one. */
    Somebody(int user, Path directory) throws IOException {
        this.user = user;
        this.directory = directory;
        classPath = readableCopies(directory);
    }

    static void needed() {
        assumeTrue(OwnMount.isRoot(), "only root can start a JVM as somebody else");
        assumeTrue(Files.isExecutable(Path.of(SETPRIV)), "setpriv is not installed");
    }

    /** The launcher that changes the user. */
    List<String> launcher() {
        return List.of(SETPRIV, "--reuid=" + user, "--regid=" + user, "--clear-groups");
    }

    /** Of what such a JVM can read. */
    JavaCommand command(Class<? extends Role> role, String... args) {
        return Role.command(role, args)
                .flags(JavaCommand.QUICK)
                .flags(List.of("-Djava.io.tmpdir=" + directory, "-Djna.tmpdir=" + directory))
                .classPath(classPath);
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
