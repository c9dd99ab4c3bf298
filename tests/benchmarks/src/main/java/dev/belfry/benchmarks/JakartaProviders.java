package dev.belfry.benchmarks;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;

/** A provider of Jakarta Messaging, by a kind of URI: with a broker in this process where it needs one here. */
final class JakartaProviders {
    private static final List<AutoCloseable> BROKERS = new ArrayList<>();

    private JakartaProviders() {}

    /**
     * {@code shm:NAME}, {@code mem:NAME}: Belfry. {@code artemis-tcp:FILE}: a broker whose port is
     * in that file. {@code artemis-vm:}, {@code classic-vm:NAME}: a broker in this process.
     */
    static ConnectionFactory factory(String where) throws Exception {
        String[] parts = where.split(":", 2);
        return switch (parts[0]) {
            case "shm", "mem" -> new BelfryConnectionFactory(where);
            case "artemis-tcp" ->
                new ActiveMQConnectionFactory(
                        "tcp://127.0.0.1:" + Files.readString(Path.of(parts[1])) + ArtemisProduct.SETTINGS);
            case "artemis-vm" -> artemis();
            case "classic-vm" -> classic(parts[1]);
            default -> throw new IllegalArgumentException("no provider " + where);
        };
    }

    private static ConnectionFactory artemis() throws Exception {
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ()
                .setConfiguration(ArtemisBroker.configuration(
                        new TransportConfiguration(InVMAcceptorFactory.class.getName(), Map.of(), "in-vm")));
        broker.start();
        BROKERS.add(broker::stop);
        return new ActiveMQConnectionFactory("vm://0" + ArtemisProduct.SETTINGS);
    }

    private static ConnectionFactory classic(String name) throws Exception {
        BrokerService broker = new BrokerService();
        broker.setBrokerName(name);
        broker.setPersistent(false);
        broker.setUseJmx(false);
        broker.getSystemUsage().getMemoryUsage().setLimit(ArtemisBroker.MOST_HELD);
        broker.start();
        BROKERS.add(broker::stop);
        return new org.apache.activemq.ActiveMQConnectionFactory("vm://" + name + "?create=false");
    }

    /** Their threads would keep this process. */
    static void stopBrokers() throws Exception {
        for (AutoCloseable broker : BROKERS) broker.close();
    }
}
