package dev.belfry.jakarta.soak;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Domain after domain with two to eight processes of all modes, which are killed, stopped, continued
 * and replaced at random; some die before one of their own appends. The seed decides what is done,
 * but not when it hits. At the end of each domain the {@link Ledger} accounts for every message.
 */
final class Soak implements AutoCloseable {
    private static final int MOST = 8;
    private static final int MUCH = 300;

    private final Random random;
    private final long seed;
    private final Path files;
    private final Path classes;
    private final boolean calm;
    private final List<Member> members = new ArrayList<>();
    private Ledger ledger;
    private String domain;
    private int places;
    private int numbers;
    private int dies;

    /** What the ledger says. If something else fails, as a process that hangs, {@link #run} throws it. */
    final List<String> violations = new ArrayList<>();

    final SoakReport report;

    private static final class Member {
        final int number;
        final Mode mode;
        final boolean mortal;
        final Journal journal;
        final Path file;
        final ChildJvm child;

        Member(int number, Mode mode, boolean mortal, Path file, ChildJvm child) {
            this.number = number;
            this.mode = mode;
            this.mortal = mortal;
            this.file = file;
            this.child = child;
            journal = new Journal(file);
        }

        /** It is in its first session, or has ended. */
        boolean isReady() {
            return journal.has(1) || !child.isAlive();
        }

        @Override
        public String toString() {
            return "process " + number + " (" + mode + ")";
        }
    }

    /** {@code classes}: before ours in the children, or null; {@code calm}: nobody is killed. */
    Soak(long seed, Path files, Path classes, boolean calm) {
        this.seed = seed;
        this.files = files;
        this.classes = classes;
        this.calm = calm;
        random = new Random(seed);
        report = new SoakReport(seed);
    }

    /** Ends early with the first violation. */
    void run(Duration length, Duration most) throws Exception {
        long end = System.nanoTime() + length.toNanos();
        do {
            long left = Math.max(0, end - System.nanoTime());
            generation(Math.min(left, most.toNanos() / 2 + (long) (random.nextDouble() * most.toNanos() / 2)));
        } while (violations.isEmpty() && System.nanoTime() - end < 0);
    }

    // ---- one domain, from its creation to its end

    private void generation(long nanos) throws Exception {
        String name = "JakartaSoak" + ProcessHandle.current().pid() + "-" + report.domains++;
        int size = 128 << random.nextInt(6);
        domain = name + "?capacity=64k&maxCapacity=" + size + "k";
        List<Mode> modes = modes();
        try (Lasting lasting = new Lasting("shm:" + domain, random.nextBoolean())) {
            places = lasting.places();
            ledger = new Ledger(places);
            for (Mode mode : modes) members.add(start(mode));
            chaos(nanos);
            leave();
            Journal last = new Journal(file(0));
            boolean empty = new Worker("shm:" + domain, last, 0, Mode.AUTO, random, places)
                    .drain(lasting, System.nanoTime() + Patience.limit().toNanos());
            if (!empty) throw new AssertionError("Not within " + Patience.limit() + ": all is received");
            last.add(Journal.Kind.LEFT);
            ledger.add("the last receiver", Long.MAX_VALUE, last.events());
            Files.delete(file(0));
            violations.addAll(ledger.check());
            report.count(ledger);
        } finally {
            endChildren();
            MessageQueues.delete("shm:" + name);
        }
    }

    /** Somebody sends, somebody receives what must not vanish; the others as it comes. */
    private List<Mode> modes() {
        List<Mode> some = new ArrayList<>(List.of(random.nextBoolean() ? Mode.SEND : Mode.SEND_TRANSACTED));
        List<Mode> all = Arrays.asList(Mode.values());
        some.add(
                List.of(Mode.CLIENT, Mode.LISTENER, Mode.DUPS_OK, Mode.TRANSFER).get(random.nextInt(4)));
        for (int i = calm ? 0 : random.nextInt(MOST - 1); i > 0; i--) some.add(all.get(random.nextInt(all.size())));
        return some;
    }

    private Path file(int number) {
        return files.resolve("journal-" + number);
    }

