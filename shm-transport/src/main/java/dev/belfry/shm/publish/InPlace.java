package dev.belfry.shm.publish;

import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.ring.LogRecord;

/** The next record, whose body was filled in place. Guarded by the publish lock. */
interface InPlace {
    /** Where its body begins, in {@link LogEnd#reservedBytes}. */
    long reserved();

    /** Commits the first {@code length} bytes of what was reserved. */
    void commit(int length);

    /** A message. */
    record OfMessage(LogEnd end, boolean timestamps) implements InPlace {
        @Override
        public long reserved() {
            return end.reserved(timestamps);
        }

        @Override
        public void commit(int length) {
            end.commitReserved(length, timestamps ? System.currentTimeMillis() : 0);
        }
    }

    /** A record of a log; it rings no bell. */
    record OfLog(LogRecord log) implements InPlace {
        @Override
        public long reserved() {
            return log.reserved();
        }

        @Override
        public void commit(int length) {
            log.commitReserved(length);
        }
    }
}
