package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MessagePropertiesTest {
    private final MessageProperties all = MessageProperties.builder()
            .put("flag", true)
            .put("b", (byte) 1)
            .put("s", (short) 2)
            .put("i", 3)
            .put("l", 4L)
            .put("f", 5.5f)
            .put("d", 6.5)
            .put("text", "seven")
            .build();

    @Test
    void shouldReturnWhatWasPut() {
        assertThat(all.names()).containsExactly("flag", "b", "s", "i", "l", "f", "d", "text");
        assertThat(all.get("b")).isEqualTo((byte) 1);
        assertThat(all.getBoolean("flag", false)).isTrue();
        assertThat(all.getString("text", null)).isEqualTo("seven");
        assertThat(all.get("absent")).isNull();
        assertThat(all.getString("absent", null)).isNull();
        assertThat(all.getInt("absent", 9)).isEqualTo(9);
    }

    @Test
    void shouldWidenNumbersAsJavaDoes() {
        assertThat(all.getInt("b", 0)).isEqualTo(1);
        assertThat(all.getInt("s", 0)).isEqualTo(2);
        assertThat(all.getLong("i", 0)).isEqualTo(3);
        assertThat(all.getDouble("l", 0)).isEqualTo(4);
        assertThat(all.getDouble("f", 0)).isEqualTo(5.5);
    }

    @Test
    void shouldRefuseAnyOtherType() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all.getInt("l", 0))
                .withMessage("Property 'l' is Long, not int");
        assertThatIllegalArgumentException().isThrownBy(() -> all.getLong("d", 0));
        assertThatIllegalArgumentException().isThrownBy(() -> all.getString("i", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> all.getBoolean("text", true));
        assertThatIllegalArgumentException().isThrownBy(() -> all.getDouble("text", 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageProperties.builder().putObject("x", List.of()))
                .withMessageStartingWith("Property 'x' is ListN; it can be boolean, ");
    }

    @Test
    void shouldTakeNamesThatManyOthersTake() {
        for (String good : List.of(
                "a", "_x1", "größe", "का", "traceparent", "JMSXGroupID", "content-type", "a.b-", "belfry", "_."))
            assertThat(MessageProperties.builder().put(good, 1).build().names()).containsExactly(good);
        for (String bad : List.of("", "1a", "-a", ".a", "$", "a$", "a b", "a:b", "a\0", "\ud800", "a\u200b"))
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> MessageProperties.builder().put(bad, 1))
                    .withMessageContaining("must be letters, digits, '_', '-' and '.', beginning with a letter or '_'");
    }

    /** A program that makes a message of another one has no need to know which names are reserved. */
    @Test
    void shouldKeepItsOwnNamesForItself() {
        MessageProperties received = MessageProperties.builder()
                .putReceived("belfry_failed_origin", "shm:a")
                .putReceived("a b", 5L)
                .build();
        for (String name : List.of("belfry_failed_origin", "belfry_", "belfry_newer"))
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> MessageProperties.builder().put(name, 1))
                    .withMessageStartingWith("Property name '" + name + "' is reserved: ");
        MessageProperties all = MessageProperties.builder()
                .put("x", 1)
                .putAll(received)
                .put("y", 2)
                .build();
        assertThat(all.names()).containsExactly("x", "a b", "y");
        assertThat(all.get("a b")).isEqualTo(5L);
        assertThat(OnFailure.ADDED).allMatch(name -> name.startsWith("belfry_"));
    }

    @Test
    void shouldNameTheParameterWhenItIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> MessageProperties.builder().put(null, 1))
                .withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> MessageProperties.builder().put("x", (String) null))
                .withMessage("value");
        assertThatNullPointerException().isThrownBy(() -> all.get(null)).withMessage("name");
    }

    @Test
    void shouldRefuseMoreThan64KiB() {
        int overhead = 2 + 3 + 1 + 4; // count, head, name "x", length
        MessageProperties most = MessageProperties.builder()
                .put("x", "v".repeat(65_536 - overhead))
                .build();
        assertThat(most.getString("x", "")).hasSize(65_526);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageProperties.builder()
                        .put("x", "v".repeat(65_536 - overhead + 1))
                        .build())
                .withMessage("Properties of 65,537 bytes encoded; limit is 65,536. Put large values into the body.");
    }

    @Test
    void shouldNeverShowValues() {
        assertThat(all).hasToString("[flag, b, s, i, l, f, d, text]");
    }

    @Test
    void shouldNotChangeOnceBuilt() {
        MessageProperties.Builder builder = MessageProperties.builder().put("x", 1);
        MessageProperties one = builder.build();
        builder.put("y", 2);
        assertThat(one.names()).containsExactly("x");
        assertThat(MessageProperties.builder().build()).isSameAs(MessageProperties.empty());
    }
}
