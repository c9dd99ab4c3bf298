package dev.belfry.cli.text;

/** How the command ends. */
public final class Exit {
    /** All is well. */
    public static final int OK = 0;

    public static final int PROBLEM = 1;

    /** Wrong usage. */
    public static final int USAGE = 2;

    private Exit() {}

    /** A failure that is one sentence, with exit code 1. */
    public static final class Problem extends RuntimeException {
        private static final long serialVersionUID = 1;

        public Problem(String message) {
            super(message);
        }
    }
}
