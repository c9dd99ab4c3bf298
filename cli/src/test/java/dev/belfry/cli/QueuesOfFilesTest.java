package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Queues of {@code file:} are found and judged by those who name none, and by their files alone. */
@Timeout(180)
@Tag("Waits")
@OneJdk
class QueuesOfFilesTest {
    private final Sandbox sandbox = new Sandbox();

    @TempDir
    Path temporary;

    private Path directory;
    private String uri;

    /** With a subscription that is behind by one message. */
    @BeforeEach
    void plant() throws IOException {
        directory = temporary.toRealPath().resolve("kept");
        uri = "file:" + directory;
        String anywhere = uri + "?anyFileSystem=true";
        sandbox.belfry("sub", "--name", "audit", "--timeout", "1ms", anywhere);
        assertThat(sandbox.belfry("pub", anywhere, "x").code()).isZero();
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    @Test
    void shouldBeFoundByCommandsThatNameNone() {
        for (List<String> command :
                List.of(List.of("ls"), List.of("ls", "--json"), List.of("health"), List.of("top", "--count", "1"))) {
            Result said = sandbox.belfry(command.toArray(String[]::new));
            assertThat(said.out()).as("%s", command).contains(uri);
        }
        for (List<String> command : List.of(List.of("ls"), List.of("info", uri), List.of("top", "--count", "1", uri)))
            assertThat(sandbox.belfry(command.toArray(String[]::new)).out())
                    .as("%s: not its ring", command)
                    .contains("10 GiB");
        Result health = sandbox.belfry("health");
        assertThat(health.code()).isEqualTo(1);
        assertThat(health.out()).contains("lagging  " + uri + ": no process is attached to 'audit'");
        assertThat(sandbox.belfry("doctor").out()).contains(uri + ": no process is attached to 'audit'");
    }

    /** By the system calls of a process that runs them all; it has a thread for each directory. */
    @Test
    @Slow
    void shouldSeeNoFileMadeAndNothingSyncedButByDoctor() throws IOException {
        Path calls = temporary.resolve("calls");
        String traced =
                "trace=open,openat,creat,mkdir,rename,link,linkat,unlink,pwrite64,fallocate,fsync,fdatasync,msync";
        ChildJvm belfry = sandbox.start(Sandbox.java(WarmCommands.class)
                .through(List.of("strace", "-f", "-qq", "-y", "-o", calls.toString(), "-e", traced)));
        belfry.expect("ready");
        ChildJvm holder = sandbox.actor("hold", uri + "?anyFileSystem=true");
        for (boolean open : new boolean[] {true, false}) {
            for (List<String> command : List.of(
                    List.of("health"),
                    List.of("health", uri),
                    List.of("check", "--lag", "1,2", uri),
                    List.of("ls"),
                    List.of("ls", temporary.toString()),
                    List.of("top", "--count", "1"),
                    List.of("info", uri),
                    List.of("subs", uri),
                    List.of("keep", uri),
                    List.of("gc", "--dry-run"),
                    List.of("GET", "/health"),
                    List.of("GET", "/metrics"),
                    List.of("GET", "/api/page"),
                    List.of("GET", "/api/doctor"))) belfry.ask(WarmCommands.request(command.toArray(String[]::new)));
            assertThat(changes(calls)).as("while it is open: %s", open).isEmpty();
            holder.kill();
        }
        belfry.ask(WarmCommands.request("doctor", uri));
        assertThat(changes(calls))
                .filteredOn(call -> call.contains("fdatasync("))
                .hasSize(9);
        assertThat(changes(calls)).filteredOn(call -> call.contains("O_CREAT")).hasSize(1);
        assertThat(Files.readString(calls)).contains(directory + "/queue");
    }

    /** Any sync, and what changes something in the directory; its names are reached from its descriptor. */
    private List<String> changes(Path calls) throws IOException {
        return whole(Files.readAllLines(calls)).stream()
                .filter(call -> call.contains("sync(")
                        || call.contains(directory + "/") && call.matches(".*(pwrite64|fallocate|O_CREAT).*")
                        || call.contains("\"/proc/self/fd/") && !call.contains("open"))
                .toList();
    }

    /** Each call on one line, also one during which another thread's was written. */
    private static List<String> whole(List<String> lines) {
        Map<String, String> begun = new HashMap<>();
        List<String> whole = new ArrayList<>();
        for (String line : lines) {
            if (line.indexOf(' ') < 0) continue; // the last one, which is still being written
            String thread = line.substring(0, line.indexOf(' '));
            int resumed = line.indexOf(" resumed>");
            if (line.endsWith(" <unfinished ...>")) begun.put(thread, line);
            else whole.add(resumed < 0 ? line : begun.remove(thread) + line.substring(resumed));
        }
        return whole;
    }

    @Test
    @Slow
    void shouldBeServed() {
        ServeTest.Served served = new ServeTest.Served(sandbox);
        assertThat(served.get("/api/queues")).contains("\"uri\":\"" + uri + "\"", "\"lag\":1,");
        assertThat(served.get("/api/page")).contains("\"maxSize\":10737418240,");
        assertThat(served.get("/health")).contains("lagging  " + uri + ": ");
        assertThat(served.get("/metrics"))
                .contains("messaging_destination_name=\"" + directory + "\"")
                .containsPattern("messaging_belfry_subscription_lag\\{.*\"audit\".*} 1.0");
        String path = directory.toString().replace("/", "%2F");
        assertThat(served.get("/api/queues/" + path)).contains("\"directory\":\"" + directory + "\"");
        assertThat(served.answer("/health/" + path)).startsWith("200 lagging  " + uri);
        assertThat(served.answer("/api/queues/%2Fetc")).startsWith("404 ");
    }

    /** As after a reboot: nothing in memory names it. */
    @Test
    void shouldBeJudgedByTheirFilesAloneIfNoProcessHasThemOpen() throws IOException {
        byte[] life = Files.readAllBytes(directory.resolve("life"));
        forgetInMemory();
        ServeTest.Served served = new ServeTest.Served(sandbox, temporary.toString());
        assertThat(served.get("/health")).contains("lagging  " + uri + ": ");
        assertThat(served.get("/api/queues")).contains("\"uri\":\"" + uri + "\"", "\"newestPosition\":1,");
        for (String command : List.of("ls", "health", "doctor", "top", "info"))
            assertThat(sandbox.belfry(command, command.equals("top") ? "--count=1" : "--verbose", directory.toString())
                            .out())
                    .as(command)
                    .contains(uri)
                    .contains("audit");
        assertThat(Files.readAllBytes(directory.resolve("life")))
                .as("no new life")
                .isEqualTo(life);
        assertThat(sandbox.files()).noneMatch(name -> name.startsWith("belfry."));
    }

    @Test
    void shouldBeCriticalIfItsLogIsDamaged() throws IOException {
        forgetInMemory();
        Path log = directory.resolve("log.0000000000000000");
        try (SeekableByteChannel file = Files.newByteChannel(log, StandardOpenOption.WRITE)) {
            file.position(9).write(ByteBuffer.wrap(new byte[] {77}));
        }
        Result health = sandbox.belfry("health", directory.toString());
        assertThat(health.out()).startsWith("damaged  " + uri + ": the log in " + directory + " is damaged at byte 0");
        assertThat(health.code()).isEqualTo(2);
        assertThat(sandbox.belfry("ls", "--json", directory.toString()).out())
                .contains("\"readOnly\":true", "\"damage\":\"the log in ", "\"health\":\"damaged\"");
        Result doctor = sandbox.belfry("doctor", directory.toString());
        assertThat(doctor.code()).isEqualTo(1);
        assertThat(doctor.out()).contains("PROBLEM " + uri + ": ", "[damaged-log]");
    }

    @Test
    void shouldResetASubscriptionPastDamage() throws IOException {
        sandbox.belfry("sub", "--name", "audit", "--count", "1", uri + "?anyFileSystem=true");
        for (String text : List.of("y", "z")) sandbox.belfry("pub", uri + "?anyFileSystem=true", text);
        forgetInMemory();
        Path log = directory.resolve("log.0000000000000000");
        try (SeekableByteChannel file = Files.newByteChannel(log, StandardOpenOption.WRITE)) {
            file.position(40).write(ByteBuffer.wrap(new byte[] {77}));
        }
        String anywhere = uri + "?anyFileSystem=true";
        assertThat(sandbox.belfry("sub", "--name", "audit", anywhere).err()).contains("is not as it was written");
        assertThat(sandbox.belfry("reset", anywhere, "audit", "--to", "newest").out())
                .contains("goes on at message 4");
        sandbox.belfry("pub", anywhere, "after");
        assertThat(sandbox.belfry("sub", "--name", "audit", "--count", "1", "--format", "lines", anywhere)
                        .out())
                .isEqualTo("after\n");
    }

    @Test
    void shouldBeCopiedWhileAProcessHasThemOpen() throws IOException {
        ChildJvm holder = sandbox.actor("hold", uri + "?anyFileSystem=true");
        Path copy = temporary.resolve("copy");
        Result made = sandbox.belfry("backup", directory.toString(), copy.toString());
        assertThat(made.out()).contains("/copy has ", " files of the log: 0 are links, ", " were copied");
        assertThat(sandbox.belfry("backup", directory.toString(), copy.toString())
                        .err())
                .contains("'" + copy + "' exists");
        holder.kill();
        forgetInMemory();
        Result read = sandbox.belfry("tail", "--from", "oldest", "file:" + copy + "?anyFileSystem=true");
        assertThat(read.out()).contains("x");
    }

    @Test
    void shouldBeSalvaged() throws IOException {
        for (int i = 2; i <= 9; i++) sandbox.belfry("pub", uri, "message " + i);
        Path log = directory.resolve("log.0000000000000000");
        int at = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1).indexOf("message 4");
        try (SeekableByteChannel file = Files.newByteChannel(log, StandardOpenOption.WRITE)) {
            file.position(at).write(ByteBuffer.wrap(new byte[] {77}));
        }
        byte[] before = Files.readAllBytes(log);
        Path other = temporary.toRealPath().resolve("salvaged");
        String into = "file:" + other + "?anyFileSystem=true";
        Result said = sandbox.belfry("salvage", directory.toString(), into);
        assertThat(said.code()).as("%s", said).isEqualTo(1);
        assertThat(said.out())
                .startsWith("message 4 is missing: ")
                .endsWith("\nfile:" + other + " has 8 messages; 1 are missing\n");
        assertThat(Files.readAllBytes(log)).isEqualTo(before);
        assertThat(sandbox.belfry("tail", "--from", "oldest", into)
                        .out()
                        .lines()
                        .map(line -> line.split(" +", 2)[1]))
                .containsExactly(
                        "x", "message 2", "message 3", "message 5", "message 6", "message 7", "message 8", "message 9");
        assertThat(sandbox.belfry("keep", other.toString()).out()).contains(" keeps all\n");
        assertThat(sandbox.belfry("salvage", directory.toString(), into).err()).contains("'" + other + "' exists");
        assertThat(sandbox.belfry("salvage", directory.toString(), "shm:q").code())
                .isEqualTo(2);
        Result foreign = sandbox.belfry("salvage", "mem:x", other + "2");
        assertThat(foreign.code()).isEqualTo(2);
        assertThat(foreign.err()).contains("a queue of shm: or file: can be salvaged, no other, was 'mem:x'");
        assertThat(sandbox.belfry("salvage", directory.toString(), directory + "/inside")
                        .err())
                .contains("own directory");
        assertThat(sandbox.belfry("salvage", directory.toString(), temporary + "/no/such")
                        .err())
                .contains("'" + temporary.toRealPath() + "/no' is not there");
        assertThat(sandbox.belfry("salvage", "--json", other.toString(), into + "&keep=1d")
                        .code())
                .isEqualTo(1);
    }

