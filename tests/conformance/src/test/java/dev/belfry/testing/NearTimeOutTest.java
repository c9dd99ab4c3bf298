package dev.belfry.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class NearTimeOutTest {
    /** The first uses up its time, the second nearly nothing of it, the third has the default. */
    @ExtendWith(NearTimeOut.class)
    @Planted
    static class Three {
        @Test
        @Timeout(value = 1, unit = TimeUnit.MILLISECONDS)
        void slow() {
            for (long end = System.nanoTime() + 1_000_000; System.nanoTime() < end; ) Thread.onSpinWait();
        }

        @Test
        @Timeout(value = 1, unit = TimeUnit.HOURS)
        void fast() {}

        @Test
        void byDefault() {}
    }

    @Test
    void shouldReportATestThatComesNearItsTimeOut() {
        PrintStream before = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        try {
            LauncherFactory.create()
                    .execute(LauncherDiscoveryRequestBuilder.request()
                            .selectors(DiscoverySelectors.selectClass(Three.class))
                            .configurationParameter(Planted.TWIN, "true")
                            .configurationParameter("junit.jupiter.execution.timeout.default", "120 s")
                            .build());
        } finally {
            System.setOut(before);
        }
        assertThat(output.toString(StandardCharsets.UTF_8).lines())
                .filteredOn(line -> line.startsWith("NEAR ITS TIME-OUT"))
                .singleElement()
                .asString()
                .matches("NEAR ITS TIME-OUT: Three slow\\(\\) took [\\d,.]+ ms of 1 ms");
    }
}
