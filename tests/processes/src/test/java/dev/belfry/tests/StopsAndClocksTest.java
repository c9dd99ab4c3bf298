package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clocks that jump, signals in every call, collectors, starvation and frozen processes: slower,
 * never wrong, and nobody alive is taken for dead.
 */
@Timeout(600)
@WaitsForOthers
@Slow
class StopsAndClocksTest {
    @RegisterExtension
    final Stage stage = new Stage();

    private ChildJvm member(String... launcher) {
        return stage.member(Member.command().through(List.of(launcher)));
    }

    private static void needsStrace() {
        assumeTrue(Strace.isMissing() == null, Strace::isMissing);
    }

    /** A dead process between the file of a semaphore and its name. */
    @Test
    @Tag("T8")
    @Tag("F13")
    void f13KilledInsideSemOpenItHindersNobody() throws Exception {
        needsStrace();
        String uri = stage.uri("slots=2");
        ChildJvm victim = member();
        ChildJvm other = member();
        victim.ask("open " + uri, "ok");
        other.ask("open " + uri, "ok");
        Set<String> before = temporaries();
        try (Strace strace = Strace.attach(
                victim.thread(Member.NAME), "-e", "trace=link,linkat", "-e", "inject=link,linkat:signal=SIGKILL")) {
            victim.tell("subscribe");
            Patience.until("it is dead", victim, () -> !victim.isAlive());
            assertThat(strace.output()).contains("sem.");
        }
        Set<String> after = temporaries();
        after.removeAll(before);
        try {
            assertThat(other.ask("subscribe")).isEqualTo("ok");
            ChildJvm next = member();
            next.ask("open " + uri, "ok");
            assertThat(next.ask("subscribe")).as("both slots").isEqualTo("ok");
            assertThat(next.ask("publish 3 10")).isEqualTo("ok 3");
            assertThat(other.ask("receive 3")).isEqualTo("ok 3");
            assertThat(next.ask("receive 3")).isEqualTo("ok 3");
            assertThat(next.ask("subscribers")).isEqualTo("ok 2");
        } finally {
            for (String temporary : after) Files.deleteIfExists(Path.of("/dev/shm", temporary)); // nobody else can
        }
        System.out.println("left by a process that was killed inside sem_open: " + after);
    }

