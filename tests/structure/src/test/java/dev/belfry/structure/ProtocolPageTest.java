package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The classes of the layout own the tables of bytes. A reader in another language has only the page, which repeats
 * what such a reader needs: each row there has the place, the name and the type that the class says.
 */
@OneJdk
class ProtocolPageTest {
    private static final Path PAGE = Checkout.root().resolve("docs/protocol.md");

    /** A link to a class, or a row: {@code | +384 | tail | int64 |}, {@code | bits 0-31 | frame length |}. */
    private static final Pattern CLASS_OR_ROW =
            Pattern.compile("(?m)\\]\\(([^ )]+\\.java)\\)|^\\| (\\+\\d+ \\| .*? \\| .*?|bits? [\\d-]+ \\| .*?) \\|");

    @Test
    void shouldHaveTheRowsOfTheClassesThatItNames() throws IOException {
        String table = "";
        int rows = 0;
        for (Matcher found = CLASS_OR_ROW.matcher(Files.readString(PAGE)); found.find(); ) {
            if (found.group(1) != null) {
                table = plain(
                        Files.readString(PAGE.resolveSibling(found.group(1)).normalize()));
            } else {
                assertThat(table).contains(" " + plain(found.group(2)));
                rows++;
            }
        }
        assertThat(rows).as("rows of bytes").isGreaterThan(20);
    }

    private static String plain(String text) {
        return text.replaceAll("[\\s*|]+", " ");
    }
}