    private Member start(Mode mode) throws IOException {
        int number = ++numbers;
        boolean mortal = !calm && random.nextInt(3) == 0;
        // Each of the first ones in its turn, and late ones.
        int before = mortal && random.nextBoolean() ? ++dies % 40 + 1 : 1 + random.nextInt(1 << random.nextInt(12));
        Path file = file(number);
        Files.createFile(file);
        JavaCommand command = JavaCommand.of(
                        Worker.class,
                        (mortal ? "mortal:" : "shm:") + domain,
                        file.toString(),
                        "" + number,
                        mode.name(),
                        "" + random.nextLong(),
                        "" + places)
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .flags(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=off"))
                .title(mode + " " + number);
        if (mortal) command.flags(List.of("-D" + Worker.DIES + "=" + before));
        if (classes != null) command.inFront(classes);
        return new Member(number, mode, mortal, file, command.start());
    }

    private void chaos(long nanos) throws Exception {
        awaitReady();
        // Those that send and receive in any case.
        if (calm) for (Member one : members.subList(0, 2)) Patience.until("it works", () -> one.journal.has(MUCH));
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0 || !calm && report.kills == 0) { // however slow the machine is
            for (Member one : List.copyOf(members)) if (!one.child.isAlive()) replace(List.of(one), Long.MAX_VALUE);
            if (calm) Patience.pause(20);
            else act();
        }
    }

    private void act() throws Exception {
        Collections.shuffle(members, random);
        int dice = random.nextInt(100);
        if (random.nextInt(10) != 0) awaitReady(); // else somebody dies as it begins
        TimeUnit.MICROSECONDS.sleep(random.nextInt(1 << 8 + random.nextInt(11)));
        if (dice < 70) kill(members.subList(0, Math.min(members.size(), 1 + random.nextInt(3))));
        else if (dice < 73) kill(members);
        else if (dice < 90) stop(members.get(0));
        else leave(members.subList(0, 1));
    }

    private void awaitReady() {
        Patience.until("all are ready", () -> members.stream().allMatch(Member::isReady));
    }

    private void kill(List<Member> some) throws Exception {
        List<Member> victims = List.copyOf(some);
        long when = System.nanoTime();
        for (Member one : victims) one.child.killSoon();
        report.kills += victims.size();
        if (victims.size() == members.size()) report.massacres++;
        replace(victims, when);
    }

    private void stop(Member stopped) throws Exception {
        if (stopped.mortal || !stopped.child.isAlive()) return; // it may die before it stands
        stopped.child.pause();
        report.stops++;
        TimeUnit.MILLISECONDS.sleep(random.nextInt(20) == 0 ? 2_500 : 1 + random.nextInt(200));
        if (random.nextInt(3) == 0 && members.size() > 1) kill(members.subList(members.size() - 1, members.size()));
        if (stopped.child.isAlive()) stopped.child.proceed();
    }

    /** Others of the same modes begin, and what these have done is accounted for. */
    private void replace(List<Member> gone, long killed) throws IOException {
        members.removeAll(gone);
        for (Member one : gone) members.add(start(one.mode));
        for (Member one : gone) bury(one, killed);
    }

    /** {@code killed}: when; or never, then it died before its append, or left as its journal is full. */
    private void bury(Member one, long killed) throws IOException {
        int exit = one.child.awaitExit();
        List<Journal.Event> events = one.journal.events();
        boolean itself = events.stream().anyMatch(e -> e.kind() == Journal.Kind.DYING);
        if (itself) report.deaths++;
        if (exit != 0 && exit != 128 + 9 && !itself) throw new AssertionError(one + " failed:" + one.child.report());
        ledger.add(one.toString(), killed, events);
        one.child.close();
        Files.delete(one.file);
    }

    private void leave(List<Member> some) throws IOException {
        List<Member> leaving = List.copyOf(some);
        for (Member one : leaving) one.child.tell("leave");
        for (Member one : leaving) one.child.awaitExit();
        replace(leaving, Long.MAX_VALUE);
        report.closes += leaving.size();
    }

    private void leave() throws IOException {
        for (Member one : members) one.child.tell("leave");
        for (Member one : members) bury(one, Long.MAX_VALUE);
        members.clear();
    }

    private void endChildren() {
        for (Member one : members) one.child.close();
        members.clear();
    }

    @Override
    public void close() {
        endChildren();
    }
}
