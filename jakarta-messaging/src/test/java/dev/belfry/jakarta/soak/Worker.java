package dev.belfry.jakarta.soak;

import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.soak.Journal.Kind;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of a soak: session after session of its mode, with random calls, each written down in
 * its {@link Journal}. It goes on until it is killed, told to leave, or its parent has ended.
 */
final class Worker {
    /** Before which of its appends it is to die. */
    static final String DIES = "belfry.soak.dies";

    private static volatile boolean leaving;

    private final String uri;
    private final Journal journal;
    private final Mode mode;
    private final Random random;
    private long lastId;

    private Session session;
    private MessageProducer producer;
    private final List<MessageConsumer> consumers = new ArrayList<>();

    Worker(String uri, Journal journal, long number, Mode mode, Random random) {
        this.uri = uri;
        this.journal = journal;
        this.mode = mode;
        this.random = random;
        lastId = number << 32;
    }

    /** {@code args}: the domain's URI with parameters, the journal's file, a number of its own, its mode, a seed. */
    public static void main(String[] args) throws Exception {
        Thread line = new Thread(Worker::listen, "line");
        line.setDaemon(true);
        line.start();
        Journal journal = new Journal(Path.of(args[1]));
        AtomicInteger appends = new AtomicInteger(Integer.getInteger(DIES, 0));
        MortalTransport.beforeAppend = () -> {
            if (appends.decrementAndGet() != 0) return;
            journal.add(Kind.DYING);
            Runtime.getRuntime().halt(1);
        };
        Random random = new Random(Long.parseLong(args[4]));
        Worker worker = new Worker(args[0], journal, Long.parseLong(args[2]), Mode.valueOf(args[3]), random);
        worker.work();
        journal.add(Kind.LEFT);
        System.exit(0);
    }

    private static void listen() {
        try {
            if (System.in.read() >= 0) leaving = true;
            while (System.in.read() >= 0) continue;
        } catch (IOException broken) {
            System.err.println(broken);
        }
        Runtime.getRuntime().halt(3);
    }

    private static void fail(JMSException e) {
        e.printStackTrace();
        Runtime.getRuntime().halt(4);
    }

    private void work() throws JMSException {
        while (goesOn()) {
            String timeout = mode == Mode.TRANSFER ? "1s" : mode.sends ? "100ms" : "30s";
            String linger = random.nextBoolean() ? "0s" : "10s";
            int batch = 1 << 2 * random.nextInt(4); // the fewer, the more often a process dies as it acknowledges
            try (Connection connection = new BelfryConnectionFactory(uri + "&maxDeliveries=0&sendTimeout=" + timeout
                            + "&linger=" + linger + "&dupsOkBatch=" + batch)
                    .createConnection()) {
                connection.setExceptionListener(Worker::fail);
                connection.start();
                for (int i = random.nextInt(5); i >= 0 && goesOn(); i--) session(connection);
            }
        }
    }

    private boolean goesOn() {
        return !leaving && !journal.isNearlyFull();
    }

    private void session(Connection connection) throws JMSException {
        journal.add(Kind.SESSION, mode.ordinal(), 0);
        session = connection.createSession(mode.acknowledges);
        if (mode.sends) producer = session.createProducer(null);
        consumers.clear();
        int queues = mode == Mode.TRANSFER || random.nextBoolean() ? Mode.VANISHING : Mode.QUEUES.length;
        if (mode == Mode.AUTO) consumers.add(session.createConsumer(queue(Mode.VANISHING)));
        else if (mode.receives()) for (int i = 0; i < queues; i++) consumers.add(session.createConsumer(queue(i)));
        if (mode == Mode.LISTENER) listen(connection);
        else for (int i = random.nextInt(200); i >= 0 && goesOn(); i--) step();
        journal.add(Kind.CLOSING);
        session.close();
        journal.add(Kind.CLOSED);
    }

    private Queue queue(int number) throws JMSException {
        return session.createQueue(Mode.QUEUES[number]);
    }

