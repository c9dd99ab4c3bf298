package dev.belfry.kafka;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.conformance.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system of some MiB at a directory, for those only that run in its mount namespace. A shell
 * keeps the namespace, so the files outlive a broker in it. Half of it is taken by a file of a
 * stranger, which can be removed.
 */
final class SmallDisk implements AutoCloseable {
    private final boolean root;
    private final Path filler;
    private final ChildJvm shell;

    /** Skips the test where this is not permitted. */
    SmallDisk(Path directory, int mib) throws Exception {
        Files.createDirectories(directory);
        root = run("id", "-u").strip().equals("0");
        filler = directory.resolve("filler");
        String mount = "mount -t tmpfs -o size=" + mib + "m none " + directory;
        List<String> unshare = List.of("unshare", root ? "-m" : "-Urm", "sh", "-c");
        permitted(unshare, mount);
        shell = ChildJvm.start("the keeper of a small disk", with(unshare, mount + " && exec sh"));
        shell.ask("head -c " + mib / 2 + "m /dev/zero > " + filler + " && echo filled", "filled");
    }

    private static void permitted(List<String> command, String preparation) throws Exception {
        String output = run(with(command, preparation + " && echo permitted").toArray(String[]::new));
        assumeTrue(output.endsWith("permitted\n"), "no file system of its own for the broker: " + output);
    }

    private static List<String> with(List<String> command, String last) {
        List<String> words = new ArrayList<>(command);
        words.add(last);
        return words;
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    /** Runs what follows in its namespace. */
    List<String> command() {
        List<String> words = new ArrayList<>(List.of("nsenter", "-t", Long.toString(shell.pid()), "-m"));
        if (!root) words.addAll(List.of("-U", "--preserve-credentials"));
        return words;
    }

    /** In KiB. */
    long free() {
        return Long.parseLong(shell.ask("df -k --output=avail " + filler.getParent() + " | tail -1")
                .strip());
    }

    void makeRoom() {
        shell.ask("rm " + filler + " && echo removed", "removed");
    }

    @Override
    public void close() {
        shell.close();
    }
}
