package dev.belfry.jakarta.client;

import dev.belfry.jakarta.text.Codes;
import jakarta.jms.IllegalStateException;

/**
 * The interfaces that a connection or session was made for: those of the legacy interfaces have
 * methods that they refuse [9.2].
 */
enum Style {
    ALL(""),
    QUEUES("Queue"),
    TOPICS("Topic");

    private final String prefix;

    Style(String prefix) {
        this.prefix = prefix;
    }

    /** {@code type}: "Session". */
    void refuse(Style one, String type, String call) throws IllegalStateException {
        if (this != one) return;
        throw new IllegalStateException(
                call + " is called on a " + prefix + type + ", which has " + (one == QUEUES ? "queues" : "topics")
                        + " only. Use a " + type + " of createConnection instead.",
                Codes.OTHER_MODE);
    }
}
