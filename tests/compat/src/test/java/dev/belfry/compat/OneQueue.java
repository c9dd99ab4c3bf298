package dev.belfry.compat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OwnMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Two publishers and two readers of one queue; each reader has a subscription, which those after it take over. */
final class OneQueue implements Seats.Play {
    final QueueLedger ledger = new QueueLedger();
    private final String uri;
    private final Path planted;
    private OwnMount memory; // null: this JVM's

    OneQueue(String uri, Path planted) {
        this.uri = uri;
        this.planted = planted;
    }

    /** Another /dev/shm, without what was in the last one: a reboot. */
    void in(OwnMount other) {
        if (memory != null) ledger.mayRewind();
        memory = other;
    }

    @Override
    public ChildJvm start(int seat, int life, Release release) throws IOException {
        return seat < Seats.RECEIVERS
                ? start(release, "Reading", uri, subscription(seat))
                : start(release, "Publishing", uri, publisher(seat, life));
    }

    private ChildJvm start(Release release, String worker, String... arguments) throws IOException {
        var command = release.command(planted, worker, arguments);
        return (memory == null ? command : command.through(memory.launcher())).start();
    }

    private static String subscription(int seat) {
        return "audit-" + seat;
    }

    private static String publisher(int seat, int life) {
        return "p" + seat + "-" + life;
    }

    @Override
    public void ended(int seat, int life, List<String> said) {
        if (seat < Seats.RECEIVERS) ledger.read(subscription(seat), said);
        else ledger.published(publisher(seat, life), said);
    }

    /** Publishers end, readers read what is left, and the book is closed. */
    void finish(Seats seats) throws IOException {
        seats.end(Seats.RECEIVERS, Seats.ALL, "stop");
        long newest;
        try (ChildJvm asking = start(Release.TODAY, "Asking", uri)) {
            newest = Long.parseLong(asking.expect("newest"));
            asking.awaitEnd();
        }
        seats.end(0, Seats.RECEIVERS, "upto " + newest);
        ledger.close(newest);
        System.out.println("killed " + seats.kills() + " among " + newest + " messages of " + uri);
        ledger.requireNone(uri);
    }
}
