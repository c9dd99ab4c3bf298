package dev.belfry.benchmarks;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A million messages that nobody consumes, and then a new process that does: from its
 * createConnection to the first message, and what the backlog costs in its heap and in shared
 * memory. Brokers keep it in their own process; Belfry's consumer reads the log.
 */
final class JakartaBacklog implements Scenario {
    private static final int MESSAGES = 1_000_000;
    private static final String RING = "?maxCapacity=512m";

    @Override
    public String name() {
        return "jakarta backlog";
    }

    @Override
    public List<Result> run(Mode mode) {
        Figures figures = new Figures(name());
        if (!Channels.haveRoom(1L << 30)) return figures.results();
        String domain = Channels.next();
        long before = occupied();
        try (Jvm sender = Jvm.start(Filler.class, "shm:" + domain + RING)) {
            long[] sent = sender.numbers("sent");
            figures.add("belfry shm", "sent by one", "M/s", sent[0] * 1e3 / sent[1]);
            figures.add("belfry shm", "shared memory a message", "B", (double) (occupied() - before) / MESSAGES);
            for (int i = 0; i < mode.rounds; i++) {
                try (Jvm consumer = Jvm.start(First.class, "shm:" + domain + RING)) {
                    long[] got = consumer.numbers("got");
                    figures.add("belfry shm", "first message", "ms", got[0] / 1e6);
                    figures.add("belfry shm", "of it processor time", "ms", got[1] / 1e6);
                    figures.add("belfry shm", "heap a message", "B", (double) got[2] / MESSAGES);
                }
            }
        }
        return figures.results();
    }

    /** Of all that is in shared memory, so others should leave it alone meanwhile. */
    private static long occupied() {
        try {
            FileStore memory = Files.getFileStore(Path.of("/dev/shm"));
            return memory.getTotalSpace() - memory.getUnallocatedSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code Filler DOMAIN}: sends, and stays. */
    static final class Filler {
        private Filler() {}

        public static void main(String[] arguments) throws Exception {
            byte[] filling = Message.filling(JakartaScenarios.LENGTH);
            try (Connection connection = JakartaProviders.factory(arguments[0]).createConnection();
                    Session session = connection.createSession();
                    MessageProducer producer = session.createProducer(session.createQueue("orders"))) {
                producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
                long begin = System.nanoTime();
                for (int i = 0; i < MESSAGES; i++) producer.send(JakartaProduct.message(session, filling, i, 0, 0));
                System.out.println("sent " + MESSAGES + " " + (System.nanoTime() - begin));
                new Commands().next();
            }
        }
    }

    /** {@code First DOMAIN}: the first message, given back by a rollback. */
    static final class First {
        private First() {}

        public static void main(String[] arguments) throws Exception {
            long cpu = cpu();
            long begin = System.nanoTime();
            try (Connection connection = JakartaProviders.factory(arguments[0]).createConnection();
                    Session session = connection.createSession(Session.SESSION_TRANSACTED);
                    MessageConsumer consumer = session.createConsumer(session.createQueue("orders"))) {
                connection.start();
                if (consumer.receive(60_000) == null) throw new JMSException("no message came");
                long nanos = System.nanoTime() - begin;
                long cpuNanos = cpu() - cpu;
                System.gc();
                Runtime runtime = Runtime.getRuntime();
                System.out.println(
                        "got " + nanos + " " + cpuNanos + " " + (runtime.totalMemory() - runtime.freeMemory()));
                session.rollback();
            }
        }

        private static long cpu() {
            return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                    .getProcessCpuTime();
        }
    }
}
