package dev.belfry.examples;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.main.Main;

/**
 * A shop outgrows its machine. The same code packs orders over {@code shm:}, then over a broker: only
 * its ConnectionFactory differs. In between a route of Camel moves the queues of the domain to the
 * broker. It is killed twice with SIGKILL, and started again: no order is lost. One comes twice, and
 * says so, as may others that were on their way to a mover that died.
 *
 * <p>It prints:
 *
 * <pre>
 *   [shm] packed order 1
 *   [shm] packed order 2
 *   [shm] packed order 3
 *   [main] Killed the mover before it has sent order 5, with SIGKILL
 *   [main] Killed the mover between sending and acknowledging order 7, with SIGKILL
 *   [broker] packed order 4
 *   [broker] packed order 5, which may be there already
 *   [broker] packed order 6
 *   [broker] packed order 7
 *   [broker] packed order 7, which may be there already
 *   [broker] packed order 8
 *   [broker] packed order 9
 *   [main] Parcels: [1, 2, 3, 4, 5, 6, 7, 7, 8, 9]
 * </pre>
 */
public final class Outgrow {
    private static final int ORDERS = 9;
    private static final int PACKED_HERE = 3;
    private static final int NOT_SENT = 5;
    private static final long MOMENT_MILLIS = 3_000; // none is under way any more
    private static final int NOT_ACKNOWLEDGED = 7;

    /** JMSRedelivered of the domain: the broker has one of its own. */
    private static final String REDELIVERED = "wasRedelivered";

    private Outgrow() {}

    public static void main(String[] args) throws Exception {
        Speaker main = speaker("main");
        String domain = "shm:outgrow-" + ProcessHandle.current().pid();
        EmbeddedActiveMQ broker = broker();
        String there = "tcp://127.0.0.1:" + port(broker);
        // linger: this JVM shall have left the domain when it is deleted.
        try (JMSContext here = new BelfryConnectionFactory(domain + "?linger=0s").createContext();
                Jvms jvms = new Jvms()) {
            for (int order = 1; order <= ORDERS; order++)
                here.createProducer().send(here.createQueue("orders"), "" + order);
            Jvms.join(jvms.start(Shop.class, domain, "" + PACKED_HERE));

            JMSConsumer hangs = here.createConsumer(here.createQueue("hangs"));
            for (int order : new int[] {NOT_SENT, NOT_ACKNOWLEDGED}) {
                Process mover = jvms.start(Mover.class, domain, there, "" + order, "orders");
                String where = hangs.receiveBody(String.class);
                Jvms.kill(mover);
                main.say("Killed the mover %s, with SIGKILL", where);
            }
            jvms.start(Mover.class, domain, there, "none", "orders", "parcels");
            Jvms.join(jvms.start(Shop.class, there, "" + ORDERS));
            main.say("Parcels: %s", parcels(there));
        } finally {
            broker.stop();
            MessageQueues.delete(domain);
        }
    }

    /** What differs: in an application it is configured. */
    private static ConnectionFactory factory(String uri) throws JMSException {
        return uri.startsWith("shm:") ? new BelfryConnectionFactory(uri) : new ActiveMQConnectionFactory(uri);
    }

    /** The service. It packs orders until this one, each in one transaction with its parcel. */
    static final class Shop {
        public static void main(String[] args) throws JMSException {
            Speaker shop = speaker(args[0].startsWith("shm:") ? "shm" : "broker");
            try (JMSContext work = factory(args[0]).createContext(JMSContext.SESSION_TRANSACTED)) {
                JMSConsumer orders = work.createConsumer(work.createQueue("orders"));
                String order;
                do {
                    Message message = orders.receive();
                    order = message.getBody(String.class);
                    boolean again = message.getJMSRedelivered() || message.getBooleanProperty(REDELIVERED);
                    work.createProducer().send(work.createQueue("parcels"), order);
                    work.commit();
                    shop.say("packed order %s%s", order, again ? ", which may be there already" : "");
                } while (!order.equals(args[1]));
            }
        }
    }

    /** Moves these queues, until it is killed, at this order. */
    static final class Mover {
        public static void main(String[] args) throws Exception {
            speaker("mover");
            Main camel = new Main();
            // While the broker is away each attempt is a delivery: after ten a message would be given up.
            camel.bind("here", transacted(args[0] + "?maxDeliveries=0&redeliveryDelay=1s"));
            camel.bind("there", transacted(args[1]));
            camel.configure().addRoutesBuilder(new RouteBuilder() {
                @Override
                public void configure() {
                    for (String queue : Arrays.asList(args).subList(3, args.length))
                        from("here:queue:" + queue)
                                .process(message -> hangAt(NOT_SENT, "before it has sent order", message, args))
                                .setHeader(REDELIVERED, header("JMSRedelivered"))
                                .to("there:queue:" + queue)
                                .process(message -> hangAt(
                                        NOT_ACKNOWLEDGED, "between sending and acknowledging order", message, args));
                }
            });
            camel.run();
        }

        /** What is sent is committed at once, the message here after its route: a kill between the two doubles it. */
        private static JmsComponent transacted(String uri) throws JMSException {
            JmsComponent component = JmsComponent.jmsComponent(factory(uri));
            component.setTransacted(true);
            component.setLazyCreateTransactionManager(false);
            return component;
        }

        /** It says so, and never goes on. */
        private static void hangAt(int order, String where, Exchange exchange, String[] args)
                throws JMSException, InterruptedException {
            boolean isIt = exchange.getMessage().getBody(String.class).equals("" + order);
            if (!isIt || !args[2].equals("" + order)) return;
            try (JMSContext talk = factory(args[0]).createContext()) {
                talk.createProducer().send(talk.createQueue("hangs"), where + " " + order);
                Thread.sleep(Long.MAX_VALUE);
            }
        }
    }

    private static List<String> parcels(String broker) throws JMSException {
        List<String> parcels = new ArrayList<>();
        try (JMSContext there = factory(broker).createContext()) {
            JMSConsumer in = there.createConsumer(there.createQueue("parcels"));
            for (String parcel; (parcel = in.receiveBody(String.class, MOMENT_MILLIS)) != null; ) parcels.add(parcel);
        }
        Collections.sort(parcels);
        return parcels;
    }

    /** It stores nothing, as it ends with this example. */
    private static EmbeddedActiveMQ broker() throws Exception {
        Map<String, Object> address =
                Map.of(TransportConstants.HOST_PROP_NAME, "127.0.0.1", TransportConstants.PORT_PROP_NAME, 0);
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfiguration(new ConfigurationImpl()
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .addAcceptorConfiguration(
                        new TransportConfiguration(NettyAcceptorFactory.class.getName(), address, "tcp")));
        broker.start();
        return broker;
    }

    private static int port(EmbeddedActiveMQ broker) {
        return ((NettyAcceptor) broker.getActiveMQServer().getRemotingService().getAcceptor("tcp")).getActualPort();
    }

    /** Of Camel and the broker it shows failures alone. */
    private static Speaker speaker(String name) {
        System.setProperty("org.slf4j.simpleLogger.log.org.apache", "error");
        return new Speaker(name);
    }
}
