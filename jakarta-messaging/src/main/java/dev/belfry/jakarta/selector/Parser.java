package dev.belfry.jakarta.selector;

import static dev.belfry.jakarta.selector.Lexer.Token.*;

import dev.belfry.jakarta.message.MessageFields;
import jakarta.jms.InvalidSelectorException;
import java.util.ArrayList;
import java.util.List;

/** By recursive descent. Each method writes its steps and says what they leave on the stack. */
final class Parser {
    /** The depth of brackets, NOT and signs within each other; beside each other there may be any number. */
    static final int MAX_DEPTH = 64;

    /** As far as it is known without a message. ANY: an identifier. */
    private enum Type {
        TRUTH("a boolean"),
        NUMBER("a number"),
        STRING("a string"),
        ANY("an identifier");

        /** For errors. */
        final String words;

        Type(String words) {
            this.words = words;
        }
    }

    private interface Level {
        Type parse() throws InvalidSelectorException;
    }

    private final Lexer lexer;
    private final Steps steps = new Steps();
    private int depth;

    Parser(String selector) throws InvalidSelectorException {
        lexer = new Lexer(selector);
    }

    Expression parse() throws InvalidSelectorException {
        int start = lexer.start;
        condition(or(), start);
        if (!lexer.is(END)) throw lexer.expected("AND, OR or the end");
        return steps.expression();
    }

    private Type or() throws InvalidSelectorException {
        return logic(OR, Step.Do.SKIP_IF_TRUE, Step.Do.OR, this::and);
    }

    private Type and() throws InvalidSelectorException {
        return logic(AND, Step.Do.SKIP_IF_FALSE, Step.Do.AND, this::not);
    }

    private Type logic(Lexer.Token operator, Step.Do skipIf, Step.Do what, Level operand)
            throws InvalidSelectorException {
        int start = lexer.start;
        Type type = operand.parse();
        while (lexer.is(operator)) {
            condition(type, start);
            int skip = steps.place();
            lexer.next();
            start = lexer.start;
            condition(operand.parse(), start);
            steps.join(skip, skipIf, what);
            type = Type.TRUTH;
        }
        return type;
    }

    private Type not() throws InvalidSelectorException {
        if (!lexer.is(NOT)) return predicate();
        deeper();
        lexer.next();
        int start = lexer.start;
        condition(not(), start);
        depth--;
        steps.add(Step.of(Step.Do.NOT));
        return Type.TRUTH;
    }

    private Type predicate() throws InvalidSelectorException {
        int start = lexer.start;
        int first = steps.steps.size();
        Type left = sum();
        Step.Do comparison = comparison();
        if (comparison != null) return compared(comparison, left, start);
        boolean isIdentifier = left == Type.ANY && steps.steps.size() == first + 1;
        if (lexer.skip(IS)) return isNull(isIdentifier, start);
        boolean not = lexer.skip(NOT);
        if (lexer.skip(BETWEEN)) return between(not, left, start);
        if (lexer.skip(LIKE)) return like(not, isIdentifier, start);
        if (lexer.skip(IN)) return in(not, isIdentifier, start);
        if (not) throw lexer.expected("BETWEEN, LIKE or IN");
        return left;
    }

    private Step.Do comparison() {
        return switch (lexer.token) {
            case EQUAL -> Step.Do.EQUAL;
            case NOT_EQUAL -> Step.Do.NOT_EQUAL;
            case LESS -> Step.Do.LESS;
            case LESS_OR_EQUAL -> Step.Do.LESS_OR_EQUAL;
            case GREATER -> Step.Do.GREATER;
            case GREATER_OR_EQUAL -> Step.Do.GREATER_OR_EQUAL;
            default -> null;
        };
    }

    /**
     * Strings and booleans have no order, so literals of them are compared by {@code =} and {@code <>} only. A
     * comparison of unlike types is refused before there is a message, as it would never be true.
     */
    private Type compared(Step.Do comparison, Type left, int start) throws InvalidSelectorException {
        boolean ordered = comparison != Step.Do.EQUAL && comparison != Step.Do.NOT_EQUAL;
        if (ordered) number(left, start);
        lexer.next();
        int right = lexer.start;
        Type type = sum();
        if (ordered) number(type, right);
        else if (left != type && left != Type.ANY && type != Type.ANY)
            throw Lexer.wrong(
                    right, "there is " + type.words + "; expected is " + left.words + ", as it is compared with one");
        steps.replace(2, Step.of(comparison));
        return Type.TRUTH;
    }

    private Type isNull(boolean isIdentifier, int start) throws InvalidSelectorException {
        identifier(isIdentifier, start, "IS");
        boolean not = lexer.skip(NOT);
        lexer.expect(NULL);
        return end(Step.of(Step.Do.IS_NULL), not);
    }

    private Type between(boolean not, Type left, int start) throws InvalidSelectorException {
        number(left, start);
        start = lexer.start;
        number(sum(), start);
        lexer.expect(AND);
        start = lexer.start;
        number(sum(), start);
        steps.replace(3, Step.of(not ? Step.Do.NOT_BETWEEN : Step.Do.BETWEEN));
        return Type.TRUTH;
    }

