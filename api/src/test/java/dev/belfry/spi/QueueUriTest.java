package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class QueueUriTest {
    @ParameterizedTest
    @ValueSource(strings = {"shm:prices", "shm:///prices", "SHM:prices", "shm:prices?"})
    void shouldAcceptEveryWayToWriteIt(String uri) {
        QueueUri parsed = QueueUri.parse(URI.create(uri));
        assertThat(parsed.scheme()).isEqualTo("shm");
        assertThat(parsed.name()).isEqualTo("prices");
        assertThat(parsed.parameters()).isEmpty();
        assertThat(parsed.toUri()).isEqualTo(URI.create("shm:prices"));
        assertThat(parsed).hasToString("shm:prices");
    }

    @Test
    void shouldDecodeValuesAsUtf8() {
        assertThat(QueueUri.parse("shm:///a.B_-9?x=%C3%A4%2f%26+=&y=&z=%e2%82%ac")
                        .parameters())
                .containsExactly(Map.entry("x", "ä/&+="), Map.entry("y", ""), Map.entry("z", "€"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "-a", "_", "0", "a..b", "a."})
    void shouldAcceptNames(String name) {
        assertThat(QueueUri.parse("shm:" + name).name()).isEqualTo(name);
        assertThat(QueueUri.parse("shm:" + "x".repeat(200)).name()).hasSize(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shm:a/b      | Queue name 'a/b' may contain only A-Z a-z 0-9 . _ - and not begin with a dot",
                "shm:.a       | Queue name '.a' may contain only A-Z a-z 0-9 . _ - and not begin with a dot; this one begins with one",
                "shm:..       | Queue name '..' may contain only A-Z a-z 0-9 . _ - and not begin with a dot; this one begins with two, as a path to a parent directory does",
                "shm:../x     | Queue name '../x' may contain only A-Z a-z 0-9 . _ - and not begin with a dot",
                "shm:a%00b    | Queue name 'a%00b' may contain only A-Z a-z 0-9 . _ - and not begin with a dot; this one contains NUL",
                "shm:/prices  | Queue name '/prices' may contain only A-Z a-z 0-9 . _ - and not begin with a dot",
                "shm://prices | Queue name '//prices' may contain only A-Z a-z 0-9 . _ - and not begin with a dot; did you mean 'shm:prices'?",
                "tcp://a:61616 | Queue name '//a:61616' may contain only A-Z a-z 0-9 . _ - and not begin with a dot; 'tcp:' is how one reaches a broker, and Belfry has none: say 'shm:' and a name, as in 'shm:prices'",
                "failover:(tcp://a:1) | Queue name '(tcp://a:1)' may contain only A-Z a-z 0-9 . _ - and not begin with a dot; 'failover:' is how one reaches a broker, and Belfry has none: say 'shm:' and a name, as in 'shm:prices'",
                "shm:ä        | Queue name 'ä' may contain only A-Z a-z 0-9 . _ - and not begin with a dot",
                "shm:         | Queue name is empty: write it after the scheme, as in 'shm:prices'",
                "shm:?a=b     | Queue name is empty: write it after the scheme, as in 'shm:prices'",
                "prices       | 'prices' does not begin with a transport's scheme, as 'shm:prices' does",
                "/tmp:x       | '/tmp:x' does not begin with a transport's scheme, as 'shm:prices' does",
                "shm:p#f      | 'shm:p#f' has a fragment ('#'): leave it out",
                "shm:p?a      | Parameter 'a' in 'shm:p?a' is not of the form name=value",
                "shm:p?=a     | Parameter '=a' in 'shm:p?=a' is not of the form name=value",
                "shm:p?a=1&   | Parameter '' in 'shm:p?a=1&' is not of the form name=value",
                "shm:p?a=1&a=1| Parameter 'a' is given twice in 'shm:p?a=1&a=1'",
                "shm:p?a=%4   | Value '%4' in 'shm:p?a=%4' is not percent-encoded UTF-8",
                "shm:p?a=%zz  | Value '%zz' in 'shm:p?a=%zz' is not percent-encoded UTF-8",
                "shm:p?a=1%0a2| Parameter 'a' in 'shm:p?a=1%0a2' contains a control character: '1?2'",
                "shm:p?a=%ff  | Value '%ff' in 'shm:p?a=%ff' is not percent-encoded UTF-8",
            })
    void shouldSayWhatIsWrong(String uri, String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QueueUri.parse(uri))
                .withMessage(text);
    }

    @Test
    void shouldCountWhenNameIsTooLong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QueueUri.parse("shm:" + "x".repeat(1201)))
                .withMessage("Queue name 'xxxxxxxxxxxxxxxxxxxx...' has 1,201 characters; the limit is 200");
    }

    @Test
    void shouldNotPrintControlCharacters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QueueUri("shm", "a\0\nb", Map.of()))
                .withMessage("Queue name 'a??b' may contain only A-Z a-z 0-9 . _ - and not begin with a dot; "
                        + "this one contains NUL");
    }

    @ParameterizedTest
    @CsvSource({
        "file:/var/tmp/a, /var/tmp/a, file:/var/tmp/a",
        "file:///var/tmp/a/, /var/tmp/a, file:/var/tmp/a",
        "FILE:/a%20b%25%3f+c?capacity=1m, /a b%?+c, file:/a%20b%25%3F+c",
        "'file:/it''s', /it's, file:/it%27s",
        "file:/.hidden/../x, /.hidden/../x, file:/.hidden/../x"
    })
    void shouldTakeThePathOfADirectory(String uri, String path, String shown) {
        QueueUri parsed = QueueUri.parse(uri);
        assertThat(parsed.name()).isEqualTo(path);
        assertThat(parsed.toUri()).hasToString(shown);
        assertThat(QueueUri.parse(parsed.toUri())).extracting(QueueUri::name).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "file:a", "file:/", "file:////", "file://host/a", "file:./a"})
    void shouldRefuseWhatIsNoAbsolutePath(String uri) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QueueUri.parse(uri))
                .withMessageEndingWith("write the absolute path of its directory, as in 'file:/var/lib/shop'");
    }

    @Test
    void shouldRefusePathsThatTheCLibraryMayTakeForOthers() {
        for (String path : List.of("/\u00e4", "/a%00b", "/a%0ab"))
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> QueueUri.parse("file:" + path))
                    .withMessageContaining("may contain only characters of ASCII, and no control characters");
        assertThat(QueueUri.parse("file:/" + "x".repeat(3999)).name()).hasSize(4000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QueueUri.parse("file:/" + "x".repeat(4000)))
                .withMessageEndingWith("has 4,001 characters; the limit is 4,000");
    }

    @Test
    void shouldNameTheParameterWhenItIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> QueueUri.parse((URI) null))
                .withMessage("uri");
        assertThatNullPointerException()
                .isThrownBy(() -> new QueueUri("shm", null, Map.of()))
                .withMessage("name");
    }
}
