package dev.belfry.judgement;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.DomainTools.Contents;
import dev.belfry.spi.ShellWords;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * One queue as it is now, and as the readings before this one let it be judged: all that a tool
 * shows of a queue that it can read. Several in turn are made by {@link Readings}.
 *
 * @param domain what is in it; null if it is no domain, or if that is not known
 * @param messages published a second since the reading before; of a domain, records
 * @param bytes the same
 * @param reasons of its figures alone
 * @param health of all of it: first for these reasons, then for what is in a domain
 */
public record Reading(
        QueueStats stats,
        Contents domain,
        double messages,
        double bytes,
        List<Judgement.Reason> reasons,
        QueueHealth.Report health,
        Ages ages) {
    /** The lag of the subscription that has most. */
    public long lag() {
        return most(SubscriberStats::lag);
    }

    /** Counts the losses of all subscriptions that there are now. */
    public long lost() {
        return readers().mapToLong(SubscriberStats::lostCount).sum();
    }

    /** The age of the oldest message that a subscription has not acknowledged; 0: there is none. */
    public long oldest() {
        return most(ages::oldest);
    }

    /** Tells for how long at most a subscription has had no process; 0: each has one. */
    public long alone() {
        return most(ages::alone);
    }

    public long most(ToLongFunction<SubscriberStats> figure) {
        return readers().mapToLong(figure).max().orElse(0);
    }

    /** Named subscriptions that keep messages and have no process attached. */
    public List<SubscriberStats> unattended() {
        return readers().filter(s -> !s.attached()).toList();
    }

    /** Leaves out the place of a domain's pages: nobody reads by it, and what it passes is not lost. */
    private Stream<SubscriberStats> readers() {
        return stats.subscribers().stream().filter(s -> !ShellWords.OVERFLOW.equals(s.name()));
    }
}
