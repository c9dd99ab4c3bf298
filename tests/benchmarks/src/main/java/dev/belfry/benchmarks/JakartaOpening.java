package dev.belfry.benchmarks;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A connection, a session, a producer, one message sent, and all closed: how JmsTemplate works without a pool. Another
 * connection of the process stays open meanwhile, so a domain is open already, and a broker in this process runs.
 */
final class JakartaOpening implements Scenario {
    @Override
    public String name() {
        return "jakarta opening";
    }

    @Override
    public List<Result> run(Mode mode) {
        Figures figures = new Figures(name());
        String port = "/dev/shm/helper-" + Channels.next();
        Map<String, Jvm> all = new LinkedHashMap<>();
        Jvm broker = Jvm.start(ArtemisBroker.class, port);
        try {
            broker.expect("ready");
            all.put("belfry shm", opener("shm:" + Channels.next()));
            all.put("belfry mem", opener("mem:" + Channels.next()));
            all.put("artemis tcp", opener("artemis-tcp:" + port));
            all.put("artemis vm", opener("artemis-vm:"));
            all.put("classic vm", opener("classic-vm:" + Channels.next()));
            for (int i = -mode.warmUps; i < mode.rounds; i++)
                for (var one : all.entrySet()) {
                    long[] got = one.getValue().ask(Long.toString(mode.millis), "did");
                    if (i < 0) continue;
                    figures.add(one.getKey(), "open, send, close", "us", got[1] / 1e3 / got[0]);
                }
        } finally {
            all.values().forEach(Jvm::close);
            broker.close();
        }
        return figures.results();
    }

    private static Jvm opener(String where) {
        Jvm started = Jvm.start(Opener.class, where);
        started.expect("ready");
        return started;
    }

    /** {@code Opener PROVIDER}: told for how many milliseconds, it says how often, and in how many nanoseconds. */
    static final class Opener {
        private static final int MOST = 20_000;

        private Opener() {}

        public static void main(String[] arguments) throws Exception {
            ConnectionFactory factory = JakartaProviders.factory(arguments[0]);
            Connection open = factory.createConnection();
            open.start();
            System.out.println("ready");
            Commands commands = new Commands();
            byte[] filling = Message.filling(JakartaScenarios.LENGTH);
            for (String[] c = commands.next(); c != null; c = commands.next()) {
                long begin = System.nanoTime();
                long end = begin + Long.parseLong(c[0]) * 1_000_000;
                long count = 0;
                for (; System.nanoTime() - end < 0 && count < MOST; count++) once(factory, filling);
                System.out.println("did " + count + " " + (System.nanoTime() - begin));
                drain(open);
            }
            open.close();
            JakartaProviders.stopBrokers();
        }

        private static void once(ConnectionFactory factory, byte[] filling) throws JMSException {
            try (Connection connection = factory.createConnection();
                    Session session = connection.createSession();
                    MessageProducer producer = session.createProducer(session.createQueue("orders"))) {
                producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
                producer.send(JakartaProduct.message(session, filling, 0, 0, 0));
            }
        }

        private static void drain(Connection open) throws JMSException {
            try (Session session = open.createSession(false, Session.DUPS_OK_ACKNOWLEDGE)) {
                Queue queue = session.createQueue("orders");
                try (MessageConsumer consumer = session.createConsumer(queue)) {
                    while (consumer.receive(200) != null) continue;
                }
            }
        }
    }
}
