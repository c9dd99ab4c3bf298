package dev.belfry.jakarta.selector;

import dev.belfry.jakarta.message.MessageFields;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.InvalidSelectorException;

/** The messages that a consumer wants. One thread at a time, as it keeps its intermediate values. */
public final class Selector {
    /** More is refused: a selector is evaluated for each message. */
    static final int MAX_LENGTH = 64 * 1024;

    private static final Selector NONE = new Selector("", null);

    private final String text;
    private final Expression expression;

    private Selector(String text, Expression expression) {
        this.text = text;
        this.expression = expression;
    }

    /**
     * {@code text}: null or empty selects all.
     *
     * @throws InvalidSelectorException if it is not one, with the column where it goes wrong
     */
    public static Selector of(String text) throws InvalidSelectorException {
        if (text == null || text.isEmpty()) return NONE;
        if (text.length() > MAX_LENGTH)
            throw new InvalidSelectorException(
                    "Selector has " + text.length() + " characters; limit is " + MAX_LENGTH
                            + ". Give the messages a property that says the same in fewer words.",
                    Codes.SELECTOR);
        return new Selector(text, new Parser(text).parse());
    }

    /** Null: it is none that this version knows; another one may have written it. */
    public static Selector orNull(String text) {
        try {
            return of(text);
        } catch (InvalidSelectorException e) {
            return null;
        }
    }

    /** That there is none: each message matches. */
    public boolean selectsAll() {
        return expression == null;
    }

    public boolean matches(MessageFields message) {
        return expression == null || expression.isTrue(message);
    }

    /** As it was given; empty if there is none. */
    @Override
    public String toString() {
        return text;
    }
}