    /** By Ctrl-C: nothing of it has the name of a whole one, and the next one says what it is. */
    @Test
    @Slow
    void shouldSayWhatASalvageHasLeftThatWasEnded() throws Exception {
        sandbox.belfry("sub", "--name", "audit", "--timeout", "1ms", "shm:much");
        sandbox.belfry("pub", "--size", "1000", "--count", "20000", "shm:much");
        Path other = temporary.toRealPath().resolve("salvaged");
        String into = "file:" + other + "?anyFileSystem=true";
        endOnce(temporary.resolve("salvaged.part/life"), "salvage", "much", into);
        assertThat(other).doesNotExist();
        assertThat(sandbox.belfry("salvage", "much", into).err())
                .contains("'" + other + ".part' exists", "'belfry rm " + other + ".part' removes it");
        assertThat(sandbox.belfry("rm", other + ".part").code()).isZero();
        assertThat(sandbox.belfry("salvage", "much", into).out()).contains(" has 20,000 messages; 0 are missing");
        assertThat(temporary.resolve("salvaged.part")).doesNotExist();
        assertThat(sandbox.belfry("info", other.toString()).out()).contains("20,000");
    }

    @Test
    @Slow
    void shouldSayWhatABackupHasLeftThatWasEnded() throws Exception {
        Path copy = temporary.toRealPath().resolve("copy");
        sandbox.belfry("pub", "--size", "1000000", "--count", "100", uri + "?anyFileSystem=true");
        endOnce(temporary.resolve("copy.part"), "backup", directory.toString(), copy.toString());
        assertThat(copy).doesNotExist();
        assertThat(sandbox.belfry("backup", directory.toString(), copy.toString())
                        .err())
                .contains("'" + copy + ".part' exists", "not whole. 'rm -r " + copy + ".part' removes it");
    }

