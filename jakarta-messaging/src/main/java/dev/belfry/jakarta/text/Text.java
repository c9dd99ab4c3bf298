package dev.belfry.jakarta.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Strings as UTF-8, but an unpaired surrogate is the three bytes that its number would take: so each String of Java
 * survives. Damaged bytes become U+FFFD, one for each byte on every JDK: all that fold a log must read the same.
 */
public final class Text {
    private static final char REPLACED = '\ufffd';
    private static final int[] LEAST = {0, 0, 0x80, 0x800, Character.MIN_SUPPLEMENTARY_CODE_POINT};

    private Text() {}

    public static byte[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return mayBeReplaced(utf8) && hasUnpaired(text) ? byHand(text) : utf8;
    }

    public static String string(byte[] bytes, int from, int length) {
        String text = new String(bytes, from, length, StandardCharsets.UTF_8);
        return text.indexOf(REPLACED) < 0 ? text : byHand(bytes, from, from + length);
    }

    /** The JDK writes a question mark in place of an unpaired surrogate. */
    private static boolean mayBeReplaced(byte[] utf8) {
        for (byte b : utf8) if (b == '?') return true;
        return false;
    }

    private static boolean hasUnpaired(String text) {
        return text.codePoints().anyMatch(Text::isSurrogate);
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    private static byte[] byHand(String text) {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        text.codePoints().forEach(c -> {
            if (isSurrogate(c))
                to.writeBytes(
                        new byte[] {(byte) (0xe0 | c >> 12), (byte) (0x80 | c >> 6 & 0x3f), (byte) (0x80 | c & 0x3f)});
            else to.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        });
        return to.toByteArray();
    }

    private static String byHand(byte[] from, int begin, int end) {
        StringBuilder text = new StringBuilder(end - begin);
        for (int at = begin; at < end; ) {
            int length = lengthAt(from, at, end);
            text.appendCodePoint(length == 0 ? REPLACED : codePoint(from, at, length));
            at += Math.max(1, length);
        }
        return text.toString();
    }

    /** Bytes of the character at this place; 0 if there is none. */
    private static int lengthAt(byte[] from, int at, int end) {
        int first = from[at] & 0xff;
        if (first < 0x80) return 1;
        int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (first < 0xc0 || at + length > end) return 0;
        for (int i = 1; i < length; i++) if ((from[at + i] & 0xc0) != 0x80) return 0;
        int c = codePoint(from, at, length);
        return c >= LEAST[length] && Character.isValidCodePoint(c) ? length : 0;
    }

    private static int codePoint(byte[] from, int at, int length) {
        if (length == 1) return from[at];
        int c = from[at] & 0xff >> length;
        for (int i = 1; i < length; i++) c = c << 6 | from[at + i] & 0x3f;
        return c;
    }
}
