package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class ExceptionsTest {
    private static final String TABLE = """
            101,NoProvider
            102,UnsupportedCapability
            103,MessageTooLarge
            104,QueueFull
            105,InsufficientResources
            106,QueueNotFound
            107,QueueExists
            108,QueueAccessDenied
            109,IncompatibleQueue
            110,InUse
            111,QueueClosed
            112,SubscriberDisconnected
            113,InterruptedQueue
            114,ConnectionLost
            115,QueueCorrupted
            116,Codec
            """;

    /** A code that changes breaks somebody's alerts: this table only grows. */
    @ParameterizedTest
    @CsvSource(textBlock = TABLE)
    void shouldKeepTheCode(int number, String name) throws ReflectiveOperationException {
        Class<?> type = Class.forName("dev.belfry.api." + name + "Exception");
        Exception cause = new Exception();
        MessageQueueException plain =
                (MessageQueueException) type.getConstructor(String.class).newInstance("text");
        MessageQueueException caused = (MessageQueueException)
                type.getConstructor(String.class, Throwable.class).newInstance("text", cause);
        assertThat(plain.code()).isEqualTo("BELFRY-" + number);
        assertThat(caused.code()).isEqualTo("BELFRY-" + number);
        assertThat(List.of(plain.getMessage(), caused.getMessage())).containsOnly("text");
        assertThat(caused).hasCause(cause);
        assertThat(plain).hasNoCause();
    }

    @Test
    void shouldDocumentEachCode() throws IOException {
        String documented = Files.readString(Path.of("src/main/java/dev/belfry/api/package-info.java"));
        TABLE.lines().map(line -> line.trim().split(",")).forEach(row -> assertThat(documented)
                .contains("BELFRY-" + row[0] + "</td><td>" + row[1] + "Exception"));
    }
}
