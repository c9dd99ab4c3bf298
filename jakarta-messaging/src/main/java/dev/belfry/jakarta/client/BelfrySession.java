package dev.belfry.jakarta.client;

import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.jakarta.domain.NoRoomException;
import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.domain.Signal;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.message.BelfryBytesMessage;
import dev.belfry.jakarta.message.BelfryMapMessage;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.BelfryObjectMessage;
import dev.belfry.jakarta.message.BelfryStreamMessage;
import dev.belfry.jakarta.message.BelfryTextMessage;
import dev.belfry.jakarta.message.DestinationKind;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.spi.Deadlines;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import jakarta.jms.TransactionRolledBackException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session [6.2]: one thread's work. Its lock is held while a message is handed out, a listener runs, or a transaction
 * ends: so {@code stop} and {@code close} of other threads wait for that by taking it.
 */
public final class BelfrySession implements QueueSession {
    /** Of {@link #receive}, in milliseconds. */
    static final long FOREVER = -1;

    private static final Logger LOG = LoggerFactory.getLogger(BelfrySession.class);
    private static final int DUPS_OK_BYTES = 64 << 10;
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final BelfryConnection connection;
    private final Settings settings;
    private final Domain domain;
    private final int mode;
    private final MessageCodec codec;
    private final FlatMessage flat;
    private final Signal signal = new Signal();
    private final Runnable whenIdle = this::flushIfFree;
    private final List<BelfryConsumer> consumers = new CopyOnWriteArrayList<>();
    private final List<BelfryProducer> producers = new CopyOnWriteArrayList<>();
    private final Completions completions = new Completions();

    private final ReentrantLock delivering = new ReentrantLock();
    private final Condition received = delivering.newCondition();
    // Guarded by delivering.
    /** Delivered and not acknowledged; of DUPS_OK, what is to be acknowledged some time. */
    private final List<Taken> delivered = new ArrayList<>();

    private int deliveredBytes;
    /** Those in which a thread receives. */
    private final List<BelfryConsumer> receiving = new ArrayList<>();

    /** Of a listener that runs, as long as it is to be acknowledged when that returns. */
    private Taken inHand;

    private boolean inListener;

    /** Of a transaction; guarded by itself: a callback sends while a listener waits for it, with the session's lock. */
    private final List<Sent> sends = new ArrayList<>();

    /** Of a receiveBody that is under way. */
    private Class<?> bodyType;

    private volatile Thread dispatcher;
    /** Of those that have a listener. */
    private volatile List<LocalConsumer> listening = List.of();
    /** So that a second close returns after the first. */
    private final ReentrantLock closing = new ReentrantLock();

    private volatile boolean closed;

    BelfrySession(BelfryConnection connection, int mode) {
        this.connection = connection;
        this.mode = mode;
        settings = connection.settings();
        domain = connection.domain();
        codec = new MessageCodec(BelfrySession::destination, settings.trusted());
        flat = new FlatMessage(domain.shortId());
        if (mode == DUPS_OK_ACKNOWLEDGE) domain.whenIdle(whenIdle);
    }

    private static Destination destination(DestinationKind kind, String name) {
        return switch (kind) {
            case QUEUE -> new BelfryQueue(name);
            case TEMPORARY_QUEUE -> new BelfryTemporaryQueue(name, null);
            case TOPIC, TEMPORARY_TOPIC -> new BelfryTopic(name);
        };
    }

    BelfryConnection connection() {
        return connection;
    }

    Domain domain() {
        return domain;
    }

    Settings settings() {
        return settings;
    }

    MessageCodec codec() {
        return codec;
    }

    private Duration timeout() {
        return settings.sendTimeout();
    }

    void checkOpen() throws JMSException {
        if (isClosed()) throw Jms.closed("Session of " + connection);
    }

    /** Not yet for a listener that runs: close waits for it, and it has all services until then [6.2.15]. */
    boolean isClosed() {
        return closed && !(inListener && Thread.currentThread() == dispatcher);
    }

    /** For those that wait: the connection was started, stopped or closed. */
    void wake() {
        domain.raise(signal);
    }

    /** After the connection was stopped: no listener runs when this returns, and no receive hands out. */
    void pause() {
        delivering.lock();
        delivering.unlock();
        wake(); // those that wait are not hungry any more
    }

