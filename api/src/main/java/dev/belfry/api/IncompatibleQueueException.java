package dev.belfry.api;

/** Another layout, another program, or created with other values than asked for. */
public class IncompatibleQueueException extends MessageQueueException {
    private static final long serialVersionUID = 1;

    public IncompatibleQueueException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }
}
