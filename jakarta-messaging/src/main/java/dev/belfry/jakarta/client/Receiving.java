package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.NoRoomException;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.spi.Deadlines;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;

/** The calls of receive in a session: one thread takes, waits, and is handed its message. */
final class Receiving {
    private final SessionState state;
    private final Domain domain;
    private final int mode;
    private final Listening listening;
    private final Incoming incoming;
    private final Settlement settlement;

    /** The type that a receiveBody asks for while it is under way. */
    private Class<?> bodyType;

    /** The body that it is to return, if it was read already: an object may be large, and is told that it is read. */
    private Object body;

    Receiving(SessionState state, Listening listening, Incoming incoming, Settlement settlement) {
        this.state = state;
        domain = state.domain;
        mode = state.mode;
        this.listening = listening;
        this.incoming = incoming;
        this.settlement = settlement;
    }

    /** {@code millis}: 0 = what is there now. Null: nothing came, or it was closed meanwhile. */
    Message receive(BelfryConsumer consumer, long millis) throws JMSException {
        checkMayReceive(consumer);
        return Jms.call(() -> receiveUntil(consumer, millis));
    }

    private void checkMayReceive(BelfryConsumer consumer) throws JMSException {
        consumer.checkOpen();
        state.checkOpen();
        if (listening.isAny())
            throw new IllegalStateException(
                    "receive is called in a session that has a MessageListener; a session does"
                            + " one or the other. Use another session.",
                    Codes.LISTENS_OR_RECEIVES);
    }

    /** The body of the next message, if it is of this type [8.6]. */
    <T> T receiveBody(BelfryConsumer consumer, Class<T> type, long millis) throws JMSException {
        // First: else the message would be gone before that is seen.
        if (type == null)
            throw new IllegalArgumentException("Class of a body is null; receiveBody needs one. Name one.");
        checkMayReceive(consumer); // before the lock, which a listener may have for as long as it likes
        state.completions.lock();
        try {
            bodyType = type;
        } finally {
            state.completions.unlock();
        }
        try {
            Message message = receive(consumer, millis);
            if (message == null) return null;
            T read = body == null ? message.getBody(type) : type.cast(body);
            if (read == null) throw noBody(type, null);
            return read;
        } finally {
            bodyType = null;
            body = null;
        }
    }

    /** {@code why}: null if it has none. */
    private static MessageFormatException noBody(Class<?> type, MessageFormatException why) {
        MessageFormatException e = new MessageFormatException(
                "Message has no body that is a " + type.getName()
                        + "; receiveBody returns such a one. Call receive, and ask isBodyAssignableTo."
                        + (why == null ? "" : " " + why.getMessage()),
                Codes.TYPE);
        if (why != null) e.initCause(why);
        return e;
    }

    /** AUTO and DUPS_OK: as if it had not been called. Else the message counts as delivered, and its receiver fails. */
    private void refuseBody(BelfryMessage message) throws JMSException {
        if (bodyType == null || mode != Session.AUTO_ACKNOWLEDGE && mode != Session.DUPS_OK_ACKNOWLEDGE) return;
        MessageFormatException why = null;
        try {
            body = message.getBody(bodyType);
        } catch (MessageFormatException e) {
            body = null;
            why = e;
        }
        if (body == null) throw noBody(bodyType, why);
    }

    private Message receiveUntil(BelfryConsumer consumer, long millis) throws JMSException {
        Message buffered = buffered(consumer);
        if (buffered != null) return buffered; // mostly: no clock is asked
        long deadline =
                millis == BelfrySession.FOREVER ? Deadlines.FOREVER : Deadlines.after(Duration.ofMillis(millis));
        if (!enter(consumer)) return null;
        try {
            for (boolean last = false; ; ) {
                domain.lower(state.signal);
                boolean started = state.isStarted();
                consumer.local.hungry(started);
                if (started) domain.takeNow(consumer.local);
                state.delivering.lock();
                try {
                    if (state.closed || consumer.isClosed()) return null;
                    Message message = state.isStarted() ? next(consumer) : null;
                    if (message != null) return message;
                    settlement.flush();
                } finally {
                    state.delivering.unlock();
                }
                if (last || Deadlines.passed(deadline)) return null;
                domain.await(started ? List.of(consumer.local) : List.of(), state.signal, deadline);
                last = Deadlines.passed(deadline);
            }
        } finally {
            consumer.local.hungry(false);
            leave(consumer);
        }
    }

    /** Without a turn: nothing came since it was found that this is next. Null: it must be found again. */
    private Message buffered(BelfryConsumer consumer) throws JMSException {
        if (!domain.isReady(consumer.local)) return null;
        state.delivering.lock();
        try {
            if (state.closed || consumer.isClosed() || !state.isStarted()) return null;
            settlement.handed();
            return domain.isReady(consumer.local) ? next(consumer) : null; // a flush may have waited
        } finally {
            state.delivering.unlock();
        }
    }

    /** False: it was closed meanwhile, and that waits for nobody any more. */
    private boolean enter(BelfryConsumer consumer) {
        state.delivering.lock();
        try {
            if (state.closed || consumer.isClosed()) return false;
            settlement.handed();
            return state.receiving.add(consumer);
        } finally {
            state.delivering.unlock();
        }
    }

    private void leave(BelfryConsumer consumer) {
        state.delivering.lock();
        state.receiving.remove(consumer);
        state.received.signalAll();
        state.delivering.unlock();
    }

    /** With the session's lock: of this consumer none is under way any more; null: of all. */
    void awaitEnd(BelfryConsumer consumer) {
        while (consumer == null ? !state.receiving.isEmpty() : state.receiving.contains(consumer))
            state.received.awaitUninterruptibly();
    }

    /** The next message, settled as its mode says; null: there is none. */
    private Message next(BelfryConsumer consumer) throws JMSException {
        for (Taken taken = incoming.poll(consumer); taken != null; taken = incoming.poll(consumer)) {
            BelfryMessage message = incoming.decode(consumer, taken);
            if (message == null) continue;
            try {
                refuseBody(message);
                if (mode == Session.AUTO_ACKNOWLEDGE) domain.acknowledge(taken, state.timeout);
                else settlement.settleLater(taken);
                return message;
            } catch (JMSException | RuntimeException refused) {
                if (!consumer.local.putBack(taken)) domain.giveBack(List.of(taken), 0, false);
                if (state.closed && refused instanceof NoRoomException) return null;
                throw refused;
            }
        }
        return null;
    }
}
