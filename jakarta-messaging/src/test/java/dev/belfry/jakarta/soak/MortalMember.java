package dev.belfry.jakarta.soak;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.client.BelfryConnection;
import dev.belfry.jakarta.client.Settings;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.spi.Log;
import dev.belfry.testing.Patience;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** A member of this JVM that works in one mode, and dies before one of its appends. It notes what it was promised. */
final class MortalMember {
    static final int MESSAGES = 12;
    static final List<String> ALL =
            IntStream.range(0, MESSAGES).mapToObj(i -> "" + i).toList();
    /** Of the member and of its heir, which learns by it that the member is dead. */
    static final String CLIENT_ID = "mortal";

    private static final int BATCH = 3;
    private static final int LARGE = 20_000;
    /** Is to come again to the listener. */
    private static final String RECOVERED = "5";

    /** What its program was given, each as often as it came, in order. */
    final List<String> given = new CopyOnWriteArrayList<>();
    /** What must not come again, or must be there: of the calls that returned. */
    final List<String> ended = new ArrayList<>();
    /** What came again and did not say so, or the reverse. */
    final List<String> markedWrong = new CopyOnWriteArrayList<>();

    /** Where it receives from, and its heir. */
    enum Source {
        QUEUE,
        DURABLE,
        SHARED_DURABLE,
        SHARED,
        // What it has is its own.
        PLAIN,
        TEMPORARY_QUEUE,
        TEMPORARY_TOPIC;

        Destination destination(Session session) throws JMSException {
            return switch (this) {
                case QUEUE -> session.createQueue("from");
                case TEMPORARY_QUEUE -> session.createTemporaryQueue();
                case TEMPORARY_TOPIC -> session.createTemporaryTopic();
                default -> session.createTopic("from");
            };
        }

        MessageConsumer consumer(Session session) throws JMSException {
            return consumer(session, destination(session));
        }

        private MessageConsumer consumer(Session session, Destination from) throws JMSException {
            return switch (this) {
                case DURABLE -> session.createDurableConsumer((Topic) from, "work");
                case SHARED_DURABLE -> session.createSharedDurableConsumer((Topic) from, "work");
                case SHARED -> session.createSharedConsumer((Topic) from, "work");
                default -> session.createConsumer(from);
            };
        }
    }

    /** What others do. */
    interface Step {
        void run(Destination from) throws JMSException;
    }

    private final Source source;
    private final int append;
    private final Step whenItConsumes;
    private final AtomicInteger appends = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean dead;

    /** No catch of the product's takes it for a failure of the call. */
    private static final class Death extends Error {
        private static final long serialVersionUID = 1;

        Death() {
            super("died", null, false, false);
        }
    }

    /** {@code append}: the first one that it does not make any more. */
    MortalMember(Source source, int append) {
        this(source, append, from -> {});
    }

    MortalMember(Source source, int append, Step whenItConsumes) {
        this.source = source;
        this.append = append;
        this.whenItConsumes = whenItConsumes;
    }

    /** Not started. */
    static BelfryConnection connect(String uri) throws JMSException {
        String parameters = "?linger=0s&capacity=1m&maxCapacity=1m&dupsOkBatch=" + BATCH + "&sendTimeout="
                + Patience.limit().toMillis() + "ms";
        return new BelfryConnection(Settings.of(uri + parameters, Map.of()), new Domains());
    }

    /** The dead give up all, as it happens once a slice. */
    static void leaves(String uri) {
        Domain watch = watch(uri);
        watch.freeOfTheDead();
        watch.close(Duration.ZERO);
    }

    /** Messages in a domain, and members that own something. */
    static List<String> leftIn(String uri) {
        Domain watch = watch(uri);
        List<String> left = new ArrayList<>();
        if (Held.live(watch) > 0) left.add(Held.live(watch) + " messages");
        for (long member : Held.owners(watch)) left.add("what member " + member + " owns");
        watch.close(Duration.ZERO);
        return left;
    }

    private static Domain watch(String uri) {
        return new Domain(uri, MessageQueues.open(uri + "?" + Log.KIND + "=" + Log.DOMAIN));
    }

    /** False: its work took fewer appends. */
    boolean dies(String uri, Mode mode) throws JMSException {
        MortalTransport.beforeAppend = this::live;
        BelfryConnection connection = connect(uri);
        try {
            if (mode.receives() && source != Source.SHARED) connection.setClientID(CLIENT_ID);
            connection.start();
            work(connection.createSession(mode.acknowledges), mode);
            connection.close();
        } catch (Death death) {
            return true;
        } catch (JMSException | RuntimeException e) {
            if (!dead) throw e; // else another of its threads has died
        } finally {
            MortalTransport.beforeAppend = () -> {};
            if (dead) end(connection, mode);
        }
        return dead;
    }

