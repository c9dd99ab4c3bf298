package dev.belfry.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten problems, each planted for real: the doctor finds it, names the remedy, and repairs what is safe. */
@Timeout(180)
@Tag("Waits")
@OneJdk
class DoctorTest {
    static Map<String, Object> finding(Result doctor, String check) {
        List<Map<String, Object>> all = doctor.list("findings");
        return all.stream()
                .filter(f -> f.get("check").equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding '" + check + "' in " + all));
    }

    static List<Object> problems(Result doctor) {
        List<Object> problems = new ArrayList<>();
        for (Map<String, Object> finding : doctor.list("findings"))
            if (finding.get("level").equals("problem") && finding.get("fixed").equals(false))
                problems.add(finding.get("check"));
        return problems;
    }

    /** It must be a problem, say what is wrong and what to do, and make the exit code 1. */
    private static void assertFound(Result doctor, String check, String what, String remedy) {
        assertThat(finding(doctor, check))
                .containsEntry("level", "problem")
                .satisfies(f -> assertThat((String) f.get("what")).contains(what))
                .satisfies(f -> assertThat((String) f.get("remedy")).contains(remedy));
        assertThat(doctor.code()).isEqualTo(1);
    }

    @Slow
    @Test
    void shouldFindADeadPublisherHoldingTheLock() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            ChildJvm publisher = sandbox.actor("claim", "shm:q");
            publisher.kill();
            assertFound(
                    sandbox.belfry("doctor", "--json", "q"),
                    "stuck-lock",
                    "its publish lock is held by pid " + publisher.pid() + ", which is dead",
                    "belfry doctor --fix q");
            RemedyTest.assertOneAnswer(sandbox);
            Result fixed = sandbox.belfry("doctor", "--json", "--fix", "q");
            assertThat(finding(fixed, "stuck-lock")).containsEntry("fixed", true);
            assertThat(fixed.code()).isZero();
            assertThat(problems(sandbox.belfry("doctor", "--json", "q"))).isEmpty();
            RemedyTest.assertOneAnswer(sandbox);
            assertThat(sandbox.belfry("tail", "--format", "lines", "q").out())
                    .isEqualTo("tick 1\ntick 2\ntick 3\nbefore\n");
        }
    }

    /** Root may join anybody's, but does so only where somebody asked for this very one. */
    @Slow
    @Test
    void shouldRepairTheQueueOfAnotherUserOnlyIfItIsNamed() throws IOException {
        assumeTrue(Sandbox.ROOT, "only root can give a file away");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            sandbox.actor("claim", "shm:q").kill();
            Files.setAttribute(sandbox.file("belfry.q"), "unix:uid", 12_345);
            Result all = sandbox.belfry("doctor", "--json", "--fix");
            assertThat(finding(all, "stuck-lock")).containsEntry("fixed", false);
            assertFound(all, "stuck-lock", "which is dead", "belfry doctor --fix \"q?owner=12345\"");
            assertThat(finding(sandbox.belfry("doctor", "--json", "--fix", "q?owner=12345"), "stuck-lock"))
                    .containsEntry("fixed", true);
        }
    }

    @Test
    void shouldFindAPublisherStoppedWithTheLock() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm publisher = sandbox.actor("claim", "shm:q");
            publisher.pause();
            Patience.until("that is found", () -> problems(sandbox.belfry("doctor", "--json", "q"))
                    .contains("stuck-lock"));
            assertFound(
                    sandbox.belfry("doctor", "--json", "q"),
                    "stuck-lock",
                    "which is stopped",
                    "kill -CONT " + publisher.pid());
            assertThat(problems(sandbox.belfry("doctor", "--json", "--fix", "q")))
                    .contains("stuck-lock");
        }
    }

    @Test
    @Slow
    void shouldFindStaleSlotsAndOrphanSemaphores() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            ChildJvm reader = sandbox.startBelfry("sub", "q");
            sandbox.awaitSubscribers("q", 1);
            assertThat(sandbox.belfry("gc", "--json").out()).isEqualTo("{\"format\":1,\"leftOvers\":[]}\n");
            reader.kill();
            Result doctor = sandbox.belfry("doctor", "--json", "q");
            assertThat(finding(doctor, "stale-slots"))
                    .containsEntry("level", "note")
                    .containsEntry("what", "slots [0] belong to processes that died")
                    .extractingByKey("remedy")
                    .asString()
                    .contains("belfry doctor --fix q");
            assertThat(doctor.code()).as("it holds nobody up").isZero();
            assertThat(sandbox.belfry("health", "q").out()).isEqualTo("ok       shm:q\n");
            assertThat(finding(doctor, "orphan-semaphores"))
                    .containsEntry("what", "its subscriber was killed, and no process has it open")
                    .containsEntry("remedy", "'belfry gc' removes it.");
            assertThat(sandbox.files()).anyMatch(f -> f.startsWith("sem.belfry."));
            assertThat(sandbox.belfry("doctor", "--fix", "q").code()).isZero();
            assertThat(sandbox.files()).containsExactly("belfry.q");
            assertThat(sandbox.belfry("doctor", "q").out()).contains("shm:q: nothing wrong");
        }
    }

    @Test
    void shouldFindATruncatedObject() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "one");
            cut(sandbox.file("belfry.q"), 160_000);
            assertFound(
                    sandbox.belfry("doctor", "--json", "q"),
                    "truncated",
                    "has 160,000 bytes, its header says 1,245,184",
                    "belfry rm q");
            cut(sandbox.file("belfry.q"), 100);
            assertFound(sandbox.belfry("doctor", "--json", "q"), "truncated", "has only 100 bytes", "belfry rm q");
            assertThat(sandbox.belfry("ls").code()).isEqualTo(1);
            assertThat(sandbox.belfry("rm", "q").code()).isZero();
            assertThat(sandbox.files()).isEmpty();
        }
    }

    private static void cut(Path file, long length) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(length);
        }
    }

    @Test
    void shouldFindAForeignFile() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            Files.writeString(sandbox.file("belfry.q"), "not a queue, but long enough for one. ".repeat(6000));
            Files.createDirectory(sandbox.file("belfry.directory"));
            assertFound(
                    sandbox.belfry("doctor", "--json", "q"),
                    "foreign-file",
                    "another program's",
                    "Choose another queue name");
            assertFound(
                    sandbox.belfry("doctor", "--json", "directory"),
                    "foreign-file",
                    "is not a regular file",
                    "rm -r /dev/shm/belfry.directory");
            assertThat(problems(sandbox.belfry("doctor", "--fix", "--json"))).contains("foreign-file");
        }
    }

    @Test
    void shouldFindAnotherVersion() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "one");
            patch(sandbox.file("belfry.q"), 8, 9 | 1L << 32);
            assertFound(
                    sandbox.belfry("doctor", "--json", "q"),
                    "version",
                    "it has layout 9, this command reads 3",
                    "the command of the version that made it");
            assertThat(sandbox.belfry("rm", "q").code()).isZero();
        }
    }

    private static void patch(Path file, long at, long value) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            open.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, value)
                    .array());
        }
    }

    @Test
    void shouldFindACorruptRegionTable() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "one");
            patch(sandbox.file("belfry.q"), 1152, 4096);
            assertFound(
                    sandbox.belfry("doctor", "--json", "q"),
                    "corrupt-regions",
                    "region 0 lies at 4096, not 196608",
                    "belfry rm q");
            patch(sandbox.file("belfry.q"), 1152, 196_608);
            assertThat(problems(sandbox.belfry("doctor", "--json", "q"))).isEmpty();
            patch(sandbox.file("belfry.q"), 1160, 12_345);
            assertFound(
                    sandbox.belfry("doctor", "--json", "q"),
                    "corrupt-regions",
                    "region 0 of capacity 12345",
                    "belfry rm q");
        }
    }

    /** A message in the middle: only its reader sees it. */
    @Test
    void shouldFindADamagedMessageWhenItLooksDeep() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("x\n".repeat(20), "pub", "q");
            patch(sandbox.file("belfry.q"), 196_608 + 64, Long.MAX_VALUE);
            assertThat(sandbox.belfry("doctor", "q").code()).isZero();
            assertFound(
                    sandbox.belfry("doctor", "--json", "--deep", "q"),
                    "corrupt-log",
                    "record at 64 is not number 5",
                    "belfry rm q");
            Result tail = sandbox.belfry("tail", "--from", "oldest", "q");
            assertThat(tail.code()).isEqualTo(1);
            assertThat(tail.out()).isEqualTo("1 x\n2 x\n3 x\n4 x\n");
            assertThat(tail.err())
                    .contains("belfry: 'q' is damaged: record at 64 is not number 5", "run 'belfry doctor --deep q'");
        }
    }

    @Test
    void shouldFindACorruptHeader() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "one");
            patch(sandbox.file("belfry.q"), 80, 12_345);
            assertFound(
                    sandbox.belfry("doctor", "--json", "q"), "corrupt-header", "impossible capacities", "belfry rm q");
        }
    }

    @Slow
    @Test
    void shouldFindASmallAndAFullTmpfs() throws IOException {
        try (Sandbox sandbox = new Sandbox("size=16m")) {
            Result small = sandbox.freshBelfry("doctor", "--json");
            assertThat(small.code()).as("Docker gives 64 MB").isZero();
            assertThat(finding(small, "shm-size"))
                    .containsEntry("level", "note")
                    .satisfies(f -> assertThat((String) f.get("what")).startsWith("it is small: 16 MiB, 16 MiB free"))
                    .satisfies(f -> assertThat((String) f.get("remedy")).contains("--shm-size"));
            try (var fill = Files.newOutputStream(sandbox.file("filler"))) {
                byte[] block = new byte[1 << 16];
                while (true) fill.write(block);
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left");
            }
            assertFound(sandbox.freshBelfry("doctor", "--json"), "shm-full", "nothing is left of 16 MiB", "belfry gc");
            Result refused = sandbox.freshBelfry("pub", "q", "one");
            assertThat(refused.err()).contains("Cannot reserve", "'belfry gc' removes left-overs");
            assertThat(sandbox.freshBelfry("gc").code()).isZero(); // what one needs then works then
            assertThat(sandbox.freshBelfry("ls").code()).isZero();
        }
    }

    @Test
    void shouldLetNoNameSteerTheTerminal() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "auditor", "--timeout", "10ms", "q");
            String queue = new String(sandbox.bytes("q"), ISO_8859_1);
            int name = queue.indexOf("auditor");
            patch(sandbox.file("belfry.q"), name, 0x5958_6D31_335B_1BL); // "\e[31mXY"
            CRC32 sum = new CRC32();
            sum.update("\033[31mXY".getBytes(ISO_8859_1));
            int length = name - 512 + 40;
            long mode = queue.charAt(length + 4);
            patch(sandbox.file("belfry.q"), length, sum.getValue() << 10 & 0xFFFF_FFFFL | 7 | mode << 32);
            assertThat(sandbox.belfry("doctor", "q").out())
                    .contains("end it: 'belfry unsubscribe q \"?[31mXY\"'")
                    .doesNotContain("\033");
        }
    }

    @Test
    void shouldFindWhatIsNotPermitted() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "one");
            Files.setPosixFilePermissions(sandbox.file("belfry.q"), java.util.Set.of());
            JavaCommand command = Sandbox.java(Belfry.class, "doctor", "--json", "q");
            if (Sandbox.ROOT) { // root may open everything, unless it gives that up
                Files.setAttribute(sandbox.file("belfry.q"), "unix:uid", 12345);
                command.through(List.of(
                        "setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner", "--inh-caps", "-all"));
            }
            Result doctor = Sandbox.finish(sandbox.start(command), "");
            assertFound(doctor, "denied", "mode 0000", "Its owner or root can check it: 'belfry doctor q'.");
        }
    }
}
