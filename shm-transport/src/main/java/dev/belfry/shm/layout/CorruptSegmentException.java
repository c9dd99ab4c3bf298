package dev.belfry.shm.layout;

/**
 * The content of the segment cannot be right. The transport turns it into a QueueCorruptedException
 * and poisons the handle; but see {@link NewerRecordException}.
 */
public class CorruptSegmentException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CorruptSegmentException(String message) {
        super(message);
    }
}
