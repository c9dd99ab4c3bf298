package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.Foreign;
import dev.belfry.jakarta.message.MessageId;
import dev.belfry.jakarta.message.Sending;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.jakarta.text.Out;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import java.util.concurrent.atomic.AtomicReference;

/** A producer [7]. Headers are set at the send: expiry and delivery time count from there, not from a commit. */
final class BelfryProducer implements QueueSender, TopicPublisher {
    private final BelfrySession session;
    private final BelfryDestination destination;
    private final long id;
    /** While one send has it, another one makes its own. */
    private final AtomicReference<Out> spare = new AtomicReference<>();

    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLive;
    private long deliveryDelay;
    private boolean noId;
    private boolean noTimestamp;
    private volatile boolean closed;

    /** {@code destination} null: each send names one. */
    BelfryProducer(BelfrySession session, BelfryDestination destination) {
        this.session = session;
        this.destination = destination;
        id = destination == null ? 0 : destination.id();
    }

    private void checkOpen() throws JMSException {
        if (closed || session.state.isClosed()) throw Jms.closed("Producer of " + session.connection);
    }

    // ---- sending

    private void send(BelfryDestination to, Message message, int mode, int thePriority, long ttl) throws JMSException {
        checkOpen();
        if (message == null)
            throw new MessageFormatException(
                    "Message is null; there is nothing to send. Create one by the session.", Codes.TYPE);
        if (to instanceof Temporary temporary && Jms.call(() -> session.domain.membership.isDeleted(to.id())))
            throw temporary.deleted();
        long now = System.currentTimeMillis();
        BelfryMessage ours = Foreign.copy(message, session.settings().trusted());
        long serial = session.domain.nextSerial();
        headers(ours, to, mode, thePriority, ttl, now, serial);
        if (ours != message) headers(message, to, mode, thePriority, ttl, now, serial);
        long toId = to == destination ? id : to.id();
        BelfryConnection from = session.connection;
        Sending sending = to.isTopic()
                ? new Sending(toId, serial, now, from.client(), from.number)
                : new Sending(toId, serial, now, 0, 0);
        Out had = spare.getAndSet(null);
        Out out = had == null ? new Out(256) : had;
        try {
            out.clear();
            session.codec.encode(ours, sending, out);
            session.settlement.send(new Sent(toId, to.name, out.array(), out.length()));
        } finally {
            spare.set(out);
        }
    }

