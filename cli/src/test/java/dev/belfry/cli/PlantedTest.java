package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Problems planted from outside: {@code ls}, {@code top} and {@code doctor} say the same of each, again and again. */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class PlantedTest {
    private static final String LONGER_THAN_ONE_TRY = " has waited (\\d,\\d\\d\\d ms|\\d+ s) ";

    private static String awaited(Sandbox sandbox, Pattern line) {
        Patience.until(
                "it has lasted for a second, over several tries",
                () -> line.matcher(sandbox.belfry("ls").out()).find());
        for (int i = 0; i < 5; i++)
            assertThat(sandbox.belfry("ls").out()).as("steady").containsPattern(line);
        assertThat(sandbox.belfry("top", "--count", "1", "q").out()).containsPattern(line);
        String doctor = sandbox.belfry("doctor", "q").out();
        assertThat(doctor).containsPattern(line);
        return doctor;
    }

    @Test
    void shouldNameTheLivingHolderOfAClaimWherePublishersTimeOut() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("claim", "shm:q");
            ChildJvm publisher = sandbox.actor("tries", "shm:q");
            String doctor = awaited(
                    sandbox,
                    Pattern.compile("pid " + publisher.pid() + " \\(Actor\\)" + LONGER_THAN_ONE_TRY
                            + "for a lock, held by pid " + holder.pid() + " \\(Actor\\)"));
            assertThat(doctor).contains("'kill " + holder.pid() + "' ends it.");
            assertThat(sandbox.belfry("ls", "--json").out()).contains("\"lagging\"");
            RemedyTest.assertOneAnswer(sandbox);
            RemedyTest.follow(sandbox, RemedyTest.remedy(sandbox, "waiting"));
            Patience.until(
                    "it publishes", () -> sandbox.belfry("ls", "--json").out().contains("\"health\":\"ok\""));
            assertThat(sandbox.belfry("doctor", "q").out()).doesNotContain("[waiting]");
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    @Test
    void shouldNameTheSubscriberThatNeverPollsWherePublishersTimeOut() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.actor("idle", "shm:q?capacity=4k&maxCapacity=4k");
            ChildJvm publisher = sandbox.actor("tries", "shm:q");
            awaited(
                    sandbox,
                    Pattern.compile("pid " + publisher.pid() + " \\(Actor\\)" + LONGER_THAN_ONE_TRY
                            + "for room, held up by 'audit' of pid " + reader.pid() + " \\(Actor\\)"));
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    /** The word before each message, in any of its bytes: no reader may take damage for the end. */
    @Test
    void shouldSayWhatTailCannotRead() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("x\n".repeat(20), "pub", "q");
            byte[] intact = sandbox.bytes("q");
            int log = 196_608;
            for (int at : new int[] {log, log + 4, log + 64, log + 68})
                for (byte with : new byte[] {0, 0x5a, -1}) {
                    byte[] damaged = intact.clone();
                    Arrays.fill(damaged, at, at + (at % 8 == 0 ? 8 : 4), with);
                    Files.write(sandbox.file("belfry.q"), damaged, StandardOpenOption.WRITE);
                    Sandbox.Result tail = sandbox.belfry("tail", "--from", "oldest", "q");
                    assertThat(tail.code()).as(at + " " + with + " " + tail).isEqualTo(1);
                    assertThat(tail.err()).contains("damaged").contains("'belfry doctor --deep");
                    assertThat(sandbox.belfry("doctor", "--deep", "q").code()).isEqualTo(1);
                    if (at > log + 4) continue;
                    assertThat(sandbox.belfry("ls").out()).as(at + " " + with).contains("damaged");
                    if (with == 0) RemedyTest.assertOneAnswer(sandbox);
                    assertThat(sandbox.belfry("tail", "q").code()).isEqualTo(1);
                }
        }
    }

    /** Each mode that lets others in, or that Belfry would not give; and a directory where anybody may remove all. */
    @Test
    void shouldNameWhoMayDoWhat() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            assertThat(RemedyTest.findings(sandbox, "mode")).isEmpty();
            assertMode(sandbox, "rw-rw-rw-", "note", "all users may read, publish and damage it");
            assertMode(sandbox, "rw-rw----", "note", "users of group root may read, publish and damage it");
            assertMode(sandbox, "rw-r--r--", "problem", "users of group root may read its messages, all users may");
            assertMode(sandbox, "rwxrwxrwx", "problem", "a queue is not to be executed");
            if (Sandbox.ROOT) assertMode(sandbox, "---------", "problem", "its own user may not use it");
            setMode(sandbox.file(""), "rwxrwxrwx");
            assertThat(sandbox.belfry("doctor").code()).isEqualTo(1);
            RemedyTest.assertMended(sandbox, "permission");
        }
    }

    private static void assertMode(Sandbox sandbox, String mode, String level, String who) throws IOException {
        setMode(sandbox.file("belfry.q"), mode);
        assertThat(RemedyTest.findings(sandbox, "mode"))
                .singleElement()
                .satisfies(f -> assertThat(f).containsEntry("level", level))
                .satisfies(f -> assertThat((String) f.get("what")).contains(who));
        assertThat(sandbox.belfry("doctor", "q").code()).isEqualTo(level.equals("note") ? 0 : 1);
        RemedyTest.assertMended(sandbox, "mode");
    }

    private static void setMode(Path file, String mode) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void shouldFindTheSemaphoreThatWasOverwritten() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.startBelfry("sub", "--format", "lines", "q");
            sandbox.awaitSubscribers("q", 1);
            ChildJvm publisher = sandbox.startBelfry("pub", "q");
            assertThat(RemedyTest.findings(sandbox, "damaged-semaphore")).isEmpty();
            byte[] random = new byte[32];
            new Random(1).nextBytes(random);
            for (String file : sandbox.files())
                if (file.startsWith("sem.")) Files.write(sandbox.file(file), random, StandardOpenOption.WRITE);
            for (int i = 0; i < 5; i++) {
                publisher.tell("message " + i);
                reader.expect("message " + i);
            }
            Sandbox.Result published = Sandbox.finish(publisher, "");
            assertThat(published.code()).as(published.toString()).isZero();
            assertThat(published.err().lines().filter(line -> line.contains("cannot wake slot 0")))
                    .as(published.err())
                    .hasSize(1);
            String remedy = RemedyTest.remedy(sandbox, "damaged-semaphore");
            assertThat(RemedyTest.findings(sandbox, "damaged-semaphore"))
                    .singleElement()
                    .satisfies(f -> assertThat((String) f.get("what"))
                            .contains("(pid " + reader.pid() + ") was overwritten: it cannot be woken"));
            RemedyTest.assertOneAnswer(sandbox);
            RemedyTest.follow(sandbox, remedy);
            Patience.until("it has ended", () -> !reader.isAlive());
            assertThat(RemedyTest.findings(sandbox, "damaged-semaphore")).isEmpty();
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    /** The wait of a named one does not end with its process. */
    @Test
    void shouldNameAllThatEndsTheWaitForAStoppedSubscriber() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.actor("idle", "shm:q?capacity=4k&maxCapacity=4k");
            reader.pause();
            ChildJvm publisher = sandbox.startBelfry("pub", "--size", "1000", "--count", "20", "q");
            Patience.until(
                    "it is logged", () -> publisher.errors().contains("Process " + reader.pid() + " is stopped"));
            List<String> commands = RemedyTest.commands(RemedyTest.remedy(sandbox, "waiting"));
            assertThat(commands)
                    .containsExactly(
                            "kill -CONT " + reader.pid(), "kill -KILL " + reader.pid(), "belfry unsubscribe q audit");
            RemedyTest.run(sandbox, commands.get(1));
            Patience.until("it has ended", () -> !reader.isAlive());
            assertThat(sandbox.belfry("doctor", "q").code()).isEqualTo(1);
            RemedyTest.assertOneAnswer(sandbox);
            RemedyTest.run(sandbox, commands.get(2));
            Sandbox.Result published = Sandbox.finish(publisher, "");
            assertThat(published.code()).as(published.toString()).isZero();
            assertThat(published.err()).contains("'shm:q': the wait for room is over, after");
            assertThat(sandbox.belfry("doctor", "q").out()).doesNotContain("[waiting]");
        }
    }

    @Test
    void shouldEndASubscriptionOfAnotherUsersQueue() throws IOException {
        assumeTrue(Sandbox.ROOT, "only root can give a file away");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "audit", "--timeout", "0s", "q");
            Files.setAttribute(sandbox.file("belfry.q"), "unix:uid", 12_345);
            RemedyTest.assertMended(sandbox, "unattended");
        }
    }

    @Test
    void shouldNameWhatIsMissingWhereNoFileCanBeMade() throws IOException {
        try (Sandbox sandbox = new Sandbox("size=256m,nr_inodes=20")) {
            assertThat(RemedyTest.findings(sandbox, "shm-inodes")).isEmpty();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 40; i++) Files.createFile(sandbox.file("file" + i));
                    })
                    .hasMessageContaining("No space left");
            List<String> commands = RemedyTest.commands(RemedyTest.remedy(sandbox, "shm-inodes"));
            assertThat(commands).containsExactly("belfry gc", "mount -o remount,nr_inodes=1m /dev/shm");
            Files.delete(sandbox.file("file0")); // one is free, and a subscriber's semaphore needs two
            assertThat(RemedyTest.commands(RemedyTest.remedy(sandbox, "shm-inodes")))
                    .isEqualTo(commands);
            RemedyTest.assertOneAnswer(sandbox);
            RemedyTest.run(sandbox, commands.get(1));
            assertThat(RemedyTest.findings(sandbox, "shm-inodes")).isEmpty();
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    /** Each is told from a second on. */
    @Test
    void shouldTellHowOldAllThatWaitsIs() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "audit", "--timeout", "0s", "q");
            sandbox.belfry("pub", "q", "x");
            assertThat(sandbox.belfry("ls").out()).doesNotContain("OLDEST");
            String time = "\\d[^-]*s";
            Patience.until("it is told", () -> sandbox.belfry("ls", "--long")
                    .out()
                    .matches("(?s).* LAG +OLDEST +ALONE +PUBLISHED +HEALTH\n"
                            + "shm:q .* 1  +T  +T  +T  +lagging\n.*".replace("T", time)));
            assertThat(sandbox.belfry("GET", "/api/page").out())
                    .contains("\"oldestSeconds\":", "\"publishedSeconds\":");
        }
    }

    @Test
    void shouldPrintWhatIsTheSameOfManyOnce() {
        try (Sandbox sandbox = new Sandbox()) {
            List<ChildJvm> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) readers.add(sandbox.startBelfry("sub", "q"));
            sandbox.awaitSubscribers("q", 3);
            readers.forEach(ChildJvm::kill);
            assertThat(sandbox.belfry("doctor", "q").out().lines().filter(l -> l.contains("[orphan-semaphores]")))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains(" and 2 more: its subscriber was killed"));
            assertThat(RemedyTest.findings(sandbox, "orphan-semaphores")).hasSize(3);
            for (int i = 0; i < 7; i++) sandbox.belfry("sub", "--name", "s" + i, "--timeout", "0s", "q");
            assertThat(sandbox.belfry("ls").out())
                    .contains("! shm:q: no process is attached to 7 subscriptions, such as 's0', 's1', ");
            assertThat(sandbox.belfry("doctor", "q").out().lines().filter(l -> l.contains("[unattended]")))
                    .hasSize(1);
        }
    }

    @Test
    void shouldGiveUpOpeningAfterTheTimeout() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            sandbox.start(Sandbox.java(RemedyTest.LocksAll.class, "/dev/shm/belfry.q"))
                    .expect("ready");
            for (String command : List.of("pub", "sub", "tail")) {
                Sandbox.Result given = sandbox.freshBelfry(command, "--timeout", "10ms", "q");
                assertThat(given.code()).as(command).isEqualTo(1);
                assertThat(given.err())
                        .isEqualTo("belfry: 'shm:q' could not be opened within 1 s: 'belfry doctor shm:q'"
                                + " shows what is in the way\n");
            }
        }
    }

    @Test
    void shouldNameThoseThatUseAQueueWhoseNameWasRemoved() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            ChildJvm reader = sandbox.actor("idle", "shm:q");
            assertThat(RemedyTest.findings(sandbox, "removed-name")).isEmpty();
            Files.delete(sandbox.file("belfry.q"));
            for (String[] doctor : new String[][] {{"doctor", "--json"}, {"doctor", "--json", "q"}})
                assertThat(DoctorTest.finding(sandbox.belfry(doctor), "removed-name"))
                        .containsEntry("subject", "shm:q")
                        .satisfies(f -> assertThat((String) f.get("what"))
                                .contains("processes still use it: pid " + reader.pid() + " (Actor);"));
            assertThat(sandbox.belfry("health").out()).startsWith("removed  shm:q: its name was removed");
            assertThat(sandbox.belfry("ls").out()).startsWith("! shm:q: its name was removed");
            RemedyTest.assertOneAnswer(sandbox);
            reader.kill();
            assertThat(RemedyTest.findings(sandbox, "removed-name")).isEmpty();
        }
    }

    /** It has mapped the queue before it had a name: so the kernel does not tell which one it is. */
    @Test
    void shouldNameTheCreatorOfAQueueWhoseNameWasRemoved() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm creator = sandbox.actor("hold", "shm:q");
            assertThat(RemedyTest.findings(sandbox, "removed-name")).isEmpty();
            Files.delete(sandbox.file("belfry.q"));
            String what = "the name of a queue was removed, and the process that created it still uses it: pid "
                    + creator.pid() + " (Actor)";
            assertThat(RemedyTest.findings(sandbox, "removed-name"))
                    .singleElement()
                    .satisfies(f -> assertThat(f).containsEntry("what", what));
            assertThat(sandbox.belfry("ls").out()).contains("! machine: /dev/shm: " + what);
            assertThat(sandbox.belfry("health"))
                    .satisfies(health -> assertThat(health.out()).startsWith("lagging  machine: /dev/shm: " + what))
                    .extracting(Sandbox.Result::code)
                    .isEqualTo(1);
            sandbox.belfry("pub", "other", "x");
            assertThat(sandbox.belfry("health", "other"))
                    .as("of a queue that has its name")
                    .isEqualTo(new Sandbox.Result(0, "ok       shm:other\n", ""));
            assertThat(sandbox.belfry("doctor", "q").out()).contains(what);
            try (Sandbox another = new Sandbox()) {
                assertThat(RemedyTest.findings(another, "removed-name")).isEmpty();
            }
            creator.kill();
            assertThat(RemedyTest.findings(sandbox, "removed-name")).isEmpty();
        }
    }

    @Test
    void shouldMarkAStoppedSubscriberBeforePublishersWait() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.actor("idle", "shm:q");
            sandbox.belfry("pub", "q", "x");
            assertThat(sandbox.belfry("ls").out()).doesNotContain("! shm:q");
            reader.pause();
            String mark = "'audit' (pid " + reader.pid() + ") is stopped, and publishers will wait for it, lag 1";
            Patience.until("it is marked", () -> sandbox.belfry("ls").out().contains(mark));
            assertThat(sandbox.belfry("top", "--count", "1", "q").out()).contains(mark);
            assertThat(sandbox.belfry("ls").out()).doesNotContain("LOST");
            assertThat(sandbox.belfry("doctor", "q"))
                    .satisfies(doctor -> assertThat(doctor.out())
                            .contains("'audit' (pid " + reader.pid()
                                    + ") is stopped, and publishers will wait for it, lag 1"))
                    .extracting(Sandbox.Result::code)
                    .isEqualTo(0);
            RemedyTest.assertOneAnswer(sandbox);
            RemedyTest.run(
                    sandbox,
                    RemedyTest.commands(RemedyTest.remedy(sandbox, "stopped-subscriber"))
                            .get(0));
            assertThat(RemedyTest.findings(sandbox, "stopped-subscriber")).isEmpty();
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    @Test
    void shouldShowWhatASubscriptionMissed() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.startBelfry("sub", "--policy", "overrun", "q?capacity=4k&maxCapacity=4k");
            sandbox.awaitSubscribers("q", 1);
            reader.pause();
            assertThat(sandbox.belfry("pub", "--size", "900", "--count", "50", "q")
                            .code())
                    .isZero();
            reader.proceed();
            Patience.until("it has noticed", () -> sandbox.belfry("ls")
                    .out()
                    .lines()
                    .findFirst()
                    .orElseThrow()
                    .contains("  LAG  LOST  HEALTH"));
        }
    }
}