    void refuseInListener(String call) throws JMSException {
        if (Thread.currentThread() == dispatcher) throw Jms.inListener(call);
        completions.refuseInCallback(call);
    }

    /** In a listener or callback, for which a close waits. */
    boolean isInListener() {
        return Thread.currentThread() == dispatcher || completions.isCallback();
    }

    Completions completions() {
        return completions;
    }

    // ---- receiving

    /** {@code millis}: 0 = what is there now. Null: nothing came, or it was closed meanwhile. */
    Message receive(BelfryConsumer consumer, long millis) throws JMSException {
        consumer.checkOpen();
        checkOpen();
        if (!listening.isEmpty())
            throw new IllegalStateException(
                    "receive is called in a session that has a MessageListener; a session does"
                            + " one or the other. Use another session.",
                    Codes.LISTENS_OR_RECEIVES);
        return Jms.call(() -> receiveUntil(consumer, millis));
    }

    /** The body of the next message, if it is of this type [8.6]. */
    <T> T receiveBody(BelfryConsumer consumer, Class<T> type, long millis) throws JMSException {
        delivering.lock();
        try {
            bodyType = type;
        } finally {
            delivering.unlock();
        }
        try {
            Message message = receive(consumer, millis);
            if (message == null) return null;
            T body = message.getBody(type);
            if (body == null) throw noBody(type);
            return body;
        } finally {
            bodyType = null;
        }
    }

    private static MessageFormatException noBody(Class<?> type) {
        return new MessageFormatException(
                "Message has no body that is a " + type.getName()
                        + "; receiveBody returns such a one. Call receive, and ask isBodyAssignableTo.",
                Codes.TYPE);
    }

    /** AUTO and DUPS_OK: as if it had not been called. Else the message counts as delivered, and its receiver fails. */
    private void refuseBody(BelfryConsumer consumer, Taken taken, BelfryMessage message) throws JMSException {
        if (bodyType == null || mode != AUTO_ACKNOWLEDGE && mode != DUPS_OK_ACKNOWLEDGE) return;
        if (message.isBodyAssignableTo(bodyType) && message.getBody(bodyType) != null) return;
        Class<?> wanted = bodyType;
        if (!consumer.local().putBack(taken)) giveBack(List.of(taken), false);
        throw noBody(wanted);
    }

    private Message receiveUntil(BelfryConsumer consumer, long millis) throws JMSException {
        long deadline = millis == FOREVER ? Deadlines.FOREVER : Deadlines.after(Duration.ofMillis(millis));
        if (!enter(consumer)) return null;
        try {
            for (boolean last = false; ; ) {
                domain.lower(signal);
                boolean started = connection.isStarted();
                consumer.local().hungry(started);
                if (started) takeNow(consumer.local());
                delivering.lock();
                try {
                    if (closed || consumer.isClosed()) return null;
                    Message message = connection.isStarted() ? next(consumer) : null;
                    if (message != null) return message;
                    flush();
                } finally {
                    delivering.unlock();
                }
                if (last || Deadlines.passed(deadline)) return null;
                domain.await(signal, deadline);
                last = Deadlines.passed(deadline);
            }
        } finally {
            consumer.local().hungry(false);
            leave(consumer);
        }
    }

    /** So that one of a higher priority comes first. */
    private void takeNow(LocalConsumer local) {
        if (local.isEmpty() || domain.hasUrgent(List.of(local))) domain.takeNow();
    }

    /** False: it was closed meanwhile, and that waits for nobody any more. */
    private boolean enter(BelfryConsumer consumer) {
        delivering.lock();
        try {
            return !closed && !consumer.isClosed() && receiving.add(consumer);
        } finally {
            delivering.unlock();
        }
    }

    private void leave(BelfryConsumer consumer) {
        delivering.lock();
        receiving.remove(consumer);
        received.signalAll();
        delivering.unlock();
    }

    /** The next message, settled as its mode says; null: there is none. */
    private Message next(BelfryConsumer consumer) throws JMSException {
        for (Taken taken = poll(consumer); taken != null; taken = poll(consumer)) {
            BelfryMessage message = decode(consumer, taken);
            if (message == null) continue;
            refuseBody(consumer, taken, message);
            if (mode == AUTO_ACKNOWLEDGE) {
                try {
                    domain.commit(List.of(taken), List.of(), timeout());
                } catch (RuntimeException refused) {
                    if (!consumer.local().putBack(taken)) giveBack(List.of(taken), false);
                    throw refused;
                }
            } else settleLater(taken);
            return message;
        }
        return null;
    }

