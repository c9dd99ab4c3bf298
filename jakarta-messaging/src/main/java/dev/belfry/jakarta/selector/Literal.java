package dev.belfry.jakarta.selector;

import dev.belfry.jakarta.message.MessageFields;
import jakarta.jms.InvalidSelectorException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number as Java writes it, but that an exact one without L may have the range of a long, too. Kinds and bits as
 * those of {@link MessageFields}; a number is INT if that holds it and it has no L.
 */
record Literal(byte kind, long bits) {
    private static final String DIGITS = "[0-9](?:[0-9_]*[0-9])?";
    private static final String HEX_DIGITS = "[0-9a-fA-F](?:[0-9a-fA-F_]*[0-9a-fA-F])?";
    private static final Pattern EXACT = Pattern.compile(
            "(?:0[xX](?<hex>" + HEX_DIGITS
                    + ")|0[bB](?<binary>[01](?:[01_]*[01])?)|0(?<octal>[0-7_]*[0-7])|(?<decimal>0|[1-9](?:[0-9_]*[0-9])?))[lL]?");
    private static final Pattern APPROXIMATE = Pattern.compile("(?:(?:" + DIGITS + "\\.(?:" + DIGITS + ")?|\\." + DIGITS
            + ")(?:[eE][+-]?" + DIGITS + ")?[fFdD]?|" + DIGITS + "(?:[eE][+-]?" + DIGITS + "[fFdD]?|[fFdD])|0[xX](?:"
            + HEX_DIGITS + "\\.?|(?:" + HEX_DIGITS + ")?\\." + HEX_DIGITS + ")[pP][+-]?" + DIGITS + "[fFdD]?)");

    /** Where the longest literal ends that begins here, at a digit or at a point before one. */
    static int end(String selector, int at) {
        Matcher exact = EXACT.matcher(selector).region(at, selector.length());
        Matcher approximate = APPROXIMATE.matcher(selector).region(at, selector.length());
        return Math.max(exact.lookingAt() ? exact.end() : at, approximate.lookingAt() ? approximate.end() : at);
    }

    /**
     * {@code text}: one that {@link #end} found. {@code at}: its column, for errors.
     * {@code negative}: a minus stands before it.
     */
    static Literal of(String text, int at, boolean negative) throws InvalidSelectorException {
        Matcher exact = EXACT.matcher(text);
        if (exact.matches()) return exact(exact, at, negative, text.endsWith("L") || text.endsWith("l"));
        return approximate(text.replace("_", ""), at, negative);
    }

    private static Literal exact(Matcher m, int at, boolean negative, boolean isLong) throws InvalidSelectorException {
        long value;
        try {
            if (m.group("hex") != null) value = unsigned(m.group("hex"), 16);
            else if (m.group("binary") != null) value = unsigned(m.group("binary"), 2);
            else if (m.group("octal") != null) value = unsigned(m.group("octal"), 8);
            else
                value = Long.parseLong(
                        (negative ? "-" : "") + m.group("decimal").replace("_", ""));
        } catch (NumberFormatException e) {
            throw Lexer.wrong(at, "there is an exact number that no long holds; expected is one of 64 bits");
        }
        if (negative && m.group("decimal") == null) value = -value;
        boolean isInt = value == (int) value && !isLong;
        return new Literal(isInt ? MessageFields.INT : MessageFields.LONG, value);
    }

    private static long unsigned(String digits, int radix) {
        return Long.parseUnsignedLong(digits.replace("_", ""), radix);
    }

    private static Literal approximate(String text, int at, boolean negative) throws InvalidSelectorException {
        if (text.endsWith("F") || text.endsWith("f")) {
            float value = Float.parseFloat(text);
            if (Float.isInfinite(value)) throw tooLarge(at);
            return new Literal(MessageFields.FLOAT, Float.floatToRawIntBits(negative ? -value : value));
        }
        double value = Double.parseDouble(text);
        if (Double.isInfinite(value)) throw tooLarge(at);
        return new Literal(MessageFields.DOUBLE, Double.doubleToRawLongBits(negative ? -value : value));
    }

    private static InvalidSelectorException tooLarge(int at) {
        return Lexer.wrong(
                at, "there is a number that no double holds (or with F no float); expected is a smaller one");
    }
}
