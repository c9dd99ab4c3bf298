package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.conformance.AcknowledgingSuite;
import dev.belfry.conformance.ClaimSuite;
import dev.belfry.conformance.ClosingSuite;
import dev.belfry.conformance.DeliverySuite;
import dev.belfry.conformance.FullAndSlowSuite;
import dev.belfry.conformance.GrowthSuite;
import dev.belfry.conformance.LifeSuite;
import dev.belfry.conformance.MisuseSuite;
import dev.belfry.conformance.NamedSuite;
import dev.belfry.conformance.PropertiesSuite;
import dev.belfry.conformance.RedeliverySuite;
import dev.belfry.conformance.SlowReaderSuite;
import dev.belfry.conformance.SpiSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.StatsSuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.conformance.WaitingSuite;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The example's transport passes the kit, in all that it declares, and is as short as it says. */
@Slow
class FanTransportTest implements TransportFixture {
    @Override
    public String scheme() {
        return "fan";
    }

    @Test
    void shouldHaveLessThanAHundredLinesOfCode() throws IOException {
        Path source = Checkout.root().resolve("examples/src/main/java/dev/belfry/examples/FanTransport.java");
        try (Stream<String> lines = Files.lines(source)) {
            assertThat(lines.map(String::strip)
                            .filter(line -> !line.isEmpty() && !line.startsWith("/") && !line.startsWith("import "))
                            .count())
                    .isLessThan(100);
        }
    }

    @Nested
    class Delivery extends DeliverySuite {}

    @Nested
    class Properties extends PropertiesSuite {}

    @Nested
    class StartAndHistory extends StartAndHistorySuite {}

    @Nested
    class Waiting extends WaitingSuite {}

    @Nested
    class Closing extends ClosingSuite {}

    @Nested
    class FullAndSlow extends FullAndSlowSuite {}

    @Nested
    class SlowReaders extends SlowReaderSuite {}

    @Nested
    class Acknowledging extends AcknowledgingSuite {}

    @Nested
    class Redelivery extends RedeliverySuite {}

    @Nested
    class Named extends NamedSuite {}

    @Nested
    class Claims extends ClaimSuite {}

    @Nested
    class Growth extends GrowthSuite {}

    @Nested
    class Stats extends StatsSuite {}

    @Nested
    class Misuse extends MisuseSuite {}

    @Nested
    class Life extends LifeSuite {}

    @Nested
    class Spi extends SpiSuite {}
}
