package dev.belfry.cli;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.bridge.Bridges;
import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code send DOMAIN N}: sends orders 1 to N, each tenth of a high priority, and waits while the domain is full. {@code
 * kinds DOMAIN QUEUE}: one of each kind. {@code receive DOMAIN QUEUE}: all, in words; {@code browse}: the numbers.
 * {@code read URI}: the numbers of all orders of a plain queue, without duplicates; {@code raw URI}: with them.
 */
final class Orders {
    private static final Pattern NUMBER = Pattern.compile("order (\\d+)\\.");
    private static final String REST = "x".repeat(900);
    private static final long NOTHING_MORE = 500;
    private static final long LONG = 45_000;

    private Orders() {}

    public static void main(String[] args) throws JMSException {
        switch (args[0]) {
            case "send" -> send(args[1], Integer.parseInt(args[2]));
            case "kinds" -> kinds(args[1], args[2]);
            case "receive" -> receive(args[1], args[2], args.length > 3 ? Integer.parseInt(args[3]) : 0);
            case "browse" -> browse(args[1], args[2]);
            default -> read(args[1], args[0].equals("raw"));
        }
    }

    private static void send(String domain, int orders) {
        try (JMSContext context = new BelfryConnectionFactory(domain).createContext()) {
            JMSProducer out = context.createProducer();
            for (int i = 1; i <= orders; ) {
                try {
                    out.setPriority(i % 10 == 0 ? 9 : 4).send(context.createQueue("orders"), "order " + i + "." + REST);
                    i++;
                } catch (JMSRuntimeException full) {
                    System.out.println("full at " + i);
                }
            }
        }
        System.out.println("sent");
    }

    private static void kinds(String domain, String queue) throws JMSException {
        try (JMSContext context = new BelfryConnectionFactory(domain).createContext()) {
            JMSProducer out = context.createProducer();
            MapMessage map = context.createMapMessage();
            map.setInt("i", 1);
            map.setBytes("b", new byte[] {1, 2});
            StreamMessage stream = context.createStreamMessage();
            stream.writeDouble(1.5);
            stream.writeString("s");
            BytesMessage bytes = context.createBytesMessage();
            bytes.writeBytes(new byte[] {3, 4, 5});
            ObjectMessage object = context.createObjectMessage(List.of(7L).get(0));
            TextMessage text = context.createTextMessage("täxt");
            text.setJMSCorrelationID("c-1");
            text.setJMSType("t");
            text.setJMSReplyTo(context.createTopic("answers"));
            text.setBooleanProperty("yes", true);
            text.setByteProperty("byte", (byte) 1);
            text.setShortProperty("short", (short) 2);
            text.setIntProperty("int", 3);
            text.setLongProperty("long", 4);
            text.setFloatProperty("float", 5);
            text.setDoubleProperty("double", 6);
            text.setStringProperty("string", "");
            text.setObjectProperty("none", null);
            out.setPriority(7).setTimeToLive(3_600_000).send(context.createQueue(queue), text);
            out.setTimeToLive(0).setDeliveryMode(DeliveryMode.NON_PERSISTENT).setPriority(2);
            for (jakarta.jms.Message each : List.of(
                    map,
                    stream,
                    bytes,
                    object,
                    context.createMessage(),
                    context.createTextMessage(),
                    context.createTextMessage(""))) out.send(context.createQueue(queue), each);
            out.setDisableMessageID(true).setDisableMessageTimestamp(true).send(context.createQueue(queue), "bare");
        }
    }

    /** So many come in their time: a disk may be slow. */
    private static void receive(String domain, String queue, int atLeast) throws JMSException {
        try (JMSContext context = new BelfryConnectionFactory(domain).createContext()) {
            JMSConsumer in = context.createConsumer(context.createQueue(queue));
            int n = 0;
            for (jakarta.jms.Message one; (one = in.receive(n < atLeast ? LONG : NOTHING_MORE)) != null; n++)
                System.out.println(number(one instanceof TextMessage text ? text.getText() : null, words(one)));
        }
    }

    private static void browse(String domain, String queue) throws JMSException {
        try (JMSContext context = new BelfryConnectionFactory(domain).createContext()) {
            Enumeration<?> all =
                    context.createBrowser(context.createQueue(queue)).getEnumeration();
            for (Object one : Collections.list(all))
                System.out.println(number(((TextMessage) one).getText(), "no order"));
        }
    }

    private static String words(jakarta.jms.Message one) throws JMSException {
        TreeMap<String, Object> properties = new TreeMap<>();
        Enumeration<?> names = one.getPropertyNames();
        for (Object name : Collections.list(names)) properties.put((String) name, one.getObjectProperty((String) name));
        boolean isOfAnHour = one.getJMSExpiration() - one.getJMSTimestamp() == 3_600_000;
        return String.join(
                " ",
                one.getClass().getSimpleName(),
                "priority " + one.getJMSPriority(),
                "mode " + one.getJMSDeliveryMode(),
                "id " + (one.getJMSMessageID() != null),
                "time " + (one.getJMSTimestamp() != 0),
                "expires " + (one.getJMSExpiration() == 0 ? "never" : "in an hour " + isOfAnHour),
                "correlation " + one.getJMSCorrelationID(),
                "type " + one.getJMSType(),
                "reply to " + one.getJMSReplyTo(),
                properties.toString(),
                body(one));
    }

    private static String body(jakarta.jms.Message one) throws JMSException {
        if (one instanceof TextMessage text) return "text '" + text.getText() + "'";
        if (one instanceof MapMessage map) return map.getInt("i") + Arrays.toString(map.getBytes("b"));
        if (one instanceof StreamMessage stream) return stream.readDouble() + stream.readString();
        if (one instanceof BytesMessage bytes) return bytes.getBodyLength() + " bytes, the first " + bytes.readByte();
        return one instanceof ObjectMessage object ? object.getObject().toString() : "none";
    }

    private static String number(String text, String otherwise) {
        Matcher order = NUMBER.matcher(text == null ? "" : text);
        return order.find() ? order.group(1) : otherwise;
    }

    private static void read(String uri, boolean raw) {
        SubscriberOptions options = SubscriberOptions.builder()
                .startAt(StartAt.OLDEST_RETAINED)
                .ackMode(AckMode.NONE)
                .build();
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber all = queue.createSubscriber(options);
                Subscriber in = raw ? all : Bridges.dropDuplicates(all)) {
            for (Message one; (one = in.receiveNoWait()) != null; )
                System.out.println(number(new String(one.bytes(), StandardCharsets.ISO_8859_1), "no order"));
        }
    }
}
