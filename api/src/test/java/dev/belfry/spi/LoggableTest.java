package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** A stranger's message writes no line of a log, by whatever exception quotes it. */
class LoggableTest {
    private static final String FORGED = "x\n11:30:00 INFO approved\r\u001b[2J\u0085\u2028\u202e\u200b\ufeff";

    private static String trace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void shouldKeepAnExceptionWhoseTextsArePrintable() {
        Throwable thrown = new IllegalStateException("x", new NumberFormatException("y"));
        thrown.addSuppressed(new RuntimeException());
        assertThat(Loggable.of(thrown)).isSameAs(thrown);
    }

    @Test
    void shouldWriteNoLineForATextWithControlCharacters() {
        Throwable cause = new IllegalStateException("outer", new NumberFormatException(FORGED));
        Throwable suppressed = new RuntimeException("suppressing");
        suppressed.addSuppressed(new NumberFormatException(FORGED));
        suppressed.initCause(suppressed.getSuppressed()[0]); // a circle of two
        for (Throwable thrown : new Throwable[] {new NumberFormatException(FORGED), cause, suppressed}) {
            assertThat(trace(thrown)).contains("\n11:30"); // else this shows nothing
            assertThat(trace(Loggable.of(thrown)).lines())
                    .allMatch(line -> !line.startsWith("11:30"))
                    .noneMatch(line -> line.contains("\u001b") || line.contains("\u0085"))
                    .noneMatch(line -> line.matches(".*[\u2028\u202e\u200b\ufeff].*"))
                    .anyMatch(line ->
                            line.contains("java.lang.NumberFormatException: x?11:30:00 INFO approved??[2J?????"))
                    .anyMatch(line -> line.contains("at " + LoggableTest.class.getName()));
        }
        assertThat(Loggable.of(cause)).hasToString("java.lang.IllegalStateException: outer");
    }

    @Test
    void shouldHaveNoTextWhereNoneIsWanted() {
        Throwable thrown = new IllegalStateException("outer", new NumberFormatException("secret"));
        thrown.addSuppressed(new RuntimeException("secret"));
        assertThat(trace(Loggable.withoutTexts(thrown)))
                .doesNotContain("secret", "outer")
                .contains("Caused by: java.lang.NumberFormatException", "Suppressed: java.lang.RuntimeException");
    }

    @Test
    void shouldNameTheClassOfAnExceptionWhoseTextThrows() {
        Throwable odd = new RuntimeException() {
            private static final long serialVersionUID = 1;

            @Override
            public String toString() {
                throw new IllegalStateException();
            }
        };
        assertThat(Loggable.of(odd)).hasToString(odd.getClass().getName());
    }
}
