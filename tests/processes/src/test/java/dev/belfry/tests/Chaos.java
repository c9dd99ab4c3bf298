package dev.belfry.tests;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Patience;
import dev.belfry.tests.Cast.Troop;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Queue after queue with publishers and subscribers of every kind in JVMs that are killed, stopped,
 * continued, sent home and replaced at random, while a {@link Ledger} accounts for every message.
 * What is done is decided by the seed; when it hits is not, so a run cannot be repeated, but its
 * mixture can.
 */
final class Chaos implements AutoCloseable {
    private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Random random;
    private final long generationNanos;
    private final boolean calm;
    private final Stage stage;
    private final Cast cast;
    private final SoakReport report;
    private final Map<String, UUID> queues = new HashMap<>();
    private volatile Ledger ledger;
    private volatile boolean over;

    /**
     * {@code classes}: a directory of those that come before ours in the children, or null.
     * {@code calm}: what is wrong with them shows without anybody's death, so nobody is killed.
     */
    Chaos(long seed, Duration generation, Path files, Stage stage, Path classes, boolean calm) {
        random = new Random(seed);
        generationNanos = generation.toNanos();
        this.stage = stage;
        report = new SoakReport(seed);
        cast = new Cast(random, files, !calm, classes);
        this.calm = calm;
    }

    /** Ends early with the first violation. */
    SoakReport run(Duration length) throws Exception {
        Thread auditor = new Thread(this::audit, "auditor");
        auditor.setDaemon(true);
        auditor.start();
        long end = System.nanoTime() + length.toNanos();
        try {
            do {
                long most = generationNanos / 2 + (long) (random.nextDouble() * generationNanos);
                generation(Math.min(most, Math.max(SHORTEST_NANOS, end - System.nanoTime())));
            } while (report.violations.isEmpty()
                    && (System.nanoTime() - end < 0 || report.kills == 0 && !calm)); // however slow the machine is
        } catch (AssertionError | RuntimeException failure) {
            report.violations.add(failure.toString());
        }
        if (ledger != null) report.violations.addAll(ledger.violations());
        report.end(Footprint.of(ProcessHandle.current().pid()));
        return report;
    }

    private void audit() {
        while (!over) {
            Ledger current = ledger;
            if (current == null || !current.read()) LockSupport.parkNanos(300_000);
        }
    }

    // One queue, from its creation to its end

    private void generation(long nanos) throws Exception {
        boolean exclusive = random.nextInt(4) == 0;
        boolean killsAll = !calm && random.nextInt(3) == 0;
        String name = stage.name();
        String uri = "shm:" + name;
        MessageQueue keeper = MessageQueues.open(uri + "?capacity=" + (16 << random.nextInt(4)) + "k&maxCapacity="
                + (1 << random.nextInt(5)) + "m&deleteOnLastClose=" + !killsAll);
        UUID id = keeper.stats().id();
        queues.put(name, id);
        ledger = new Ledger();
        cast.on(uri, exclusive, ledger);
        try (keeper) {
            for (String subscription : List.of("witness", "audit")) subscribe(keeper, subscription);
            if (killsAll) keeper.close(); // none but those that will be killed
            else cast.play(cast.veteran);
            for (Troop troop : cast.mortals) cast.play(troop);
            chaos(nanos, killsAll);
            if (ledger.violations().isEmpty()) finish(keeper, URI.create(uri));
        }
        report.count(ledger);
        if (killsAll) MessageQueues.delete(uri);
        if (ledger.violations().isEmpty()) requireNothingLeft(name, id);
        report.violations.addAll(ledger.violations());
        ledger = null;
    }

    /** For that long from the first message on: JVMs that were just started load classes before they do anything. */
    private void chaos(long nanos, boolean killsAll) throws IOException {
        Patience.until("somebody publishes", () -> {
            cast.requireAlive();
            return ledger.settled() > 0 || !ledger.violations().isEmpty();
        });
        long end = System.nanoTime() + nanos;
        long killAllAt = killsAll ? end - (long) (random.nextDouble() * nanos / 4) : end;
        for (long now;
                (now = System.nanoTime()) - end < 0 && ledger.violations().isEmpty(); ) {
            if (now - killAllAt >= 0) {
                killAll();
                killAllAt = end;
            }
            act();
            cast.requireAlive();
        }
    }

    private void requireNothingLeft(String name, UUID id) {
        List<String> left = Stage.left(name, id);
        if (left.isEmpty()) return;
        ledger.violated("left in /dev/shm: " + left);
    }

    /** Before anybody publishes: these see everything. */
    private static void subscribe(MessageQueue queue, String name) {
        queue.createSubscriber(SubscriberOptions.builder().name(name).build()).close();
    }