    /** In the middle, by SIGTERM: what a shell runs behind it ignores SIGINT, and so would the child. */
    private void endOnce(Path made, String... command) throws Exception {
        ChildJvm belfry = sandbox.startBelfry(command);
        while (belfry.isAlive() && !Files.exists(made)) Thread.onSpinWait();
        ProcessHandle.of(belfry.pid()).ifPresent(ProcessHandle::destroy);
        assertThat(belfry.awaitExit()).as("%s", belfry.report()).isEqualTo(143);
    }

    /** What cannot be ended is taken back: a message that the new queue cannot take. */
    @Test
    void shouldLeaveNothingOfASalvageThatFails() {
        sandbox.belfry("pub", "shm:long", "x".repeat(40_000));
        Path other = temporary.resolve("salvaged");
        Result said =
                sandbox.belfry("salvage", "long", "file:" + other + "?anyFileSystem=true&capacity=64k&maxCapacity=64k");
        assertThat(said.err()).contains("message 1 has 40,000 bytes, and 'file:" + other + "' would take 16,384");
        assertThat(said.code()).as("%s", said).isEqualTo(1);
        assertThat(other).doesNotExist();
        Result whole = sandbox.belfry("salvage", "--json", "long", "file:" + other + "?anyFileSystem=true");
        assertThat(whole.code()).isZero();
        assertThat(whole.out())
                .isEqualTo("{\"format\":1,\"uri\":\"file:" + other + "\",\"messages\":1,\"missing\":0,\"gaps\":[]}\n");
    }

