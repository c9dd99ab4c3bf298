package dev.belfry.file;

import dev.belfry.shm.journal.Places.At;

/**
 * Records that once were on the disk are not there any more, from {@link #soundUpTo} on. All before
 * it can still be read.
 */
final class DamagedLogException extends DamagedFileException {
    private static final long serialVersionUID = 1L;

    final transient At soundUpTo;

    DamagedLogException(At soundUpTo, String message) {
        super(message);
        this.soundUpTo = soundUpTo;
    }
}
