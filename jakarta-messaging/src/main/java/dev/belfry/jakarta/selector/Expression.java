package dev.belfry.jakarta.selector;

import dev.belfry.jakarta.message.MessageFields;
import java.util.Arrays;

/**
 * A selector as steps over a stack, in the order of evaluation. A truth has three values: TRUE,
 * FALSE, and NULL, which is "unknown" [3.8.1.2]. Numbers are promoted as in Java: to {@code double}
 * if one of two is that, else {@code float}, else {@code long}, else {@code int}.
 */
final class Expression {
    static final byte NULL = MessageFields.NULL;
    static final byte BOOLEAN = MessageFields.BOOLEAN;
    static final byte INT = MessageFields.INT;
    static final byte LONG = MessageFields.LONG;
    static final byte FLOAT = MessageFields.FLOAT;
    static final byte DOUBLE = MessageFields.DOUBLE;
    static final byte STRING = MessageFields.STRING;
    /**
     * The result of arithmetic with a string or a boolean: any comparison with it is false, as with all unlike types.
     */
    private static final byte NO_NUMBER = 9;

    private static final int FALSE = 0;
    private static final int TRUE = 1;
    private static final int UNKNOWN = 2;

    private final Step[] steps;
    private final byte[] kinds;
    /** As in {@link MessageFields}; of a string its offset × 2^32 + its length. */
    private final long[] bits;

    private final byte[][] arrays;

    /** {@code height}: how many values the steps have on the stack at most. */
    Expression(Step[] steps, int height) {
        this.steps = steps;
        kinds = new byte[height];
        bits = new long[height];
        arrays = new byte[height][];
    }

    boolean isTrue(MessageFields message) {
        int top = -1;
        for (int next = 0; next < steps.length; next++) {
            Step step = steps[next];
            switch (step.what()) {
                case PUSH -> push(++top, step.kind(), step.bits(), step.bytes());
                case PUSH_PROPERTY -> push(++top, message.property(step.bytes()), message);
                case PUSH_HEADER -> push(++top, message.header(step.header()), message);
                case CONDITION -> truth(top, truth(top));
                case SKIP_IF_FALSE -> next = truth(top) == FALSE ? step.target() : next;
                case SKIP_IF_TRUE -> next = truth(top) == TRUE ? step.target() : next;
                case AND -> truth(--top, and(truth(top), truth(top + 1)));
                case OR -> truth(--top, or(truth(top), truth(top + 1)));
                case NOT -> truth(top, not(truth(top)));
                case IS_NULL -> truth(top, kinds[top] == NULL ? TRUE : FALSE);
                case LIKE -> truth(top, like(top, step.like()));
                case IN -> truth(top, in(top, step.list()));
                case BETWEEN -> {
                    top -= 2;
                    truth(
                            top,
                            and(
                                    compare(Step.Do.GREATER_OR_EQUAL, top, top + 1),
                                    compare(Step.Do.LESS_OR_EQUAL, top, top + 2)));
                }
                case NOT_BETWEEN -> {
                    top -= 2;
                    truth(top, or(compare(Step.Do.LESS, top, top + 1), compare(Step.Do.GREATER, top, top + 2)));
                }
                case PLUS -> sign(top, 1);
                case NEGATE -> sign(top, -1);
                case ADD, SUBTRACT, MULTIPLY, DIVIDE -> arithmetic(step.what(), --top);
                case EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL ->
                    truth(--top, compare(step.what(), top, top + 1));
            }
        }
        return truth(top) == TRUE;
    }

    private void push(int at, byte kind, MessageFields message) {
        if (kind == STRING) push(at, kind, (long) message.offset() << 32 | message.length(), message.array());
        else if (kind == MessageFields.BYTE || kind == MessageFields.SHORT) push(at, INT, message.bits(), null);
        else push(at, kind, message.bits(), null);
    }

    private void push(int at, byte kind, long value, byte[] array) {
        kinds[at] = kind;
        bits[at] = value;
        arrays[at] = array;
    }

    private void truth(int at, int truth) {
        kinds[at] = truth == UNKNOWN ? NULL : BOOLEAN;
        bits[at] = truth;
    }

    /** A value that is neither NULL nor a boolean is false where a condition is wanted. */
    private int truth(int at) {
        if (kinds[at] == NULL) return UNKNOWN;
        return kinds[at] == BOOLEAN && bits[at] == TRUE ? TRUE : FALSE;
    }

    private static int and(int a, int b) {
        return a == FALSE || b == FALSE ? FALSE : Math.max(a, b);
    }

    private static int or(int a, int b) {
        return a == TRUE || b == TRUE ? TRUE : Math.max(a, b);
    }

    private static int not(int a) {
        return a == UNKNOWN ? UNKNOWN : TRUE - a;
    }

