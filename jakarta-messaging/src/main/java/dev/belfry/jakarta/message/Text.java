package dev.belfry.jakarta.message;

import java.nio.charset.StandardCharsets;

/**
 * Strings as bytes: UTF-8, with an unpaired surrogate as the three bytes that its number would
 * take. So each String of Java survives.
 */
final class Text {
    private static final char REPLACED = '\uFFFD';

    private Text() {}

    static byte[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return text.indexOf('?') < 0 && !mayBeReplaced(utf8) || !hasUnpaired(text) ? utf8 : byHand(text);
    }

    /**
     * The text that {@link #bytes} has written; damaged bytes become some text, never an exception.
     */
    static String string(byte[] bytes, int from, int length) {
        String text = new String(bytes, from, length, StandardCharsets.UTF_8);
        return text.indexOf(REPLACED) < 0 ? text : byHand(bytes, from, from + length);
    }

    /** The JDK writes a question mark in place of an unpaired surrogate. */
    private static boolean mayBeReplaced(byte[] utf8) {
        for (byte b : utf8) if (b == '?') return true;
        return false;
    }

    private static boolean hasUnpaired(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) continue;
            if (Character.charCount(text.codePointAt(i)) == 1) return true;
            i++;
        }
        return false;
    }

    private static byte[] byHand(String text) {
        Output out = new Output();
        text.codePoints().forEach(c -> {
            if (c < 0xD800 || c > 0xDFFF) out.raw(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            else out.u8(0xE0 | c >> 12).u8(0x80 | c >> 6 & 0x3F).u8(0x80 | c & 0x3F);
        });
        return out.bytes();
    }

    private static String byHand(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder();
        int done = from;
        for (int at = from; at + 2 < to; at++) {
            boolean surrogate =
                    bytes[at] == (byte) 0xED && (bytes[at + 1] & 0xE0) == 0xA0 && (bytes[at + 2] & 0xC0) == 0x80;
            if (!surrogate) continue;
            text.append(new String(bytes, done, at - done, StandardCharsets.UTF_8));
            text.append((char) (0xD000 | (bytes[at + 1] & 0x3F) << 6 | bytes[at + 2] & 0x3F));
            at += 2;
            done = at + 1;
        }
        return text.append(new String(bytes, done, to - done, StandardCharsets.UTF_8))
                .toString();
    }
}
