package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * The 33 problems that an operator planted from outside: what {@code ls}, {@code doctor}, serve and a program say of
 * each, and what its remedy does. The table names the test of each; those without one elsewhere are planted here.
 */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PlantedProblemsTest {
    private static final String TABLE = """
             1 a publisher waits for a stopped subscriber   BlockedTest#shouldNameTheStoppedSubscriberOfAFullQueue
             1 its log, and all that ends the wait          PlantedTest#shouldNameAllThatEndsTheWaitForAStoppedSubscriber
             2 the same for half a minute                   PlantedProblemsTest#shouldCallAQueueStuckAfterHalfAMinute
             3 a claim's holder stopped, with time-outs     PlantedProblemsTest#shouldNameTheStoppedHolderOfAClaimBetweenTries
             4 a claim of a living thread, with time-outs   PlantedTest#shouldNameTheLivingHolderOfAClaimWherePublishersTimeOut
             5 a publisher killed in a claim                DoctorTest#shouldFindADeadPublisherHoldingTheLock
             6 a subscriber that never polls                PlantedTest#shouldNameTheSubscriberThatNeverPollsWherePublishersTimeOut
             7 a subscription that nobody attends           BlockedTest#shouldNameTheSubscriptionThatNobodyAttends
             8 a reader that loses nearly all               PlantedProblemsTest#shouldMarkAReaderThatLosesNearlyAll
             9 a reader that was disconnected               PlantedProblemsTest#shouldNameAReaderThatWasDisconnected
             9 while no process was attached                PlantedProblemsTest#shouldNameAReaderThatWasPassedWhileNoProcessWasAttached
            10 stopped before the ring is full              PlantedTest#shouldMarkAStoppedSubscriberBeforePublishersWait
            11 /dev/shm full                                PlantedProblemsTest#shouldSayThatARingCannotGrow
            11 its remedies                                 RemedyTest#shouldMakeMoreSpace
            12 no inodes                                    PlantedTest#shouldNameWhatIsMissingWhereNoFileCanBeMade
            13 truncated at rest                            PlantedProblemsTest#shouldCallATruncatedFileTheSameInAllPlaces
            14 truncated under traffic                      TruncationMatrixTest#f35AndF36ACutFileIsAnExceptionSoon
            14 what is said of it afterwards                PlantedProblemsTest#shouldCallATruncatedFileTheSameInAllPlaces
            15 scribbles                                    ScribblesTest#f78WhatDiffersIsSaidBySomebody
            15 no empty tail of damage                      PlantedTest#shouldSayWhatTailCannotRead
            16 a semaphore removed                          RemedyTest#shouldFindTheSemaphoreThatWasRemoved
            17 a semaphore overwritten                      PlantedTest#shouldFindTheSemaphoreThatWasOverwritten
            18 the name removed under use                   PlantedTest#shouldNameThoseThatUseAQueueWhoseNameWasRemoved
            19 strangers' files                             RemedyTest#shouldRemoveWhatIsNoQueue
            19 a FIFO, and one of 200 GB                    PlantedProblemsTest#shouldCallAStrangersFileTheSameInAllPlaces
            19 another user's queue                         PlantedTest#shouldEndASubscriptionOfAnotherUsersQueue
            20 modes                                        PlantedTest#shouldNameWhoMayDoWhat
            21 a hard link                                  RemedyTest#shouldRemoveTheNameThatIsNotTheQueues
            22 50 dead subscribers                          PlantedProblemsTest#shouldPutTogetherWhatManyHaveInCommon
            23 300 queues                                   PlantedProblemsTest#shouldListHundredsOfQueues
            24 100 subscriptions that nobody attends        PlantedProblemsTest#shouldPutTogetherWhatManyHaveInCommon
            25 clocks that were set                         QueueHealthTest#shouldSayWhoWaitsAndBecauseOfWhom
            25 no wait looks at them                        StopsAndClocksTest#f49NoWaitLooksAtTheWallClock
            26 a lock on the whole file                     RemedyTest#shouldNameTheProgramThatLocksTheWholeFile
            26 within the time-out                          PlantedTest#shouldGiveUpOpeningAfterTheTimeout
            27 a Jakarta consumer stopped, killed           DomainTroublesTest#shouldShowADomainAndAStoppedConsumerWithItsMessages
            28 dead letters                                 DomainTroublesTest#shouldNameDeadLettersAndSendThemAgain
            29 a full domain                                DomainTroublesTest#shouldNameAFullDomainAndWhoWaits
            29 half full already                            DomainTroublesTest#shouldNameADomainThatFills
            30 a domain with unread messages, removed       DomainTest#shouldRemoveNoDomainWithUnreadMessagesUnlessForced
            31 a bridge killed, its broker killed           BridgeKillTest#shouldPassEachMessageOnceAndInOrder
            31 its broker away                              KafkaBridgeTest#shouldSayThatTheBrokerIsAwayAndGoOn
            31 one line of it                               BridgeCommandTest#shouldSayOnceThatItIsNotConnectedAndOnceThatItIs
            32 a bridge's target removed                    BridgeTest#shouldGoOnInANewTargetWhenTheNameOfTheOldOneWasRemoved
            33 a dead broker, a bridge                      BridgeCommandTest#shouldGiveUpConnectingAfterTheTimeout
            33 a dead broker, the other commands            KafkaCommandTest#shouldEndAtTheTimeoutWhereNobodyAnswers
            """;
    private static final Pattern ROW = Pattern.compile(" *(\\d+) .+ (\\w+)#(\\w+)");

    /** Planted before all others, so that half a minute passes meanwhile. */
    private static Sandbox waiting;

    private static ChildJvm stopped;

    @BeforeAll
    static void plantALongWait() {
        waiting = new Sandbox();
        stopped = waiting.actor("idle", "shm:q?capacity=4k&maxCapacity=4k");
        stopped.pause();
        waiting.startBelfry("pub", "--size", "1000", "--count", "20", "q");
    }

    @AfterAll
    static void end() {
        waiting.close();
    }

    @Test
    void shouldNameATestThatExistsForEachRow() throws IOException {
        List<Integer> rows = new ArrayList<>();
        for (String line : TABLE.lines().toList()) {
            var row = ROW.matcher(line);
            assertThat(row.matches()).as(line).isTrue();
            rows.add(Integer.valueOf(row.group(1)));
            assertThat(source(row.group(2))).as(line).containsPattern("void " + row.group(3) + "\\(");
        }
        assertThat(rows.stream().distinct())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 33).boxed().toList());
    }

    /** Of a test of any module. */
    private static String source(String test) throws IOException {
        for (String module : List.of("cli", "api", "shm-transport", "bridge", "tests/processes")) {
            Path tests = Path.of("..", module, "src", "test", "java");
            try (Stream<Path> all = Files.walk(tests)) {
                Path found = all.filter(file -> file.endsWith(test + ".java"))
                        .findFirst()
                        .orElse(null);
                if (found != null) return Files.readString(found);
            }
        }
        throw new AssertionError("there is no test " + test);
    }

    // ---- what a program's health says

    /** For each line, which is a URI, what {@link QueueHealth} says of that queue; or why it cannot be opened. */
    static final class Program {
        public static void main(String[] args) throws IOException {
            Map<String, QueueHealth> all = new HashMap<>();
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            System.out.println("ready");
            for (String uri; (uri = in.readLine()) != null; ) System.out.println(health(all, uri));
        }

        private static String health(Map<String, QueueHealth> all, String uri) {
            try {
                QueueHealth.Report report =
                        all.computeIfAbsent(uri, Program::opened).check();
                return report.status() + " " + report.reasons();
            } catch (MessageQueueException refused) {
                return "REFUSED " + refused.code() + " " + refused.getMessage();
            }
        }

        private static QueueHealth opened(String uri) {
            MessageQueue queue = MessageQueues.open(
                    URI.create(uri),
                    QueueConfig.builder().create(Create.OPEN_EXISTING).build());
            return new QueueHealth(queue, 100_000, Duration.ofSeconds(30));
        }
    }

    private static ChildJvm program(Sandbox sandbox) {
        ChildJvm program = sandbox.start(Sandbox.java(Program.class));
        program.expect("ready");
        return program;
    }

    // ---- the rows without a test elsewhere

    @Test
    void shouldNameTheStoppedHolderOfAClaimBetweenTries() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("claim", "shm:q");
            holder.pause();
            ChildJvm publisher = sandbox.actor("tries", "shm:q");
            Pattern line =
                    Pattern.compile("pid " + publisher.pid() + " \\(Actor\\) has waited .* for a lock, held by pid "
                            + holder.pid() + " \\(Actor\\), which is stopped");
            ChildJvm program = program(sandbox);
            Patience.until(
                    "it has lasted for longer than a try",
                    () -> line.matcher(sandbox.belfry("ls").out()).find());
            RemedyTest.assertOneAnswer(sandbox);
            for (int i = 0; i < 5; i++) {
                assertThat(sandbox.belfry("ls").out()).as("steady").containsPattern(line);
                assertThat(program.ask("shm:q")).startsWith("LAGGING").containsPattern(line);
                assertThat(sandbox.belfry("doctor", "q").out()).containsPattern(line);
            }
            List<String> commands = RemedyTest.commands(RemedyTest.remedy(sandbox, "waiting"));
            assertThat(commands).containsExactly("kill -CONT " + holder.pid(), "kill -KILL " + holder.pid());
            RemedyTest.run(sandbox, commands.get(1));
            Patience.until("it publishes", () -> program.ask("shm:q").startsWith("OK"));
            assertThat(sandbox.belfry("ls", "--json").out()).contains("\"health\":\"ok\"");
            assertThat(sandbox.belfry("doctor", "q").code()).isZero();
        }
    }

    /** Reads one message and is busy then, while many are published. */
    static final class Loser {
        public static void main(String[] args) throws Exception {
            MessageQueue queue = MessageQueues.open(args[0]);
            Subscriber in = queue.createSubscriber(SubscriberOptions.builder()
                    .name("watch")
                    .slowSubscriber(SlowSubscriber.OVERRUN)
                    .build());
            System.out.println("ready");
            while (true) {
                in.receive();
                Thread.sleep(20);
            }
        }
    }

    @Test
    void shouldMarkAReaderThatLosesNearlyAll() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm loser = sandbox.start(Sandbox.java(Loser.class, "shm:q?capacity=4k&maxCapacity=4k"));
            loser.expect("ready");
            ChildJvm program = program(sandbox);
            program.ask("shm:q");
            sandbox.startBelfry("pub", "--size", "200", "--count", "1000000000", "--rate", "5000", "q");
            Pattern line = Pattern.compile("'watch' \\(pid " + loser.pid() + "\\) missed [0-9,]+ messages within ");
            Patience.until("it is marked", () -> {
                Result ls = sandbox.belfry("ls");
                return ls.code() == 1
                        && line.matcher(ls.out()).find()
                        && ls.out().contains("  LOST  HEALTH")
                        && ls.out().contains("  stuck");
            });
            Patience.until("a program sees it", () -> {
                String health = program.ask("shm:q");
                return health.startsWith("STUCK") && line.matcher(health).find();
            });
            for (String[] doctor : new String[][] {{"doctor"}, {"doctor", "q"}, {"doctor", "--deep", "q"}}) {
                Result said = sandbox.belfry(doctor);
                assertThat(said.code()).as(said.toString()).isEqualTo(1);
                assertThat(said.out())
                        .containsPattern("PROBLEM shm:q: " + line.pattern())
                        .contains("[losing]");
            }
            assertThat(sandbox.belfry("subs", "q").out()).containsPattern(" overrun .* watch");
        }
    }

    @Test
    void shouldNameAReaderThatWasDisconnected() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.startBelfry(
                    "sub", "--name", "audit", "--policy", "disconnect", "q?capacity=4k&maxCapacity=4k");
            sandbox.awaitSubscribers("q", 1);
            reader.pause();
            assertThat(sandbox.belfry("pub", "--size", "900", "--count", "20", "q")
                            .code())
                    .isZero();
            reader.proceed();
            Result told = Sandbox.finish(reader, "");
            assertThat(told.code()).isEqualTo(1);
            assertThat(told.err()).contains("'audit' of 'shm:q' was disconnected at position 0");
            assertDisconnected(sandbox, program(sandbox));
        }
    }

    /** Nobody marks it as ended: neither its process, which is not there, nor the publisher. */
    @Test
    void shouldNameAReaderThatWasPassedWhileNoProcessWasAttached() {
        try (Sandbox sandbox = new Sandbox()) {
            String uri = "q?capacity=4k&maxCapacity=4k";
            sandbox.belfry("pub", uri, "first");
            sandbox.belfry("sub", "--name", "audit", "--policy", "disconnect", "--from", "oldest", "--count", "1", "q");
            assertThat(sandbox.belfry("pub", "--size", "900", "--count", "20", "q")
                            .code())
                    .isZero();
            assertDisconnected(sandbox, program(sandbox));
        }
    }

    private static void assertDisconnected(Sandbox sandbox, ChildJvm program) {
        String said = "'audit' was disconnected because it was too slow, lag ";
        assertThat(sandbox.belfry("ls").out()).contains("! shm:q: " + said);
        assertThat(program.ask("shm:q")).startsWith("LAGGING").contains(said);
        assertThat(sandbox.belfry("subs", "q").out()).contains("audit  disconnected");
        RemedyTest.assertMended(sandbox, "ended");
        assertThat(sandbox.belfry("ls").out()).contains("  ok\n").doesNotContain("! ");
    }

    @Test
    void shouldSayThatARingCannotGrow() throws IOException {
        try (Sandbox sandbox = new Sandbox("size=4m")) {
            sandbox.actor("idle", "shm:q?capacity=64k&maxCapacity=16m");
            ChildJvm program = program(sandbox);
            try (RandomAccessFile filler =
                    new RandomAccessFile(sandbox.file("filler").toFile(), "rw")) {
                byte[] block = new byte[4096];
                while (true) filler.write(block);
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left");
            }
            Result refused = sandbox.freshBelfry("pub", "--size", "1000", "--count", "500", "--timeout", "2s", "q");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err())
                    .contains(
                            "cannot grow, goes on with what it has: Cannot reserve 128 KiB in /dev/shm (4 MiB, 0 bytes")
                    .contains("waiting for 'audit'");
            Result tried = sandbox.freshBelfry("pub", "--size", "1000", "--count", "500", "--timeout", "3s", "q");
            assertThat(tried.err())
                    .containsPattern("belfry: .*'shm:q' is full \\(64 KiB\\): waiting for 'audit' .*"
                            + " The queue cannot grow: Cannot reserve 128 KiB in /dev/shm \\(4 MiB, 0 bytes free\\)");
            Result tail = sandbox.belfry("tail", "q");
            assertThat(tail.code()).isEqualTo(1);
            assertThat(tail.err()).contains("Cannot reserve 4 KiB in /dev/shm (4 MiB, 0 bytes free)");
            assertThat(sandbox.belfry("ls").out()).contains("shm:q ");
            assertThat(program.ask("shm:q")).doesNotStartWith("REFUSED");
            assertThat(sandbox.belfry("doctor", "q").code()).isEqualTo(1);
            assertThat(RemedyTest.findings(sandbox, "shm-full")).hasSize(1);
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    @Test
    void shouldCallATruncatedFileTheSameInAllPlaces() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm program = program(sandbox);
            for (long length : new long[] {0, 100, 4096, 196_608, 622_592}) {
                assertThat(sandbox.belfry("pub", "q", "x").code()).isZero();
                try (RandomAccessFile file =
                        new RandomAccessFile(sandbox.file("belfry.q").toFile(), "rw")) {
                    assertThat(file.length()).isEqualTo(1_245_184);
                    file.setLength(length);
                }
                if (length == 0) assertSame(sandbox, program, "foreign", "foreign-file", 109);
                else assertSame(sandbox, program, "damaged", "truncated", 115);
            }
        }
    }

    @Test
    void shouldCallAStrangersFileTheSameInAllPlaces() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm program = program(sandbox);
            assertThat(OutputTest.inShell(sandbox, "mkfifo /dev/shm/belfry.q").code())
                    .isZero();
            assertSame(sandbox, program, "foreign", "foreign-file", 109);
            try (RandomAccessFile file =
                    new RandomAccessFile(sandbox.file("belfry.q").toFile(), "rw")) {
                file.setLength(200L << 30);
            }
            assertSame(sandbox, program, "foreign", "foreign-file", 109);
        }
    }

    /** And the remedy removes it. */
    private static void assertSame(Sandbox sandbox, ChildJvm program, String word, String check, int code) {
        Result ls = sandbox.belfry("ls");
        assertThat(ls.code()).isEqualTo(1);
        assertThat(ls.out()).containsPattern("shm:q +.* " + word + "\n");
        assertThat(sandbox.belfry("ls", "--json").out()).contains("\"health\":\"" + word + "\"");
        assertThat(program.ask("shm:q")).startsWith("REFUSED BELFRY-" + code);
        assertThat(sandbox.belfry("tail", "q").code()).isEqualTo(1);
        RemedyTest.assertMended(sandbox, check);
        assertThat(sandbox.files()).isEmpty();
    }

    /** 50 subscribers and 100 named ones, one after the other, of one queue. */
    static final class Crowd {
        public static void main(String[] args) throws IOException {
            MessageQueue queue = MessageQueues.open(args[0]);
            for (int i = 0; i < 150; i++)
                queue.createSubscriber(SubscriberOptions.builder()
                        .name(i < 50 ? null : "s" + i)
                        .build());
            System.out.println("ready");
            while (System.in.read() >= 0) continue;
        }
    }

    @Test
    void shouldPutTogetherWhatManyHaveInCommon() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm crowd = sandbox.start(Sandbox.java(Crowd.class, "shm:q?slots=256"));
            crowd.expect("ready");
            assertThat(sandbox.belfry("doctor", "q").out()).contains("shm:q: nothing wrong");
            crowd.kill();
            assertThat(sandbox.belfry("doctor", "q").out().lines().filter(l -> l.contains("[orphan-semaphores]")))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains(" more: its subscriber was killed"));
            assertThat(RemedyTest.findings(sandbox, "stale-slots")).hasSize(1);
            RemedyTest.assertOneAnswer(sandbox);
            assertThat(sandbox.belfry("ls").out().lines().filter(line -> line.startsWith("! ")))
                    .containsExactly(
                            "! shm:q: no process is attached to 100 subscriptions, such as 's50', 's51', 's52',"
                                    + " 's53', 's54'");
            assertThat(program(sandbox).ask("shm:q"))
                    .startsWith("LAGGING")
                    .contains("no process is attached to 's149'");
            RemedyTest.assertMended(sandbox, "stale-slots");
            assertThat(sandbox.files()).containsExactly("belfry.q");
            List<String> commands = RemedyTest.commands(RemedyTest.remedy(sandbox, "unattended"));
            assertThat(RemedyTest.run(sandbox, commands.get(1)).out().lines()).hasSize(100);
            RemedyTest.run(sandbox, commands.get(1).replace(" --dry-run", ""));
            assertThat(sandbox.belfry("health").out()).isEqualTo("ok       shm:q\n");
        }
    }

    /** Each with a message. */
    static final class Many {
        public static void main(String[] args) {
            for (int i = 0; i < 300; i++)
                try (MessageQueue queue = MessageQueues.open("shm:many" + i + "?capacity=4k&maxCapacity=4k&slots=1")) {
                    queue.createPublisher().publish("x");
                }
            System.out.println("ready");
        }
    }

    @Test
    void shouldListHundredsOfQueues() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.start(Sandbox.java(Many.class)).expect("ready");
            Result ls = sandbox.belfry("ls");
            assertThat(ls.code()).isZero();
            assertThat(ls.out().lines()).hasSize(301).noneMatch(line -> line.startsWith("!"));
            Result doctor = sandbox.belfry("doctor");
            assertThat(doctor.code()).as(doctor.toString()).isZero();
        }
    }

    /** Last, as then half a minute has passed. */
    @Test
    @Order(Integer.MAX_VALUE)
    void shouldCallAQueueStuckAfterHalfAMinute() {
        Pattern line = Pattern.compile(
                "has waited (?!\\d+ ms|[12]?\\d s).+ for room, held up by 'audit' of pid " + stopped.pid());
        Patience.until(
                "it has waited for half a minute",
                () -> line.matcher(waiting.belfry("ls").out()).find());
        Result ls = waiting.belfry("ls");
        assertThat(ls.code()).isEqualTo(1);
        assertThat(ls.out()).containsPattern("shm:q +.* stuck\n").containsPattern(line);
        assertThat(waiting.belfry("top", "--count", "1", "q").out()).containsPattern("shm:q +.* stuck\n");
        assertThat(program(waiting).ask("shm:q"))
                .as("at the first check")
                .startsWith("STUCK")
                .containsPattern(line);
        assertThat(waiting.belfry("doctor", "q").out()).containsPattern("PROBLEM shm:q: .*" + line);
        RemedyTest.assertOneAnswer(waiting);
        List<String> commands = RemedyTest.commands(RemedyTest.remedy(waiting, "waiting"));
        RemedyTest.run(waiting, commands.get(1));
        Patience.until("it has ended", () -> !stopped.isAlive());
        RemedyTest.run(waiting, commands.get(2));
        Patience.until("it goes on", () -> waiting.belfry("ls").out().matches("(?s).* ok\n"));
    }
}
