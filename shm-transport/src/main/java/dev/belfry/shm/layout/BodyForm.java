package dev.belfry.shm.layout;

/** A body as an object of another library, which nothing loads before a program asks for it. */
public final class BodyForm {
    private static final String CHRONICLE = "net.openhft.chronicle.bytes.Bytes";

    private final Body body;
    private BodyStore store; // null before the first that asks for Chronicle Bytes

    public BodyForm(Body body) {
        this.body = body;
    }

    /**
     * Bytes of Chronicle, over the message as it is now: the same object for the next one. Null for
     * any other type, and where Chronicle Bytes cannot be used.
     */
    public <T> T as(Class<T> type) {
        BodyStore asked = store;
        if (asked == null || !asked.isWhole()) {
            if (!type.getName().equals(CHRONICLE)) return null;
            try {
                store = asked = new BodyStore(body);
            } catch (LinkageError | UnsupportedOperationException unusable) {
                return null;
            }
        }
        return asked.as(type);
    }
}
