package dev.belfry.cli;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code send}: to queues of a domain; dies with one message delivered and not acknowledged. {@code drain}: reads all
 * that is left. These stay until they are killed. {@code hold}: has received five of eight orders, and acknowledged
 * none. {@code dead}: has given three of four orders up. {@code poison}: has received an order twelve times. {@code
 * half}: has sent orders that take half of what senders may fill of 64 KiB. {@code fill}: sends orders. {@code listen}:
 * has a plain subscription to a topic with two messages, of which it reads none.
 */
final class Sender {
    private Sender() {}

    public static void main(String[] args) throws JMSException {
        JMSContext context = new BelfryConnectionFactory(args[1]).createContext(JMSContext.CLIENT_ACKNOWLEDGE);
        switch (args[0]) {
            case "send" -> send(context);
            case "hold" -> hold(context);
            case "dead" -> recover(context, 4, 4);
            case "poison" -> recover(context, 1, 12);
            case "half" -> half(context);
            case "fill" -> fill(context);
            case "listen" -> listen(context);
            default -> drain(context);
        }
        System.out.println("ready");
        System.out.flush();
        if (args[0].equals("send") || args[0].equals("drain"))
            Runtime.getRuntime().halt(0);
        while (true) LockSupport.park(context);
    }

    private static void drain(JMSContext context) {
        read(context, "orders", 3);
        read(context, "audit", 1);
        context.createSharedDurableConsumer(context.createTopic("news"), "all").receive();
        context.acknowledge();
    }

    private static JMSConsumer orders(JMSContext context, int messages) {
        Queue orders = context.createQueue("orders");
        for (int i = 0; i < messages; i++) context.createProducer().send(orders, "order " + i);
        return context.createConsumer(orders);
    }

    private static void hold(JMSContext context) {
        JMSConsumer in = orders(context, 8);
        for (int i = 0; i < 5; i++) in.receive();
    }

    /** {@code times}: so often is the first one delivered, and not acknowledged. */
    private static void recover(JMSContext context, int messages, int times) {
        JMSConsumer in = orders(context, messages);
        for (int i = 0; i < times; i++) {
            in.receive();
            context.recover();
        }
        in.close();
    }

    private static void listen(JMSContext context) {
        Topic news = context.createTopic("news");
        context.createConsumer(news);
        for (int i = 0; i < 2; i++) context.createProducer().send(news, "news " + i);
    }

    private static void half(JMSContext context) {
        for (int i = 0; i < 25; i++) context.createProducer().send(context.createQueue("orders"), "x".repeat(1000));
    }

    private static void fill(JMSContext context) {
        System.out.println("ready");
        Queue orders = context.createQueue("orders");
        while (true) {
            try {
                context.createProducer().send(orders, "x".repeat(1000));
            } catch (JMSRuntimeException full) {
                continue;
            }
        }
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
