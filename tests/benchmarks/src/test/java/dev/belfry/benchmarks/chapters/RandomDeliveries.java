package dev.belfry.benchmarks.chapters;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Random;

/**
 * Sends, receives, settles, browses and closes at random. What it does next depends on the seed, and on whether it
 * received. A queue and a subscription have one consumer at a time: which of several gets a message is the provider's
 * choice. With priorities nothing is redelivered. What a transaction sends to a topic, and what a stop does, is in
 * {@link Chapters}: started again, Artemis takes one message ahead.
 */
final class RandomDeliveries implements World.Steps {
    private static final int STEPS = 40;
    private static final String[] SELECTORS = {null, null, null, "n > 2", "color = 'red'", "color IS NULL OR n = 1"};
    private static final int[] PRIORITIES = {4, 4, 4, 1, 8};

    private final Random random;
    private final boolean prioritised;
    private World w;
    private Connection connection;
    private final Session[] sessions = new Session[3];
    private final int[] modes = new int[sessions.length];
    private final MessageConsumer[] consumers = new MessageConsumer[4];
    /** Of each consumer, the session. */
    private final int[] owners = new int[consumers.length];
    /** Of each session. */
    private final Message[] last = new Message[sessions.length];

    RandomDeliveries(long seed) {
        random = new Random(seed);
        prioritised = random.nextInt(3) == 0;
    }

    @Override
    public void run(World world) throws Exception {
        w = world;
        connection = w.named("c");
        for (int i = 0; i < sessions.length; i++) openSession(i);
        for (int i = 0; i < STEPS; i++) step(i);
        for (int i = 0; i < sessions.length; i++) sessions[i].close();
        w.noteRest("q0");
        w.noteRest("q1");
        Session rest = connection.createSession();
        MessageConsumer durable = rest.createDurableConsumer(w.topic(rest, "t"), w.name("d"));
        w.note("rest", () -> World.rest(durable));
        durable.close();
        rest.unsubscribe(w.name("d"));
    }

    private void step(int i) throws JMSException {
        int session = random.nextInt(sessions.length);
        int consumer = random.nextInt(consumers.length);
        switch (random.nextInt(15)) {
            case 0, 1, 2, 3 -> send(session, "m" + i);
            case 4, 5, 6, 7, 8, 9 -> receive(consumer);
            case 10, 11 -> settle(session);
            case 12 -> close(consumer);
            case 13 -> w.noteBrowsed(sessions[session], "q" + random.nextInt(2), SELECTORS[random.nextInt(6)]);
            default -> {
                sessions[session].close();
                for (int c = 0; c < consumers.length; c++) if (owners[c] == session) consumers[c] = null;
                openSession(session);
            }
        }
    }

    private void openSession(int i) throws JMSException {
        modes[i] = prioritised ? Session.AUTO_ACKNOWLEDGE : random.nextInt(3);
        sessions[i] = connection.createSession(modes[i]);
        last[i] = null;
    }

    private Destination destination(Session session, int number) throws JMSException {
        return number < 2 ? w.queue(session, "q" + number) : w.topic(session, "t");
    }

    private void send(int i, String text) throws JMSException {
        Session session = sessions[i];
        int most = modes[i] == Session.SESSION_TRANSACTED ? 2 : 3;
        MessageProducer producer = session.createProducer(destination(session, random.nextInt(most)));
        TextMessage m = session.createTextMessage(text);
        m.setIntProperty("n", random.nextInt(5));
        if (random.nextBoolean()) m.setStringProperty("color", random.nextBoolean() ? "red" : "blue");
        int mode = random.nextBoolean() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
        int priority = prioritised ? PRIORITIES[random.nextInt(PRIORITIES.length)] : 4;
        w.attempt("send", () -> producer.send(m, mode, priority, 0));
        producer.close();
    }

    private void receive(int consumer) throws JMSException {
        if (consumers[consumer] == null) open(consumer);
        int owner = owners[consumer];
        w.note("receive", () -> {
            Message m = consumers[consumer].receiveNoWait();
            if (m != null) last[owner] = m;
            else close(consumer); // Artemis may give the next message to one that has just asked in vain
            return m;
        });
    }

    private void open(int consumer) throws JMSException {
        int owner = random.nextInt(sessions.length);
        String selector = SELECTORS[random.nextInt(SELECTORS.length)];
        owners[consumer] = owner;
        Session s = sessions[owner];
        consumers[consumer] = consumer == 3
                ? s.createDurableConsumer(w.topic(s, "t"), w.name("d"))
                : s.createConsumer(destination(s, consumer), selector);
    }

    private void close(int consumer) throws JMSException {
        if (consumers[consumer] == null) return;
        consumers[consumer].close();
        consumers[consumer] = null;
    }

    private void settle(int session) throws JMSException {
        boolean forward = random.nextInt(3) > 0;
        Session s = sessions[session];
        boolean transacted = modes[session] == Session.SESSION_TRANSACTED;
        if (transacted && forward) w.attempt("commit", s::commit);
        else if (transacted) w.attempt("rollback", s::rollback);
        else if (forward && last[session] != null) w.attempt("acknowledge", last[session]::acknowledge);
        else {
            w.attempt("recover", s::recover);
            forward = false;
        }
        if (forward) return;
        for (int c = 0; c < consumers.length; c++) if (owners[c] == session) close(c); // it takes one ahead now
    }
}
