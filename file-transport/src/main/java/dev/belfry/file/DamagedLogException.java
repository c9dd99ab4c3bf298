package dev.belfry.file;

import dev.belfry.shm.journal.Places.At;

/** What once was on the disk is not there any more, from {@link #soundUpTo} on: what is before it can still be read. */
final class DamagedLogException extends DamagedFileException {
    private static final long serialVersionUID = 1L;

    final transient At soundUpTo;

    DamagedLogException(At soundUpTo, String message) {
        super(message);
        this.soundUpTo = soundUpTo;
    }
}
