package dev.belfry.api;

/** The queue is intact, but another version of the library created it, and this version cannot read its layout. */
public class IncompatibleVersionException extends IncompatibleQueueException {
    private static final long serialVersionUID = 1;

    public IncompatibleVersionException(String message) {
        super(message);
    }
}
