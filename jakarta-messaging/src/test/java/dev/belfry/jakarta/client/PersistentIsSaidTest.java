package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.testing.CaughtLog;
import jakarta.jms.JMSContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PersistentIsSaidTest {
    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @Test
    void shouldSayOnceThatNothingSurvivesAReboot() {
        BelfryConnection.SAID.set(false);
        String uri = "mem:said";
        try (JMSContext first = new BelfryConnectionFactory(uri).createContext();
                JMSContext second = new BelfryConnectionFactory(uri).createContext()) {
            first.createProducer().send(first.createQueue("q"), "x");
            second.createProducer().send(second.createQueue("q"), "y");
        }
        MessageQueues.delete(uri);
        assertThat(log.text().lines().filter(line -> line.contains("survive every process and no reboot")))
                .hasSize(1)
                .allMatch(line -> line.contains("mem:said"));
    }
}
