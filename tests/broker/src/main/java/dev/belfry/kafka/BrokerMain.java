package dev.belfry.kafka;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * The JVM of a {@link Broker}: formats its directory if that is new, then runs broker and
 * controller. It ends when stdin does, so it outlives no test.
 */
public final class BrokerMain {
    private static final String REMOVE = "for n in 1 2 3 4 5 6 7 8 9; do rm -rf \"$0\" && exit; sleep 1; done";

    private BrokerMain() {}

    /** {@code args}: the file with the properties. */
    public static void main(String[] args) throws IOException {
        Path properties = Path.of(args[0]);
        Thread watch = new Thread(() -> endWithStdin(properties.getParent()), "watch");
        watch.setDaemon(true);
        watch.start();
        if (!Files.exists(properties.resolveSibling("data").resolve("meta.properties"))) {
            String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", args[0]};
            int status = StorageTool.execute(format, System.out);
            if (status != 0) throw new IllegalStateException(List.of(format) + " ended with " + status);
        }
        Kafka.main(args);
    }

    /**
     * The JVM that has started this one is gone, and does not clear away any more. It has told which
     * processes are to end with it. A broker that lives writes again what is removed: a shell goes on
     * after this JVM.
     */
    private static void endWithStdin(Path directory) {
        List<ProcessHandle> others = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String pid; (pid = in.readLine()) != null; )
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(others::add);
        } catch (IOException | NumberFormatException gone) {
            System.err.println("stdin: " + gone);
        }
        others.forEach(BrokerMain::end);
        try {
            new ProcessBuilder("sh", "-c", REMOVE, directory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            System.err.println("Cannot remove " + directory + ": " + e);
        }
        Runtime.getRuntime().halt(0);
    }

    /** With those that it has started. */
    static void end(ProcessHandle process) {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
    }
}
