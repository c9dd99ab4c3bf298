package dev.belfry.jakarta.selector;

import dev.belfry.jakarta.message.MessageFields;
import java.util.stream.IntStream;

/**
 * A pattern of LIKE, matched against encoded text: at worst (text × pattern) steps, as only the
 * last % is ever tried again. {@code pattern}: bytes that stand for themselves, ONE, MANY.
 */
record Like(int[] pattern) {
    private static final int ONE = 256;
    private static final int MANY = 257;

    /**
     * {@code escape}: a code point, or -1. Null if the pattern ends with it, so that nothing is
     * left that it could escape.
     */
    static Like of(String text, int escape) {
        IntStream.Builder pattern = IntStream.builder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            boolean escaped = c == escape;
            if (escaped) {
                if (i == text.length()) return null;
                c = text.codePointAt(i);
                i += Character.charCount(c);
            }
            if (c == '_' && !escaped) pattern.add(ONE);
            else if (c == '%' && !escaped) pattern.add(MANY);
            else for (byte b : MessageFields.bytes(Character.toString(c))) pattern.add(b & 0xFF);
        }
        return new Like(pattern.build().toArray());
    }

    boolean matches(byte[] text, int from, int to) {
        int at = from;
        int next = 0;
        int afterMany = -1;
        int triedAt = 0;
        while (at < to) {
            int wanted = next < pattern.length ? pattern[next] : -1;
            if (wanted == MANY) {
                afterMany = ++next;
                triedAt = at;
            } else if (wanted == ONE) {
                at = afterCharacter(text, at, to);
                next++;
            } else if (wanted == (text[at] & 0xFF)) {
                at++;
                next++;
            } else if (afterMany == pattern.length) {
                return true;
            } else if (afterMany >= 0) {
                triedAt = afterCharacter(text, triedAt, to);
                at = triedAt;
                next = afterMany;
            } else {
                return false;
            }
        }
        while (next < pattern.length && pattern[next] == MANY) next++;
        return next == pattern.length;
    }

    /** Bytes 10xxxxxx go on with a character. */
    private static int afterCharacter(byte[] text, int at, int to) {
        do at++;
        while (at < to && (text[at] & 0xC0) == 0x80);
        return at;
    }
}