    @Test
    void shouldSayWhatIsKept() {
        assertThat(sandbox.belfry("keep", directory.toString()).out()).contains(" keeps needed\n");
        String other = "file:" + temporary.resolve("days");
        sandbox.belfry("pub", other + "?anyFileSystem=true&keep=30d", "x");
        assertThat(sandbox.belfry("keep", other).out()).isEqualTo(other + " keeps 30d\n");
        assertThat(sandbox.belfry("keep", other, "30d,5g").out()).isEqualTo(other + " keeps 30d,5g\n");
        assertThat(sandbox.belfry("info", other).out()).contains("30d,5g", "10 GiB");
        assertThat(sandbox.belfry("keep", other, "--json", "all").out()).contains("\"keep\":\"all\"");
        assertThat(sandbox.belfry("keep", other, "0").err()).contains("was '0'");
        assertThat(sandbox.belfry("keep", "shm:days", "all").err())
                .isEqualTo("belfry: 'days' is no queue of files: it keeps no history\n");
        assertThat(sandbox.belfry("backup", "shm:days", "" + temporary.resolve("x"))
                        .err())
                .startsWith("belfry: 'days' is no queue of files");
    }

    @Test
    void shouldBeRemovedOnlyWhereNoProcessHasThemOpen() {
        ChildJvm holder = sandbox.actor("hold", uri + "?anyFileSystem=true");
        for (List<String> command : List.of(List.of("rm"), List.of("rm", "--force"))) {
            List<String> words = new ArrayList<>(command);
            words.add(directory.toString());
            sandbox.belfry("unsubscribe", directory.toString(), "audit");
            assertThat(sandbox.belfry(words.toArray(String[]::new)))
                    .as("%s", command)
                    .isEqualTo(new Result(
                            1,
                            "",
                            "belfry: " + uri + " stays: attached are the processes [" + holder.pid()
                                    + "]; close it there first, or end them\n"));
        }
        holder.kill();
        assertThat(sandbox.belfry("rm", directory.toString())).isEqualTo(new Result(0, "removed " + uri + "\n", ""));
    }

