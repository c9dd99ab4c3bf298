package dev.belfry.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kafka.Kafka;
import kafka.tools.StorageTool;

/**
 * The JVM of a {@link Broker}: formats its directory if that is new, then runs broker and
 * controller. It ends when stdin does, so none outlives its test.
 */
public final class BrokerMain {
    private BrokerMain() {}

    /** {@code args}: the file with the properties. */
    public static void main(String[] args) throws IOException {
        Path properties = Path.of(args[0]);
        Thread watch = new Thread(() -> endWithStdin(properties.getParent()), "watch");
        watch.setDaemon(true);
        watch.start();
        if (!Files.exists(properties.resolveSibling("data").resolve("meta.properties"))) {
            String[] format = {"format", "-t", "belfry-tests-cluster-1", "-c", args[0]};
            int status = StorageTool.execute(format, System.out);
            if (status != 0) throw new IllegalStateException(List.of(format) + " ended with " + status);
        }
        Kafka.main(args);
    }

    /** The test's JVM is gone, and does not clear away any more. */
    private static void endWithStdin(Path directory) {
        try {
            while (System.in.read() >= 0) {}
            Broker.remove(directory);
        } catch (IOException gone) {
            System.err.println("stdin: " + gone);
        }
        Runtime.getRuntime().halt(0);
    }
}