    /** What the C library makes before it gives it the name. */
    private static Set<String> temporaries() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            Set<String> names = new HashSet<>();
            files.map(file -> file.getFileName().toString())
                    .filter(file -> file.matches("sem\\.[A-Za-z0-9]{6}"))
                    .forEach(names::add);
            return names;
        }
    }

    /** Each wait that there is: for a message, for room, for the lock. None reads the clock that can be set. */
    @Test
    @Tag("F49")
    void f49NoWaitLooksAtTheWallClock() throws Exception {
        needsStrace();
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        ChildJvm sender = member();
        ChildJvm receiver = member();
        sender.ask("open " + uri, "ok");
        receiver.ask("open " + uri, "ok");
        receiver.ask("subscribe", "ok");
        String[] trace = {"-e", "trace=futex,clock_nanosleep,ppoll,nanosleep"};
        String waits = "";
        try (Strace receivers = Strace.attach(receiver.thread(Member.NAME), trace);
                Strace senders = Strace.attach(sender.thread(Member.NAME), trace)) {
            receiver.tell("receive 1");
            Patience.until(
                    "it sleeps",
                    () -> receivers.output().lines().filter(this::isTimed).count() > 2);
            sender.ask("publish 1 10", "ok");
            receiver.expect("ok 1");
            sender.ask("offer 1000", "ok"); // until it is full
            assertThat(sender.ask("publish 1 1000")).startsWith("failed QueueFullException: ");
            waits = receivers.detach() + senders.detach();
        }
        ChildJvm claimant = member();
        claimant.ask("open " + uri, "ok");
        claimant.ask("subscribe", "ok");
        receiver.ask("receive 20", "ok");
        claimant.ask("claim 10", "ok");
        try (Strace senders = Strace.attach(sender.thread(Member.NAME), trace)) {
            assertThat(sender.ask("publish 1 10")).contains("is held by publisher");
            waits += senders.detach();
        }
        assertThat(waits.lines().filter(this::isTimed))
                .as("timed waits")
                .hasSizeGreaterThan(20)
                .noneMatch(line -> line.contains("CLOCK_REALTIME"));
    }

    private boolean isTimed(String line) {
        return line.contains("FUTEX_WAIT") && line.contains("tv_sec");
    }

    /** As after days of suspension, or beside a container that was restored: clocks that differ by days. */
    @Test
    @Tag("F49")
    void f49MembersWhoseClocksAreDaysApartWaitAndWakeEachOther() throws Exception {
        String[] later = {"unshare", "--time", "--monotonic", "864000", "--boottime", "864000"};
        List<String> probe = new ArrayList<>(List.of(later));
        probe.add("true");
        assumeTrue(new ProcessBuilder(probe).start().waitFor() == 0, "no time namespace is to be had here");
        String uri = stage.uri("capacity=64k&maxCapacity=64k&maxGateTime=30s");
        ChildJvm here = member();
        ChildJvm there = member(later);
        long apart = Long.parseLong(there.ask("nanos", "ok")) - Long.parseLong(here.ask("nanos", "ok"));
        assertThat(apart).as("clocks apart").isGreaterThan(800_000_000_000_000L);
        for (ChildJvm one : List.of(here, there)) {
            one.ask("open " + uri, "ok");
            one.ask("subscribe", "ok");
        }
        for (ChildJvm sender : List.of(here, there)) {
            ChildJvm receiver = sender == here ? there : here;
            receiver.tell("receive 1");
            Patience.pause(30);
            String position = sender.ask("publish 1 10", "ok");
            assertThat(receiver.line()).isEqualTo("ok " + position);
            sender.ask("receive 1", "ok");
            int went = Integer.parseInt(sender.ask("offer 1000", "ok"));
            assertThat(went)
                    .as("nobody was ended for a gate time of the other's clock")
                    .isBetween(50, 70);
            assertThat(sender.ask("publish 1 1000")).startsWith("failed QueueFullException: ");
            sender.ask("receive " + went, "ok");
            assertThat(receiver.ask("receive " + went)).startsWith("ok ");
            sender.ask("claim 10", "ok");
            assertThat(receiver.ask("publish 1 10")).contains("is held by publisher");
            sender.ask("commit", "ok");
            sender.ask("skip", "ok");
            receiver.ask("skip", "ok");
        }
        assertThat(here.ask("subscribers")).isEqualTo("ok 2");
    }

    /**
     * Every second call is interrupted; but for futexes, as the C library's own ends the process
     * when a wake is. Those are in LostWakeTest and RefusedCallsTest.
     */
    @Test
    @Tag("T8")
    @Tag("F50")
    void f50SignalsInEveryCallAreNotNoticed() throws Exception {
        needsStrace();
        String uri = stage.uri("capacity=64k&maxCapacity=16m");
        ChildJvm sender = member();
        ChildJvm receiver = member();
        sender.ask("open " + stage.uri(""), "ok"); // what a first open loads
        sender.ask("subscribe", "ok");
        receiver.ask("open " + uri, "ok");
        String calls = "openat,fallocate,fcntl,fstatfs";
        String interrupted;
        try (Strace senders = Strace.attach(
                        sender.thread(Member.NAME),
                        "-e",
                        "trace=" + calls,
                        "-e",
                        "inject=" + calls + ":error=EINTR:when=1+2");
                Strace receivers = Strace.attach(
                        receiver.thread(Member.NAME),
                        "-e",
                        "trace=" + calls,
                        "-e",
                        "inject=" + calls + ":error=EINTR:when=1+2")) {
            assertThat(sender.ask("open " + uri)).isEqualTo("ok");
            assertThat(receiver.ask("subscribe")).isEqualTo("ok");
            long last = 0;
            for (int i = 0; i < 20; i++) {
                receiver.tell("receive 1");
                Patience.pause(5);
                assertThat(sender.ask("publish 1 100")).isEqualTo("ok " + ++last);
                assertThat(receiver.line()).isEqualTo("ok " + last);
            }
            assertThat(sender.ask("publish 1 1000000")).isEqualTo("ok " + ++last);
            assertThat(receiver.ask("receive 1")).isEqualTo("ok " + last);
            assertThat(sender.ask("close")).isEqualTo("ok");
            interrupted = senders.detach() + receivers.detach();
        }
        for (String call : List.of("openat", "fallocate", "fcntl"))
            assertThat(interrupted.lines().filter(line -> line.startsWith(call) && line.contains("EINTR")))
                    .as(call + " interrupted")
                    .isNotEmpty();
    }

    /** A collector that is always at work, in a heap that is always full. */
    static final class Storm implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            Thread storm = new Thread(
                    () -> {
                        byte[][] kept = new byte[40][];
                        for (int i = 0; ; i++) kept[i % kept.length] = new byte[100_000];
                    },
                    "storm");
            storm.setDaemon(true);
            storm.start();
            new Traffic.Sender().play(line, args);
        }
    }

    private void assertAllArrive(List<ChildJvm> senders, ChildJvm reader) {
        senders.forEach(sender -> sender.expect("ready"));
        senders.forEach(sender -> sender.tell("go"));
        long all = 0;
        for (ChildJvm sender : senders) all += Long.parseLong(sender.expect("published"));
        assertThat(reader.ask("upto " + all, "at")).startsWith(all + " " + all + " ");
    }

    @Test
    @Tag("F52")
    void f52CollectorsOnlyDelay() {
        String uri = stage.uri("capacity=64k&maxCapacity=1m");
        ChildJvm reader = stage.start(Traffic.Reader.class, uri, "NOW");
        reader.expect("ready 0");
        String many = "" + Depth.pick(2_000, 10_000, 5_000_000);
        List<ChildJvm> senders = new ArrayList<>();
        for (int id = 1; id <= 2; id++)
            senders.add(stage.start(
                    List.of("-Xmx12m", "-Xms12m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                    Storm.class,
                    uri,
                    "" + id,
                    many,
                    "200"));
        assertAllArrive(senders, reader);
    }

    /** Arguments: how many threads spin. */
    static final class Spinners implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            Semaphore begun = new Semaphore(0);
            int spinners = Integer.parseInt(args[0]);
            for (int i = 0; i < spinners; i++) {
                Thread spinner = new Thread(() -> {
                    begun.acquireUninterruptibly();
                    while (true) Thread.onSpinWait();
                });
                spinner.setDaemon(true);
                spinner.start();
            }
            line.say("spinning"); // first: then this thread is starved, too
            begun.release(spinners);
            line.hear();
        }
    }

    private ChildJvm onOneProcessor(List<String> flags, String nice, Class<? extends Role> role, String... args) {
        return stage.add(Role.command(role, args)
                .flags(flags)
                .through(List.of("taskset", "-c", "0", "nice", "-n", nice))
                .start());
    }

    /**
     * One processor, ten threads that want it (long: two hundred, where a publisher nearly never gets it while it holds
     * the lock).
     */
    @Test
    @Tag("F53")
    void f53StarvedOfProcessorsAllGetOn() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/taskset")), "taskset is not installed");
        String uri = stage.uri("capacity=64k&maxCapacity=1m");
        ChildJvm reader = onOneProcessor(JavaCommand.QUICK, "0", Traffic.Reader.class, uri, "NOW");
        reader.expect("ready 0");
        List<ChildJvm> senders = new ArrayList<>();
        for (int id = 1; id <= 2; id++)
            senders.add(onOneProcessor(
                    JavaCommand.QUICK,
                    id == 1 ? "19" : "0",
                    Traffic.Sender.class,
                    uri,
                    "" + id,
                    "" + Depth.pick(10, 10, 2_000),
                    "200"));
        senders.forEach(sender -> Patience.until("ready", sender::hasSpoken)); // started before the spinners
        int others = Depth.pick(10, 10, 200); // each multiplies what the publisher's JVM takes to warm up
        ChildJvm spinners = onOneProcessor(JavaCommand.QUICK, "19", Spinners.class, "" + others);
        spinners.expect("spinning");
        long began = System.nanoTime();
        assertAllArrive(senders, reader);
        assertThat(spinners.isAlive()).isTrue();
        System.out.printf("starved by %d threads: %.1f s%n", others, (System.nanoTime() - began) / 1e9);
        spinners.close();
    }

    /** As a debugger, strace, or the pause of a container. */
    @Test
    @Tag("F54")
    void f54AFrozenLockHolderLosesNothingAndNobodyTakesItsPlace() throws IOException {
        try (Cgroup group = Cgroup.create("freezer")) {
            String uri = stage.uri("");
            ChildJvm frozen = member();
            ChildJvm other = member();
            for (ChildJvm one : List.of(frozen, other)) {
                one.ask("open " + uri, "ok");
                one.ask("subscribe", "ok");
            }
            frozen.ask("claim 100", "ok");
            group.add(frozen.pid());
            try {
                group.freeze(true);
                assertThat(other.ask("publish 1 10"))
                        .startsWith("failed QueueFullException: ")
                        .contains("is held by publisher pid " + frozen.pid());
                assertThat(other.ask("subscribers")).isEqualTo("ok 2");
            } finally {
                group.freeze(false);
            }
            assertThat(frozen.ask("commit")).isEqualTo("ok 1");
            assertThat(other.ask("publish 2 10")).isEqualTo("ok 3");
            assertThat(other.ask("skip")).isEqualTo("ok 3");
            assertThat(frozen.ask("skip")).isEqualTo("ok 3");
            frozen.close();
        }
    }

    @Test
    @Tag("F54")
    void f54UnderATracerThatStopsItAtEveryCallItWorks() throws Exception {
        needsStrace();
        String uri = stage.uri("");
        ChildJvm traced = member();
        ChildJvm other = member();
        traced.ask("open " + uri, "ok");
        other.ask("open " + uri, "ok");
        other.ask("subscribe", "ok");
        try (Strace strace = Strace.attach(traced.thread(Member.NAME))) {
            assertThat(traced.ask("subscribe")).isEqualTo("ok");
            assertThat(traced.ask("publish 100 100")).isEqualTo("ok 100");
            assertThat(other.ask("receive 100")).isEqualTo("ok 100");
            assertThat(other.ask("publish 100 100")).isEqualTo("ok 200");
            assertThat(traced.ask("receive 200")).isEqualTo("ok 200");
            traced.kill();
            assertThat(strace.output()).contains("futex");
        }
        Patience.until("its slot is free", other, () -> other.ask("subscribers").equals("ok 1"));
    }
}
