package dev.belfry.jakarta.wire;

/**
 * A newer version's, and it may not be skipped. {@link RecordReader#open} turns it into
 * {@link RecordReader.Verdict#NEWER}.
 */
public final class Newer extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Newer(String what) {
        super(what, null, false, false);
    }
}
