package dev.belfry.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/** The broker, in a process of its own: {@code ArtemisBroker FILE}, until its input ends. The file tells the port. */
public final class ArtemisBroker {
    static final long MOST_HELD = 32 << 20;

    private ArtemisBroker() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ()
                .setConfiguration(configuration(new TransportConfiguration(
                        NettyAcceptorFactory.class.getName(),
                        Map.of(TransportConstants.HOST_PROP_NAME, "127.0.0.1", TransportConstants.PORT_PROP_NAME, 0),
                        "tcp")));
        broker.start();
        NettyAcceptor acceptor =
                (NettyAcceptor) broker.getActiveMQServer().getRemotingService().getAcceptor("tcp");
        Files.writeString(file, Integer.toString(acceptor.getActualPort()));
        System.out.println("ready " + acceptor.getActualPort());
        while (System.in.read() >= 0) {}
        Files.delete(file);
        broker.stop();
    }

    /** Nothing is stored, no password is asked for, and a client that sends too much waits. */
    static Configuration configuration(TransportConfiguration acceptor) throws Exception {
        Configuration configuration = new ConfigurationImpl()
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setMessageCounterEnabled(false)
                .addAcceptorConfiguration(acceptor);
        configuration.addAddressSetting(
                "#",
                new AddressSettings()
                        .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK)
                        .setMaxSizeBytes(MOST_HELD));
        return configuration;
    }
}
