package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Space, inodes, descriptors, addresses that really run out: it is said, nothing has changed, all
 * go on with what they have, and it works again when there is some.
 */
@Timeout(120)
@Tag("T9")
@WaitsForOthers
@Slow
class SmallWorldTest {
    private static final String KILLED = "killed";

    private static final String QUEUE = "shm:small?capacity=64k&maxCapacity=4m";

    @RegisterExtension
    final Stage stage = new Stage();

    private ChildJvm member(World world, String... flags) {
        return stage.member(Member.command(flags).through(world.launcher()));
    }

    private ChildJvm member(List<String> launcher, String... flags) {
        return stage.member(Member.command(flags).through(launcher));
    }

    @Test
    @Tag("F18")
    void f18ATmpfsThatIsFullRefusesAQueueAndKeepsNothingOfIt() throws IOException {
        try (World world = World.withShm("size=4m")) {
            ChildJvm member = member(world);
            world.fill(100 << 10);
            long free = world.freeBytes();
            assertThat(member.ask("open shm:big?capacity=1m"))
                    .startsWith(
                            "failed InsufficientResourcesException: Cannot reserve 1,172 KiB in /dev/shm (4 MiB, 100 KiB free)")
                    .contains("posix_fallocate(")
                    .contains("ENOSPC (28)");
            assertThat(world.names()).isEmpty();
            assertThat(world.freeBytes()).isEqualTo(free);
            world.empty();
            assertThat(member.ask("open shm:big?capacity=1m")).isEqualTo("ok");
            assertThat(member.ask("publish 10 1000")).isEqualTo("ok 10");
        }
    }

    @Test
    @Tag("F18")
    @Tag("F19")
    void f19WhenAStrangerTakesTheSpaceOnlyGrowthFails() throws IOException {
        try (World world = World.withShm("size=4m")) {
            ChildJvm sender = member(world);
            ChildJvm receiver = member(world);
            assertThat(sender.ask("open " + QUEUE)).isEqualTo("ok");
            assertThat(receiver.ask("open " + QUEUE)).isEqualTo("ok");
            assertThat(receiver.ask("subscribe")).isEqualTo("ok");
            assertThat(sender.ask("publish 10 1000")).isEqualTo("ok 10");
            world.fill(0);
            assertThat(sender.ask("publish 1 500000"))
                    .startsWith(
                            "failed InsufficientResourcesException: Cannot reserve 512 KiB in /dev/shm (4 MiB, 0 bytes free)")
                    .contains("ENOSPC (28)");
            int went = Integer.parseInt(sender.ask("offer 1000", "ok"));
            assertThat(went).as("all that the ring of 64 KiB holds").isBetween(50, 65);
            long all = 10 + went;
            assertThat(receiver.ask("receive " + all)).isEqualTo("ok " + all);
            for (int lap = 0; lap < 20; lap++) { // every page of the ring, all of them written on a full file system
                sender.ask("publish 20 1000", "ok");
                assertThat(receiver.ask("receive 20")).isEqualTo("ok " + (all += 20));
            }
            world.empty();
            Patience.until("it grows now that there is space", sender, () -> sender.ask("publish 1 500000")
                    .startsWith("ok"));
            assertThat(receiver.ask("receive 1")).isEqualTo("ok " + (all + 1));
        }
    }