    /** One that is to be delivered: neither expired nor delivered too often. */
    private Taken poll(BelfryConsumer consumer) {
        while (true) {
            Taken taken = consumer.local().poll();
            if (taken == null) return null;
            if (taken.isExpired(System.currentTimeMillis())) domain.commit(List.of(taken), List.of(), timeout());
            else if (isTooOften(taken, consumer)) dead(taken);
            else return taken;
        }
    }

    private boolean isTooOften(Taken taken, BelfryConsumer consumer) {
        return settings.maxDeliveries() > 0
                && taken.count() >= settings.maxDeliveries()
                && !consumer.queue().name().equals(settings.deadLetterQueue());
    }

    private void dead(Taken taken) {
        try {
            domain.moveToDeadLetters(taken, settings.deadLetterQueue(), timeout());
        } catch (NoRoomException full) {
            domain.giveBack(List.of(taken), System.currentTimeMillis() + 1_000, false, timeout());
        }
    }

    /** Null: it was damaged, and is with the dead letters now. */
    private BelfryMessage decode(BelfryConsumer consumer, Taken taken) {
        try {
            byte[] bytes = taken.bytes();
            if (!flat.wrap(bytes, 0, bytes.length, taken.author()))
                throw new MessageFormatException("damaged", Codes.DAMAGED_MESSAGE);
            BelfryMessage message = codec.decode(flat, taken.count() + 1, this::acknowledge);
            message.setJMSDestination(consumer.queue());
            return message;
        } catch (JMSException damaged) {
            LOG.warn(
                    "A message of {} in '{}' is damaged and goes to '{}'",
                    consumer.queue(),
                    domain.name(),
                    settings.deadLetterQueue());
            dead(taken);
            return null;
        }
    }

    private void settleLater(Taken taken) {
        delivered.add(taken);
        deliveredBytes += taken.bytes().length;
        if (mode != DUPS_OK_ACKNOWLEDGE) return;
        if (delivered.size() >= settings.dupsOkBatch() || deliveredBytes >= DUPS_OK_BYTES) flush();
    }

    /** Of DUPS_OK: what was kept back. */
    private void flush() {
        if (mode != DUPS_OK_ACKNOWLEDGE || delivered.isEmpty()) return;
        domain.commit(delivered, List.of(), timeout());
        clearDelivered();
    }

    private void clearDelivered() {
        delivered.clear();
        deliveredBytes = 0;
    }

    private void flushIfFree() {
        if (!delivering.tryLock()) return;
        try {
            if (!closed) flush();
        } finally {
            delivering.unlock();
        }
    }

    // ---- listening

    void listen(BelfryConsumer consumer, MessageListener listener) throws JMSException {
        consumer.checkOpen();
        checkOpen();
        delivering.lock();
        try {
            if (!receiving.isEmpty())
                throw new IllegalStateException(
                        "setMessageListener is called while a thread receives in this session;"
                                + " a session does one or the other. Use another session.",
                        Codes.LISTENS_OR_RECEIVES);
            consumer.listener(listener);
            noteListening();
            if (dispatcher == null && !listening.isEmpty()) {
                Thread thread = new Thread(this::dispatch, "belfry-session-" + THREADS.incrementAndGet());
                thread.setDaemon(true);
                dispatcher = thread;
                thread.start();
            }
        } finally {
            delivering.unlock();
        }
        wake();
    }

    private void noteListening() {
        listening = consumers.stream()
                .filter(c -> c.listener() != null)
                .map(BelfryConsumer::local)
                .toList();
    }

    private void dispatch() {
        try {
            int turn = 0;
            while (!closed) {
                domain.lower(signal);
                if (connection.isStarted()) takeUrgent();
                if (deliverOne(turn++)) continue;
                List<LocalConsumer> all = listening;
                for (LocalConsumer one : all) one.hungry(connection.isStarted());
                if (closed) break;
                domain.await(signal, Deadlines.FOREVER);
                for (LocalConsumer one : all) one.hungry(false);
            }
        } catch (JMSException e) {
            ended(e);
        } catch (RuntimeException | InternalError e) {
            if (!closed) ended(Jms.exception(e));
        }
    }

