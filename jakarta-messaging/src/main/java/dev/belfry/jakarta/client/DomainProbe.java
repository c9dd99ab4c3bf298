package dev.belfry.jakarta.client;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueHealth.Report;
import dev.belfry.api.QueueHealth.Status;
import dev.belfry.api.QueueStats;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Places;
import dev.belfry.judgement.DomainHealth;
import dev.belfry.spi.DomainTools;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** The health of a domain, asked now and then. Each time it is a member for a moment, or this JVM is one anyway. */
public final class DomainProbe implements Supplier<Report> {
    private final Supplier<Settings> settings;
    private final QueueHealth ofTheLog;
    private final DomainHealth ofTheDomain;
    private QueueStats stats;

    /** {@code settings}: as they are at a check. */
    public DomainProbe(Supplier<Settings> settings, Duration stuckAfter) {
        this.settings = settings;
        ofTheLog = new QueueHealth(() -> stats, Long.MAX_VALUE, stuckAfter); // a log has no lags
        ofTheDomain = new DomainHealth(stuckAfter);
    }

    @Override
    public synchronized Report get() {
        Settings now = settings.get();
        try {
            Domain domain = BelfryConnection.open(now, Domains.SHARED);
            try {
                stats = domain.stats();
                DomainTools.Contents contents = Places.contents(domain, DomainTools.QUICK);
                Report report = ofTheLog.check();
                return ofTheDomain.with(report, contents);
            } finally {
                Domains.SHARED.left(domain, now.linger(), now.sendTimeout());
            }
        } catch (MessageQueueException | JMSException unusable) {
            return new Report(Status.STUCK, List.of(String.valueOf(unusable.getMessage())));
        }
    }
}
