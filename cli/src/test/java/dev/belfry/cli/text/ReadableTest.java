package dev.belfry.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadableTest {
    private static final Readable TERMINAL = new Readable(true, true);

    @Test
    void shouldIndentJson() {
        assertThat(TERMINAL.body(" {\"a\" :[1, -2.5e+3,{}],\r\n\"b\":{\"c\":[] ,\"d\":\"x\\\"{\\\\\"},\"e\":null} "))
                .isEqualTo("""

                        {
                          "a": [
                            1,
                            -2.5e+3,
                            {}
                          ],
                          "b": {
                            "c": [],
                            "d": "x\\"{\\\\"
                          },
                          "e": null
                        }""");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text",
                "1",
                "\"a\"",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "[1 2]",
                "[1]]",
                "[1] x",
                "[EUR]",
                "[\"a",
                "[\"a\\",
                "[,]",
                "[1}"
            })
    void shouldLeaveEverythingElseAsItIs(String body) {
        assertThat(TERMINAL.body(body)).isEqualTo(body);
    }

    @Test
    void shouldLetNoMessageControlTheTerminal() {
        assertThat(TERMINAL.body("a\033[2J\tb\n")).isEqualTo("a?[2J\tb?");
        assertThat(TERMINAL.body("[\"a\u009b\"]")).isEqualTo("\n[\n  \"a?\"\n]");
        assertThat(TERMINAL.body("[\"a\\\n2 forged\"]")).isEqualTo("[\"a\\?2 forged\"]");
        assertThat(TERMINAL.body("[\0]")).isEqualTo("[?]");
    }

    @Test
    void shouldNotIndentWhatBecomesTooLong() {
        String deep = "[".repeat(33) + "]".repeat(33);
        assertThat(TERMINAL.body(deep)).isEqualTo(deep);
        assertThat(TERMINAL.body(deep.substring(1, 65))).startsWith("\n[\n  [\n");
        String deeper = "[".repeat(1 << 16);
        assertThat(TERMINAL.body(deeper)).isEqualTo(deeper);
        String longer = "[\"" + "x".repeat(1 << 16) + "\"]";
        assertThat(TERMINAL.body(longer)).isEqualTo(longer);
    }

    @Test
    void shouldChangeNothingForOtherPrograms() {
        assertThat(Readable.PLAIN.body("[1,2]\n")).isEqualTo("[1,2]?");
        assertThat(Readable.PLAIN.dim("1")).isEqualTo("1");
        assertThat(TERMINAL.dim("1")).isEqualTo("\033[2m1\033[22m");
    }
}