    private void ended(JMSException e) {
        dispatcher = null; // no close waits for it: the exception listener that it calls may close
        LOG.warn("The listeners of a session of {} get nothing any more", connection, e);
        connection.report(e);
    }

    /** While something is buffered: the next one may be of a higher priority. */
    private void takeUrgent() {
        List<LocalConsumer> all = listening;
        if (all.stream().allMatch(LocalConsumer::isEmpty) || !domain.hasUrgent(all)) return;
        for (LocalConsumer one : all) one.hungry(true);
        domain.takeNow();
        for (LocalConsumer one : all) one.hungry(false);
    }

    /** To the consumers in turn; false: there was none. */
    private boolean deliverOne(int turn) throws JMSException {
        delivering.lock();
        try {
            int n = consumers.size();
            for (int i = 0; i < n && !closed && connection.isStarted(); i++) {
                BelfryConsumer one = consumers.get((turn + i & Integer.MAX_VALUE) % n);
                MessageListener listener = one.listener();
                Taken taken = listener == null ? null : poll(one);
                BelfryMessage message = taken == null ? null : decode(one, taken);
                if (message != null) hand(one, listener, taken, message);
                if (taken != null) return true;
            }
            if (!closed) flush();
            return false;
        } finally {
            delivering.unlock();
        }
    }

    private void hand(BelfryConsumer consumer, MessageListener listener, Taken taken, BelfryMessage message) {
        boolean atOnce = mode == AUTO_ACKNOWLEDGE || mode == DUPS_OK_ACKNOWLEDGE;
        if (atOnce) inHand = taken;
        else settleLater(taken);
        inListener = true;
        try {
            listener.onMessage(message);
        } catch (RuntimeException | Error e) {
            LOG.warn("A listener of {} in '{}' has thrown", consumer.queue(), domain.name(), e);
            if (inHand != null) redeliver(List.of(taken));
            inHand = null;
            return;
        } finally {
            inListener = false;
        }
        boolean done = inHand != null;
        inHand = null;
        if (!done) return;
        if (mode == AUTO_ACKNOWLEDGE) domain.commit(List.of(taken), List.of(), timeout());
        else settleLater(taken);
    }

    /**
     * They were delivered; each comes again through its consumer, or through any if that is closed
     * or a delay is set.
     */
    private void redeliver(List<Taken> all) {
        boolean delayed = !settings.redeliveryDelay().isZero();
        List<Taken> back = new ArrayList<>();
        List<Taken> here = new ArrayList<>();
        for (Taken one : all) (delayed || isClosed(one.consumer()) ? back : here).add(one);
        giveBack(back, true);
        domain.count(here, timeout());
        List<Taken> late = new ArrayList<>();
        for (Taken one : here) if (!one.consumer().putBack(one)) late.add(one);
        giveBack(late, false);
        wake();
    }

    private boolean isClosed(LocalConsumer local) {
        return consumers.stream().noneMatch(c -> c.local() == local && !c.isClosed());
    }

    private void giveBack(List<Taken> taken, boolean counted) {
        long delay = settings.redeliveryDelay().toMillis();
        long notBefore = counted && delay > 0 ? System.currentTimeMillis() + delay : 0;
        domain.giveBack(taken, notBefore, counted, timeout());
    }

    // ---- acknowledging [6.2.10], transactions [6.2.7]

    void acknowledge() throws JMSException {
        checkOpen();
        if (mode != CLIENT_ACKNOWLEDGE) return;
        delivering.lock();
        try {
            Jms.act(() -> domain.commit(delivered, List.of(), timeout()));
            clearDelivered();
        } finally {
            delivering.unlock();
        }
    }

    @Override
    public void recover() throws JMSException {
        checkOpen();
        if (mode == SESSION_TRANSACTED)
            throw new IllegalStateException(
                    "recover is called in a transacted session, which has rollback. Call that.", Codes.OTHER_MODE);
        delivering.lock();
        try {
            Taken interrupted = inHand;
            inHand = null;
            Jms.act(() -> {
                flush();
                if (interrupted != null) redeliver(List.of(interrupted));
                redeliver(List.copyOf(delivered));
            });
            clearDelivered();
        } finally {
            delivering.unlock();
        }
    }