    private Type like(boolean not, boolean isIdentifier, int start) throws InvalidSelectorException {
        identifier(isIdentifier, start, "LIKE");
        int patternAt = lexer.start;
        String pattern = string();
        int escape = -1;
        if (lexer.skip(ESCAPE)) {
            int escapeAt = lexer.start;
            String one = string();
            if (one.isEmpty() || one.codePointCount(0, one.length()) != 1)
                throw Lexer.wrong(escapeAt, "ESCAPE has a string of another length; expected is one character");
            escape = one.codePointAt(0);
        }
        Like like = Like.of(pattern, escape);
        if (like == null)
            throw Lexer.wrong(patternAt, "the pattern ends with its escape character; expected is one more");
        return end(Step.like(like), not);
    }

    private Type in(boolean not, boolean isIdentifier, int start) throws InvalidSelectorException {
        identifier(isIdentifier, start, "IN");
        lexer.expect(OPEN);
        List<byte[]> list = new ArrayList<>();
        do list.add(MessageFields.bytes(string()));
        while (lexer.skip(COMMA));
        lexer.expect(CLOSE);
        return end(Step.in(list.toArray(byte[][]::new)), not);
    }

    private Type end(Step step, boolean not) {
        steps.add(step);
        if (not) steps.add(Step.of(Step.Do.NOT));
        return Type.TRUTH;
    }

    private Type sum() throws InvalidSelectorException {
        return arithmetic(PLUS, Step.Do.ADD, Step.Do.SUBTRACT, this::product);
    }

    private Type product() throws InvalidSelectorException {
        return arithmetic(TIMES, Step.Do.MULTIPLY, Step.Do.DIVIDE, this::signed);
    }

    /** {@code first} does one thing, the other operator of this level the other. */
    private Type arithmetic(Lexer.Token first, Step.Do one, Step.Do other, Level operand)
            throws InvalidSelectorException {
        Lexer.Token second = first == PLUS ? MINUS : DIVIDED;
        int start = lexer.start;
        Type type = operand.parse();
        while (lexer.is(first) || lexer.is(second)) {
            Step step = Step.of(lexer.is(first) ? one : other);
            number(type, start);
            lexer.next();
            start = lexer.start;
            number(operand.parse(), start);
            steps.replace(2, step);
            type = Type.NUMBER;
        }
        return type;
    }

    /** The least long has no literal without its sign. */
    private Type signed() throws InvalidSelectorException {
        boolean minus = lexer.is(MINUS);
        if (!minus && !lexer.is(PLUS)) return primary();
        deeper();
        lexer.next();
        int start = lexer.start;
        boolean literal = minus && lexer.is(NUMBER);
        if (literal) literal(true);
        else number(signed(), start);
        depth--;
        if (!literal) steps.add(Step.of(minus ? Step.Do.NEGATE : Step.Do.PLUS));
        return Type.NUMBER;
    }

    private Type primary() throws InvalidSelectorException {
        switch (lexer.token) {
            case OPEN -> {
                deeper();
                lexer.next();
                Type type = or();
                depth--;
                lexer.expect(CLOSE);
                return type;
            }
            case NUMBER -> {
                literal(false);
                return Type.NUMBER;
            }
            case STRING -> {
                push(Step.string(MessageFields.bytes(lexer.text)));
                return Type.STRING;
            }
            case TRUE, FALSE -> {
                push(Step.bool(lexer.is(TRUE)));
                return Type.TRUTH;
            }
            case IDENTIFIER -> {
                push(identifier());
                return Type.ANY;
            }
            default -> throw lexer.expected("an identifier, a literal or (");
        }
    }

    private void literal(boolean negative) throws InvalidSelectorException {
        push(Step.number(Literal.of(lexer.text, lexer.start, negative)));
    }

    private Step identifier() throws InvalidSelectorException {
        String name = lexer.text;
        for (MessageFields.Header header : MessageFields.Header.values())
            if (header.name().equals(name)) return Step.header(header);
        if (name.startsWith("JMS") && !name.startsWith("JMSX") && !name.startsWith("JMS_"))
            throw lexer.expected("JMSDeliveryMode, JMSPriority, JMSMessageID, JMSTimestamp, JMSCorrelationID, JMSType,"
                    + " or a property: of the names that begin with JMS a selector has no others");
        return Step.property(MessageFields.bytes(name));
    }

    private String string() throws InvalidSelectorException {
        String said = lexer.text;
        lexer.expect(STRING);
        return said;
    }

    private void push(Step step) throws InvalidSelectorException {
        steps.push(step);
        lexer.next();
    }

    private void condition(Type type, int start) throws InvalidSelectorException {
        if (type == Type.ANY) steps.add(Step.of(Step.Do.CONDITION));
        else if (type != Type.TRUTH) throw Lexer.wrong(start, "there is a value; expected is a condition");
    }

    private static void number(Type type, int start) throws InvalidSelectorException {
        if (type == Type.STRING || type == Type.TRUTH)
            throw Lexer.wrong(start, "there is a string or a condition; expected is a number");
    }

    private static void identifier(boolean isIdentifier, int start, String operator) throws InvalidSelectorException {
        if (!isIdentifier)
            throw Lexer.wrong(start, "there is an expression before " + operator + "; expected is an identifier");
    }

    private void deeper() throws InvalidSelectorException {
        if (++depth > MAX_DEPTH)
            throw lexer.expected("no more than " + MAX_DEPTH + " brackets, NOT and signs within each other");
    }
}
