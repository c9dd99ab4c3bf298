package dev.belfry.jakarta.domain;

/** The domain cannot take it: it is full, or this is too large. Nothing was appended. */
public final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoRoomException(String message) {
        super(message);
    }
}
