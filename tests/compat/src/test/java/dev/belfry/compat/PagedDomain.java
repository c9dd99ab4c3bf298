package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Log;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Two senders to a queue, and two consumers that are slower. Those of today's build ask that the backlog goes to the
 * disk, and those of 0.1.0 cannot. At first one of each kind is of 0.1.0; from {@link #upgrade} on who comes is of
 * today's.
 */
final class PagedDomain implements Seats.Play {
    private static final String KIND = "queue";

    private final DomainLedger ledger = new DomainLedger();
    private final String name;
    private final String uri;
    private final String overflow;
    private final Path planted;
    private final Set<Long> earlier = ConcurrentHashMap.newKeySet();
    private boolean isUpgraded;

    /** {@code uri}: as 0.1.0 has it too. {@code planted}: classes that come before today's; null: none. */
    PagedDomain(String uri, String overflow, Path planted) {
        this.uri = uri;
        name = uri.replaceFirst("\\?.*", "");
        this.overflow = overflow;
        this.planted = planted;
    }

    @Override
    public ChildJvm start(int seat, int life, Release turn) throws IOException {
        Release release = isUpgraded || seat % 2 > 0 ? Release.TODAY : Release.RELEASED;
        String its = release == Release.TODAY ? uri + "&overflow=" + overflow : uri;
        ChildJvm started = seat < Seats.RECEIVERS
                ? release.command(planted, "Consuming", its, KIND, "slow").start()
                : release.command(planted, "Producing", its, KIND, producer(seat, life))
                        .start();
        if (release == Release.RELEASED) earlier.add(started.pid());
        return started;
    }

    private static String producer(int seat, int life) {
        return "p" + seat + "-" + life;
    }

    @Override
    public void ended(int seat, int life, List<String> said) {
        if (seat < Seats.RECEIVERS) ledger.consumed(said);
        else ledger.produced(producer(seat, life), said);
    }

    void upgrade() {
        isUpgraded = true;
    }

    DomainTools.Contents look() {
        try (MessageQueue domain = MessageQueues.open(name + "?" + Log.KIND + "=" + Log.DOMAIN)) {
            return DomainTools.find().orElseThrow().contents(name, domain.unwrap(Log.class), Long.MAX_VALUE);
        }
    }

    /** There is a backlog for the disk, and operators are told that a process of 0.1.0 keeps it from there. */
    void awaitOneThatItWaitsFor() {
        Patience.until("its backlog waits for one of " + earlier, () -> {
            DomainTools.Overflow now = look().overflow();
            assertThat(now.uri()).isNull();
            return earlier.stream().anyMatch(pid -> now.waitsFor().startsWith("pid " + pid + " ("));
        });
    }

    void awaitPages() {
        Patience.until("messages on the disk", () -> onDisk() > 0);
    }

    private long onDisk() {
        return look().places().stream().mapToLong(DomainTools.Place::onDisk).sum();
    }

    void requireRefused(String why) throws IOException {
        assertThat(joined()).startsWith("refused BELFRY-118 ").endsWith(why + ". Upgrade.");
    }

    /** Then it is another one. */
    void requireAcceptedOnceItIsDeleted() throws IOException {
        MessageQueues.delete(name);
        assertThat(joined()).startsWith("joined ");
    }

    /** What one of 0.1.0 says that comes now. */
    private String joined() throws IOException {
        try (ChildJvm late = Release.RELEASED.command(null, "Joining", uri).start()) {
            String words = late.line();
            late.awaitEnd();
            return words;
        }
    }

    /** All end, and one of today's without the setting drains it, from the disk, too. Then the book is closed. */
    void drainWithoutTheSetting(Seats seats) throws IOException {
        seats.end(Seats.RECEIVERS, Seats.ALL, "stop");
        seats.end(0, Seats.RECEIVERS, "stop");
        awaitPages();
        try (ChildJvm last =
                Release.TODAY.command(planted, "Consuming", uri, KIND).start()) {
            Patience.until("nothing is left in the domain", last, () -> {
                Release.requireAlive(last);
                return look().places().stream().allMatch(one -> one.messages() == 0);
            });
            last.tell("stop");
            last.awaitEnd();
            ledger.consumed(last.rest());
        }
        ledger.close();
        System.out.println("killed " + seats.kills() + " among " + ledger.messages() + " messages of " + uri);
        ledger.requireNone(uri);
    }
}
