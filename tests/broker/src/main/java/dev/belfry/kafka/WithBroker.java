package dev.belfry.kafka;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code WithBroker COMMAND...}: runs a command while a broker is there, on the same terminal; each
 * {@code {}} in its words becomes the broker's address. However it ends, the broker, the command
 * and the programs that it started end with it, and the broker's data are removed.
 */
public final class WithBroker {
    /** Nobody is taken for dead because the machine is busy. */
    private static final String[] PATIENT = {
        "group.consumer.session.timeout.ms=45000", "broker.session.timeout.ms=30000"
    };

    /** Set before the command is killed because this JVM ends. */
    private static volatile boolean ending;

    private WithBroker() {}

    public static void main(String[] command) throws IOException, InterruptedException {
        int exit;
        say("Apache Kafka starts, in a JVM of its own");
        try (Broker broker = Broker.started(PATIENT)) {
            say("It is at " + broker.bootstrap());
            exit = run(
                    broker,
                    Stream.of(command)
                            .map(word -> word.replace("{}", broker.bootstrap()))
                            .toList());
        }
        say("It has ended, and its directory is removed");
        if (!ending) System.exit(exit); // else JDK 17 may end with the killed command's value, not with the signal's
    }

    /** Without a broker it would wait for one. */
    private static int run(Broker broker, List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        broker.endsWithThisJvm(process.pid());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process)));
        return process.waitFor();
    }

    private static void end(Process process) {
        ending = true;
        BrokerMain.end(process.toHandle());
    }

    private static void say(String text) {
        System.out.println("[broker] " + text);
    }
}