    private void headers(Message m, BelfryDestination to, int mode, int thePriority, long ttl, long now, long serial)
            throws JMSException {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) throw mode(mode);
        if (thePriority < 0 || thePriority > 9) throw priority(thePriority);
        m.setJMSDestination(to);
        m.setJMSDeliveryMode(mode);
        m.setJMSPriority(thePriority);
        m.setJMSExpiration(notNegative("Time to live", ttl) == 0 ? 0 : after(now, ttl));
        m.setJMSDeliveryTime(after(now, deliveryDelay));
        m.setJMSTimestamp(noTimestamp ? 0 : now);
        String domain = session.domain.shortId;
        long self = session.domain.self;
        if (noId) m.setJMSMessageID(null);
        else if (m instanceof BelfryMessage ours) ours.messageId(domain, self, serial);
        else m.setJMSMessageID(MessageId.text(domain, self, serial));
    }

    /** A time that no long holds is the last one. */
    private static long after(long now, long millis) {
        return millis > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + millis;
    }

    private BelfryDestination own() throws JMSException {
        checkOpen();
        if (destination == null)
            throw new UnsupportedOperationException(
                    "Producer has no destination; send(message) needs one. Call send(destination, message).");
        return destination;
    }

    private BelfryDestination given(Destination named) throws JMSException {
        checkOpen();
        if (destination != null)
            throw new UnsupportedOperationException("Producer has the destination " + destination
                    + "; it sends to no other. Call send(message), or create a producer without destination.");
        if (named == null)
            throw new InvalidDestinationException(
                    "Destination is null; a message needs one. Name a queue or a topic.", Codes.DESTINATION);
        return BelfrySession.ours(named);
    }

    @Override
    public void send(Message message) throws JMSException {
        send(own(), message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void send(Message message, int mode, int thePriority, long ttl) throws JMSException {
        send(own(), message, mode, thePriority, ttl);
    }

    @Override
    public void send(Destination destination, Message message) throws JMSException {
        send(given(destination), message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void send(Destination destination, Message message, int mode, int thePriority, long ttl)
            throws JMSException {
        send(given(destination), message, mode, thePriority, ttl);
    }

    @Override
    public void send(Queue to, Message message) throws JMSException {
        send((Destination) to, message);
    }

    @Override
    public void send(Queue to, Message message, int mode, int thePriority, long ttl) throws JMSException {
        send((Destination) to, message, mode, thePriority, ttl);
    }

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        send(own(), message, deliveryMode, priority, timeToLive, checked(listener));
    }

    @Override
    public void send(Message message, int mode, int thePriority, long ttl, CompletionListener listener)
            throws JMSException {
        send(own(), message, mode, thePriority, ttl, checked(listener));
    }

    @Override
    public void send(Destination destination, Message message, CompletionListener listener) throws JMSException {
        send(given(destination), message, deliveryMode, priority, timeToLive, checked(listener));
    }

    @Override
    public void send(
            Destination destination, Message message, int mode, int thePriority, long ttl, CompletionListener listener)
            throws JMSException {
        send(given(destination), message, mode, thePriority, ttl, checked(listener));
    }

    private void send(
            BelfryDestination to, Message message, int mode, int thePriority, long ttl, CompletionListener listener)
            throws JMSException {
        session.completions.after(() -> send(to, message, mode, thePriority, ttl), message, listener);
    }

    private static CompletionListener checked(CompletionListener listener) {
        if (listener == null)
            throw new IllegalArgumentException("CompletionListener is null; an asynchronous send needs one. Give one.");
        return listener;
    }

    // ---- settings

    private static JMSException mode(int mode) {
        return new JMSException(
                "Delivery mode is " + mode + "; it is NON_PERSISTENT (1) or PERSISTENT (2). Use one of these.",
                Codes.ARGUMENT);
    }

    private static JMSException priority(int priority) {
        return new JMSException("Priority is " + priority + "; it is 0 to 9. Use one of these.", Codes.ARGUMENT);
    }

    @Override
    public void setDisableMessageID(boolean disable) throws JMSException {
        checkOpen();
        noId = disable;
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        checkOpen();
        return noId;
    }

    @Override
    public void setDisableMessageTimestamp(boolean disable) throws JMSException {
        checkOpen();
        noTimestamp = disable;
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        checkOpen();
        return noTimestamp;
    }

    @Override
    public void setDeliveryMode(int mode) throws JMSException {
        checkOpen();
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) throw mode(mode);
        deliveryMode = mode;
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        checkOpen();
        return deliveryMode;
    }

    @Override
    public void setPriority(int thePriority) throws JMSException {
        checkOpen();
        if (thePriority < 0 || thePriority > 9) throw priority(thePriority);
        priority = thePriority;
    }

    @Override
    public int getPriority() throws JMSException {
        checkOpen();
        return priority;
    }

    @Override
    public void setTimeToLive(long millis) throws JMSException {
        checkOpen();
        timeToLive = notNegative("Time to live", millis);
    }

    private static long notNegative(String what, long millis) throws JMSException {
        if (millis < 0)
            throw new JMSException(what + " is " + millis + " ms; it is 0 or more. Raise it.", Codes.ARGUMENT);
        return millis;
    }

    @Override
    public long getTimeToLive() throws JMSException {
        checkOpen();
        return timeToLive;
    }

    @Override
    public void setDeliveryDelay(long millis) throws JMSException {
        checkOpen();
        deliveryDelay = notNegative("Delivery delay", millis);
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        checkOpen();
        return deliveryDelay;
    }

    @Override
    public Destination getDestination() throws JMSException {
        checkOpen();
        return destination;
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return destination instanceof Queue queue ? queue : null;
    }

    @Override
    public Topic getTopic() throws JMSException {
        checkOpen();
        return destination instanceof Topic topic ? topic : null;
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int mode, int thePriority, long ttl) throws JMSException {
        send(message, mode, thePriority, ttl);
    }

    @Override
    public void publish(Topic to, Message message) throws JMSException {
        send((Destination) to, message);
    }

    @Override
    public void publish(Topic to, Message message, int mode, int thePriority, long ttl) throws JMSException {
        send((Destination) to, message, mode, thePriority, ttl);
    }

    void markClosed() {
        closed = true;
    }

    /** After the callbacks of its sends, also if another thread closes it. */
    @Override
    public void close() throws JMSException {
        if (!closed) session.completions.refuseInCallback("MessageProducer.close");
        markClosed();
        session.producers.remove(this);
        session.completions.await();
    }

    @Override
    public String toString() {
        return "Producer" + (destination == null ? "" : " for " + destination) + (closed ? ", closed" : "");
    }
}