    private void live() {
        if (appends.incrementAndGet() < append) return;
        MortalTransport.opened.close(); // its byte is free
        dead = true;
        over.countDown();
        Thread.currentThread().setUncaughtExceptionHandler((thread, death) -> {});
        throw new Death();
    }

    /** Its threads end, and can tell nobody. */
    private void end(BelfryConnection connection, Mode mode) {
        try {
            connection.close();
        } catch (JMSException dead) {
            appends.get();
        }
        if (mode != Mode.LISTENER || !ended.isEmpty() || given.isEmpty()) return;
        ended.addAll(given);
        ended.removeIf(given.get(given.size() - 1)::equals); // it may have been in hand
    }

    // ---- its work

    private void work(Session session, Mode mode) throws JMSException {
        switch (mode) {
            case SEND -> send(session);
            case SEND_TRANSACTED -> sendTransacted(session);
            case LISTENER -> listen(session);
            case TRANSFER -> move(session);
            default -> receive(session, mode);
        }
    }

    private MessageConsumer consumer(Session session) throws JMSException {
        Destination from = source.destination(session);
        MessageConsumer consumer = source.consumer(session, from);
        whenItConsumes.run(from);
        return consumer;
    }

    private void send(Session session) throws JMSException {
        MessageProducer producer = session.createProducer(session.createQueue("from"));
        for (int i = 0; i < MESSAGES; i++) {
            producer.send(session.createTextMessage("" + i));
            ended.add("" + i);
        }
    }

    private void sendTransacted(Session session) throws JMSException {
        MessageProducer producer = session.createProducer(null);
        for (int i = 0; i < MESSAGES / BATCH; i++) {
            List<String> open = new ArrayList<>();
            for (int j = 0; j < BATCH; j++) {
                open.add("" + (BATCH * i + j));
                sendToBoth(session, producer, open.get(j), i == 1);
            }
            endTransaction(session, i == 2, open);
        }
    }

    private static void sendToBoth(Session session, MessageProducer producer, String text, boolean isLarge)
            throws JMSException {
        String filled = text + " " + "x".repeat(isLarge ? LARGE : 0);
        for (String queue : List.of("p", "q"))
            producer.send(session.createQueue(queue), session.createTextMessage(filled));
    }

    private void endTransaction(Session session, boolean isRolledBack, List<String> open) throws JMSException {
        if (isRolledBack) session.rollback();
        else {
            session.commit();
            ended.addAll(open);
        }
    }

    /** From one queue to two others; one transaction is in stages. */
    private void move(Session session) throws JMSException {
        MessageConsumer consumer = consumer(session);
        MessageProducer producer = session.createProducer(null);
        for (int i = 0; i < MESSAGES / BATCH; i++) {
            List<String> open = new ArrayList<>();
            for (int j = 0; j < BATCH; j++) {
                open.add(note(consumer.receive()));
                sendToBoth(session, producer, open.get(j), i == 1);
            }
            endTransaction(session, i == 2, open);
        }
    }

    private void receive(Session session, Mode mode) throws JMSException {
        MessageConsumer consumer = consumer(session);
        for (int i = 0; i < MESSAGES / BATCH; i++) {
            List<String> open = new ArrayList<>();
            Message last = null;
            for (int j = 0; j < BATCH; j++) {
                last = consumer.receive();
                open.add(note(last));
                if (mode == Mode.AUTO) ended.add(open.get(j));
                if (mode == Mode.DUPS_OK && j == 0)
                    ended.addAll(given.subList(BATCH * i - BATCH * Math.min(i, 1), BATCH * i));
            }
            if (mode == Mode.CLIENT && i == 2) session.recover();
            else if (mode == Mode.CLIENT) {
                last.acknowledge();
                ended.addAll(open);
            }
        }
    }

    private void listen(Session session) throws JMSException {
        consumer(session).setMessageListener(message -> {
            if (dead) throw new Death(); // a recover that died was caught as if the listener had failed
            try {
                String text = note(message);
                if (text.equals(RECOVERED) && !message.getJMSRedelivered()) session.recover();
                if (given.size() > MESSAGES) over.countDown();
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            over.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        session.close(); // after the last one is acknowledged
        if (!dead) ended.addAll(given);
    }

    private String note(Message message) throws JMSException {
        String text = ((TextMessage) message).getText();
        if (message.getJMSRedelivered() != given.contains(text)) markedWrong.add(text);
        given.add(text);
        return text;
    }
}
