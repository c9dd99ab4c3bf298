package shop;

import dev.belfry.jakarta.BelfryConnectionFactory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;

/**
 * Sells so many orders by SmallRye's connector, packs each in a transaction of Jakarta Messaging, and shows the
 * parcels by the connector. That acknowledges what it has received ahead, too, so after a kill parcels may be missing,
 * but no order.
 */
@ApplicationScoped
public class Shop {
    @ConfigProperty(name = "shop.orders")
    int orders;

    @Inject
    ConnectionFactory connections;

    private volatile boolean closing;

    @Produces
    @ApplicationScoped
    static ConnectionFactory pool(@ConfigProperty(name = "shop.domain") String domain) {
        JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
        pool.setConnectionFactory(new BelfryConnectionFactory(domain));
        return pool;
    }

    /** The connector acknowledges one that it has sent. */
    @Outgoing("till")
    Multi<Message<String>> sell() {
        return Multi.createFrom().range(1, orders + 1).map(n -> Message.of("order " + n, () -> {
            System.out.println("sold order " + n);
            return CompletableFuture.completedFuture(null);
        }));
    }

    void start(@Observes StartupEvent started) {
        new Thread(this::pack, "packing").start();
    }

    void stop(@Observes ShutdownEvent stopping) {
        closing = true;
    }

    private void pack() {
        try (JMSContext session = connections.createContext(JMSContext.SESSION_TRANSACTED)) {
            JMSConsumer consumer = session.createConsumer(session.createQueue("orders"));
            while (!closing) {
                jakarta.jms.Message received = consumer.receive(100);
                if (received == null) continue;
                String order = received.getBody(String.class);
                session.createProducer().send(session.createQueue("parcels"), order);
                session.commit();
                System.out.println("packed " + order);
            }
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    @Incoming("parcels")
    void show(String parcel) {
        System.out.println("shown " + parcel);
    }
}
