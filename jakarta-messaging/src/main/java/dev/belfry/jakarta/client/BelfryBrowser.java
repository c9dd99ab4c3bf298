package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Browsing;
import dev.belfry.jakarta.message.Acknowledgement;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.selector.Selector;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.Enumeration;
import java.util.NoSuchElementException;

/** Reads a queue and takes nothing [8.9]; each enumeration is of the messages that are there when it begins. */
final class BelfryBrowser implements QueueBrowser {
    private final BelfrySession session;
    private final BelfryQueue queue;
    private final Selector selector;
    private volatile boolean closed;

    BelfryBrowser(BelfrySession session, BelfryQueue queue, Selector selector) {
        this.session = session;
        this.queue = queue;
        this.selector = selector;
    }

    private boolean isClosed() {
        return closed || session.state.isClosed();
    }

    private void checkOpen() throws JMSException {
        if (isClosed()) throw Jms.closed("Browser of " + queue);
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return queue;
    }

    @Override
    public String getMessageSelector() throws JMSException {
        checkOpen();
        return selector.selectsAll() ? null : selector.toString();
    }

    @Override
    public Enumeration<?> getEnumeration() throws JMSException {
        checkOpen();
        return Jms.call(() -> new Messages(session.domain.browse(queue.id(), selector)));
    }

    @Override
    public void close() {
        closed = true;
    }

    /** Damaged messages are left out. Ends when the browser is closed. */
    private final class Messages implements Enumeration<Message> {
        private final Browsing browsing;
        private final FlatMessage flat = new FlatMessage(session.domain.shortId);
        private Message ahead;

        Messages(Browsing browsing) {
            this.browsing = browsing;
        }

        @Override
        public boolean hasMoreElements() {
            if (ahead == null && !isClosed()) ahead = Jms.unchecked(() -> Jms.call(this::next));
            return ahead != null;
        }

        @Override
        public Message nextElement() {
            if (!hasMoreElements())
                throw new NoSuchElementException(
                        "Enumeration of " + queue + " is at its end; it has no more messages. Ask hasMoreElements.");
            Message message = ahead;
            ahead = null;
            return message;
        }

        private Message next() {
            for (var one = browsing.next(); one != null; one = browsing.next()) {
                if (!flat.wrap(one.bytes(), 0, one.bytes().length, one.author())) continue;
                try {
                    BelfryMessage message = session.codec.decode(flat, one.count() + 1, Acknowledgement.IGNORED);
                    message.setJMSDestination(queue);
                    return message;
                } catch (JMSException damaged) {
                    continue; // a consumer moves it to the dead letters
                }
            }
            return null;
        }
    }

    @Override
    public String toString() {
        return "Browser of " + queue + (isClosed() ? ", closed" : "");
    }
}
