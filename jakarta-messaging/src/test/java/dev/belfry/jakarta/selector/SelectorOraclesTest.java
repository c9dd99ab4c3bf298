package dev.belfry.jakarta.selector;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.jms.parse.sql.SqlEvaluator;
import com.rabbitmq.jms.parse.sql.SqlExpressionType;
import com.rabbitmq.jms.parse.sql.SqlParser;
import com.rabbitmq.jms.parse.sql.SqlTokenStream;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.MessageFields;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.selector.filter.BooleanExpression;
import org.apache.activemq.artemis.selector.filter.FilterException;
import org.apache.activemq.artemis.selector.filter.Filterable;
import org.apache.activemq.artemis.selector.impl.SelectorParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The selectors of two other providers say the same of random selectors and messages. Where they
 * are known to differ, the question is put to them so that they do not, or not at all; what they
 * would have said otherwise is the list {@link #DIFFERENCES}, each with the sentence of the
 * specification that decides it.
 *
 * <ul>
 *   <li>Properties of type byte and short are given to both as int, which is what numeric
 *       promotion makes of them.
 *   <li>Artemis is told {@code a >= b AND a <= b} in place of {@code a = b} of numbers, and
 *       {@code a + 0} for what is compared.
 *   <li>RabbitMQ is not asked about LIKE, about sums without brackets, and about brackets
 *       within each other: its parser tries each in all ways.
 *   <li>Divisors are approximate and not zero.
 * </ul>
 */
@OneJdk
class SelectorOraclesTest {
    private static final int SELECTORS = 1_500;
    private static final int MESSAGES = 4;
    private static final int RABBIT_NESTING = 1;

    /** {@code artemis}, {@code rabbit}: true, false, refused, or throws. */
    record Difference(String name, String selector, boolean ours, String artemis, String rabbit, String decidedBy) {
        @Override
        public String toString() {
            return name + ": " + selector;
        }
    }

    /**
     * An identifier in brackets is one for IN, LIKE and IS, here and in Artemis, but there not
     * after NOT.
     */
    private static final Pattern BRACKETED =
            Pattern.compile("NOT\\s+\\(\\s*\\w+\\s*\\)\\s+(NOT\\s+)?(IN|LIKE|IS)", Pattern.CASE_INSENSITIVE);

    private static final Map<String, Object> MESSAGE = Map.of(
            "anInt", 3, "max", Integer.MAX_VALUE, "aString", "abc", "aBoolean", true, "aFloat", 1.1f, "aByte", (byte)
                    3);

    static final List<Difference> DIFFERENCES = List.of(
            new Difference(
                    "NULL on the right",
                    "3 <> absent",
                    false,
                    "true",
                    "false",
                    "3.8.1.2: comparison with NULL is unknown"),
            new Difference(
                    "the same NULL twice",
                    "absent = absent",
                    false,
                    "true",
                    "false",
                    "3.8.1.2: comparison with NULL is unknown"),
            new Difference(
                    "unlike types and <>",
                    "anInt <> 's'",
                    false,
                    "true",
                    "true",
                    "3.8.1.1: if unlike types are compared, the value is false"),
            new Difference(
                    "unlike types and NOT <>", "NOT (anInt <> 's')", true, "false", "false", "the same, and table 3-6"),
            new Difference(
                    "NOT LIKE of a number",
                    "anInt NOT LIKE 'a'",
                    false,
                    "true",
                    "false",
                    "3.8.1.1: the value of an operation on unlike types is false"),
            new Difference(
                    "LIKE of RabbitMQ",
                    "aString LIKE 'a%'",
                    true,
                    "true",
                    "false",
                    "3.8.1.1: % stands for any sequence"),
            new Difference(
                    "a byte on the right", "2 <= aByte", true, "false", "false", "3.8.1.1: Java numeric promotion"),
            new Difference("a byte's sign", "-aByte < 0", true, "throws", "false", "3.8.1.1: Java numeric promotion"),
            new Difference(
                    "int overflows",
                    "max + anInt < 0",
                    true,
                    "true",
                    "false",
                    "3.8.1.1: Java numeric promotion: int + int is an int"),
            new Difference(
                    "minus zero",
                    "0 * -1.5 = 0",
                    true,
                    "false",
                    "true",
                    "3.8.1.1: Java numeric promotion, and 0.0 == -0.0 in Java"),
            new Difference(
                    "division of integers", "anInt / 2 = 1", true, "false", "true", "3.8.1.1: Java numeric promotion"),
            new Difference(
                    "from left to right",
                    "10 - anInt - 5 = 2",
                    true,
                    "true",
                    "false",
                    "3.8.1.1: evaluation is from left to right within precedence level"),
            new Difference(
                    "division by zero",
                    "anInt / 0 > 0",
                    false,
                    "true",
                    "throws",
                    "open; unknown here, as for any value that is not known"),
            new Difference(
                    "float literal",
                    "aFloat = 1.1f",
                    true,
                    "refused",
                    "false",
                    "3.8.1.1: Java floating-point literals"),
            new Difference("hexadecimal", "anInt = 0x3", true, "true", "refused", "3.8.1.1: Java integer literals"),
            new Difference("octal", "10 > 010", true, "true", "false", "3.8.1.1: Java integer literals"),
            new Difference("binary", "anInt = 0b11", true, "refused", "refused", "3.8.1.1: Java integer literals"),
            new Difference("underscore", "anInt < 1_000", true, "refused", "refused", "3.8.1.1: Java integer literals"),
            new Difference("long literal", "anInt = 3L", true, "true", "refused", "3.8.1.1: Java integer literals"),
            new Difference(
                    "point first", "anInt > .5", true, "true", "refused", "3.8.1.1: Java floating-point literals"),
            new Difference(
                    "NOT before IS",
                    "NOT anInt IS NULL",
                    true,
                    "false",
                    "true",
                    "3.8.1.1: NOT is a logical operator, IS NULL a comparison"),
            new Difference(
                    "NOT twice",
                    "NOT NOT aBoolean",
                    true,
                    "true",
                    "refused",
                    "3.8.1.1: conditions are composed of themselves"),
            new Difference(
                    "NOT of a string",
                    "NOT aString",
                    true,
                    "true",
                    "false",
                    "open; false without NOT, as for unlike types"),
            new Difference(
                    "letters", "\u00e9t\u00e9 IS NULL", true, "refused", "refused", "3.8.1.1: any Java identifier"));

    /** We refuse them, and at least one of the others does not. */
    static final Map<String, String> REFUSED = Map.of(
            "anInt = 3 /* three */", "3.8.1.3: comments are not supported",
            "JMSReplyTo IS NULL", "3.8.1.1: header field references are restricted",
            "JMSFoo = 1", "3.8.1.1: names that begin with JMS are JMSX, JMS_ or header fields",
            "3 IS NULL", "3.8.1.1: an identifier is tested",
            "anInt = 3 = TRUE", "3.8.1.1: a comparison is no operand but in brackets",
            "aString = \"abc\"", "3.8.1.1: strings are in single quotes",
            "anInt < 9223372036854775808", "3.8.1.1: the range of Java long",
            "anInt < 1e400", "3.8.1.1: the range of Java double",
            "aString LIKE 'a' ESCAPE 'xx'", "3.8.1.1: a single-character literal",
            "aString LIKE 'a!' ESCAPE '!'", "3.8.1.1: it escapes a character");

    @Slow
    @Seeded({1, 2, 3})
    void shouldSayWhatOthersSay(long seed) throws Exception {
        Grammar grammar = new Grammar(seed);
        int matched = 0;
        for (int i = 0; i < SELECTORS; i++) {
            Grammar.Phrase phrase = grammar.condition(3);
            Selector ours = Selector.of(phrase.ours());
            BooleanExpression artemis = SelectorParser.parse(phrase.artemis());
            boolean asksRabbit = !phrase.notForRabbit() && nesting(phrase.ours()) <= RABBIT_NESTING;
            SqlEvaluator rabbit = asksRabbit ? rabbit(phrase.ours()) : null;
            for (int j = 0; j < MESSAGES; j++) {
                Map<String, Object> properties = grammar.properties();
                Map<String, Object> header = grammar.header();
                Map<String, Object> all = promoted(properties);
                all.putAll(header);
                boolean matches = ours.matches(message(properties, header));
                if (matches) matched++;
                assertThat(matches)
                        .as("%s%nArtemis of %s", phrase.ours(), all)
                        .isEqualTo(artemis.matches(message(all)));
                if (asksRabbit)
                    assertThat(matches)
                            .as("%s%nRabbitMQ of %s", phrase.ours(), all)
                            .isEqualTo(rabbit.evaluate(all));
            }
        }
        assertThat(matched).as("selectors that say something").isBetween(SELECTORS, SELECTORS * MESSAGES * 3 / 4);
    }

    /** A word too many, too few, or at another place. */
    @Slow
    @Seeded({4, 5})
    void shouldRefuseWhatBothRefuseAndTakeWhatBothTake(long seed) {
        Grammar grammar = new Grammar(seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < SELECTORS; i++) {
            String selector = mistyped(grammar.condition(2).ours(), random);
            if (selector.isBlank() || nesting(selector) > RABBIT_NESTING) continue;
            boolean artemis = !artemis(selector, Map.of()).equals("refused");
            boolean rabbit = rabbit(selector) != null;
            boolean ours = ours(selector, Map.of()) != null;
            if (!ours) refused++;
            if (artemis == rabbit && !BRACKETED.matcher(selector).find())
                assertThat(ours).as(selector).isEqualTo(artemis);
        }
        assertThat(refused).isGreaterThan(SELECTORS / 10);
    }

    private static String mistyped(String selector, Random random) {
        List<String> words = new java.util.ArrayList<>(List.of(selector.split("(?<=[ ()])|(?=[()])")));
        int at = random.nextInt(words.size());
        switch (random.nextInt(3)) {
            case 0 -> words.remove(at);
            case 1 -> words.add(random.nextInt(words.size()), words.get(at));
            default -> words.add(random.nextInt(words.size()), words.remove(at));
        }
        return String.join(" ", words);
    }

    private static int nesting(String selector) {
        int depth = 0;
        int deepest = 0;
        for (char c : selector.toCharArray()) {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            deepest = Math.max(deepest, depth);
        }
        return deepest;
    }

    static Stream<Difference> differences() {
        return DIFFERENCES.stream();
    }

    @ParameterizedTest
    @MethodSource("differences")
    void shouldDifferAsTheSpecificationDecides(Difference difference) {
        assertThat(ours(difference.selector, MESSAGE)).as(difference.decidedBy).isEqualTo(difference.ours);
        assertThat(artemis(difference.selector, MESSAGE)).as("Artemis").isEqualTo(difference.artemis);
        assertThat(rabbit(difference.selector, MESSAGE)).as("RabbitMQ").isEqualTo(difference.rabbit);
    }

    static Stream<String> refused() {
        return REFUSED.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void shouldRefuseWhatTheSpecificationDoesNotHave(String selector) {
        assertThat(ours(selector, MESSAGE)).as(REFUSED.get(selector)).isNull();
        assertThat(List.of(artemis(selector, MESSAGE), rabbit(selector, MESSAGE)))
                .as("answers of the others")
                .isNotEqualTo(List.of("refused", "refused"));
    }

    /** Null: refused. */
    private static Boolean ours(String selector, Map<String, Object> message) {
        try {
            return Selector.of(selector).matches(Flat.of(message));
        } catch (InvalidSelectorException e) {
            return null;
        }
    }

    private static String artemis(String selector, Map<String, Object> message) {
        BooleanExpression expression;
        try {
            expression = SelectorParser.parse(selector);
        } catch (FilterException e) {
            return "refused";
        }
        try {
            return String.valueOf(expression.matches(message(message)));
        } catch (FilterException | RuntimeException e) {
            return "throws";
        }
    }

    private static String rabbit(String selector, Map<String, Object> message) {
        SqlEvaluator evaluator = rabbit(selector);
        if (evaluator == null) return "refused";
        try {
            return String.valueOf(evaluator.evaluate(new HashMap<>(message)));
        } catch (RuntimeException e) {
            return "throws";
        }
    }

    /** Null: refused. */
    private static SqlEvaluator rabbit(String selector) {
        SqlParser parser = new SqlParser(new SqlTokenStream(selector));
        if (!parser.parseOk()) return null;
        SqlEvaluator evaluator = new SqlEvaluator(
                parser,
                new HashMap<>(Map.of(
                        "JMSDeliveryMode", SqlExpressionType.STRING,
                        "JMSPriority", SqlExpressionType.ARITH,
                        "JMSMessageID", SqlExpressionType.STRING,
                        "JMSTimestamp", SqlExpressionType.ARITH,
                        "JMSCorrelationID", SqlExpressionType.STRING,
                        "JMSType", SqlExpressionType.STRING)));
        return evaluator.evaluatorOk() ? evaluator : null;
    }

    private static Map<String, Object> promoted(Map<String, Object> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.replaceAll((name, value) ->
                value instanceof Byte || value instanceof Short ? (Object) ((Number) value).intValue() : value);
        return all;
    }

    private static MessageFields message(Map<String, Object> properties, Map<String, Object> header)
            throws JMSException {
        BelfryMessage message = new BelfryMessage();
        for (Map.Entry<String, Object> one : properties.entrySet())
            message.setObjectProperty(one.getKey(), one.getValue());
        boolean persistent = header.get("JMSDeliveryMode").equals("PERSISTENT");
        message.setJMSDeliveryMode(persistent ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
        message.setJMSPriority((Integer) header.get("JMSPriority"));
        message.setJMSTimestamp((Long) header.get("JMSTimestamp"));
        message.setJMSType((String) header.get("JMSType"));
        message.setJMSCorrelationID((String) header.get("JMSCorrelationID"));
        return Flat.of(message);
    }

    private static Filterable message(Map<String, Object> all) {
        return new Filterable() {
            @Override
            public <T> T getBodyAs(Class<T> type) {
                return null;
            }

            @Override
            public Object getProperty(SimpleString name) {
                return all.get(name.toString());
            }

            @Override
            public Object getLocalConnectionId() {
                return null;
            }
        };
    }
}