    /** As a cleaner does. Its directory is healthy. */
    @Test
    void shouldSayWhatIsSoIfItsPartInMemoryWasRemoved() throws IOException {
        ChildJvm holder = sandbox.actor("hold", uri + "?anyFileSystem=true");
        assertThat(sandbox.belfry("health", directory.toString()).code()).isEqualTo(1);
        forgetInMemory();
        String what =
                "pid " + holder.pid() + " (Actor) have it open, and their part of it in /dev/shm is not here: it was"
                        + " removed, or they have another /dev/shm. They go on with each other, and a process that opens it here"
                        + " is refused";
        Result health = sandbox.belfry("health", directory.toString());
        assertThat(health.out())
                .startsWith("broken   " + uri + ": " + what + ". Close it there, or end that process ('kill "
                        + holder.pid());
        assertThat(health.code()).isEqualTo(2);
        assertThat(sandbox.belfry("info", directory.toString()).out()).contains(what);
        assertThat(sandbox.belfry("doctor", directory.toString()).out()).contains("PROBLEM " + uri + ": " + what);
        Result all = sandbox.belfry("health");
        assertThat(all.code()).isEqualTo(2);
        assertThat(all.out()).contains("pid " + holder.pid()).contains("; one that opens that now is refused");
        assertThat(sandbox.belfry("pub", uri + "?anyFileSystem=true", "x").code())
                .as("it is refused")
                .isEqualTo(1);
        holder.kill();
        assertThat(sandbox.belfry("pub", uri + "?anyFileSystem=true", "x").code())
                .isZero();
        assertThat(sandbox.belfry("health", directory.toString()).code()).isEqualTo(1);
    }

    @Test
    void shouldBeCriticalAndSayThatNothingWasChangedIfItsFileSystemIsReadOnly() {
        mount("mount --bind " + directory + " " + directory + " && mount -o remount,bind,ro " + directory);
        Result health = sandbox.belfry("health", directory.toString());
        assertThat(health.out()).startsWith("broken   " + uri + ": its file system cannot be written");
        assertThat(health.code()).isEqualTo(2);
        assertThat(sandbox.belfry("ls", "--json", directory.toString()).out()).contains("\"readOnly\":true");
        Result ended = sandbox.belfry("unsubscribe", directory.toString(), "audit");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .contains("belfry: nothing was changed, 'audit' stays: '" + uri + "' is open for reading only: the file"
                        + " system of " + directory + " cannot be written.");
        for (List<String> command : List.of(List.of("reset", "--to", "newest"), List.of("skip"))) {
            List<String> words = new ArrayList<>(command);
            words.addAll(List.of(directory.toString(), "audit"));
            Result refused = sandbox.belfry(words.toArray(String[]::new));
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err()).startsWith("belfry: nothing was changed: '" + uri + "' is not to be written");
        }
        mount("umount " + directory);
        assertThat(sandbox.belfry("subs", directory.toString()).out()).contains("audit");
        assertThat(sandbox.belfry("unsubscribe", directory.toString(), "audit").out())
                .isEqualTo("unsubscribed audit\n");
    }

    /** A look at a domain is that of a member, which appends: so it needs a whole log, and one that it may write. */
    @Test
    void shouldSayWhatStandsInTheWayOfALookAtADomain() throws IOException {
        Path shop = directory.resolveSibling("shop");
        ChildJvm holder = sandbox.start(Sandbox.java(Sender.class, "hold", "file:" + shop + "?anyFileSystem=true"));
        holder.expect("ready");
        holder.kill();
        assertThat(sandbox.belfry("jms", "browse", "file:" + shop, "orders").out())
                .contains("order 3");
        mount("mount --bind " + shop + " " + shop + " && mount -o remount,bind,ro " + shop);
        assertRefused(shop, "'file:" + shop + "' is open for reading only: the file system", "Mount it for writing");
        mount("umount " + shop);
        forgetInMemory();
        Path log = shop.resolve("log.0000000000000000");
        int at = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1).indexOf("order 3");
        assertThat(at).isPositive();
        try (SeekableByteChannel file = Files.newByteChannel(log, StandardOpenOption.WRITE)) {
            file.position(at).write(ByteBuffer.wrap(new byte[] {77}));
        }
        assertRefused(shop, " is damaged: ", "Put back a copy");
    }

    private void assertRefused(Path shop, String... parts) {
        for (List<String> look : List.of(List.of("ls", "file:" + shop), List.of("browse", "file:" + shop, "orders"))) {
            List<String> command = new ArrayList<>(List.of("jms"));
            command.addAll(look);
            Result said = sandbox.belfry(command.toArray(String[]::new));
            assertThat(said.code()).as("%s", said).isEqualTo(1);
            assertThat(said.err()).as("%s", look).contains(parts);
        }
    }

    private void mount(String command) {
        sandbox.start(List.of("sh", "-c", command)).awaitExit();
    }

    private void forgetInMemory() throws IOException {
        for (String name : sandbox.files()) if (name.startsWith("belfry..file.")) Files.delete(sandbox.file(name));
    }
}
