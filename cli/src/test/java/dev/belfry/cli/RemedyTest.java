package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that texts name are run as they stand there, by a shell: afterwards the problem is gone. */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class RemedyTest {
    private static final Pattern COMMAND =
            Pattern.compile("'((?:belfry|rm|chmod|kill|find|mount|ulimit|lslocks)(?: [^']*)?)'");

    @TempDir
    Path files;

    /** The commands in a text, in order. */
    static List<String> commands(String text) {
        List<String> all = new ArrayList<>();
        for (Matcher m = COMMAND.matcher(text); m.find(); ) all.add(m.group(1));
        return all;
    }

    /** The only one in a text, run; what can be proven before is taken out by another, if somebody wants it. */
    static Result follow(Sandbox sandbox, String text) {
        List<String> mending = commands(text);
        mending.removeIf(command -> command.startsWith("belfry salvage "));
        assertThat(mending).as(text).hasSize(1);
        return run(sandbox, mending.get(0));
    }

    /** The shell says what its words are. */
    static Result run(Sandbox sandbox, String command) {
        Result result;
        if (command.startsWith("belfry ")) {
            String words = OutputTest.inShell(sandbox, "belfry() { printf '%s\\0' \"$@\"; }; " + command)
                    .out();
            result = sandbox.belfry(words.split("\0"));
        } else result = OutputTest.inShell(sandbox, command);
        assertThat(result.code()).as(command + ": " + result).isZero();
        return result;
    }

    static List<Map<String, Object>> findings(Sandbox sandbox, String check) {
        return findings(sandbox.belfry("doctor", "--json"), check);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> findings(Result doctor, String check) {
        return doctor.list("findings").stream()
                .filter(f -> f.get("check").equals(check))
                .toList();
    }

    static String remedy(Sandbox sandbox, String check) {
        return remedy(sandbox.belfry("doctor", "--json"), check);
    }

    private static String remedy(Result doctor, String check) {
        List<Map<String, Object>> found = findings(doctor, check);
        assertThat(found).as(check).hasSize(1);
        return (String) found.get(0).get("remedy");
    }

    static void assertMended(Sandbox sandbox, String check) {
        assertOneAnswer(sandbox);
        follow(sandbox, remedy(sandbox, check));
        assertThat(findings(sandbox, check)).isEmpty();
        assertOneAnswer(sandbox);
    }

    /** ls, health, serve and doctor say the same of each queue; health, by its code, of the machine, too. */
    @SuppressWarnings("unchecked")
    static void assertOneAnswer(Sandbox sandbox) {
        Map<Object, Object> health = new HashMap<>();
        Result all = sandbox.belfry("health", "--json", "--interval", "20ms");
        for (Map<String, Object> one : all.list("verdicts")) health.put(one.get("uri"), one.get("word"));
        for (Map<String, Object> one :
                sandbox.belfry("ls", "--json", "--interval", "20ms").list("queues"))
            assertThat(health).containsEntry(one.get("uri"), one.get("health"));
        Result doctor = sandbox.belfry("doctor", "--json");
        boolean isBad = doctor.list("findings").stream()
                .anyMatch(f ->
                        f.get("level").equals("problem") && f.get("repairable").equals(false));
        assertThat(all.code() == 2).as(all + "\n" + doctor).isEqualTo(isBad);
        Result served = sandbox.belfry("GET", "/health");
        assertThat(served.code()).as(all + "\n" + served).isEqualTo(isBad ? 503 : 200);
        for (String line : served.out().split("\n")) {
            String[] words = line.replaceFirst(": .*", "").split(" +");
            assertThat(words[0]).as(line + "\n" + all).isEqualTo(health.getOrDefault(words[1], "ok"));
        }
    }

    static void patch(Sandbox sandbox, String queue, long at, long value) throws IOException {
        try (RandomAccessFile open =
                new RandomAccessFile(sandbox.file("belfry." + queue).toFile(), "rw")) {
            open.seek(at);
            open.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, value)
                    .array());
        }
    }

    /** One by one: a symbolic link, a directory, an empty file, a text shorter and one longer than a header. */
    @Test
    void shouldRemoveWhatIsNoQueue() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            Path target = Files.writeString(sandbox.file("target"), "stays");
            Files.createSymbolicLink(sandbox.file("belfry.q"), Path.of("target"));
            assertRefusedAndMended(sandbox);
            assertThat(target).hasContent("stays");
            Files.createDirectory(sandbox.file("belfry.q"));
            Files.writeString(sandbox.file("belfry.q").resolve("inside"), "x");
            assertRefusedAndMended(sandbox);
            Files.createFile(sandbox.file("belfry.q"));
            assertRefusedAndMended(sandbox);
            Files.writeString(sandbox.file("belfry.q"), "hello");
            assertRefusedAndMended(sandbox);
            Files.writeString(sandbox.file("belfry.q"), "not a queue, but long enough for one. ".repeat(6000));
            assertRefusedAndMended(sandbox);
        }
    }

    /** Refused by rm without force, whose text names a command that works, too. */
    private static void assertRefusedAndMended(Sandbox sandbox) {
        assertThat(sandbox.belfry("ls").out()).containsPattern("shm:q +.* foreign\n");
        Result refused = sandbox.belfry("rm", "q");
        assertThat(refused.code()).isEqualTo(1);
        String doctor = remedy(sandbox, "foreign-file");
        assertThat(commands(refused.err())).isEqualTo(commands(doctor));
        assertMended(sandbox, "foreign-file");
        assertThat(sandbox.belfry("pub", "q", "x").code()).isZero();
        sandbox.belfry("rm", "q");
    }

    @Test
    void shouldTellACopyOfAQueuesFileFromItAndJudgeBoth() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            assertThat(findings(sandbox, "same-id")).isEmpty();
            Files.copy(sandbox.file("belfry.q"), sandbox.file("belfry.r"));
            sandbox.belfry("pub", "other", "x");
            assertThat(findings(sandbox, "same-id"))
                    .extracting(f -> f.get("subject"))
                    .containsExactly("shm:q", "shm:r");
            assertThat(findings(sandbox, "same-id"))
                    .extracting(f -> commands((String) f.get("remedy")))
                    .containsExactly(
                            List.of("rm /dev/shm/belfry.q", "rm /dev/shm/belfry.r"),
                            List.of("rm /dev/shm/belfry.r", "rm /dev/shm/belfry.q"));
            assertThat(sandbox.belfry("doctor", "r").out())
                    .contains("its id is also that of shm:q: one file is a copy");
            assertThat(sandbox.belfry("ls").out())
                    .contains("shm:q: its id is also that of shm:r", "shm:r: its id is also that of shm:q")
                    .doesNotContain("shm:other: ");
            assertThat(sandbox.belfry("health").code()).as("a warning").isEqualTo(1);
            run(
                    sandbox,
                    commands((String) findings(sandbox, "same-id").get(1).get("remedy"))
                            .get(0));
            assertThat(findings(sandbox, "same-id")).isEmpty();
        }
    }

    @Test
    void shouldSayWhyARingCannotGrow() {
        try (Sandbox sandbox = new Sandbox("size=1m")) {
            sandbox.belfry("pub", "q?capacity=512k&maxCapacity=8m", "x");
            String why = "its ring of 512 KiB cannot grow to 8 MiB: the next one takes 1 MiB, and /dev/shm has ";
            assertThat(sandbox.belfry("info", "q").out()).contains(why);
            assertThat(sandbox.belfry("doctor", "q").out()).contains(why).contains(" free [growth]");
            assertThat(sandbox.belfry("health", "q").out())
                    .as("it may never need to")
                    .startsWith("ok ");
            sandbox.belfry("rm", "q");
            sandbox.belfry("pub", "q?capacity=64k&maxCapacity=8m", "x");
            assertThat(findings(sandbox, "growth")).isEmpty();
        }
    }

    /** By the names; where both could be queues, it does not decide. */
    @Test
    void shouldRemoveTheNameThatIsNotTheQueues() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            Files.createLink(sandbox.file("a copy"), sandbox.file("belfry.q"));
            assertThat(sandbox.belfry("pub", "q", "y").err())
                    .contains("has other names as well. 'belfry doctor q' says which of them to remove.");
            assertMended(sandbox, "two-names");
            assertThat(sandbox.belfry("pub", "q", "y").code()).isZero();

            Files.createLink(sandbox.file("belfry.r"), sandbox.file("belfry.q"));
            assertThat(findings(sandbox, "two-names"))
                    .extracting(f -> commands((String) f.get("remedy")))
                    .containsExactly(
                            List.of("rm /dev/shm/belfry.q", "rm /dev/shm/belfry.r"),
                            List.of("rm /dev/shm/belfry.r", "rm /dev/shm/belfry.q"));
            Files.delete(sandbox.file("belfry.r"));
            assertThat(findings(sandbox, "two-names")).isEmpty();
            assertThat(sandbox.belfry("tail", "--format", "lines", "q").out()).isEqualTo("x\ny\n");
        }
    }

    @Test
    void shouldRemoveWhatIsDamaged() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            try (RandomAccessFile open =
                    new RandomAccessFile(sandbox.file("belfry.q").toFile(), "rw")) {
                open.setLength(160_000);
            }
            assertMended(sandbox, "truncated");
            sandbox.belfry("pub", "q", "x");
            patch(sandbox, "q", 80, 12_345);
            assertMended(sandbox, "corrupt-header");
            sandbox.belfry("pub", "q", "x");
            patch(sandbox, "q", 1152, 4096);
            assertMended(sandbox, "corrupt-regions");
            sandbox.belfry("pub", "q", "x");
            patch(sandbox, "q", 8, 3 | 188_830_408L << 32);
            assertThat(sandbox.belfry("ls").out()).contains("damaged");
            assertMended(sandbox, "corrupt-header");
            sandbox.belfry("pub", "q", "x");
            patch(sandbox, "q", 8, 9 | 1L << 32);
            assertMended(sandbox, "version");
            assertThat(sandbox.files()).isEmpty();
        }
    }

    @Test
    void shouldEndWhatTheDeadAndTheStoppedHold() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            ChildJvm dead = sandbox.actor("claim", "shm:q");
            dead.kill();
            assertMended(sandbox, "stuck-lock");
            ChildJvm reader = sandbox.startBelfry("sub", "q");
            sandbox.awaitSubscribers("q", 1);
            reader.kill();
            String orphan = remedy(sandbox, "orphan-semaphores");
            assertMended(sandbox, "stale-slots");
            sandbox.belfry("sub", "q", "--timeout", "0s");
            follow(sandbox, orphan);
            assertThat(findings(sandbox, "orphan-semaphores")).isEmpty();
            ChildJvm stopped = sandbox.actor("claim", "shm:q");
            stopped.pause();
            Patience.until(
                    "it is stopped", () -> !findings(sandbox, "stuck-lock").isEmpty());
            List<String> commands = commands(remedy(sandbox, "stuck-lock"));
            assertThat(commands).containsExactly("kill -CONT " + stopped.pid(), "kill -KILL " + stopped.pid());
            run(sandbox, commands.get(0));
            Patience.until("it goes on", () -> findings(sandbox, "stuck-lock").isEmpty());
        }
    }

    /** As its signal does not continue it. */
    @Test
    void shouldNameTheDebuggerOfAProcessThatItHasStopped() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("claim", "shm:q");
            Path jhsdb = Path.of(System.getProperty("java.home"), "bin", "jhsdb");
            ChildJvm debugger = sandbox.start(List.of(jhsdb.toString(), "clhsdb", "--pid", "" + holder.pid()));
            Patience.until(
                    "it is stopped", () -> !findings(sandbox, "stuck-lock").isEmpty());
            String remedy = remedy(sandbox, "stuck-lock");
            assertThat(remedy).matches("Let it continue in pid \\d+ \\(.*\\), which traces it, or end it .*");
            assertThat(commands(remedy)).containsExactly("kill -KILL " + holder.pid());
            debugger.kill();
            Patience.until("it goes on", () -> findings(sandbox, "stuck-lock").isEmpty());
        }
    }

    @Test
    void shouldStartABridgeAgain() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("bridge", "--timeout", "1ms", "q", "copy");
            sandbox.belfry("pub", "--existing", "q", "x");
            List<String> commands = commands(remedy(sandbox, "unattended"));
            assertThat(commands)
                    .containsExactly("belfry bridge q \"shm:copy\"", "belfry unsubscribe q bridge-to-shm-copy");
            run(sandbox, commands.get(0) + " --timeout 1ms");
            assertThat(sandbox.belfry("info", "copy").out()).contains("History: 1 messages can be read");
            assertThat(run(sandbox, commands.get(1)).out()).isEqualTo("unsubscribed bridge-to-shm-copy\n");
        }
    }

    @Test
    void shouldEndASubscriptionOfAQueueWhoseNameBeginsAsAnOption() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "shm:-q", "x");
            sandbox.belfry("sub", "--name=-x", "--from", "oldest", "--timeout", "0s", "shm:-q");
            assertMended(sandbox, "unattended");
        }
    }

    @Test
    void shouldEndASubscriptionWhateverItsName() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            for (String name : List.of("billing", "two words", "$HOME `id` \"x\" \\ y", "-x")) {
                sandbox.belfry("sub", "--name=" + name, "--from", "oldest", "--timeout", "0s", "q");
                assertThat(sandbox.belfry("subs", "q").out()).contains(name, "no process attached");
                assertMended(sandbox, "unattended");
                assertThat(sandbox.belfry("subs", "q")).as(name).isEqualTo(new Result(0, "", "No subscriptions.\n"));
            }
        }
    }

    @Test
    void shouldShowAndEndWhatTakesAllSlots() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "audit", "--timeout", "0s", "q?slots=1");
            List<String> commands = commands(remedy(sandbox, "slots"));
            assertThat(commands).containsExactly("belfry subs q", "belfry unsubscribe q NAME");
            assertThat(run(sandbox, commands.get(0)).out()).contains("audit");
            assertThat(sandbox.belfry("unsubscribe", "q", "nobody").err())
                    .contains("has no subscription 'nobody': 'belfry subs q' lists them");
            assertThat(run(sandbox, commands.get(1).replace("NAME", "audit")).out())
                    .isEqualTo("unsubscribed audit\n");
            assertThat(findings(sandbox, "slots")).isEmpty();
        }
    }

    /** The next one that needs it frees it. */
    @Test
    void shouldNotCountTheSlotOfAProcessThatIsGone() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.startBelfry("sub", "q?slots=1");
            sandbox.awaitSubscribers("q", 1);
            assertThat(findings(sandbox, "slots")).hasSize(1);
            reader.kill();
            Patience.until("it is gone", () -> findings(sandbox, "stale-slots").size() == 1);
            assertThat(findings(sandbox, "slots")).isEmpty();
            assertThat(sandbox.belfry("sub", "--timeout", "0s", "q").code()).isZero();
        }
    }

    @Test
    void shouldFindTheSemaphoreThatWasRemoved() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.startBelfry("sub", "q");
            sandbox.awaitSubscribers("q", 1);
            assertThat(findings(sandbox, "missing-semaphore")).isEmpty();
            for (String file : sandbox.files()) if (file.startsWith("sem.")) Files.delete(sandbox.file(file));
            assertThat(sandbox.belfry("doctor", "q").code()).isEqualTo(1);
            assertThat((String) findings(sandbox, "missing-semaphore").get(0).get("what"))
                    .contains("of the subscriber in slot 0 (pid " + reader.pid() + ") was removed or replaced");
            follow(sandbox, remedy(sandbox, "missing-semaphore"));
            Patience.until("it has ended", () -> !reader.isAlive());
            sandbox.startBelfry("sub", "q");
            sandbox.awaitSubscribers("q", 1);
            assertThat(findings(sandbox, "missing-semaphore")).isEmpty();
        }
    }

    @Test
    void shouldMakeMoreSpace() throws IOException {
        try (Sandbox sandbox = new Sandbox("size=16m")) {
            Path filler = sandbox.file("filler");
            try (RandomAccessFile fill = new RandomAccessFile(filler.toFile(), "rw")) {
                byte[] block = new byte[4096];
                for (int i = 0; i < (16 << 20) / 4096 - 219; i++) fill.write(block);
            }
            assertThat(findings(sandbox, "shm-full").get(0)).containsEntry("what", "only 876 KiB is left of 16 MiB");
            List<String> commands = commands(remedy(sandbox, "shm-full"));
            assertThat(commands).containsExactly("belfry ls", "belfry gc", "mount -o remount,size=2g /dev/shm");
            for (String command : commands) run(sandbox, command);
            assertThat(findings(sandbox, "shm-full")).isEmpty();
            assertThat(findings(sandbox, "shm-size").get(0)).containsEntry("level", "ok");
        }
    }

    /** They are the shell's, so it raises them there, for what it starts after that. */
    @Test
    void shouldRaiseTheLimitsOfAProcess() {
        try (Sandbox sandbox = new Sandbox()) {
            String files = "export JDK_JAVA_OPTIONS=-XX:-MaxFDLimit; "; // by itself a JVM takes all that it may have
            for (String low : List.of("ulimit -S -f 4000000", "ulimit -S -v 32000000", files + "ulimit -S -n 200")) {
                Result limited = OutputTest.run(sandbox, low + "; belfry doctor --json");
                String remedy = findings(limited, "limits").stream()
                        .filter(f -> !f.get("level").equals("ok"))
                        .map(f -> (String) f.get("remedy"))
                        .reduce("", String::concat);
                assertThat(commands(remedy)).as(low + limited).hasSize(1);
                Result raised =
                        OutputTest.run(sandbox, low + "; " + commands(remedy).get(0) + " && belfry doctor --json");
                assertThat(findings(raised, "limits"))
                        .as(remedy)
                        .singleElement()
                        .satisfies(f -> assertThat(f).containsEntry("level", "ok"));
            }
        }
    }

    /**
     * Nothing works for a user who may not write there, so the doctor names no command; that of
     * "permission" mends it.
     */
    @Test
    void shouldLetOtherUsersCreateFiles() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to be somebody else");
        try (Sandbox sandbox = new Sandbox("size=256m,mode=0755")) {
            assertThat((String) findings(doctorOfAnother(sandbox), "transport")
                            .get(0)
                            .get("what"))
                    .contains("may this user write to /dev/shm?");
            run(sandbox, "chmod 1777 /dev/shm");
            Result doctor = doctorOfAnother(sandbox);
            assertThat(doctor.code()).as(doctor.toString()).isZero();
        }
    }

    private Result doctorOfAnother(Sandbox sandbox) throws IOException {
        return Sandbox.finish(sandbox.start(new OtherUser(files).belfry("doctor", "--json")), "");
    }

    /** Argument: the file. */
    static final class LocksAll {
        public static void main(String[] args) throws IOException {
            try (FileChannel file = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
                System.out.println(file.lock().isValid() ? "ready" : "no lock");
                while (System.in.read() >= 0) continue;
            }
        }
    }

    @Test
    void shouldNameTheProgramThatLocksTheWholeFile() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/lslocks")), "there is no /usr/bin/lslocks");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            ChildJvm locker = sandbox.start(Sandbox.java(LocksAll.class, "/dev/shm/belfry.q"));
            locker.expect("ready");
            assertOneAnswer(sandbox);
            assertThat(follow(sandbox, remedy(sandbox, "foreign-lock")).out().lines())
                    .anyMatch(line -> line.contains(" " + locker.pid() + " ") && line.contains("POSIX"));
            Sandbox.finish(locker, "");
            assertThat(findings(sandbox, "foreign-lock")).isEmpty();
        }
    }

    /*
     * Not run: "kernel" names no command; "permission" of a queue names 'strace -f belfry info', for a failure of the
     * kernel that Belfry has no words for: one that a test can provoke has words.
     */

    @Test
    void shouldSayOnlyWhatItRemovedItself() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm gone = sandbox.actor("stream", "shm:gone?deleteOnLastClose=true");
            gone.kill();
            Result gc = sandbox.belfry("gc");
            assertThat(gc.out()).contains("removed shm:gone").doesNotContain("in use");
            assertThat(gc.out().lines()).hasSize(2).allMatch(line -> line.startsWith("removed "));
            assertThat(sandbox.files()).isEmpty();
        }
    }
}
