package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Text;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/** The header fields [3.4]. They can always be set; most are overwritten when the message is sent. */
abstract class HeaderFields implements Message {
    private String messageId;
    /** The domain in the text that {@link MessageId} makes when it is asked for; null: there is a text, or none. */
    private String idDomain;

    private long idAuthor;
    private long idSerial;
    private long timestamp;
    /** Never changed; of a String as {@link Text} encodes it. */
    private byte[] correlation;

    private Destination replyTo;
    private Destination destination;
    private int deliveryMode = DEFAULT_DELIVERY_MODE;
    private boolean redelivered;
    private String type;
    private long expiration;
    private long deliveryTime;
    private int priority = DEFAULT_PRIORITY;

    @Override
    public final String getJMSMessageID() {
        String text = messageId;
        String domain = idDomain;
        if (text == null && domain != null) messageId = text = MessageId.text(domain, idAuthor, idSerial);
        return text;
    }

    final boolean hasMessageId() {
        return idDomain != null || messageId != null;
    }

    /** As {@link MessageId} says; the text is made when it is asked for. */
    public final void messageId(String domain, long author, long serial) {
        messageId = null;
        idDomain = domain;
        idAuthor = author;
        idSerial = serial;
    }

    @Override
    public final void setJMSMessageID(String id) {
        messageId = id;
        idDomain = null;
    }

    @Override
    public final long getJMSTimestamp() {
        return timestamp;
    }

    @Override
    public final void setJMSTimestamp(long millis) {
        timestamp = millis;
    }

    @Override
    public final byte[] getJMSCorrelationIDAsBytes() {
        return correlation == null ? null : correlation.clone();
    }

    @Override
    public final void setJMSCorrelationIDAsBytes(byte[] id) {
        correlation = id == null ? null : id.clone();
    }

    @Override
    public final void setJMSCorrelationID(String id) {
        correlation = id == null ? null : Text.bytes(id);
    }

    @Override
    public final String getJMSCorrelationID() {
        return correlation == null ? null : Text.string(correlation, 0, correlation.length);
    }

    @Override
    public final Destination getJMSReplyTo() {
        return replyTo;
    }

    @Override
    public final void setJMSReplyTo(Destination destination) {
        replyTo = destination;
    }

    @Override
    public final Destination getJMSDestination() {
        return destination;
    }

    @Override
    public final void setJMSDestination(Destination destination) {
        this.destination = destination;
    }

    @Override
    public final int getJMSDeliveryMode() {
        return deliveryMode;
    }

    @Override
    public final void setJMSDeliveryMode(int mode) throws JMSException {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT)
            throw Problems.header("JMSDeliveryMode", mode, "it is NON_PERSISTENT (1) or PERSISTENT (2)");
        deliveryMode = mode;
    }

    @Override
    public final boolean getJMSRedelivered() {
        return redelivered;
    }

    @Override
    public final void setJMSRedelivered(boolean redelivered) {
        this.redelivered = redelivered;
    }

    @Override
    public final String getJMSType() {
        return type;
    }

    @Override
    public final void setJMSType(String type) {
        this.type = type;
    }

    @Override
    public final long getJMSExpiration() {
        return expiration;
    }

    @Override
    public final void setJMSExpiration(long millis) {
        expiration = millis;
    }

    @Override
    public final long getJMSDeliveryTime() {
        return deliveryTime;
    }

    @Override
    public final void setJMSDeliveryTime(long millis) {
        deliveryTime = millis;
    }

    @Override
    public final int getJMSPriority() {
        return priority;
    }

    @Override
    public final void setJMSPriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) throw Problems.header("JMSPriority", priority, "it is 0 to 9");
        this.priority = priority;
    }
}