    @Test
    @Tag("F20")
    void f20WithoutAnInodeForItsSemaphoreNobodyJoinsAndNoSlotIsTaken() throws IOException {
        try (World world = World.withShm(
                "size=4m,nr_inodes=4")) { // the directory, the queue, a semaphore, and another name while one is made
            ChildJvm one = member(world);
            ChildJvm two = member(world);
            assertThat(one.ask("open shm:few?capacity=64k&slots=2")).isEqualTo("ok");
            assertThat(two.ask("open shm:few")).isEqualTo("ok");
            assertThat(one.ask("subscribe")).isEqualTo("ok");
            List<String> names = world.names();
            for (int i = 0; i < 3; i++) // oftener than there are slots
            assertThat(two.ask("subscribe"))
                        .startsWith("failed InsufficientResourcesException: ")
                        .contains("inode")
                        .contains("sem_open(");
            assertThat(two.ask("subscribers")).isEqualTo("ok 1");
            assertThat(world.names()).isEqualTo(names);
            assertThat(two.ask("publish 1 10")).isEqualTo("ok 1");
            assertThat(one.ask("receive 1")).isEqualTo("ok 1");
            assertThat(one.ask("leave")).isEqualTo("ok");
            assertThat(two.ask("subscribe")).isEqualTo("ok");
            assertThat(one.ask("open shm:more?capacity=64k")).isEqualTo("ok");
            assertThat(one.ask("open shm:evenMore?capacity=64k"))
                    .startsWith("failed InsufficientResourcesException: ")
                    .contains("inode");
            assertThat(world.names()).noneMatch(name -> name.contains("evenMore"));
        }
    }

    @Test
    @Tag("F21")
    void f21The64MegabytesOfAContainerAreNamedWithTheOptionThatRaisesThem() throws IOException {
        try (World world = World.withShm("size=64m")) {
            ChildJvm member = member(world);
            assertThat(member.ask("open shm:large?capacity=128m"))
                    .startsWith("failed InsufficientResourcesException: Cannot reserve 131,220 KiB")
                    .contains(" in /dev/shm (64 MiB, 64 MiB free). In Docker use --shm-size");
            assertThat(member.ask("open shm:usual")).as("the defaults fit").isEqualTo("ok");
            assertThat(member.ask("publish 10 1000")).isEqualTo("ok 10");
        }
    }

    /** With a limit of 64 MiB the JVM itself lives, and a queue of 256 MiB does not. */
    @Test
    @Tag("F22")
    void f22TheLimitOfAMemoryGroupIsAnExceptionOrAKilledProcessThatOthersSurvive() throws IOException {
        try (Cgroup group = Cgroup.create("memory")) {
            String uri = stage.uri("capacity=64k&maxCapacity=1g");
            ChildJvm other = member(List.of());
            other.ask("open " + uri, "ok");
            other.ask("subscribe", "ok");
            ChildJvm member = member(List.of());
            member.ask("open " + uri, "ok");
            member.ask("publish 10 1000", "ok");
            group.set("memory.limit_in_bytes", "memory.max", "" + (64L << 20));
            try {
                group.add(member.pid());
                member.tell("open " + stage.uri("capacity=256m"));
                Patience.until("refused, or killed", member, () -> member.hasSpoken() || !member.isAlive());
                String said = lastWords(member);
                System.out.println("a queue beyond the limit of a memory group: " + said);
                if (!said.equals(KILLED)) assertThat(said).startsWith("failed InsufficientResourcesException: ");
                assertThat(other.ask("publish 10 1000")).isEqualTo("ok 20");
                assertThat(other.ask("receive 20")).isEqualTo("ok 20");
            } finally {
                member.close();
            }
        }
    }

    /** It publishes from a heap that is all there already, so that only rings take more memory. */
    @Test
    @Tag("F22")
    void f22AQueueDoesNotGrowIntoTheLimitOfAMemoryGroup() throws IOException {
        try (Cgroup group = Cgroup.create("memory")) {
            ChildJvm member = member(group.launcher(), "-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch");
            try {
                member.ask("open " + stage.uri("capacity=128m&deleteOnLastClose=true"), "ok");
                member.ask("publish 2 20000000", "ok");
                member.ask("close", "ok");
                long used = group.number("memory.usage_in_bytes", "memory.current");
                group.set("memory.limit_in_bytes", "memory.max", "" + (used + (24L << 20)));
                member.ask("open " + stage.uri("maxCapacity=128m"), "ok");
                assertThat(member.ask("publish 1 20000000"))
                        .startsWith("failed InsufficientResourcesException: ")
                        .contains(
                                " cannot get a ring of 32 MiB: the memory cgroup ",
                                "Raise the container's memory limit");
            } finally {
                member.close();
            }
        }
    }

    private static String lastWords(ChildJvm member) {
        try {
            return member.line();
        } catch (AssertionError ended) {
            return KILLED;
        }
    }

