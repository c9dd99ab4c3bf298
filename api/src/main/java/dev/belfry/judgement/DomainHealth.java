package dev.belfry.judgement;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueHealth.Status;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Contents;
import dev.belfry.spi.DomainTools.Hold;
import dev.belfry.spi.DomainTools.Trouble;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Adds what is in a domain to the health of its log. Each check compares with those before. One thread at a time. */
public final class DomainHealth {
    /** The word by which {@code doctor} tells that the messages of a domain were not read. */
    public static final String NOT_READ_CHECK = "domain";

    private static final String NOT_READ = "its messages were not checked: for that more than "
            + Units.number(DomainTools.QUICK)
            + " records must be read, or it is written too fast; 'belfry doctor DOMAIN' checks them";

    /** A transaction is open for less. */
    private static final long LONG_HELD_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final long stuckNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Long> since = new HashMap<>();

    /** {@code stuckAfter}: as of the QueueHealth. A process that is stopped for so long, with messages, is stuck. */
    public DomainHealth(Duration stuckAfter) {
        this(stuckAfter, System::nanoTime);
    }

    DomainHealth(Duration stuckAfter, LongSupplier nanoTime) {
        this.stuckNanos = Deadlines.nanos(stuckAfter);
        this.nanoTime = nanoTime;
    }

    /** {@code log}: the health of the log. {@code now}: null if it is not known what is in the domain. */
    public QueueHealth.Report with(QueueHealth.Report log, Contents now) {
        if (now == null) return unknown(log);
        long time = nanoTime.getAsLong();
        Set<String> still = new HashSet<>();
        List<String> reasons = new ArrayList<>(log.reasons());
        List<String> checks = new ArrayList<>(log.checks());
        Status status = log.status();
        for (Trouble one : now.troubles()) {
            Status its = Status.LAGGING;
            String what = still(one, now);
            if (what != null) {
                still.add(what);
                if (time - since.computeIfAbsent(what, w -> time) >= stuckNanos) its = Status.STUCK;
            }
            if (its.compareTo(status) > 0) status = its;
            reasons.add(one.what());
            checks.add(one.kind().check);
        }
        for (Hold one : now.holds()) {
            still.add(one.delivery());
            long held = time - since.computeIfAbsent(one.delivery(), first -> time);
            if (held < LONG_HELD_NANOS) continue;
            if (status == Status.OK) status = Status.LAGGING;
            reasons.add(held(one, held));
            checks.add("held");
        }
        since.keySet().retainAll(still);
        return new QueueHealth.Report(status, reasons, checks);
    }

    private static String held(Hold one, long nanos) {
        return one.what() + " for " + Units.duration(nanos)
                + " at least: is a transaction, or a CLIENT_ACKNOWLEDGE session, open?"
                + (one.pid() == 0 ? "" : " 'jstack " + one.pid() + "' shows what it does");
    }

    /** A state that must not last, as a text: a stopped process; a full domain of which nothing is taken. Else null. */
    private static String still(Trouble one, Contents now) {
        if (one.pid() != 0) return one.pid() + " " + one.queue();
        if (one.kind() != DomainTools.Kind.FULL) return null;
        return "full " + now.messages() + " "
                + now.places().stream().map(DomainTools.Place::oldest).toList();
    }

    /** To be silent would be to say that nothing is wrong with it. */
    private static QueueHealth.Report unknown(QueueHealth.Report log) {
        List<String> reasons = new ArrayList<>(log.reasons());
        List<String> checks = new ArrayList<>(log.checks());
        reasons.add(NOT_READ);
        checks.add(NOT_READ_CHECK);
        return new QueueHealth.Report(log.status(), reasons, checks);
    }
}