    /** Publishers end, all subscribers get everything, all leave, and the books are closed. */
    private void finish(MessageQueue keeper, URI uri) {
        List<Troop> playing = cast.playing();
        playing.forEach(troop -> troop.child().tell("quiet"));
        playing.forEach(troop -> troop.child().expect("quiet"));
        long newest;
        try (MessageQueue queue = Troupe.open(uri)) {
            newest = queue.stats().newestPosition();
            report.count(queue.stats());
        }
        try {
            Patience.until("all have received all", () -> ledger.behind(newest).isEmpty());
        } catch (AssertionError stuck) {
            ledger.violated(stuck.getMessage() + " up to " + newest + ": " + ledger.behind(newest));
        }
        keeper.close(); // the last of them removes a queue that is not to stay
        cast.leave(playing);
        ledger.requireSettled(newest);
        for (Troop troop : playing) {
            Footprint footprint = Footprint.of(troop.child().pid());
            if (!footprint.ours().isEmpty()) ledger.violated("all was closed, but it still has " + footprint.ours());
            if (troop == cast.veteran) report.veteran(footprint);
        }
    }

    // What happens

    private void act() throws IOException {
        if (calm) {
            Patience.pause(20);
            return;
        }
        Collections.shuffle(cast.mortals, random);
        int dice = random.nextInt(100);
        if (dice < 70) kill(random.nextBoolean() ? 1 : 2 + random.nextInt(2));
        else if (dice < 82) stop();
        else if (dice < 92) sendHome(cast.mortals.get(0));
        else LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(200)));
    }

    private void kill(int many) throws IOException {
        List<Troop> victims = List.copyOf(cast.mortals.subList(0, many));
        if (random.nextBoolean()) awaitPublishing(victims.get(0));
        LockSupport.parkNanos(random.nextInt(random.nextBoolean() ? 300_000 : 3_000_000));
        if (random.nextInt(8) == 0) leaveAndDie(victims);
        long began = strike(victims);
        List<Troop> survivors = cast.playing();
        survivors.removeAll(victims);
        boolean flowed = survivors.stream().anyMatch(Troop::publishes)
                && survivors.stream().noneMatch(Troop::lacksNamed);
        cast.replace(victims); // at once: a named subscription takes space until somebody has it again
        awaitTraffic(began);
        if (flowed) report.recovered(ledger.recovery.took(), victims.stream().anyMatch(Troop::hasNamed));
        cast.bury(victims);
    }

    /** So that more of them die in the middle of something; for some milliseconds at most. */
    private static void awaitPublishing(Troop victim) {
        long began = System.nanoTime();
        for (Ledger.Book book : victim.books())
            while (book instanceof PublishingBook
                    && book.journal.newest() != Journal.Kind.PUBLISHING
                    && System.nanoTime() - began < 5_000_000) Thread.onSpinWait();
    }

    /** SIGKILL; returns when. */
    private long strike(List<Troop> victims) {
        victims.forEach(victim -> victim.books().forEach(book -> book.dying = true));
        victims.forEach(victim -> victim.child().killSoon());
        long now = System.nanoTime();
        ledger.recovery.begin(now);
        report.kills += victims.size();
        return now;
    }

    /** Struck somewhere in the middle of closing. */
    private void leaveAndDie(List<Troop> victims) {
        victims.forEach(victim -> victim.child().tell("leave"));
        LockSupport.parkNanos(random.nextInt(10_000_000));
    }

    private void awaitTraffic(long since) {
        Duration limit = Patience.limit(); // the summary says what it was
        while (ledger.recovery.took() == null) {
            if (System.nanoTime() - since > limit.toNanos())
                throw new AssertionError("Nobody could publish for " + limit + " after a death");
            cast.requireAlive();
            LockSupport.parkNanos(200_000);
        }
        ledger.read(); // what others wrote before it
    }

    private void killAll() throws IOException {
        List<Troop> all = List.copyOf(cast.mortals);
        strike(all);
        all.forEach(troop -> troop.child().kill()); // before anybody else comes
        report.massacres++;
        cast.replace(all);
        cast.bury(all);
    }

    /**
     * One is stopped for a while; now and then another dies meanwhile, of whom the stopped one may
     * be the only one to know.
     */
    private void stop() throws IOException {
        boolean old = !cast.veteran.books().isEmpty() && random.nextInt(4) == 0;
        Troop stopped = old ? cast.veteran : cast.mortals.get(0);
        stopped.child().pause();
        report.stops++;
        int millis = random.nextInt(20) == 0 ? 2_500 : 1 + random.nextInt(100);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        List<Troop> victims = random.nextInt(3) == 0 ? List.of(cast.mortals.get(1)) : List.of();
        strike(victims);
        stopped.child().proceed();
        cast.replace(victims);
        cast.bury(victims);
    }

    private void sendHome(Troop troop) throws IOException {
        cast.leave(List.of(troop));
        report.closes++;
        cast.play(troop);
    }

    @Override
    public void close() {
        over = true;
        cast.close();
        queues.forEach((name, id) -> { // of planted defects
            for (String file : Stage.left(name, id)) new File("/dev/shm", file).delete();
        });
    }
}
