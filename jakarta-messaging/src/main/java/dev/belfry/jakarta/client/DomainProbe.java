package dev.belfry.jakarta.client;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueHealth.Report;
import dev.belfry.api.QueueHealth.Status;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Places;
import dev.belfry.judgement.Readings;
import dev.belfry.spi.DomainTools;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** The health of a domain, asked now and then. Each time it is a member for a moment, or this JVM is one anyway. */
public final class DomainProbe implements Supplier<Report> {
    private final Supplier<Settings> settings;
    private final Readings readings;

    /** {@code settings}: as they are at a check. */
    public DomainProbe(Supplier<Settings> settings, Duration stuckAfter) {
        this.settings = settings;
        readings = new Readings(Long.MAX_VALUE, stuckAfter); // a log has no lags
    }

    @Override
    public synchronized Report get() {
        Settings now = settings.get();
        try {
            Domain domain = BelfryConnection.open(now, Domains.SHARED);
            try {
                return readings.of(domain.handle.stats(), Places.contents(domain, DomainTools.QUICK))
                        .health();
            } finally {
                Domains.SHARED.left(domain, now.linger(), now.sendTimeout());
            }
        } catch (MessageQueueException | JMSException unusable) {
            return new Report(Status.STUCK, List.of(String.valueOf(unusable.getMessage())));
        }
    }
}
