package dev.belfry.jakarta.selector;

import dev.belfry.jakarta.text.Codes;
import jakarta.jms.InvalidSelectorException;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Cuts a selector into tokens. {@link #next} moves on; the token, its text and where it begins are fields. */
final class Lexer {
    enum Token {
        IDENTIFIER("an identifier"),
        STRING("a string literal"),
        NUMBER("a number"),
        TRUE("TRUE"),
        FALSE("FALSE"),
        NULL("NULL"),
        NOT("NOT"),
        AND("AND"),
        OR("OR"),
        BETWEEN("BETWEEN"),
        LIKE("LIKE"),
        IN("IN"),
        IS("IS"),
        ESCAPE("ESCAPE"),
        EQUAL("="),
        NOT_EQUAL("<>"),
        LESS_OR_EQUAL("<="),
        GREATER_OR_EQUAL(">="),
        LESS("<"),
        GREATER(">"),
        PLUS("+"),
        MINUS("-"),
        TIMES("*"),
        DIVIDED("/"),
        OPEN("("),
        CLOSE(")"),
        COMMA(","),
        END("the end");

        /** For errors; of a literal never what it says. */
        final String words;

        Token(String words) {
            this.words = words;
        }
    }

    /** No identifiers, in any case. */
    private static final Map<String, Token> KEYWORDS = Stream.of(Token.values())
            .filter(t -> t.words.equals(t.name()))
            .collect(Collectors.toMap(Token::name, Function.identity()));

    /** Those of two characters first. */
    private static final Token[] SYMBOLS = {
        Token.NOT_EQUAL,
        Token.LESS_OR_EQUAL,
        Token.GREATER_OR_EQUAL,
        Token.EQUAL,
        Token.LESS,
        Token.GREATER,
        Token.PLUS,
        Token.MINUS,
        Token.TIMES,
        Token.DIVIDED,
        Token.OPEN,
        Token.CLOSE,
        Token.COMMA
    };

    private final String selector;
    private int at;

    Token token;
    /** Where the token begins. */
    int start;
    /** An identifier, a number as it is written, what a string literal says. */
    String text;

    Lexer(String selector) throws InvalidSelectorException {
        this.selector = selector;
        next();
    }

    void next() throws InvalidSelectorException {
        while (at < selector.length() && " \t\f\r\n".indexOf(selector.charAt(at)) >= 0) at++;
        start = at;
        if (at == selector.length()) {
            token = Token.END;
            return;
        }
        char c = selector.charAt(at);
        if (c == '\'') string();
        else if (isDigit(at) || c == '.' && isDigit(at + 1)) number();
        else if (Character.isJavaIdentifierStart(selector.codePointAt(at))) word();
        else symbol();
    }

    boolean is(Token wanted) {
        return token == wanted;
    }

    /** Moves on if this token is there. */
    boolean skip(Token wanted) throws InvalidSelectorException {
        if (token != wanted) return false;
        next();
        return true;
    }

    void expect(Token wanted) throws InvalidSelectorException {
        if (!skip(wanted)) throw expected(wanted.words);
    }

    InvalidSelectorException expected(String wanted) {
        return wrong(start, "there is " + token.words + "; expected is " + wanted);
    }

    /** Subject, what is there, what may be there, and the next step. */
    static InvalidSelectorException wrong(int at, String what) {
        return new InvalidSelectorException(
                "Selector is wrong at column " + (at + 1) + ": " + what
                        + ". Correct it there; Jakarta Messaging 3.1, section 3.8.1, has the syntax.",
                Codes.SELECTOR);
    }

    private boolean isDigit(int index) {
        return index < selector.length() && selector.charAt(index) >= '0' && selector.charAt(index) <= '9';
    }

    private void string() throws InvalidSelectorException {
        StringBuilder said = new StringBuilder();
        for (at++; ; at++) {
            if (at == selector.length()) throw wrong(start, "a string literal has no end; expected is a quote");
            char c = selector.charAt(at);
            if (c == '\'') {
                if (at + 1 == selector.length() || selector.charAt(at + 1) != '\'') break;
                at++;
            }
            said.append(c);
        }
        at++;
        token = Token.STRING;
        text = said.toString();
    }

    private void number() {
        at = Literal.end(selector, at);
        token = Token.NUMBER;
        text = selector.substring(start, at);
    }

    private void word() {
        while (at < selector.length() && Character.isJavaIdentifierPart(selector.codePointAt(at)))
            at += Character.charCount(selector.codePointAt(at));
        text = selector.substring(start, at);
        boolean ascii = text.chars().allMatch(c -> c < 0x80); // toUpperCase makes an I of other letters, too
        token = ascii ? KEYWORDS.getOrDefault(text.toUpperCase(Locale.ROOT), Token.IDENTIFIER) : Token.IDENTIFIER;
    }

    private void symbol() throws InvalidSelectorException {
        for (Token symbol : SYMBOLS)
            if (selector.startsWith(symbol.words, at)) {
                at += symbol.words.length();
                token = symbol;
                return;
            }
        throw wrong(
                at,
                "there is a character that no selector has outside of a string literal; expected is a literal,"
                        + " an identifier or an operator");
    }
}
