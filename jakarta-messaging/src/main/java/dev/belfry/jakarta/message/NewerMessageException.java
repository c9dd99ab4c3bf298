package dev.belfry.jakarta.message;

import jakarta.jms.MessageFormatException;

/** A message that a newer version has written, with something that this one does not know. It is not damaged. */
public final class NewerMessageException extends MessageFormatException {
    private static final long serialVersionUID = 1;

    NewerMessageException(String reason, String code) {
        super(reason, code);
    }
}