    /** Unknown for a value that is no string, also in NOT LIKE. */
    private int like(int at, Like pattern) {
        if (kinds[at] != STRING) return UNKNOWN;
        return pattern.matches(arrays[at], offset(at), offset(at) + length(at)) ? TRUE : FALSE;
    }

    /** As LIKE. */
    private int in(int at, byte[][] list) {
        if (kinds[at] != STRING) return UNKNOWN;
        for (byte[] one : list) if (equal(at, one, 0, one.length)) return TRUE;
        return FALSE;
    }

    private int offset(int at) {
        return (int) (bits[at] >>> 32);
    }

    private int length(int at) {
        return (int) bits[at];
    }

    private boolean equal(int at, byte[] other, int from, int length) {
        return Arrays.equals(arrays[at], offset(at), offset(at) + length(at), other, from, from + length);
    }

    private int compare(Step.Do what, int a, int b) {
        if (kinds[a] == NULL || kinds[b] == NULL) return UNKNOWN;
        if (isNumber(a) && isNumber(b))
            return switch (Math.max(kinds[a], kinds[b])) {
                case DOUBLE ->
                    holds(what, asDouble(a) == asDouble(b), asDouble(a) < asDouble(b), asDouble(a) > asDouble(b));
                case FLOAT -> holds(what, asFloat(a) == asFloat(b), asFloat(a) < asFloat(b), asFloat(a) > asFloat(b));
                default -> holds(what, bits[a] == bits[b], bits[a] < bits[b], bits[a] > bits[b]);
            };
        boolean comparable = kinds[a] == kinds[b] && (what == Step.Do.EQUAL || what == Step.Do.NOT_EQUAL);
        if (!comparable || kinds[a] == NO_NUMBER) return FALSE;
        boolean equal = kinds[a] == STRING ? equal(a, arrays[b], offset(b), length(b)) : bits[a] == bits[b];
        return holds(what, equal, false, false);
    }

    private static int holds(Step.Do what, boolean equal, boolean less, boolean greater) {
        boolean holds =
                switch (what) {
                    case EQUAL -> equal;
                    case NOT_EQUAL -> !equal;
                    case LESS -> less;
                    case LESS_OR_EQUAL -> less || equal;
                    case GREATER -> greater;
                    default -> greater || equal;
                };
        return holds ? TRUE : FALSE;
    }

    private boolean isNumber(int at) {
        return kinds[at] >= INT && kinds[at] <= DOUBLE;
    }

    private float asFloat(int at) {
        return kinds[at] == FLOAT ? Float.intBitsToFloat((int) bits[at]) : (float) bits[at];
    }

    private double asDouble(int at) {
        if (kinds[at] == DOUBLE) return Double.longBitsToDouble(bits[at]);
        return kinds[at] == FLOAT ? asFloat(at) : (double) bits[at];
    }

    /** By multiplication, since 0 - 0.0 would lose the sign of a zero. */
    private void sign(int at, int sign) {
        push(at + 1, INT, sign, null);
        arithmetic(Step.Do.MULTIPLY, at);
    }

    /** Computes with the values at a and after it; the result takes the place of a. */
    private void arithmetic(Step.Do what, int a) {
        int b = a + 1;
        if (kinds[a] == NULL || kinds[b] == NULL) push(a, NULL, 0, null);
        else if (!isNumber(a) || !isNumber(b)) push(a, NO_NUMBER, 0, null);
        else
            switch (Math.max(kinds[a], kinds[b])) {
                case DOUBLE ->
                    push(a, DOUBLE, Double.doubleToRawLongBits(result(what, asDouble(a), asDouble(b))), null);
                case FLOAT -> push(a, FLOAT, Float.floatToRawIntBits(result(what, asFloat(a), asFloat(b))), null);
                default -> exact(what, a, b);
            }
    }

    /** Wraps around as in Java; a division by zero is unknown. */
    private void exact(Step.Do what, int a, int b) {
        byte kind = (byte) Math.max(kinds[a], kinds[b]);
        if (what == Step.Do.DIVIDE && bits[b] == 0) push(a, NULL, 0, null);
        else {
            long result =
                    switch (what) {
                        case ADD -> bits[a] + bits[b];
                        case SUBTRACT -> bits[a] - bits[b];
                        case MULTIPLY -> bits[a] * bits[b];
                        default -> bits[a] / bits[b];
                    };
            push(a, kind, kind == INT ? (int) result : result, null);
        }
    }

    private static double result(Step.Do what, double a, double b) {
        return switch (what) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            default -> a / b;
        };
    }

    private static float result(Step.Do what, float a, float b) {
        return switch (what) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            default -> a / b;
        };
    }
}