    /** Limits of a process that runs: everything is loaded by then but what is asked for. */
    private static void limit(ChildJvm child, String limit) throws Exception {
        Process prlimit = new ProcessBuilder("prlimit", "--pid", "" + child.pid(), limit)
                .inheritIO()
                .start();
        assertThat(prlimit.waitFor()).as("prlimit " + limit).isZero();
    }

    /** The least of some counts: a JVM has more open for a moment. */
    private static long descriptors(ChildJvm child) throws IOException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            try (var all = Files.list(Path.of("/proc/" + child.pid() + "/fd"))) {
                least = Math.min(least, all.count());
            }
            Patience.pause(10);
        }
        return least;
    }

    private static long kilobytes(ChildJvm child, String what) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + child.pid() + "/status")).stream()
                .filter(line -> line.startsWith(what + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Tag("F23")
    void f23WithoutADescriptorEachStepIsUndone() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is not installed");
        String uri = stage.uri("capacity=64k&slots=4");
        ChildJvm member = member(List.of());
        ChildJvm other = member(List.of());
        other.ask("open " + uri, "ok");
        other.ask("subscribe", "ok");
        member.ask("open " + stage.uri(""), "ok"); // classes that lie in directories take a descriptor to load:
        member.ask("subscribe", "ok"); // those of an open, of a publish, and those of a refusal
        member.ask("publish 1 100", "ok");
        member.ask("close", "ok");
        limit(member, "--fsize=4096:");
        assertThat(member.ask("open " + stage.uri(""))).startsWith("failed InsufficientResourcesException: ");
        limit(member, "--fsize=unlimited:");
        long before = descriptors(member);
        String opened = "none";
        for (int more = 1; !opened.equals("ok"); more++) {
            assertThat(more).as("descriptors that an open needs").isLessThan(10);
            limit(member, "--nofile=" + (before + more) + ":");
            opened = member.ask("open " + uri);
            if (opened.equals("ok")) break;
            assertThat(opened)
                    .startsWith("failed InsufficientResourcesException: ")
                    .contains("ulimit -n")
                    .contains("EMFILE (24)");
            assertThat(descriptors(member)).as("descriptors, limit " + more).isEqualTo(before);
        }
        limit(member, "--nofile=" + descriptors(member) + ":");
        for (int i = 0; i < 5; i++) // oftener than there are slots
        assertThat(member.ask("subscribe")).contains("ulimit -n").contains("EMFILE (24)");
        assertThat(other.ask("subscribers")).isEqualTo("ok 1");
        assertThat(member.ask("publish 1 100")).isEqualTo("ok 1");
        assertThat(other.ask("receive 1")).isEqualTo("ok 1");
        limit(member, "--nofile=1024:");
        assertThat(member.ask("subscribe")).isEqualTo("ok");
        assertThat(other.ask("subscribers")).isEqualTo("ok 2");
    }

    @Test
    @Tag("F24")
    void f24WithoutAddressesAQueueIsRefusedAndGrowthGoesWithout() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is not installed");
        String uri = stage.uri("capacity=64k&maxCapacity=512m");
        ChildJvm member = member(List.of());
        ChildJvm other = member(List.of());
        member.ask("open " + uri, "ok");
        other.ask("open " + uri, "ok");
        other.ask("subscribe", "ok");
        member.ask("publish 1 1000", "ok");
        long limited = (kilobytes(member, "VmSize") << 10) + (96L << 20);
        limit(member, "--as=" + limited + ":");
        assertThat(member.ask("open " + stage.uri("capacity=256m")))
                .startsWith("failed InsufficientResourcesException: ")
                .contains("ulimit -v")
                .contains("ENOMEM (12)");
        member.ask("open " + uri, "ok");
        assertThat(member.ask("publish 1 40000000"))
                .startsWith("failed InsufficientResourcesException: ")
                .contains("ENOMEM (12)");
        assertThat(member.ask("publish 1 1000")).isEqualTo("ok 2");
        limit(member, "--as=unlimited:");
        Patience.until("it grows", member, () -> member.ask("publish 1 40000").equals("ok 3"));
        assertThat(other.ask("receive 3")).isEqualTo("ok 3");
    }

    @Test
    @Tag("F25")
    void f25ALimitOfFileSizeIsNoSpace() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is not installed");
        String uri = stage.uri("capacity=64k&maxCapacity=16m");
        ChildJvm member = member(List.of());
        member.ask("open " + uri, "ok");
        member.ask("subscribe", "ok");
        limit(member, "--fsize=1048576:");
        assertThat(member.ask("open " + stage.uri("capacity=2m")))
                .startsWith("failed InsufficientResourcesException: Cannot reserve 2,")
                .contains("EFBIG (27)");
        member.ask("open " + uri, "ok");
        assertThat(member.ask("publish 1 2000000"))
                .startsWith("failed InsufficientResourcesException: Cannot reserve ")
                .contains("EFBIG (27)");
        assertThat(member.ask("publish 1 1000")).isEqualTo("ok 1");
        limit(member, "--fsize=unlimited:");
        Patience.until("it grows", member, () -> member.ask("publish 1 2000000").equals("ok 2"));
    }

    /** The kernel's protections of sticky directories concern only an open with O_CREAT of what is there already. */
    @Test
    @Tag("F43")
    void f43WhatIsThereIsNeverOpenedWithCreate() throws Exception {
        assumeTrue(Strace.isMissing() == null, Strace::isMissing);
        String uri = stage.uri("");
        ChildJvm first = member(List.of());
        first.ask("open " + uri, "ok");
        ChildJvm second = member(List.of());
        try (Strace strace = Strace.attach(second.thread(Member.NAME), "-f", "-e", "trace=open,openat,creat")) {
            second.ask("open " + uri, "ok");
            second.ask("subscribe", "ok");
            first.ask("subscribe", "ok");
            second.ask("publish 1 10", "ok");
            assertThat(first.ask("receive 1")).isEqualTo("ok 1");
            assertThat(second.ask("receive 1")).isEqualTo("ok 1");
            List<String> opened = strace.detach()
                    .lines()
                    .filter(line -> line.contains("/dev/shm/") || line.contains("/proc/self/fd/"))
                    .toList();
            assertThat(opened).anyMatch(line -> line.contains("/dev/shm/belfry."));
            assertThat(opened).anyMatch(line -> line.contains("O_CREAT|O_EXCL"));
            assertThat(opened).allMatch(line -> !line.contains("O_CREAT") || line.contains("O_EXCL"));
        }
    }

    /**
     * Huge pages are accounted as what they are, so a small file system is full sooner: that is
     * said, and never a fault.
     */
    @ParameterizedTest
    @ValueSource(strings = {"always", "within_size"})
    @Tag("F71")
    void f71HugePagesChangeNothing(String huge) throws IOException {
        try (World world = World.withShm("size=24m,huge=" + huge)) {
            ChildJvm sender = member(world);
            ChildJvm receiver = member(world);
            assertThat(sender.ask("open " + QUEUE)).isEqualTo("ok");
            assertThat(receiver.ask("open " + QUEUE)).isEqualTo("ok");
            assertThat(receiver.ask("subscribe")).isEqualTo("ok");
            for (int size : new int[] {1000, 100_000, 1_000_000}) {
                String sent = sender.ask("publish 2 " + size, "ok");
                assertThat(receiver.ask("receive 2")).isEqualTo("ok " + sent);
            }
            assertThat(Files.size(world.shm().resolve("belfry.small")))
                    .as("no more than asked for")
                    .isLessThan(9 << 20);
            world.fill(0);
            assertThat(sender.ask("open shm:more?capacity=16m"))
                    .contains("Cannot reserve 16,")
                    .contains(" in /dev/shm (24 MiB, ");
            sender.ask("open " + QUEUE, "ok");
            for (int lap = 0; lap < 8; lap++) { // every page, on a full file system
                String sent = sender.ask("publish 4 250000", "ok");
                assertThat(receiver.ask("receive 4")).isEqualTo("ok " + sent);
            }
        }
    }
}
