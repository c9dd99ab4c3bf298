package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The classes of the layout own the tables of bytes. A reader in another language has only the page, which repeats
 * what such a reader needs: each row there has the place, the name and the type that the class says.
 */
class ProtocolPageTest {
    private static final Path PAGE = Checkout.root().resolve("docs/protocol.md");

    /** A link to a class, or a row: {@code | +384 | tail | int64 |}, {@code | bits 0-31 | frame length |}. */
    private static final Pattern CLASS_OR_ROW =
            Pattern.compile("(?m)\\]\\(([^ )]+\\.java)\\)|^\\| (\\+\\d+ \\| .*? \\| .*?|bits? [\\d-]+ \\| .*?) \\|");

    private static final Pattern EXAMPLE = Pattern.compile("(?m)^\\+\\d+ +([0-9a-f ]+) \\|");

    @OneJdk
    @Test
    void shouldHaveTheRowsOfTheClassesThatItNames() throws IOException {
        String table = "";
        int rows = 0;
        for (Matcher found = CLASS_OR_ROW.matcher(Files.readString(PAGE)); found.find(); ) {
            if (found.group(1) != null) {
                table = plain(
                        Files.readString(PAGE.resolveSibling(found.group(1)).normalize()));
            } else {
                String row = " " + plain(found.group(2));
                assertThat(table.contains(row))
                        .as("the class has the row" + row)
                        .isTrue();
                rows++;
            }
        }
        assertThat(rows).as("rows of bytes").isGreaterThan(20);
    }

    @Test
    void shouldShowTheBytesOfAMessageAsTheyAre() throws IOException {
        String bytes = EXAMPLE.matcher(Files.readString(PAGE))
                .results()
                .map(line -> line.group(1))
                .collect(Collectors.joining(" "));
        String name = "page-" + ProcessHandle.current().pid();
        byte[] file;
        try (MessageQueue queue = MessageQueues.open("shm:" + name + "?capacity=4k&slots=4");
                Publisher publisher = queue.createPublisher()) {
            publisher.publish(
                    "hello", MessageProperties.builder().put("venue", "X").build());
            file = Files.readAllBytes(Path.of("/dev/shm/belfry." + name));
        } finally {
            MessageQueues.delete("shm:" + name);
        }
        int ring = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(56);
        assertThat(bytes)
                .isEqualTo(HexFormat.ofDelimiter(" ").formatHex(file, ring, ring + bytes.length() / 3 + 1))
                .hasSizeGreaterThan(100);
    }

    private static String plain(String text) {
        return text.replaceAll("[\\s*|]+", " ");
    }
}
