package dev.belfry.jakarta.wire;

import java.nio.charset.StandardCharsets;

/**
 * Strings as UTF-8, but a lone surrogate is three bytes, so that each Java String survives. Bytes
 * that are no such text read as U+FFFD.
 */
final class Text {
    private static final int[] LEAST = {0, 0, 0x80, 0x800, Character.MIN_SUPPLEMENTARY_CODE_POINT};

    private Text() {}

    static byte[] encode(String text) {
        int lone = 0;
        for (int i = 0; i < text.length(); i++) {
            int c = text.codePointAt(i);
            if (c >= Character.MIN_SUPPLEMENTARY_CODE_POINT) i++;
            else if (Character.isSurrogate((char) c)) lone++;
        }
        return lone == 0 ? text.getBytes(StandardCharsets.UTF_8) : encodeLone(text, lone);
    }

    private static byte[] encodeLone(String text, int lone) {
        // The encoder writes one question mark for each lone surrogate.
        byte[] to = new byte[text.getBytes(StandardCharsets.UTF_8).length + 2 * lone];
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            int c = text.codePointAt(i);
            if (c >= Character.MIN_SUPPLEMENTARY_CODE_POINT) i++;
            at = c < 0x10000 && Character.isSurrogate((char) c) ? three(to, at, c) : whole(to, at, c);
        }
        return to;
    }

    private static int three(byte[] to, int at, int c) {
        to[at] = (byte) (0xe0 | c >> 12);
        to[at + 1] = (byte) (0x80 | c >> 6 & 0x3f);
        to[at + 2] = (byte) (0x80 | c & 0x3f);
        return at + 3;
    }

    private static int whole(byte[] to, int at, int c) {
        byte[] one = new String(Character.toChars(c)).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(one, 0, to, at, one.length);
        return at + one.length;
    }

    static String decode(byte[] from) {
        StringBuilder text = new StringBuilder(from.length);
        for (int at = 0; at < from.length; ) {
            int length = lengthAt(from, at);
            text.appendCodePoint(length == 0 ? '\ufffd' : codePoint(from, at, length));
            at += Math.max(1, length);
        }
        return text.toString();
    }

    /** Bytes of the character at this place; 0 if there is none. */
    private static int lengthAt(byte[] from, int at) {
        int first = from[at] & 0xff;
        if (first < 0x80) return 1;
        int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (first < 0xc0 || at + length > from.length) return 0;
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
