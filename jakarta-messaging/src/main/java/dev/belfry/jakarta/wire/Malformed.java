package dev.belfry.jakarta.wire;

/**
 * Bytes that nothing here writes. {@link RecordReader#open} turns it into
 * {@link RecordReader.Verdict#DAMAGED}.
 */
public final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Malformed(String what) {
        super(what, null, false, false);
    }
}
