package dev.belfry.cli;

import dev.belfry.testing.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the command as uid 65534. Needs root. Its class path may lie where only root may read: it gets a copy. */
final class OtherUser {
    private final Path copies;
    private final String groups;

    /** {@code copies}: a directory for them. */
    OtherUser(Path copies) {
        this(copies, "--clear-groups");
    }

    private OtherUser(Path copies, String groups) {
        this.copies = copies;
        this.groups = groups;
    }

    /** The same user, as a member of that group, too. */
    OtherUser in(int group) {
        return new OtherUser(copies, "--groups=" + group);
    }

    JavaCommand belfry(String... args) throws IOException {
        return java(Belfry.class, args);
    }

    JavaCommand java(Class<?> main, String... args) throws IOException {
        List<String> readable = new ArrayList<>();
        int n = 0;
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path copy = copies.resolve("cp" + n++ + (entry.endsWith(".jar") ? ".jar" : ""));
            if (!Files.exists(copy)) copy(Path.of(entry), copy);
            readable.add(copy.toString());
        }
        for (Path open = copies; open != null && !open.equals(Path.of("/tmp")); open = open.getParent())
            open.toFile().setExecutable(true, false);
        return Sandbox.java(main, args)
                .classPath(String.join(":", readable))
                .flags(List.of("-Djava.io.tmpdir=/tmp"))
                .through(List.of("setpriv", "--reuid=65534", "--regid=65534", groups));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                Files.copy(each, target);
                target.toFile().setReadable(true, false);
                if (Files.isDirectory(target)) target.toFile().setExecutable(true, false);
            }
        }
    }
}
