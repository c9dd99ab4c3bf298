package dev.belfry.spring.boot;

/**
 * The application's configuration is wrong: its text says what, and its action what to do.
 * @since 0.1
 */
public final class BelfryConfigurationException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;
    final String description;
    final String action;

    BelfryConfigurationException(String description, String action) {
        this(description, action, null);
    }

    BelfryConfigurationException(String description, String action, Throwable cause) {
        super(description + " " + action, cause);
        this.description = description;
        this.action = action;
    }

    /** The text of another failure, as a sentence of its own. */
    static String sentence(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        return text.endsWith(".") || text.endsWith("?") ? text : text + ".";
    }
}
