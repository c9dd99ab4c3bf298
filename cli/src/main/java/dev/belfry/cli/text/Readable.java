package dev.belfry.cli.text;

import dev.belfry.spi.Proc;

/**
 * Messages for a person at a terminal: a JSON body is indented, and what stands before it is dim. Anywhere else
 * both stay as they are, so that other programs read one line for each message.
 */
public record Readable(boolean indents, boolean colours) {
    /** A longer body stays one line, as does one that is deeper. */
    private static final int LONGEST = 1 << 16;

    private static final int DEEPEST = 32;

    public static final Readable PLAIN = new Readable(false, false);

    public static Readable ofStdout() {
        boolean terminal = isTerminal(1);
        return new Readable(terminal, terminal && Text.ansi().enabled());
    }

    /** Also where stdin is none, and on a JDK that has a console everywhere. */
    static boolean isTerminal(int descriptor) {
        String it = Proc.target(Proc.SELF.descriptor(descriptor));
        return it.startsWith("/dev/pts/") || it.startsWith("/dev/tty") || it.startsWith("/dev/console");
    }

    public String dim(String text) {
        return colours ? "\033[2m" + text + "\033[22m" : text;
    }

    /** A control character is shown as ?, so that no message can control the terminal. */
    public String body(String text) {
        String indented = indents && text.length() <= LONGEST ? new Indenter(text).indented() : null;
        return indented == null
                ? text.replaceAll("[\\p{IsControl}\\p{Cf}\\p{Zl}\\p{Zp}&&[^\t]]", "?")
                : "\n" + indented.replaceAll("[\\p{IsControl}\\p{Cf}\\p{Zl}\\p{Zp}&&[^\n]]", "?");
    }

    /** Copies one object or array; each line feed of the copy is its own. */
    private static final class Indenter {
        private final String text;
        private final StringBuilder copy = new StringBuilder();
        private int at;

        Indenter(String text) {
            this.text = text;
        }

        /** Null if it is something else. */
        String indented() {
            boolean whole = (next() == '{' || next() == '[') && value(0) && next() == 0;
            return whole && at == text.length() ? copy.toString() : null;
        }

        /** The next character that is no white space, which is left there; 0 at the end. */
        private char next() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
            return at < text.length() ? text.charAt(at) : 0;
        }

        private boolean take(char wanted) {
            if (next() != wanted) return false;
            at++;
            copy.append(wanted);
            return true;
        }

        private boolean value(int depth) {
            return switch (next()) {
                case '{' -> depth < DEEPEST && several('{', '}', depth + 1);
                case '[' -> depth < DEEPEST && several('[', ']', depth + 1);
                case '"' -> string();
                default -> word();
            };
        }

        private boolean several(char opening, char closing, int depth) {
            take(opening);
            if (take(closing)) return true;
            do {
                newLine(depth);
                if (opening == '{' && !(string() && colon()) || !value(depth)) return false;
            } while (take(','));
            newLine(depth - 1);
            return take(closing);
        }

        private void newLine(int depth) {
            copy.append('\n').append("  ".repeat(depth));
        }

        private boolean colon() {
            boolean there = take(':');
            copy.append(' ');
            return there;
        }

        private boolean string() {
            if (next() != '"') return false;
            int from = at++;
            while (at < text.length() && text.charAt(at) >= ' ' && text.charAt(at) != '"')
                at += text.startsWith("\\\"", at) || text.startsWith("\\\\", at) ? 2 : 1;
            if (at >= text.length() || text.charAt(at) != '"') return false;
            copy.append(text, from, ++at);
            return true;
        }

        /** A number, true, false or null. */
        private boolean word() {
            int from = at;
            while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
            String word = text.substring(from, at);
            copy.append(word);
            return word.matches("true|false|null|-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");
        }
    }
}
