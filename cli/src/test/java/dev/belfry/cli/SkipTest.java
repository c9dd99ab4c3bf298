package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that move a subscription whose program does not run, or that end it. */
@Timeout(180)
@Tag("Waits")
@OneJdk
class SkipTest {
    @TempDir
    Path files;

    private static void fill(Sandbox sandbox) {
        for (String name : List.of("audit", "worker-1", "worker-2"))
            Patience.until(
                    "it is subscribed, which a slow machine may refuse",
                    () -> sandbox.belfry("sub", "--name", name, "--timeout", "1ms", "q")
                                    .code()
                            == 0);
        for (String text : List.of("one", "two", "three", "four")) sandbox.belfry("pub", "q", text);
    }

    private static Result does(Sandbox sandbox, String out, String... command) {
        Result result = sandbox.belfry(command);
        assertThat(result.code()).as(result.toString()).isZero();
        assertThat(result.out()).isEqualTo(out);
        return result;
    }

    private static String unread(Sandbox sandbox) {
        return sandbox.belfry("sub", "--name", "audit", "--timeout", "1ms", "--format", "lines", "q")
                .out();
    }

    @Test
    void shouldPassOverAMessageThatWasPrintedAndKept() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            fill(sandbox);
            Path keep = files.resolve("poison.json");
            does(sandbox, "1 one\n", "skip", "q", "audit", "--dry-run", "--keep", "" + keep);
            assertThat(keep).doesNotExist();
            Result one = does(sandbox, "1 one\n", "skip", "q", "audit", "--keep", "" + keep);
            assertThat(one.err()).isEqualTo("belfry: passed over 1 of audit\n");
            does(sandbox, "2 two\n3 three\n", "skip", "q", "audit", "--count", "2", "--keep", "" + keep);
            assertThat(Files.readAllLines(keep))
                    .hasSize(3)
                    .first()
                    .isEqualTo("{\"format\":1,\"position\":1,\"properties\":{},\"body\":\"one\"}");
            assertThat(unread(sandbox)).isEqualTo("four\n");
            Result none = sandbox.belfry("skip", "q", "audit");
            assertThat(none.code()).isEqualTo(1);
            assertThat(none.err()).isEqualTo("belfry: 'audit' has no unread message\n");
        }
    }

    /** With a flag that this release does not know. */
    @Test
    void shouldPassOverAMessageThatOnlyANewerLibraryCanRead() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            fill(sandbox);
            try (RandomAccessFile queue =
                    new RandomAccessFile(sandbox.file("belfry.q").toFile(), "rw")) {
                queue.seek(56);
                long ring = Long.reverseBytes(queue.readLong());
                queue.seek(ring + 4);
                int typeAndFlags = queue.read();
                queue.seek(ring + 4);
                queue.write(typeAndFlags | 4 << 4);
            }
            Result kept = sandbox.belfry("skip", "q", "audit", "--keep", "" + files.resolve("keep"));
            assertThat(kept.code()).isEqualTo(1);
            assertThat(kept.err()).contains("message 1 needs a newer library", "leave out --keep");
            Result dry = sandbox.belfry("skip", "q", "audit", "--dry-run");
            assertThat(dry.code()).isEqualTo(1);
            assertThat(dry.err()).contains("message 1 needs a newer library");
            assertThat(does(sandbox, "", "skip", "q", "audit").err()).contains("passed over 1 of audit");
            does(sandbox, "goes on at message 3, not 1: 2 are passed over\n", "reset", "q", "worker-1", "--to", "3");
            assertThat(unread(sandbox)).isEqualTo("two\nthree\nfour\n");
        }
    }

    /** It is not kept: so it stays. */
    @Test
    void shouldPassOverNothingThatCannotBeKept() {
        try (Sandbox sandbox = new Sandbox()) {
            fill(sandbox);
            assertThat(sandbox.belfry("skip", "q", "audit", "--keep", "" + files)
                            .code())
                    .isEqualTo(1);
            assertThat(unread(sandbox)).isEqualTo("one\ntwo\nthree\nfour\n");
        }
    }

    @Test
    void shouldPassOverNothingThatCannotBePrinted() {
        try (Sandbox sandbox = new Sandbox()) {
            fill(sandbox);
            assertThat(OutputTest.run(sandbox, "belfry skip q audit --count 2 >/dev/full")
                            .code())
                    .isEqualTo(1);
            assertThat(unread(sandbox)).isEqualTo("one\ntwo\nthree\nfour\n");
        }
    }

    /** Those before the message that it failed at are no poison. */
    @Test
    void shouldNotPassOverOthersThanTheListenerFailedAt() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("batch", "shm:q");
            Result unkept = sandbox.belfry("skip", "q", "audit", "--count", "3", "--keep", "" + files);
            assertThat(unkept.err()).endsWith("nothing was passed over\n");
            assertThat(sandbox.belfry("subs", "q").out())
                    .as("the alarm goes on")
                    .contains("its listener failed at 3");
            Result refused = sandbox.belfry("skip", "q", "audit");
            assertThat(refused)
                    .isEqualTo(new Result(
                            1,
                            "",
                            "belfry: the listener of 'audit' failed at message 3, and those from 1 on are not"
                                    + " acknowledged: --count 3 passes over all of them, --count 1 over the first\n"));
            does(sandbox, "1 one\n2 two\n3 bad\n", "skip", "q", "audit", "--count", "3");
            assertThat(unread(sandbox)).isEqualTo("four\n");
        }
    }

    @Test
    void shouldLetASubscriptionGoOnElsewhere() {
        try (Sandbox sandbox = new Sandbox()) {
            fill(sandbox);
            does(
                    sandbox,
                    "would go on at message 5, not 1: 4 are passed over\n",
                    "reset",
                    "q",
                    "audit",
                    "--to",
                    "newest",
                    "-n");
            does(sandbox, "goes on at message 3, not 1: 2 are passed over\n", "reset", "q", "audit", "--to", "3");
            assertThat(unread(sandbox)).isEqualTo("three\nfour\n");
            does(sandbox, "goes on at message 1, not 5: 4 come again\n", "reset", "q", "audit", "--to", "oldest");
            assertThat(unread(sandbox)).isEqualTo("one\ntwo\nthree\nfour\n");
            does(sandbox, "goes on at message 1, not 5: 4 come again\n", "reset", "q", "audit", "--to", "1");
            does(sandbox, "goes on at message 5, not 1: 4 are passed over\n", "reset", "q", "audit", "--to", "newest");
            assertThat(unread(sandbox)).isEmpty();
            assertThat(Sandbox.subscribers(sandbox.belfry("info", "q", "--json")))
                    .filteredOn(s -> s.get("name").equals("audit"))
                    .singleElement()
                    .satisfies(s -> assertThat(s).containsEntry("lostCount", 0L));
            Result beyond = sandbox.belfry("reset", "q", "audit", "--to", "7");
            assertThat(beyond.code()).isEqualTo(2);
            assertThat(beyond.err()).isEqualTo("belfry: --to must be a message from 1 to 5, was 7\n");
        }
    }

    @Test
    void shouldRefuseWhileAProcessIsAttached() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm idle = sandbox.actor("idle", "shm:q");
            sandbox.belfry("pub", "q", "x");
            for (String[] command : new String[][] {
                {"skip", "q", "audit"}, {"reset", "q", "audit", "--to", "newest"}, {"unsubscribe", "q", "audit"}
            }) {
                Result refused = sandbox.belfry(command);
                assertThat(refused.code()).as(refused.toString()).isEqualTo(1);
                assertThat(refused.err()).contains("'audit' is attached by pid " + idle.pid());
            }
            assertThat(sandbox.belfry("skip", "q", "none").err()).contains("'belfry subs q' lists them");
        }
    }

    @Test
    void shouldEndSeveral() {
        try (Sandbox sandbox = new Sandbox()) {
            fill(sandbox);
            does(
                    sandbox,
                    "would unsubscribe worker-1\nwould unsubscribe worker-2\n",
                    "unsubscribe",
                    "q",
                    "--match",
                    "worker-*",
                    "--dry-run");
            Result typo = sandbox.belfry("unsubscribe", "q", "audit", "odit");
            assertThat(typo.code()).isEqualTo(1);
            does(sandbox, "unsubscribed worker-1\nunsubscribed worker-2\n", "unsubscribe", "q", "--match", "w*-*");
            assertThat(sandbox.belfry("unsubscribe", "q", "--match", "w*").code())
                    .isEqualTo(1);
            does(sandbox, "unsubscribed audit\n", "unsubscribe", "q", "audit", "audit");
        }
    }

    @Slow
    @Test
    void shouldFindMessages() {
        try (Sandbox sandbox = new Sandbox()) {
            for (int i = 1; i <= 30; i++)
                sandbox.belfry("pub", "-P", "venue=" + (i % 2 == 0 ? "even" : "odd"), "--timestamps", "q", "EUR " + i);
            Result found = sandbox.belfry(
                    "tail", "q", "--grep", "EUR [23]$", "--where", "venue=odd", "--since", "60m", "--format", "lines");
            assertThat(found).isEqualTo(new Result(0, "EUR 3\n", ""));
            assertThat(sandbox.belfry("tail", "q", "--where", "venue=none")).isEqualTo(new Result(0, "", ""));
            sandbox.belfry("pub", "q", "EUR 31");
            Result old = sandbox.belfry("tail", "q", "--since", "1h");
            assertThat(old.code()).isEqualTo(1);
            assertThat(old.err())
                    .isEqualTo("belfry: message 31 has no timestamp, which --since needs:"
                            + " its publisher writes none\n");
            Result empty = sandbox.belfryWithInput("", "pub", "--count", "3000", "q");
            assertThat(empty.code()).isEqualTo(1);
            assertThat(empty.err()).startsWith("belfry: the standard input is empty: nothing was published");
        }
    }

    @Test
    void shouldKeepToLimits() {
        try (Sandbox sandbox = new Sandbox()) {
            fill(sandbox);
            sandbox.belfry("unsubscribe", "q", "--match", "worker-*");
            Result high = sandbox.belfry("check", "q", "--lag", "2,3");
            assertThat(high.code()).isEqualTo(2);
            assertThat(high.out())
                    .startsWith("high     shm:q: lag 4, above the limit of 3. 'belfry top shm:q' shows")
                    .endsWith(" And 1 more.\n");
            assertThat(sandbox.belfry("check", "q", "--lag", "3").code()).isEqualTo(1);
            assertThat(sandbox.belfry("check", "q", "--lag", "4,5", "--use", "90", "--lost", "0", "--age", "60m,2h")
                            .out())
                    .startsWith("lagging  shm:q: no process is attached to 'audit'");
            for (String[] wrong :
                    new String[][] {{"--lag", "x"}, {"--lag", "5,4"}, {"--depth", "x"}, {"--use", "1,2,3"}})
                assertThat(sandbox.belfry("check", "q", wrong[0], wrong[1]).code())
                        .as(wrong[1])
                        .isEqualTo(3);
        }
    }

    /** It needs all that it keeps, though nobody reads it. */
    @Test
    void shouldKeepToALimitOfUseWhereAllIsKept(@TempDir Path temporary) throws IOException {
        Path directory = temporary.toRealPath().resolve("kept");
        String uri = "file:" + directory + "?anyFileSystem=true&keep=all&maxCapacity=16m&maxSize=128m&sync=os";
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            for (int i = 0; i < 40; i++) publisher.publish(new byte[1_500_000]);
        }
        try (Sandbox sandbox = new Sandbox()) {
            Result high = sandbox.belfry("check", directory.toString(), "--use", "20,40");
            assertThat(high.code()).as("%s", high).isEqualTo(2);
            assertThat(high.out()).contains(" % of its largest size are in use, above the limit of 40");
        } finally {
            MessageQueues.delete(uri);
        }
    }
}
