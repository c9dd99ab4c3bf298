package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.Proc;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first of all brokers archives the classes for the others. */
@WaitsForOthers
class BrokerClassesTest {
    @Test
    void shouldStartByTheArchiveThatOneHasWrittenWhenItWasClosed(@TempDir Path parent) {
        BrokerClasses classes = new BrokerClasses(parent);
        Broker first = Broker.made(classes);
        first.start();
        try (Broker beside = Broker.made(classes)) {
            assertThat(String.join(" ", classes.words(first))).contains("-XX:ArchiveClassesAtExit=");
            assertThat(String.join(" ", classes.words(beside))).doesNotContain("-XX:");
        }
        first.close();
        assertThat(classes.archive).isRegularFile();
        try (Broker second = Broker.made(classes)) {
            second.start();
            assertThat(Proc.of(second.pid()).lines("maps")).anyMatch(line -> line.endsWith(" " + classes.archive));
        }
    }
}
