package dev.belfry.jakarta.client;

import javax.naming.Reference;
import javax.naming.StringRefAddr;

/** Factories and destinations as a foreign directory keeps them: an address says what it is, and the text of it. */
public final class References {
    /** Makes the object again. */
    public static final String FACTORY = "dev.belfry.jakarta.jndi.BelfryObjectFactory";

    public static final String URI = "uri";
    public static final String QUEUE = "queue";
    public static final String TOPIC = "topic";

    private References() {}

    public static Reference of(Class<?> type, String address, String text) {
        return new Reference(type.getName(), new StringRefAddr(address, text), FACTORY, null);
    }
}
