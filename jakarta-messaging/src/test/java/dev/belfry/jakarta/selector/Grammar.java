package dev.belfry.jakarta.selector;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random selectors that the specification defines, and random messages for them: few names and few
 * values, so that they meet.
 */
final class Grammar {
    private static final String[] TEXTS = {
        "", "a", "b", "ab", "abc", "a%b", "a_b", "it's", "2", "\u00e9", "\ud83d\udd14"
    };
    private static final String[] PATTERNS = {
        "", "a", "a%", "%b", "_", "a_c", "%", "a%b%", "_b", "%_%", "abc", "a!%b", "a!_b"
    };
    private static final String[] EXACT = {"0", "1", "2", "3", "10", "-1", "+2", "7", "100"};
    private static final String[] APPROXIMATE = {"0.5", "1.5", "2.0", "-1.5", "7.", "1.5E1", "2.5e-1"};
    private static final String[] DIVISORS = {"2.0", "-3.", "0.5", "7.0"};
    private static final String[] NUMBERS = {
        "anInt", "aLong", "aShort", "aByte", "aDouble", "JMSPriority", "JMSTimestamp"
    };
    private static final String[] STRINGS = {"aString", "another", "JMSType", "JMSCorrelationID", "JMSDeliveryMode"};
    private static final String[] ORDER = {"<", "<=", ">", ">="};

    /** As we say it, and as Artemis is told: see {@link SelectorOraclesTest}. */
    record Phrase(String ours, String artemis, boolean notForRabbit) {
        static Phrase of(String both) {
            return new Phrase(both, both, false);
        }

        /** {@code #1} and {@code #2} are the parts. */
        static Phrase of(String template, Phrase one, Phrase two) {
            return new Phrase(
                    fill(template, one.ours, two.ours),
                    fill(template, one.artemis, two.artemis),
                    one.notForRabbit || two.notForRabbit);
        }

        private static String fill(String template, String one, String two) {
            int first = template.indexOf("#1");
            int second = template.indexOf("#2");
            return template.substring(0, first)
                    + one
                    + template.substring(first + 2, second)
                    + two
                    + template.substring(second + 2);
        }
    }

    private final Random random;

    Grammar(long seed) {
        random = new Random(seed);
    }