    private void step() throws JMSException {
        switch (mode) {
            case SEND -> {
                for (int i = random.nextInt(50); i >= 0; i--) send(random.nextInt(Mode.QUEUES.length), filling());
                rest(10_000);
            }
            case SEND_TRANSACTED -> {
                for (int i = 1 + random.nextInt(60); i >= 0; i--)
                    send(random.nextInt(10) == 0 ? Mode.VANISHING : i % 2, filling());
                if (random.nextInt(4) != 0) end();
                else rollBack();
                rest(20_000);
            }
            case AUTO -> {
                journal.add(Kind.RECEIVING);
                receive();
            }
            case CLIENT, DUPS_OK, TRANSFER -> {
                Message m = receive();
                if (m == null) return;
                if (mode == Mode.TRANSFER) send(random.nextInt(Mode.VANISHING), 0);
                int dice = random.nextInt(20);
                if (mode == Mode.DUPS_OK || dice > 4) return;
                rest(2_000);
                if (dice == 0) rollBack();
                else if (mode == Mode.CLIENT) acknowledge(m);
                else end();
            }
            case LISTENER -> throw new IllegalStateException();
        }
    }

    private void rest(int micros) {
        LockSupport.parkNanos(1_000L * random.nextInt(micros));
    }

    private int filling() {
        return random.nextInt(random.nextInt(20) == 0 ? 3_000 : 300);
    }

    private void send(int queue, int length) throws JMSException {
        long id = ++lastId;
        TextMessage message = session.createTextMessage(id + " " + "x".repeat(length));
        boolean plain = mode == Mode.TRANSFER || random.nextInt(8) != 0;
        int priority = plain ? Message.DEFAULT_PRIORITY : random.nextInt(10);
        producer.setDeliveryDelay(plain ? 0 : random.nextInt(50));
        journal.add(Kind.SEND, queue, id);
        try {
            producer.send(queue(queue), message, DeliveryMode.PERSISTENT, priority, 0);
            if (mode == Mode.SEND) journal.add(Kind.SENT, queue, id);
        } catch (ResourceAllocationException full) {
            journal.add(Kind.REFUSED, queue, id);
        }
    }

    private Message receive() throws JMSException {
        MessageConsumer consumer = consumers.get(random.nextInt(consumers.size()));
        Message message = consumer.receive(1 + random.nextInt(20));
        if (message != null) got(message);
        return message;
    }

    /** Written down as delivered now, or a moment ago. */
    private void got(Message message) throws JMSException {
        String queue = ((Queue) message.getJMSDestination()).getQueueName();
        int number = List.of(Mode.QUEUES).indexOf(queue);
        int count = message.getIntProperty("JMSXDeliveryCount");
        if (message.getJMSRedelivered() != count > 1) fail(new JMSException("flag and count of " + message));
        String text = ((TextMessage) message).getText();
        journal.add(Kind.GOT, count << 8 | number, Long.parseLong(text.substring(0, text.indexOf(' '))));
    }

    private void listen(Connection connection) throws JMSException {
        connection.stop();
        for (MessageConsumer one : consumers) one.setMessageListener(this::heard);
        connection.start();
        rest(300_000);
    }

    private void heard(Message message) {
        try {
            got(message);
        } catch (JMSException e) {
            fail(e);
        }
        rest(200);
        boolean throwing = random.nextInt(20) == 0;
        journal.add(throwing ? Kind.RELEASING : Kind.ENDING);
        if (throwing) throw new IllegalStateException("to have it again");
    }

    private void acknowledge(Message message) throws JMSException {
        journal.add(Kind.ENDING);
        message.acknowledge();
        journal.add(Kind.ENDED);
    }

    private void end() throws JMSException {
        journal.add(Kind.ENDING);
        try {
            session.commit();
            journal.add(Kind.ENDED);
        } catch (TransactionRolledBackException full) {
            journal.add(Kind.UNDONE);
        }
    }

    private void rollBack() throws JMSException {
        journal.add(Kind.RELEASING);
        if (mode == Mode.CLIENT) session.recover();
        else session.rollback();
    }

    /** Of a parent: receives all that is there, until the queues are empty for everybody. False: they are not. */
    boolean drain(long deadline) throws JMSException {
        try (Connection connection =
                new BelfryConnectionFactory(uri + "&maxDeliveries=0&linger=0s").createConnection()) {
            connection.start();
            journal.add(Kind.SESSION, Mode.AUTO.ordinal(), 0);
            session = connection.createSession(Mode.AUTO.acknowledges);
            for (int i = 0; i < Mode.QUEUES.length; i++) consumers.add(session.createConsumer(queue(i)));
            while (true) {
                for (MessageConsumer one : consumers) for (Message m; (m = one.receive(20)) != null; ) got(m);
                boolean empty = true;
                for (int i = 0; i < Mode.QUEUES.length; i++)
                    empty &= !session.createBrowser(queue(i)).getEnumeration().hasMoreElements();
                if (empty || System.nanoTime() - deadline > 0) return empty;
            }
        }
    }
}
