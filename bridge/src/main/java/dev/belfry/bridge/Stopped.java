package dev.belfry.bridge;

/** Ends what is being read, at once: a message in hand was not sent. */
final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Stopped() {
        super("the bridge is closed", null, false, false);
    }

    static void ifClosing(boolean closing) {
        if (closing) throw new Stopped();
    }
}
