package dev.belfry.cli;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Queue;

/**
 * {@code send}: to queues of a domain; dies with one message delivered and not acknowledged. {@code drain}: reads all
 * that is left.
 */
final class Sender {
    private Sender() {}

    public static void main(String[] args) throws JMSException {
        JMSContext context = new BelfryConnectionFactory(args[1]).createContext(JMSContext.CLIENT_ACKNOWLEDGE);
        if (args[0].equals("send")) send(context);
        else {
            read(context, "orders", 3);
            read(context, "audit", 1);
            context.createSharedDurableConsumer(context.createTopic("news"), "all")
                    .receive();
            context.acknowledge();
        }
        System.out.println("ready");
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static void read(JMSContext context, String queue, int messages) {
        try (JMSConsumer in = context.createConsumer(context.createQueue(queue))) {
            for (int i = 0; i < messages; i++) in.receive();
            context.acknowledge();
        }
    }

    private static void send(JMSContext context) {
        JMSProducer out = context.createProducer();
        Queue orders = context.createQueue("orders");
        Queue audit = context.createQueue("audit");
        for (int i = 0; i < 5; i++) out.send(orders, "order " + i);
        out.send(audit, "one");
        out.send(context.createQueue("read"), "one");
        out.send(context.createTemporaryQueue(), "one");
        context.createSharedDurableConsumer(context.createTopic("news"), "all").close();
        out.send(context.createTopic("news"), "one");
        context.createProducer().setTimeToLive(1).send(audit, "expires");
        read(context, "read", 1);
        read(context, "orders", 2);
        context.createConsumer(orders).receive();
    }
}
