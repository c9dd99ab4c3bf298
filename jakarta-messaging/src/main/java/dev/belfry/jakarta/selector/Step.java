package dev.belfry.jakarta.selector;

import dev.belfry.jakarta.message.MessageFields.Header;

/** One step of an {@link Expression}. Its operands lie on top of the stack, and its result takes their place. */
record Step(Do what, byte kind, long bits, byte[] bytes, Header header, Like like, byte[][] list, int target) {
    enum Do {
        PUSH,
        PUSH_PROPERTY,
        PUSH_HEADER,
        EQUAL,
        NOT_EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL,
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE,
        NEGATE,
        /** A sign that changes nothing, but wants a number. */
        PLUS,
        /** An identifier as a condition: what is no boolean is false. */
        CONDITION,
        NOT,
        AND,
        OR,
        /** To the target if the top decides an AND. */
        SKIP_IF_FALSE,
        /** To the target if the top decides an OR. */
        SKIP_IF_TRUE,
        IS_NULL,
        LIKE,
        IN,
        BETWEEN,
        NOT_BETWEEN
    }

    static Step of(Do what) {
        return new Step(what, (byte) 0, 0, null, null, null, null, 0);
    }

    static Step number(Literal literal) {
        return new Step(Do.PUSH, literal.kind(), literal.bits(), null, null, null, null, 0);
    }

    static Step bool(boolean value) {
        return new Step(Do.PUSH, Expression.BOOLEAN, value ? 1 : 0, null, null, null, null, 0);
    }

    static Step string(byte[] bytes) {
        return new Step(Do.PUSH, Expression.STRING, bytes.length, bytes, null, null, null, 0);
    }

    static Step property(byte[] name) {
        return new Step(Do.PUSH_PROPERTY, (byte) 0, 0, name, null, null, null, 0);
    }

    static Step header(Header header) {
        return new Step(Do.PUSH_HEADER, (byte) 0, 0, null, header, null, null, 0);
    }

    static Step like(Like like) {
        return new Step(Do.LIKE, (byte) 0, 0, null, null, like, null, 0);
    }

    static Step in(byte[][] list) {
        return new Step(Do.IN, (byte) 0, 0, null, null, null, list, 0);
    }

    static Step skip(Do what, int target) {
        return new Step(what, (byte) 0, 0, null, null, null, null, target);
    }
}
