package dev.belfry.file;

/** A file of a queue's directory is not what it must be; the message names it. */
class DamagedFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DamagedFileException(String message) {
        super(message);
    }
}
