package dev.belfry.jakarta.message;

/**
 * JMSMessageID: of the domain, of the member that wrote the message, and the message's number
 * there. So it is known before the commit, and nothing is stored for it.
 */
public final class MessageId {
    private MessageId() {}

    /** {@code domain}: the first eight digits of the log's id. */
    public static String text(String domain, long author, long serial) {
        return "ID:" + domain + "-" + Long.toHexString(author) + "-" + Long.toHexString(serial);
    }
}
