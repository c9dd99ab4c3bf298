package dev.belfry.jakarta.soak;

import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.soak.Journal.Kind;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidClientIDException;
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
    /** So many places last as long as the domain. */
    private final int places;

    private long lastId;

    private Session session;
    private MessageProducer producer;
    private final List<Source> consumers = new ArrayList<>();
    private MessageConsumer plain;

    private record Source(int place, MessageConsumer consumer) {}

    Worker(String uri, Journal journal, long number, Mode mode, Random random, int places) {
        this.places = places;
        this.uri = uri;
        this.journal = journal;
        this.mode = mode;
        this.random = random;
        lastId = number << 32;
    }

    /**
     * {@code args}: the domain's URI with parameters, the journal's file, a number of its own, its mode, a seed, how
     * many places last.
     */
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
        Mode mode = Mode.valueOf(args[3]);
        int places = Integer.parseInt(args[5]);
        Worker worker = new Worker(args[0], journal, Long.parseLong(args[2]), mode, random, places);
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
                boolean isAudit = mode.receives() && mode != Mode.AUTO && random.nextInt(4) > 0 && isAudit(connection);
                connection.setExceptionListener(Worker::fail);
                connection.start();
                for (int i = random.nextInt(5); i >= 0 && goesOn(); i--) session(connection, isAudit);
            }
        }
    }

    /** False: another one is that client, which has the durable subscription. */
    private static boolean isAudit(Connection connection) throws JMSException {
        try {
            connection.setClientID(Lasting.CLIENT);
            return true;
        } catch (InvalidClientIDException another) {
            return false;
        }
    }

    private boolean goesOn() {
        return !leaving && !journal.isNearlyFull();
    }

    private void session(Connection connection, boolean isAudit) throws JMSException {
        journal.add(Kind.SESSION, mode.ordinal(), 0);
        session = connection.createSession(mode.acknowledges);
        if (mode.sends) producer = session.createProducer(null);
        consumers.clear();
        plain = null;
        int queues = mode == Mode.TRANSFER || random.nextBoolean() ? Mode.VANISHING : Mode.QUEUES;
        if (mode == Mode.AUTO) consume(Mode.VANISHING);
        else if (mode.receives()) {
            for (int i = 0; i < queues; i++) consume(i);
            if (isAudit) consume(Mode.DURABLE);
            else for (int i = Mode.SHARED_DURABLE; i < places; i++) if (random.nextBoolean()) consume(i);
        }
        if (mode.sends || mode == Mode.LISTENER) if (random.nextInt(3) == 0) subscribe();
        if (mode == Mode.LISTENER) listen(connection);
        else for (int i = random.nextInt(200); i >= 0 && goesOn(); i--) step();
        journal.add(Kind.CLOSING);
        session.close();
        journal.add(Kind.CLOSED);
    }

    private void consume(int place) throws JMSException {
        consumers.add(new Source(place, Lasting.consumer(session, place)));
    }

    private void subscribe() throws JMSException {
        try {
            plain = Lasting.consumer(session, Mode.PLAIN);
            journal.add(Kind.SUBSCRIBED);
        } catch (ResourceAllocationException full) {
            return; // without one
        }
    }

    private void step() throws JMSException {
        if (plain != null) read();
        switch (mode) {
            case SEND -> {
                for (int i = random.nextInt(50); i >= 0; i--) send(random.nextInt(Mode.TOPIC + 1), filling());
                rest(10_000);
            }
            case SEND_TRANSACTED -> {
                for (int i = 1 + random.nextInt(60); i >= 0; i--) {
                    int dice = random.nextInt(10);
                    send(dice == 0 ? Mode.VANISHING : dice < 3 ? Mode.TOPIC : i % 2, filling());
                }
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
                boolean isOfQueue = m.getJMSDestination() instanceof Queue; // one of a topic may make no room
                if (mode == Mode.TRANSFER && isOfQueue) send(random.nextInt(Mode.VANISHING), 0);
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

    /** Of the plain subscription all that is there, as a transaction of its own. */
    private void read() throws JMSException {
        boolean came = false;
        for (Message m; (m = plain.receiveNoWait()) != null; came = true) got(m, Mode.PLAIN);
        if (!came || !session.getTransacted()) return;
        if (random.nextInt(4) == 0) rollBack();
        else end();
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
        boolean inOrder = mode == Mode.TRANSFER || queue == Mode.TOPIC || random.nextInt(8) != 0;
        int priority = inOrder ? Message.DEFAULT_PRIORITY : random.nextInt(10);
        producer.setDeliveryDelay(inOrder ? 0 : random.nextInt(50));
        journal.add(Kind.SEND, queue, id);
        try {
            producer.send(Lasting.destination(session, queue), message, DeliveryMode.PERSISTENT, priority, 0);
            if (mode == Mode.SEND) journal.add(Kind.SENT, queue, id);
        } catch (ResourceAllocationException full) {
            journal.add(Kind.REFUSED, queue, id);
        }
    }

    private Message receive() throws JMSException {
        Source source = consumers.get(random.nextInt(consumers.size()));
        Message message = source.consumer.receive(1 + random.nextInt(20));
        if (message != null) got(message, source.place);
        return message;
    }

    /** Written down as delivered now, or a moment ago. */
    private void got(Message message, int place) throws JMSException {
        if (!message.getJMSDestination().equals(Lasting.destination(session, place)))
            fail(new JMSException("destination of " + message));
        int count = message.getIntProperty("JMSXDeliveryCount");
        if (message.getJMSRedelivered() != count > 1) fail(new JMSException("flag and count of " + message));
        String text = ((TextMessage) message).getText();
        journal.add(Kind.GOT, count << 8 | place, Long.parseLong(text.substring(0, text.indexOf(' '))));
    }

    private void listen(Connection connection) throws JMSException {
        connection.stop();
        for (Source one : consumers) one.consumer.setMessageListener(m -> heard(m, one.place));
        if (plain != null) plain.setMessageListener(m -> heard(m, Mode.PLAIN));
        connection.start();
        rest(300_000);
    }

    private void heard(Message message, int place) {
        try {
            got(message, place);
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

    /** Of a parent: receives all that is there, until there is nothing for anybody. False: there is. */
    boolean drain(Lasting lasting, long deadline) throws JMSException {
        try (Connection connection = Lasting.connect(uri);
                Connection audit = Lasting.connect(uri)) {
            audit.setClientID(Lasting.CLIENT);
            audit.start();
            connection.start();
            journal.add(Kind.SESSION, Mode.AUTO.ordinal(), 0);
            session = audit.createSession(Mode.AUTO.acknowledges);
            consume(Mode.DURABLE);
            session = connection.createSession(Mode.AUTO.acknowledges);
            for (int i = 0; i < Mode.QUEUES; i++) consume(i);
            consume(Mode.SHARED_DURABLE);
            if (lasting.shared() != null) consumers.add(new Source(Mode.SHARED, lasting.shared()));
            while (true) {
                for (Source one : consumers)
                    for (Message m; (m = one.consumer.receive(20)) != null; ) got(m, one.place);
                boolean empty = lasting.isEmpty();
                if (empty || System.nanoTime() - deadline > 0) return empty;
            }
        }
    }
}
