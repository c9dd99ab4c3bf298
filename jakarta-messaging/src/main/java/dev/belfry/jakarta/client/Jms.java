package dev.belfry.jakarta.client;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.LateFault;
import dev.belfry.jakarta.domain.NoRoomException;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.spi.Errors;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.ResourceAllocationRuntimeException;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;

/** Exceptions of the layers below as those of the specification, and the checked ones as their unchecked twins. */
final class Jms {
    private Jms() {}

    /** A step that may throw. */
    interface Step<T> {
        T run() throws JMSException;
    }

    /** A step that may throw, without a result. */
    interface Action {
        void run() throws JMSException;
    }

    static <T> T call(Step<T> step) throws JMSException {
        try {
            return step.run();
        } catch (NoRoomException | MessageQueueException | java.lang.IllegalStateException | InternalError e) {
            throw exception(e);
        }
    }

    static void act(Action action) throws JMSException {
        try {
            action.run();
        } catch (NoRoomException | MessageQueueException | java.lang.IllegalStateException | InternalError e) {
            throw exception(e);
        }
    }

    static JMSException exception(Throwable failure) {
        Throwable e = failure instanceof InternalError error ? LateFault.of(error) : failure;
        return exception(e, codeOf(e));
    }

    static JMSException exception(Throwable e, String code) {
        JMSException jms = like(e, e.getMessage(), code);
        jms.initCause(e);
        if (e instanceof Exception linked) jms.setLinkedException(linked);
        return jms;
    }

    private static JMSException like(Throwable e, String text, String code) {
        if (e instanceof QueueClosedException || Codes.CLOSED.equals(code))
            return new IllegalStateException(text, code);
        if (e instanceof QueueAccessDeniedException) return new JMSSecurityException(text, code);
        boolean tooMuch = e instanceof NoRoomException
                || e instanceof QueueFullException
                || e instanceof MessageTooLargeException
                || e instanceof InsufficientResourcesException;
        return tooMuch ? new ResourceAllocationException(text, code) : new JMSException(text, code);
    }

    /** The code of the first cause that has one. */
    private static String codeOf(Throwable e) {
        if (e == null) return null;
        if (e instanceof MessageQueueException ours) return ours.code();
        if (e instanceof NoRoomException full) return full.code;
        return codeOf(e.getCause());
    }

    /** Does it in any case; the first failure of several is returned, with the others in it. */
    static JMSException attempt(JMSException earlier, Action action) {
        try {
            act(action);
            return earlier;
        } catch (JMSException e) {
            if (earlier == null) return e;
            Errors.suppress(earlier, e);
            return earlier;
        }
    }

    static IllegalStateException closed(String subject) {
        return new IllegalStateException(
                subject + " is closed; nothing but close() may be called. Create another one.", Codes.CLOSED);
    }

    /** {@code listener}: such as "MessageListener". */
    static IllegalStateException calledIn(String listener, String call) {
        return new IllegalStateException(
                call + " is called in a " + listener + " of the same session, which it would wait for."
                        + " Call it in another thread.",
                Codes.WAITS_FOR_ITSELF);
    }

    static IllegalStateException inCircle(String call) {
        return new IllegalStateException(
                call + " would wait for a CompletionListener of its session, which waits for the caller."
                        + " Call it in another thread.",
                Codes.WAITS_FOR_ITSELF);
    }

    static JMSException notYet(String what) {
        return new JMSException(
                what + " are not there in this version. Use a consumer with a listener.", Codes.NOT_YET);
    }

    // ---- the simplified interface

    static <T> T unchecked(Step<T> step) {
        try {
            return step.run();
        } catch (JMSException e) {
            throw runtime(e);
        }
    }

    static void uncheckedAct(Action action) {
        unchecked(() -> {
            action.run();
            return null;
        });
    }

    static JMSRuntimeException runtime(JMSException e) {
        String text = e.getMessage();
        String code = e.getErrorCode();
        if (e instanceof IllegalStateException) return new IllegalStateRuntimeException(text, code, e);
        if (e instanceof InvalidClientIDException) return new InvalidClientIDRuntimeException(text, code, e);
        if (e instanceof InvalidDestinationException) return new InvalidDestinationRuntimeException(text, code, e);
        if (e instanceof InvalidSelectorException) return new InvalidSelectorRuntimeException(text, code, e);
        if (e instanceof JMSSecurityException) return new JMSSecurityRuntimeException(text, code, e);
        if (e instanceof MessageFormatException) return new MessageFormatRuntimeException(text, code, e);
        if (e instanceof MessageNotWriteableException) return new MessageNotWriteableRuntimeException(text, code, e);
        if (e instanceof ResourceAllocationException) return new ResourceAllocationRuntimeException(text, code, e);
        if (e instanceof TransactionRolledBackException)
            return new TransactionRolledBackRuntimeException(text, code, e);
        return new JMSRuntimeException(text, code, e);
    }
}
