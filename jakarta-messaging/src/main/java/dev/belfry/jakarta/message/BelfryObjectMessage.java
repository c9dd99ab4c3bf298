package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;

/** A serialised object, or null. It is copied when it is set, and made new by each read. */
public final class BelfryObjectMessage extends BelfryMessage implements ObjectMessage {
    private final TrustedClasses trusted;
    /** Never changed. */
    private byte[] serialised;

    public BelfryObjectMessage(TrustedClasses trusted) {
        this.trusted = trusted;
    }

    @Override
    public void setObject(Serializable object) throws JMSException {
        checkBodyWriteable();
        serialised = object == null ? null : serialised(object);
    }

    private static byte[] serialised(Serializable object) throws MessageFormatException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw Problems.object("serialised", e, "Let all that it refers to implement Serializable.");
        }
        return bytes.toByteArray();
    }

    @Override
    public Serializable getObject() throws JMSException {
        return serialised == null ? null : trusted.read(serialised);
    }

    @Override
    BodyType bodyType() {
        return BodyType.OBJECT;
    }

    @Override
    boolean hasBody() {
        return serialised != null;
    }

    @Override
    void writeBody(Out out) {
        out.raw(serialised);
    }

    @Override
    void readBody(Input in) {
        serialised = in.rest();
    }

    @Override
    Object body() throws JMSException {
        return getObject();
    }

    /** False, too, if the object cannot be read. */
    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class type) {
        try {
            return super.isBodyAssignableTo(type);
        } catch (JMSException e) {
            return false;
        }
    }

    @Override
    void emptyBody() {
        serialised = null;
    }
}