    @Override
    public void commit() throws JMSException {
        checkTransacted("commit");
        completions.refuseInCallback("commit");
        completions.await();
        delivering.lock();
        try {
            domain.commit(List.copyOf(delivered), sends(), timeout());
            clearSends();
            clearDelivered();
        } catch (NoRoomException full) {
            rollBack();
            TransactionRolledBackException e =
                    new TransactionRolledBackException(full.getMessage(), QueueFullException.CODE);
            e.initCause(full);
            throw e;
        } catch (RuntimeException e) {
            throw Jms.exception(e);
        } finally {
            delivering.unlock();
        }
    }

    @Override
    public void rollback() throws JMSException {
        checkTransacted("rollback");
        completions.refuseInCallback("rollback");
        completions.await();
        delivering.lock();
        try {
            rollBack();
        } finally {
            delivering.unlock();
        }
    }

    private void rollBack() throws JMSException {
        clearSends();
        Jms.act(() -> redeliver(List.copyOf(delivered)));
        clearDelivered();
    }

    private void checkTransacted(String call) throws JMSException {
        checkOpen();
        if (mode != SESSION_TRANSACTED)
            throw new IllegalStateException(
                    call + " is called in a session that is not transacted; only a transacted one has such a call."
                            + " Create one with SESSION_TRANSACTED.",
                    Codes.OTHER_MODE);
    }

    /** At once, or with the commit. */
    void send(Sent sent) throws JMSException {
        if (mode != SESSION_TRANSACTED) Jms.act(() -> domain.commit(List.of(), List.of(sent), timeout()));
        else {
            synchronized (sends) {
                sends.add(sent);
            }
        }
    }

    /** All callbacks were awaited, so no more come from them. */
    private List<Sent> sends() {
        synchronized (sends) {
            return List.copyOf(sends);
        }
    }