    /** Each of them is absent at times. */
    Map<String, Object> properties() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("anInt", random.nextInt(4));
        all.put("aLong", (long) random.nextInt(12) - 2);
        all.put("aShort", (short) random.nextInt(4));
        all.put("aByte", (byte) random.nextInt(4));
        all.put("aDouble", (random.nextInt(12) - 4) / 2.0);
        all.put("aString", one(TEXTS));
        all.put("another", one(TEXTS));
        all.put("aBoolean", random.nextBoolean());
        all.keySet().removeIf(name -> random.nextInt(4) == 0);
        return all;
    }

    Map<String, Object> header() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("JMSPriority", random.nextInt(10));
        all.put("JMSTimestamp", (long) random.nextInt(4));
        all.put("JMSDeliveryMode", random.nextBoolean() ? "PERSISTENT" : "NON_PERSISTENT");
        if (random.nextBoolean()) all.put("JMSType", one(TEXTS));
        if (random.nextBoolean()) all.put("JMSCorrelationID", one(TEXTS));
        return all;
    }

    Phrase condition(int depth) {
        return switch (random.nextInt(depth > 0 ? 14 : 9)) {
            case 0 -> Phrase.of("#1" + space() + one(ORDER) + space() + "#2", side(2), side(2));
            case 1 -> equality(random.nextBoolean(), side(2), side(2));
            case 2 -> Phrase.of(one(STRINGS) + (random.nextBoolean() ? " = " : "<>") + literal());
            case 3, 4 -> like(one(STRINGS) + not() + keyword(" LIKE ") + pattern());
            case 5 -> Phrase.of(one(STRINGS) + not() + " IN (" + list() + ")");
            case 6 -> Phrase.of("#1" + not() + " BETWEEN #2", side(1), Phrase.of("#1 AND #2", side(1), side(1)));
            case 7 -> Phrase.of(identifier() + " IS" + not() + keyword(" NULL"));
            case 8 -> Phrase.of(truth());
            case 9, 10 -> Phrase.of(keyword("NOT ") + "(#1)#2", condition(depth - 1), Phrase.of(""));
            case 11, 12 -> Phrase.of("#1" + keyword(" AND ") + "#2", bracketed(depth), bracketed(depth));
            default -> Phrase.of("#1" + keyword(" OR ") + "#2", bracketed(depth), bracketed(depth));
        };
    }

    private static Phrase like(String both) {
        return new Phrase(both, both, true);
    }

    private static Phrase equality(boolean equal, Phrase a, Phrase b) {
        String otherwise = equal
                ? "(" + a.artemis + " >= " + b.artemis + " AND " + a.artemis + " <= " + b.artemis + ")"
                : "(" + a.artemis + " < " + b.artemis + " OR " + a.artemis + " > " + b.artemis + ")";
        return new Phrase(a.ours + (equal ? " = " : "<>") + b.ours, otherwise, a.notForRabbit || b.notForRabbit);
    }

    private Phrase bracketed(int depth) {
        Phrase condition = condition(depth - 1);
        return random.nextInt(3) == 0 ? condition : Phrase.of("(#1)#2", condition, Phrase.of(""));
    }

    private String truth() {
        return switch (random.nextInt(3)) {
            case 0 -> "aBoolean";
            case 1 -> "aBoolean" + (random.nextBoolean() ? " = " : " <> ") + keyword("TRUE");
            default -> "aBoolean = " + keyword("FALSE");
        };
    }

    /** Of a comparison. */
    private Phrase side(int depth) {
        Phrase sum = sum(depth);
        return new Phrase(sum.ours, "(" + sum.artemis + " + 0)", sum.notForRabbit);
    }

    private Phrase sum(int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 3)) {
            case 0 -> Phrase.of(one(EXACT));
            case 1 -> Phrase.of(one(APPROXIMATE));
            case 2, 3 -> Phrase.of(one(NUMBERS));
            case 4 -> operation("+-*".charAt(random.nextInt(3)), sum(depth - 1), sum(depth - 1));
            case 5 -> Phrase.of("(#1)" + space() + "/#2", sum(depth - 1), Phrase.of(" " + one(DIVISORS)));
            default -> Phrase.of((random.nextInt(3) == 0 ? "-" : "") + "(#1)#2", sum(depth - 1), Phrase.of(""));
        };
    }

    private Phrase operation(char operator, Phrase a, Phrase b) {
        if (random.nextBoolean()) return Phrase.of("(#1) " + operator + " (#2)", a, b);
        Phrase chain = Phrase.of("#1 " + operator + " #2", a, b);
        return new Phrase(chain.ours, chain.artemis, true);
    }

    private String identifier() {
        return switch (random.nextInt(3)) {
            case 0 -> one(NUMBERS);
            case 1 -> one(STRINGS);
            default -> "aBoolean";
        };
    }

    private String literal() {
        return quoted(one(TEXTS));
    }

    private String pattern() {
        String pattern = one(PATTERNS);
        return quoted(pattern) + (pattern.contains("!") ? " ESCAPE '!'" : "");
    }

    private String list() {
        return IntStream.rangeClosed(0, random.nextInt(3))
                .mapToObj(i -> literal())
                .collect(Collectors.joining(", "));
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private String not() {
        return random.nextInt(3) == 0 ? keyword(" NOT") : "";
    }

    /** In any case. */
    private String keyword(String word) {
        return random.nextInt(3) == 0 ? word.toLowerCase(Locale.ROOT) : word;
    }

    private String space() {
        return random.nextBoolean() ? " " : "";
    }

    private String one(String[] some) {
        return some[random.nextInt(some.length)];
    }
}
