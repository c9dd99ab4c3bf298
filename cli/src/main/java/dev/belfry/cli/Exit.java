package dev.belfry.cli;

/** How the command ends. */
final class Exit {
    /** All is well. */
    static final int OK = 0;

    static final int PROBLEM = 1;

    /** Wrong usage. */
    static final int USAGE = 2;

    private Exit() {}

    /** A failure that is one sentence, with exit code 1. */
    static final class Problem extends RuntimeException {
        private static final long serialVersionUID = 1;

        Problem(String message) {
            super(message);
        }
    }
}
