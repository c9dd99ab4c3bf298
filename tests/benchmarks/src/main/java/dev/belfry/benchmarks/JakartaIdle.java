package dev.belfry.benchmarks;

import dev.belfry.api.MessageQueues;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As {@link Idle}, of processes with a consumer or a producer of Jakarta Messaging, and of a broker. */
final class JakartaIdle implements Scenario {
    @Override
    public String name() {
        return "jakarta idle";
    }

    @Override
    public List<Result> run(Mode mode) {
        Figures figures = new Figures(name());
        String domain = "shm:" + Channels.next();
        String port = "/dev/shm/helper-" + Channels.next();
        Map<String, Jvm> all = new LinkedHashMap<>();
        try {
            all.put(Idle.SLEEPER, resting("sleeper", domain));
            all.put("artemis broker", Jvm.start(ArtemisBroker.class, port));
            all.get("artemis broker").expect("ready");
            all.put("belfry producer", resting("producer", domain));
            all.put("belfry consumer", resting("consumer", domain));
            all.put("artemis consumer", resting("consumer", "artemis-tcp:" + port));
            Idle.windows(all, mode, figures);
        } finally {
            List<Jvm> backwards = new ArrayList<>(all.values());
            for (int i = backwards.size() - 1; i >= 0; i--) backwards.get(i).close();
        }
        return figures.results();
    }

    private static Jvm resting(String role, String where) {
        Jvm started = Jvm.start(Resting.class, role, where);
        started.expect("ready");
        return started;
    }

    /**
     * {@code Resting sleeper|producer|consumer PROVIDER}. All do the same until they rest, in a
     * domain of their own.
     */
    static final class Resting {
        private static final int WARM_UP = 500;

        private Resting() {}

        public static void main(String[] arguments) throws Exception {
            String ownDomain = "shm:" + Channels.next();
            try (Connection connection =
                    JakartaProviders.factory(ownDomain + "?linger=0s").createConnection()) {
                connection.start();
                for (int i = 0; i < WARM_UP; i++) produce(connection);
                consume(connection, WARM_UP);
            }
            MessageQueues.delete(ownDomain);
            if (arguments[0].equals("sleeper")) {
                rest();
                return;
            }
            try (Connection connection = JakartaProviders.factory(arguments[1]).createConnection()) {
                connection.start();
                if (arguments[0].equals("producer")) {
                    produce(connection);
                    consume(connection, 1); // the consumer is to have nothing to receive
                } else {
                    Session session = connection.createSession();
                    session.createConsumer(session.createQueue("orders")).setMessageListener(m -> {
                        throw new IllegalStateException("nobody is to disturb it");
                    });
                }
                rest();
            }
        }

        private static void produce(Connection connection) throws Exception {
            try (Session session = connection.createSession();
                    MessageProducer producer = session.createProducer(session.createQueue("orders"))) {
                producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
                producer.send(session.createTextMessage("good morning"));
            }
        }

        private static void consume(Connection connection, int count) throws Exception {
            try (Session session = connection.createSession();
                    MessageConsumer consumer = session.createConsumer(session.createQueue("orders"))) {
                for (int i = 0; i < count; i++)
                    if (consumer.receive(1000) == null) throw new IllegalStateException("no message came");
            }
        }

        private static void rest() {
            System.out.println("ready");
            new Commands().next();
        }
    }
}
