package dev.belfry.jakarta.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.MessageFields;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sections 3.8.1.1 to 3.8.1.3, sentence by sentence. */
@OneJdk
class SelectorTest {
    private static final Map<String, Object> MESSAGE = Map.ofEntries(
            Map.entry("t", true),
            Map.entry("f", false),
            Map.entry("aByte", (byte) 5),
            Map.entry("aShort", (short) 5),
            Map.entry("anInt", 5),
            Map.entry("aLong", 5L),
            Map.entry("aFloat", 5.5f),
            Map.entry("aDouble", 5.5),
            Map.entry("max", Integer.MAX_VALUE),
            Map.entry("least", Long.MIN_VALUE),
            Map.entry("zero", 0),
            Map.entry("noNumber", Double.NaN),
            Map.entry("text", "a_b%c"),
            Map.entry("two", "2"),
            Map.entry("quote", "it's"),
            Map.entry("bell", "\ud83d\udd14"),
            Map.entry("half", "\ud83d"),
            Map.entry("\u00fcber$_1", 1));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRUE",
                "true",
                "t",
                "not f",
                "Not Not t",
                "t = TRUE",
                "f <> TRUE",
                "t = (anInt = 5)",
                "(t)",
                "((t) OR (f))",
                "t OR f AND f",
                "NOT f AND t",
                "NOT (t AND f)",
                "NOT f = t",
                "f OR NOT f",
                "anInt = 5",
                "aByte = 5",
                "aShort = aLong",
                "anInt = 5.0",
                "aDouble = aFloat",
                "aDouble = 55e-1",
                "5 = anInt",
                "anInt <> 4",
                "anInt < 6",
                "anInt <= 5",
                "anInt > 4",
                "anInt >= 5",
                "-anInt = -5",
                "+anInt = 5",
                "- -anInt = 5",
                "anInt--5 = 10",
                "2 + 3 * 4 = 14",
                "(2 + 3) * 4 = 20",
                "10 - 4 - 3 = 3",
                "100 / 10 / 5 = 2",
                "7 / 2 = 3",
                "7 / 2.0 = 3.5",
                "-7 / 2 = -3",
                "2 * -3 = -6",
                "0 * -1.5 = 0",
                "1 / 0.0 > 1e300",
                "max + 1 < 0",
                "max + 1L > 0",
                "least - 1 > 0",
                "least = -9223372036854775808",
                "noNumber <> noNumber",
                "16777217 = 16777216f",
                "aFloat = 5.5f",
                "1.1f <> 1.1",
                "anInt = 0x5",
                "anInt = 0X0005",
                "anInt = 05",
                "anInt = 0b101",
                "anInt = 5L",
                "anInt = 5l",
                "1_000 = 1000",
                "0xFFFFFFFF = 4294967295",
                "0xFFFFFFFFFFFFFFFF = -1",
                "7. = 7",
                ".5 = 5E-1",
                "7E3 = 7000",
                "7d = 7",
                "-57.9E2 = -5790",
                "+6.2 = 6.2",
                "0x1p3 = 8",
                "0x.8P1f = 1",
                "1e+2 = 100",
                "anInt=5AND t",
                "anInt BETWEEN 5 AND 5",
                "anInt NOT BETWEEN 6 AND 9",
                "anInt + 1 BETWEEN anInt AND 2 * 3",
                "aDouble between 5 and 6",
                "text = 'a_b%c'",
                "text <> 'a_b%'",
                "quote = 'it''s'",
                "'2' = two",
                "text = text",
                "text <> two",
                "text IN ('x', 'a_b%c')",
                "text NOT IN ('x')",
                "bell = '\ud83d\udd14'",
                "half = '\ud83d'",
                "half <> '\ud83c'",
                "text LIKE 'a%'",
                "text LIKE '%'",
                "text LIKE '_____'",
                "text LIKE 'a!_b!%c' ESCAPE '!'",
                "text NOT LIKE '____'",
                "text LIKE 'a\\_b\\%c' ESCAPE '\\'",
                "bell LIKE '_'",
                "half LIKE '_'",
                "two LIKE '2%%'",
                "two LIKE '!2' ESCAPE '!'",
                "absent IS NULL",
                "text IS NOT NULL",
                "NOT absent IS NOT NULL",
                "(absent) is null",
                "absent = 1 OR t",
                "NOT (absent = 1 AND f)",
                "\u00fcber$_1 = 1",
                "JMS_x IS NULL",
                "JMSXGroupID IS NULL",
                "Text IS NULL",
                "t\t\n\r\fAND t",
                "NOT (two > 1)",
                "NOT (text <> 1)",
                "NOT (two + 1 > 0)",
                "NOT text"
            })
    void shouldMatch(String selector) throws Exception {
        assertThat(Selector.of(selector).matches(Flat.of(MESSAGE))).isTrue();
    }

    /** So they are false or unknown. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "FALSE",
                "f",
                "text",
                "anInt",
                "two > 1",
                "two = 2",
                "two <> 3",
                "t = anInt",
                "t <> text",
                "t <> 1",
                "t = 'a'",
                "text > two",
                "t > f",
                "two + 1 > 0",
                "two + 1 <> 0",
                "t + 1 = 2",
                "text BETWEEN 1 AND 2",
                "text NOT BETWEEN 1 AND 2",
                "anInt IN ('5')",
                "anInt NOT IN ('a')",
                "NOT (anInt IN ('a'))",
                "anInt LIKE '5'",
                "anInt NOT LIKE 'a'",
                "NOT (anInt LIKE 'a')",
                "t NOT IN ('a')",
                "noNumber = noNumber",
                "noNumber < 1",
                "noNumber >= 1",
                "absent",
                "NOT absent",
                "absent = absent",
                "absent <> absent",
                "absent = 1",
                "1 <> absent",
                "NOT (absent = 1)",
                "absent + 1 > 0",
                "NOT (absent + 1 > 0)",
                "-absent = 1",
                "NOT (-absent = 1)",
                "absent IN ('a')",
                "absent NOT IN ('a')",
                "absent LIKE '%'",
                "absent NOT LIKE '%'",
                "NOT (absent LIKE '%')",
                "absent BETWEEN 1 AND 2",
                "absent NOT BETWEEN 1 AND 2",
                "anInt BETWEEN absent AND 9",
                "NOT (anInt BETWEEN 1 AND absent)",
                "anInt BETWEEN 6 AND absent",
                "absent AND t",
                "absent OR f",
                "NOT (absent OR f)",
                "NOT (absent AND t)",
                "t AND NOT absent",
                "anInt / zero = 0",
                "anInt / zero <> 0",
                "NOT (anInt / zero = 0)",
                "absent = 1 AND t",
                "f AND absent",
                "text LIKE ''",
                "text LIKE 'a'",
                "text LIKE '____'",
                "two LIKE '_2'",
                "half LIKE '__'"
            })
    void shouldNotMatch(String selector) throws Exception {
        assertThat(Selector.of(selector).matches(Flat.of(MESSAGE))).isFalse();
    }

    /** Tables 3-4 to 3-6: what an expression is, told by it and its negation. */
    @ParameterizedTest
    @CsvSource({
        "t AND t,T", "t AND f,F", "t AND u,U", "f AND t,F", "f AND f,F", "f AND u,F", "u AND t,U", "u AND f,F",
                "u AND u,U",
        "t OR t,T", "t OR f,T", "t OR u,T", "f OR t,T", "f OR f,F", "f OR u,U", "u OR t,T", "u OR f,U", "u OR u,U",
        "NOT t,F", "NOT f,T", "NOT u,U"
    })
    void shouldHaveThreeTruths(String expression, String truth) throws Exception {
        boolean is = Selector.of(expression).matches(Flat.of(MESSAGE));
        boolean isNot = Selector.of("NOT (" + expression + ")").matches(Flat.of(MESSAGE));
        assertThat(is ? "T" : isNot ? "F" : "U").isEqualTo(truth);
    }

    @Test
    void shouldKnowHeaderFields() throws Exception {
        BelfryMessage message = new BelfryMessage();
        message.setJMSMessageID("one");
        message.setJMSTimestamp(12);
        message.setJMSPriority(7);
        message.setJMSCorrelationID("c");
        message.setJMSType("car");
        assertMatches("JMSDeliveryMode = 'PERSISTENT' AND JMSDeliveryMode <> 'NON_PERSISTENT'", message);
        assertMatches(
                "JMSPriority = 7 AND JMSTimestamp = 12 AND JMSCorrelationID = 'c' AND JMSType LIKE 'c%'", message);
        assertMatches("JMSMessageID = 'ID:0a1b2c3d-10002-7'", message);
        message = new BelfryMessage();
        message.setJMSDeliveryMode(1);
        message.setJMSCorrelationIDAsBytes(new byte[] {'c'});
        assertMatches("JMSDeliveryMode = 'NON_PERSISTENT' AND JMSPriority = 4 AND JMSTimestamp = 0", message);
        assertMatches("JMSMessageID IS NULL AND JMSType IS NULL AND JMSCorrelationID = 'c'", message);
    }

    private static void assertMatches(String selector, BelfryMessage message) throws JMSException {
        assertThat(Selector.of(selector).matches(Flat.of(message))).as(selector).isTrue();
    }

    @Test
    void shouldSelectAllWhenThereIsNone() throws Exception {
        for (String none : new String[] {null, ""}) {
            assertThat(Selector.of(none).selectsAll()).isTrue();
            assertThat(Selector.of(none).matches(Flat.of(Map.of()))).isTrue();
        }
        assertThat(Selector.of("t").selectsAll()).isFalse();
        assertThat(Selector.of("t  AND f")).hasToString("t  AND f");
    }

    /** The column is that of the token that is wrong. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "\" \"|2",
                "a =|4",
                "a = = 1|5",
                "a = 1 b = 2|7",
                "(a = 1|7",
                "a = 1)|6",
                "a = 'x|5",
                "a = #|5",
                "a == 1|4",
                "a != 1|3",
                "5|1",
                "'a'|1",
                "a + 1|1",
                "NOT 5|5",
                "a AND 'b'|7",
                "1 OR a|1",
                "TRUE = 0|8",
                "'a' <> 1|8",
                "1 = 'a'|5",
                "(a = 1) = 'b'|11",
                "a + 1 = FALSE|9",
                "FALSE <> JMSPriority + 1|10",
                "a < 'b'|5",
                "'a' < b|1",
                "a > TRUE|5",
                "(a = 1) > 2|1",
                "a + 'b' = 1|5",
                "TRUE * 2 = 1|1",
                "-'a' = 1|2",
                "a BETWEEN 1|12",
                "a BETWEEN 1 OR 2|13",
                "a BETWEEN 'x' AND 'y'|11",
                "a IN ()|7",
                "a IN (1)|7",
                "a IN ('x',)|11",
                "a IN 'x'|6",
                "1 IN ('x')|1",
                "a + 1 LIKE 'x'|1",
                "a LIKE b|8",
                "a LIKE|7",
                "a LIKE 'x' ESCAPE 'xy'|19",
                "a LIKE 'x' ESCAPE ''|19",
                "a LIKE 'x!' ESCAPE '!'|8",
                "a IS 1|6",
                "a IS NOT 1|10",
                "'a' IS NULL|1",
                "a NOT = 1|7",
                "JMSReplyTo IS NULL|1",
                "JMSfoo = 1|1",
                "a = 9223372036854775808|5",
                "a = 0x10000000000000000|5",
                "a = 1e999|5",
                "a = 1e99f|5",
                "a = 08|6",
                "a = 1__|6",
                "a.b = 1|2",
                "NULL = 1|1",
                "a = AND|5",
                "a = 1 AND|10",
                "a = 1 = TRUE|7",
                "a b|3",
                "a -- b|1"
            })
    void shouldSayWhereItIsWrong(String selector, int column) {
        assertThatThrownBy(() -> Selector.of(selector))
                .isInstanceOf(InvalidSelectorException.class)
                .hasMessageContaining("wrong at column " + column + ":")
                .hasMessageContaining("expected is")
                .hasMessageEndingWith("Correct it there; Jakarta Messaging 3.1, section 3.8.1, has the syntax.");
    }

    @Test
    void shouldNotSayLiterals() {
        assertThatThrownBy(() -> Selector.of("a = 1 'secret'"))
                .hasMessageContaining("a string literal")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> Selector.of("a = 1 4711"))
                .hasMessageContaining("a number")
                .hasMessageNotContaining("4711");
    }

    @Test
    void shouldBoundDepthAndLength() throws Exception {
        for (String nested : new String[] {"(", "NOT ", "-", "((NOT ", "-("})
            assertThatThrownBy(() -> Selector.of(nested.repeat(10_000)))
                    .isInstanceOf(InvalidSelectorException.class)
                    .hasMessageContaining("no more than 64 brackets");
        assertThatThrownBy(() -> Selector.of("t OR ".repeat(20_000) + "t"))
                .isInstanceOf(InvalidSelectorException.class)
                .hasMessageContaining("limit is 65536");
        for (String chain : new String[] {"f OR ", "t AND ", "NOT f AND "}) {
            String selector = chain.repeat(6_000) + "t";
            assertThat(Selector.of(selector).matches(Flat.of(MESSAGE))).isTrue();
        }
        assertThat(Selector.of("1+".repeat(30_000) + "1 = 30001").matches(Flat.of(MESSAGE)))
                .isTrue();
        assertThat(Selector.of("a = " + "9".repeat(60_000) + "e-60000").matches(Flat.of(MESSAGE)))
                .isFalse();
    }

    @Test
    void shouldNotOverflowSmallStacks() throws Exception {
        int most = Parser.MAX_DEPTH;
        String deepest = "1-(".repeat(most) + "1" + ")".repeat(most) + " = 1";
        boolean[] matches = new boolean[1];
        Runnable check = () -> {
            try {
                matches[0] = Selector.of(deepest).matches(Flat.of(MESSAGE));
            } catch (InvalidSelectorException e) {
                throw new AssertionError(e);
            }
        };
        Thread small = new Thread(null, check, "small", 512 * 1024);
        small.start();
        small.join();
        assertThat(matches[0]).isTrue();
    }

    /** With a backtracking matcher this pattern takes 2^30 steps and more. */
    @Test
    void shouldNotTakeExponentialTimeForLike() throws Exception {
        MessageFields message = Flat.of(Map.of("text", "a".repeat(3_000)));
        assertThat(Selector.of("text LIKE '" + "%a".repeat(1_000) + "%b'").matches(message))
                .isFalse();
        assertThat(Selector.of("text LIKE '" + "%a_".repeat(1_000) + "%'").matches(message))
                .isTrue();
    }

    /** Beside java.util.regex, whose dot is one character, too. */
    @Seeded({1, 2})
    void shouldMatchPatterns(long seed) throws Exception {
        Random random = new Random(seed);
        int matched = 0;
        for (int i = 0; i < 4_000; i++) {
            String text = some(random, "ab\u00e9\ud83d\udd14\n", 8);
            String pattern = some(random, "ab\u00e9\ud83d\udd14%%_!", 6).replace("!", "!_");
            StringBuilder regex = new StringBuilder();
            for (int at = 0; at < pattern.length(); at++) {
                char c = pattern.charAt(at);
                regex.append(c == '%' ? ".*" : c == '_' ? "." : c == '!' ? "_" : String.valueOf(c));
                if (c == '!') at++;
            }
            boolean expected = Pattern.compile(regex.toString(), Pattern.DOTALL)
                    .matcher(text)
                    .matches();
            if (expected) matched++;
            assertThat(Selector.of("text LIKE '" + pattern + "' ESCAPE '!'").matches(Flat.of(Map.of("text", text))))
                    .as("'%s' LIKE '%s'", text, pattern)
                    .isEqualTo(expected);
        }
        assertThat(matched).isGreaterThan(200);
    }

    /** Whole characters only. */
    private static String some(Random random, String of, int most) {
        int[] all = of.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most); i > 0; i--) text.appendCodePoint(all[random.nextInt(all.length)]);
        return text.toString();
    }

    @Test
    void shouldMakeNoObjects() throws Exception {
        Selector selector = Selector.of("anInt BETWEEN 1 AND 9 AND text LIKE '%b%' AND two IN ('1', '2') AND"
                + " aDouble * 2 > aFloat AND NOT (quote = 'x') AND JMSPriority = 4 AND JMSDeliveryMode = 'PERSISTENT'");
        MessageFields message = Flat.of(MESSAGE);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) if (!selector.matches(message)) throw new AssertionError();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes of a thousand evaluations").isLessThan(1_000);
    }
}