    private void clearSends() {
        synchronized (sends) {
            sends.clear();
        }
    }

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return mode == SESSION_TRANSACTED;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return mode;
    }

    // ---- closing

    void close(BelfryConsumer consumer) throws JMSException {
        if (consumer.isClosed()) return;
        consumer.markClosed();
        JMSException failure = Jms.attempt(null, this::wake);
        delivering.lock(); // a listener, or a receive that hands out, has ended
        try {
            while (receiving.contains(consumer)) received.awaitUninterruptibly();
            consumers.remove(consumer);
            noteListening();
        } finally {
            delivering.unlock();
        }
        failure = Jms.attempt(failure, () -> domain.end(consumer.local()));
        if (failure != null) throw failure;
    }

    @Override
    public void close() throws JMSException {
        if (closed && isInListener()) return; // another thread closes it, and waits for this one
        refuseInListener("Session.close");
        closing.lock();
        try {
            if (!closed) end();
        } finally {
            closing.unlock();
        }
    }

    /** All of it, whatever fails: nothing may be left of it in a domain that is damaged. */
    private void end() throws JMSException {
        closed = true;
        JMSException failure = Jms.attempt(null, this::wake);
        completions.await();
        failure = Jms.attempt(failure, this::endDeliveries);
        completions.await();
        domain.notWhenIdle(whenIdle);
        for (BelfryConsumer one : consumers) {
            one.markClosed();
            failure = Jms.attempt(failure, () -> domain.end(one.local()));
        }
        consumers.clear();
        for (BelfryProducer one : producers) one.markClosed();
        producers.clear();
        connection.forget(this);
        join();
        if (failure != null) throw failure;
    }

    /** Rolls back. */
    private void endDeliveries() {
        delivering.lock();
        try {
            while (!receiving.isEmpty()) received.awaitUninterruptibly();
            clearSends();
            if (mode == DUPS_OK_ACKNOWLEDGE) flush();
            else giveBack(delivered, true);
            clearDelivered();
        } finally {
            delivering.unlock();
        }
    }

    private void join() {
        Thread thread = dispatcher;
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    // ---- producers and consumers

    @Override
    public MessageProducer createProducer(Destination destination) throws JMSException {
        checkOpen();
        BelfryProducer producer = new BelfryProducer(this, destination == null ? null : queue(destination));
        producers.add(producer);
        return producer;
    }

    void forget(BelfryProducer producer) {
        producers.remove(producer);
    }

    static BelfryQueue queue(Destination destination) throws JMSException {
        if (destination instanceof BelfryQueue ours) return ours;
        if (destination instanceof Topic) throw Jms.notYet("Topics");
        throw new InvalidDestinationException(
                (destination == null
                                ? "Destination is null"
                                : "Destination is a " + destination.getClass().getName())
                        + "; it must be a queue of this provider. Make it by createQueue of a session.",
                Codes.DESTINATION);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return createConsumer(destination, null);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, String selector) throws JMSException {
        return consumer(destination, selector);
    }

    /** noLocal is of no effect on a queue [8.2]. */
    @Override
    public MessageConsumer createConsumer(Destination destination, String selector, boolean noLocal)
            throws JMSException {
        return consumer(destination, selector);
    }

    private BelfryConsumer consumer(Destination destination, String text) throws JMSException {
        checkOpen();
        BelfryQueue queue = queue(destination);
        checkOwn(queue);
        Selector selector = Selector.of(text);
        LocalConsumer local = attach(queue, selector);
        BelfryConsumer consumer = new BelfryConsumer(this, queue, selector, local);
        consumers.add(consumer);
        if (closed) {
            domain.end(local);
            checkOpen();
        }
        if (!connection.mayConsume(queue)) { // deleted meanwhile
            consumer.close();
            checkOwn(queue);
        }
        return consumer;
    }

    private void checkOwn(BelfryQueue queue) throws JMSException {
        if (!connection.mayConsume(queue)) throw ((BelfryTemporaryQueue) queue).notOwn("createConsumer");
    }

    boolean consumes(BelfryQueue queue) {
        return consumers.stream().anyMatch(c -> c.queue().equals(queue));
    }

    private LocalConsumer attach(BelfryQueue queue, Selector selector) throws JMSException {
        try {
            return Jms.call(() -> domain.consume(queue.id(), queue.name(), selector, signal, settings.prefetch()));
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage(), Codes.DESTINATION);
        }
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return consumer(queue, null);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, String selector) throws JMSException {
        return consumer(queue, selector);
    }

    @Override
    public QueueSender createSender(Queue queue) throws JMSException {
        return (QueueSender) createProducer(queue);
    }

    @Override
    public Queue createQueue(String name) throws JMSException {
        checkOpen();
        if (name == null || name.isEmpty())
            throw new InvalidDestinationException(
                    "Name of a queue is " + (name == null ? "null" : "empty")
                            + "; it must have a character. Give it one.",
                    Codes.DESTINATION);
        return new BelfryQueue(name);
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        checkOpen();
        return connection.createTemporaryQueue();
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        checkOpen();
        return new BelfryBrowser(this, queue(queue), Selector.of(selector));
    }

    // ---- messages

    @Override
    public Message createMessage() throws JMSException {
        checkOpen();
        return new BelfryMessage();
    }

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        checkOpen();
        return new BelfryBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        checkOpen();
        return new BelfryMapMessage();
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        checkOpen();
        return new BelfryStreamMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        checkOpen();
        return new BelfryObjectMessage(settings.trusted());
    }

    @Override
    public ObjectMessage createObjectMessage(Serializable object) throws JMSException {
        ObjectMessage message = createObjectMessage();
        message.setObject(object);
        return message;
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        checkOpen();
        return new BelfryTextMessage();
    }

    @Override
    public TextMessage createTextMessage(String text) throws JMSException {
        TextMessage message = createTextMessage();
        message.setText(text);
        return message;
    }

    // ---- for containers, and not yet there

    /** For containers that call {@link #run}, which this provider has none for. */
    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return null;
    }

    @Override
    public void setMessageListener(MessageListener listener) throws JMSException {
        checkOpen();
        throw Jms.notYet("Listeners of a whole session, which are for containers,");
    }

    @Override
    public void run() {
        throw new UnsupportedOperationException(
                "Session.run is for containers; there is nothing to run. Use a consumer.");
    }

    private <T> T notYet(String what) throws JMSException {
        checkOpen();
        throw Jms.notYet(what);
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        return notYet("Topics");
    }

    @Override
    public Topic createTopic(String name) throws JMSException {
        return notYet("Topics");
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        return notYet("Topics");
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name, String selector) throws JMSException {
        return notYet("Topics");
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return notYet("Topics");
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        return notYet("Topics");
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return notYet("Topics");
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        return notYet("Topics");
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return notYet("Topics");
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, String selector) throws JMSException {
        return notYet("Topics");
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        notYet("Topics");
    }

    @Override
    public String toString() {
        return "Session of " + connection + (closed ? ", closed" : "");
    }
}
