package dev.belfry.spi;

import dev.belfry.api.MessageQueueException;

/** The disk of a queue has not answered an inspector in its time. Nothing else is known of the queue meanwhile. */
public final class NoAnswerException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    /** The part that has not answered, and for how long: a clause. */
    public final String what;

    /** Tells the next step in a sentence. */
    public final String remedy;

    public NoAnswerException(String queue, String what, String remedy) {
        super("BELFRY-100", "'" + queue + "': " + what + ". " + remedy, null);
        this.what = what;
        this.remedy = remedy;
    }
}
