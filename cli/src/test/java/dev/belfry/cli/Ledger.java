package dev.belfry.cli;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import java.util.BitSet;

/**
 * {@code send DOMAIN}: sends numbered messages, and prints the last number of each transaction; {@code receive DOMAIN}
 * the same of those that it receives. {@code drain DOMAIN}: receives all that is there, and prints the first number,
 * the last one, how many there were, and how many of them were there twice.
 */
final class Ledger {
    static final int EACH = 100;
    private static final int MOST = 8_000;
    private static final String REST = "x".repeat(900);
    private static final int END = 0;
    private static final long LONG = 60_000;

    private Ledger() {}

    public static void main(String[] args) throws Exception {
        try (JMSContext context = new BelfryConnectionFactory(args[1]).createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue queue = context.createQueue("ledger");
            switch (args[0]) {
                case "send" -> send(context, queue);
                case "receive" -> receive(context, queue);
                default -> drain(context, queue);
            }
        }
    }

    private static void send(JMSContext context, Queue queue) throws Exception {
        for (int number = 0; number < MOST; Thread.sleep(10)) {
            for (int i = 0; i < EACH; i++) send(context, queue, ++number);
            context.commit();
            tell("" + number);
        }
        System.in.read();
    }

    private static void send(JMSContext context, Queue queue, int number) {
        context.createProducer().setProperty("number", number).send(queue, REST);
    }

    private static void receive(JMSContext context, Queue queue) throws Exception {
        JMSConsumer in = context.createConsumer(queue);
        for (int last = 0; ; Thread.sleep(50)) {
            for (int i = 0; i < EACH; i++) last = number(in);
            context.commit();
            tell("" + last);
        }
    }

    private static void drain(JMSContext context, Queue queue) throws JMSException {
        send(context, queue, END);
        context.commit();
        JMSConsumer in = context.createConsumer(queue);
        BitSet all = new BitSet();
        int twice = 0;
        for (int number; (number = number(in)) != END; all.set(number)) {
            if (all.get(number)) twice++;
            if (number % EACH == 0) context.commit();
        }
        context.commit();
        tell(all.nextSetBit(0) + " " + (all.length() - 1) + " " + all.cardinality() + " " + twice);
    }

    private static int number(JMSConsumer in) throws JMSException {
        return in.receive(LONG).getIntProperty("number");
    }

    private static void tell(String text) {
        System.out.println(text);
        System.out.flush();
    }
}
