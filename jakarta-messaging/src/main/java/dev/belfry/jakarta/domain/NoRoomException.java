package dev.belfry.jakarta.domain;

import dev.belfry.api.QueueFullException;

/** The domain cannot take it: it is full, its registry is, or this is too large, or close has ended the wait. */
public final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public final String code;

    NoRoomException(String message) {
        this(message, QueueFullException.CODE);
    }

    NoRoomException(String message, String code) {
        super(message);
        this.code = code;
    }
}
