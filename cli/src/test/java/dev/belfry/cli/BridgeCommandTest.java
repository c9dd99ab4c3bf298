package dev.belfry.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
@Tag("Waits")
class BridgeCommandTest {
    private static final int TERMINATED = 128 + 15;

    /** 30,000 lines of 3 MB. */
    private static final String LONG =
            IntStream.rangeClosed(1, 30_000).mapToObj(i -> i + " ".repeat(100)).collect(Collectors.joining("\n"));

    @TempDir
    private Path directory;

    @SuppressWarnings("unchecked")
    private static Map<String, Object> last(Result result) {
        List<String> lines = result.out().lines().toList();
        return (Map<String, Object>) JsonText.parse(lines.get(lines.size() - 1));
    }

    private static void publish(Sandbox sandbox, String queue, String... texts) {
        for (String text : texts) sandbox.belfry("pub", queue, text);
    }

    private static String all(Sandbox sandbox, String queue) {
        return sandbox.belfry("tail", "--from", "oldest", "--format", "lines", queue)
                .out();
    }

    @Test
    @Slow
    void shouldCarryAllAndGoOnWhereItStopped() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one", "two");
            Result first = sandbox.belfry("bridge", "--timeout", "200ms", "--json", "a", "b");
            assertThat(first.code()).isZero();
            assertThat(last(first))
                    .containsEntry("from", "shm:a")
                    .containsEntry("to", "shm:b")
                    .containsEntry("state", "ended")
                    .containsEntry("problem", null)
                    .containsEntry("forwarded", 2L)
                    .containsEntry("sourcePosition", 2L)
                    .containsEntry("targetPosition", 2L)
                    .containsEntry("alreadyThere", 0L);
            publish(sandbox, "b", "other");
            publish(sandbox, "a", "three");
            assertThat(sandbox.belfry("bridge", "--timeout", "200ms", "a", "b").out())
                    .startsWith("shm:a -> shm:b: ended, 1 forwarded (")
                    .endsWith("/s), position 3 -> 4\n");
            assertThat(all(sandbox, "b")).isEqualTo("one\ntwo\nother\nthree\n");
            assertThat(sandbox.belfry("bridge", "--timeout", "200ms", "b", "a").out())
                    .contains("1 forwarded", "3 echoes");
            assertThat(all(sandbox, "a")).isEqualTo("one\ntwo\nthree\nother\n");
            assertThat(sandbox.belfry("subs", "a").out()).contains("bridge-to-shm-b");
        }
    }

    @Test
    @Slow
    void shouldCarryManyRoutesThoughOneFails() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            publish(sandbox, "c", "two", "three", "x".repeat(1100));
            Path file = Files.writeString(directory.resolve("routes.properties"), """
                    # each has its own
                    copy.from = a
                    copy.to = b
                    copy.name = mine
                    far.from = c
                    far.to = \\
                      d
                    wrong.from = a
                    wrong.to = shm:a
                    later.from = c
                    later.to = e?capacity=4k&maxCapacity=4k
                    later.start = 2
                    later.too-long = skip
                    """);
            Result routes = sandbox.belfry("bridge", "--timeout", "500ms", "--routes", file.toString());
            assertThat(routes.code()).isEqualTo(1);
            assertThat(routes.out())
                    .contains(
                            "shm:a -> shm:b: ended, 1 forwarded", "shm:c -> shm:d: ended, 3 forwarded", ", 1 too long");
            assertThat(routes.err()).contains("belfry: shm:a -> shm:a: ended: ", "leads from a queue to itself");
            assertThat(all(sandbox, "b")).isEqualTo("one\n");
            assertThat(all(sandbox, "d")).startsWith("two\nthree\nxx");
            assertThat(all(sandbox, "e")).isEqualTo("three\n\n");
            assertThat(sandbox.belfry("subs", "a").out()).contains("mine");
        }
    }

    @Test
    void shouldRefuseAWholeFileOfRoutesForOneWrongLine() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            for (String[] each : new String[][] {
                {
                    "x.from=a\nx.to=b\nx.form=c\n",
                    ", line 3: 'x.form' is no key; write ROUTE. and one of [count, from, name, pace, start, to, too-long, until]"
                },
                {"# \\\nx.from=a\nx.to=\\\nb\nfrom=c", ", line 5: 'from' is no key"},
                {"x.from=a\nx.to=b\nx.to=c\n", ", line 3: 'x.to' is in line 2 already"},
                {
                    "x.from=a\nx.to=b\ny.to=b\ny.from=shm:a?capacity=4k\ny.name=n",
                    ", line 4: shm:a -> shm:b is in line 1 already"
                },
                {
                    "x.from=a\nx.to=b\nx.name=n\ny.from=a\ny.to=c\ny.name=n",
                    ", line 4: the name 'n' at shm:a is in line 1 already"
                },
                {"x.from=a\nx.to=\n", ", line 2: 'x.to' has no value"},
                {"\uFEFFx.from=a\n", " has no 'x.to'"},
                {"x.from=a\nx.to=b c\n", ", line 2: "},
                {"x.from=a\nx.to=\\u00zz\n", ", line 2: "},
                {"x.from=a\nx.to=b\nx.start=never", ", line 3: 'x.start' must be 'oldest', 'now', a position or "},
                {"x.from=a\nx.to=b\nx.too-long=b c", ", line 3: "},
                {"x.from=a\nx.to=b\nx.until=never", ", line 3: 'x.until' must be a position or a time: "},
                {
                    "x.from=a\nx.to=b\nx.count=0",
                    ", line 3: 'x.count' must be 'max' or a number of messages, such as 100, was '0'"
                },
                {
                    "x.from=a\nx.to=b\nx.pace=0x",
                    ", line 3: 'x.pace' must be 'max' or a multiple of the speed at which it was published, such as 1x or 10x, was '0x'"
                },
                {"# nothing\n", " has no route; write ROUTE.from"}
            }) {
                Path file = Files.writeString(directory.resolve("routes.properties"), each[0]);
                Result refused = sandbox.belfry("bridge", "--timeout", "200ms", "--routes", file.toString());
                assertThat(refused.code()).as(each[0]).isEqualTo(2);
                assertThat(refused.err()).startsWith("belfry: " + file + each[1]);
            }
            assertThat(sandbox.belfry("bridge", "a").err()).contains("Name two queues, FROM and TO; or --routes FILE");
            Result none = sandbox.belfry("bridge", "--routes", directory + "/none");
            assertThat(none.code()).isEqualTo(1);
            assertThat(none.err()).startsWith("belfry: cannot read the routes in '" + directory + "/none'");
            assertThat(sandbox.belfry("ls").out()).doesNotContain("shm:");
        }
    }

    @Test
    @Slow
    void shouldBeginNowAndPutAsideWhatIsTooLong() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            String[] bridge = {
                "bridge", "--timeout", "200ms", "--from", "now", "--too-long", "c", "a", "b?capacity=4k&maxCapacity=4k"
            };
            assertThat(sandbox.belfry(bridge).out()).contains(" 0 forwarded");
            publish(sandbox, "a", "two", "x".repeat(1100));
            assertThat(sandbox.belfry(bridge).out()).contains(" 1 forwarded", ", 1 too long");
            assertThat(sandbox.belfry(bridge).out()).contains(" 0 forwarded").doesNotContain("too long");
            assertThat(all(sandbox, "b")).isEqualTo("two\n\n");
            assertThat(all(sandbox, "c")).isEqualTo("x".repeat(1100) + "\n");
            Result never = sandbox.belfry("bridge", "--from", "never", "a", "b");
            assertThat(never.code()).isEqualTo(2);
            assertThat(never.err()).contains("--from must be 'oldest', 'now', a position or ");
            Result itself = sandbox.belfry("bridge", "--too-long", "a", "a", "b");
            assertThat(itself.code()).isEqualTo(2);
            assertThat(itself.err()).contains("puts what is too long into one of its two queues");
        }
    }

    private static String get(URI address, String path, String host) throws IOException {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @Test
    @Slow
    @SuppressWarnings("unchecked")
    void shouldTellOfItselfByHttpAndOnThePageOfServe() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            Path file = Files.writeString(directory.resolve("routes.properties"), """
                    copy.from = a
                    copy.to = b
                    copy.too-long = skip
                    wrong.from = a
                    wrong.to = shm:a
                    """);
            ChildJvm bridge = sandbox.startBelfry(
                    "bridge", "--listen", "localhost:0", "--interval", "20ms", "--routes", file.toString());
            for (String line = ""; !line.contains("shm:b: forwarding, 1 forwarded"); ) line = bridge.line();
            Patience.until("one has failed", () -> bridge.errors().contains("shm:a -> shm:a: ended: "));
            URI address = URI.create(bridge.errors().replaceAll("(?s).*(http://localhost:\\d+/).*", "$1"));
            String answer = get(address, "/", address.getAuthority());
            assertThat(answer).startsWith("HTTP/1.1 200").contains("application/json");
            List<Map<String, Object>> told =
                    JsonText.list(JsonText.parse(answer.substring(answer.indexOf("\r\n\r\n") + 4)), "routes");
            assertThat(told).hasSize(2);
            assertThat(told.get(0))
                    .containsEntry("from", "shm:a")
                    .containsEntry("to", "shm:b")
                    .containsEntry("state", "forwarding")
                    .containsEntry("problem", null)
                    .containsEntry("forwarded", 1L)
                    .containsEntry("lag", 0L)
                    .containsEntry("lost", 0L)
                    .containsEntry("command", "belfry bridge --too-long skip a b");
            assertThat(Instant.parse((String) told.get(0).get("since"))).isBefore(Instant.now());
            assertThat(told.get(1)).containsEntry("state", "ended").containsEntry("command", "belfry bridge a a");
            assertThat((String) told.get(1).get("problem")).contains("leads from a queue to itself");
            assertThat(get(address, "/metrics", "localhost"))
                    .contains("messaging_belfry_bridge_forwarded_total{", "=\"shm:a -> shm:b\"");
            assertThat(get(address, "/", "elsewhere.example")).startsWith("HTTP/1.1 421");
            assertThat(get(address, "/none", "localhost")).startsWith("HTTP/1.1 404");
            ServeTest.Served served = new ServeTest.Served(sandbox, "--bridge", address.getAuthority());
            List<Map<String, Object>> rows = served.page("bridges");
            assertThat(rows).as("and not once more by its subscription").hasSize(2);
            assertThat(rows.get(0))
                    .containsEntry("queue", "shm:a")
                    .containsEntry("who", "to shm:b")
                    .containsEntry("what", "forwarding; forwarded 1, lag 0, lost 0")
                    .containsEntry("seconds", -1L)
                    .containsEntry("command", "");
            assertThat(rows.get(1)).containsEntry("who", "to shm:a").containsEntry("command", "belfry bridge a a");
            assertThat((String) rows.get(1).get("what")).startsWith("ended: ").contains("to itself");
            Result used = sandbox.belfry("bridge", "--listen", address.getAuthority(), "a", "c");
            assertThat(used.code()).isEqualTo(1);
            assertThat(used.err()).startsWith("belfry: cannot listen at " + address.getAuthority());
            assertThat(sandbox.belfry("ls").out()).doesNotContain("shm:c");
            bridge.kill();
            Patience.until("its row is the subscription's", () -> served.page("bridges").stream()
                    .anyMatch(row -> row.get("what").toString().startsWith("it does not run")
                            && row.get("command").equals("belfry bridge a \"shm:b\"")));
            assertThat((String) served.page("bridges").get(0).get("what")).startsWith("tells nothing: ");
        }
    }

    @Test
    void shouldRefuseAddressesThatOthersReachOrThatAreNone() {
        try (Sandbox sandbox = new Sandbox()) {
            Result far = sandbox.belfry("bridge", "--listen", "0.0.0.0:0", "a", "b");
            assertThat(far.code()).isEqualTo(2);
            assertThat(far.err()).contains("--listen 0.0.0.0:0 can be reached from other machines");
            Result wrong = sandbox.belfry("serve", "--bridge", "nothing");
            assertThat(wrong.code()).isEqualTo(2);
            assertThat(wrong.err()).contains("--bridge must be ADDRESS:PORT");
            assertThat(sandbox.belfry("ls").out()).doesNotContain("shm:");
        }
    }

    @Test
    @Slow
    void shouldEndCleanlyBySigterm() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            ChildJvm bridge = sandbox.startBelfry("bridge", "--interval", "20ms", "--name", "copy", "a", "b");
            String line = bridge.line();
            while (!line.contains(" 1 forwarded")) line = bridge.line();
            assertThat(line).startsWith("shm:a -> shm:b: forwarding, ").endsWith(", lag 0");
            publish(sandbox, "a", "two");
            Patience.until("both are there", () -> all(sandbox, "b").equals("one\ntwo\n"));
            bridge.terminate();
            assertThat(bridge.awaitExit()).isEqualTo(TERMINATED);
            assertThat(bridge.output().lines().reduce((a, b) -> b).orElseThrow())
                    .startsWith("shm:a -> shm:b: ended, 2 forwarded (");
            Map<String, Object> copy =
                    Sandbox.subscribers(sandbox.belfry("info", "a", "--json")).get(0);
            assertThat(copy)
                    .containsEntry("name", "copy")
                    .containsEntry("acknowledgedPosition", 2L)
                    .containsEntry("attached", false);
        }
    }

    @Slow
    @Test
    void shouldSayWhatCannotBeCarried() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            sandbox.belfry("pub", "--size", "1000", "a");
            Result small = sandbox.belfry("bridge", "a", "b?capacity=4k&maxCapacity=4k");
            assertThat(small.code()).isEqualTo(1);
            assertThat(small.err()) // on a slow machine after lines that it is not connected yet
                    .contains(
                            "belfry: Bridge 'bridge-to-shm-b' from 'shm:a' to 'shm:b' cannot pass position 2 on: 1,084 bytes")
                    .contains("limit is 1,024");
            assertThat(small.out()).contains("1 forwarded");
            Result self = sandbox.belfry("bridge", "a", "a");
            assertThat(self.code()).isEqualTo(2);
            assertThat(self.err()).contains("leads from a queue to itself");
            Result typingError = sandbox.belfry("bridge", "--existing", "a", "bb");
            assertThat(typingError.code()).isEqualTo(1);
            assertThat(typingError.err()).startsWith("belfry: No queue 'bb' in /dev/shm");
        }
    }

    /** What is opened first is the source, and the broker's client logs what it does a hundred times a second. */
    @Slow
    @Test
    void shouldGiveUpConnectingAfterTheTimeout() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            Result away = sandbox.freshBelfry("bridge", "--timeout", "1ms", "a", "kafka:b?bootstrap=127.0.0.1:1");
            assertThat(away.code()).isEqualTo(1);
            assertThat(away.err()).matches("belfry: shm:a -> kafka:b: not connected within 1[,.\\d]* m?s: .+\n");
            ChildJvm locker = sandbox.start(Sandbox.java(RemedyTest.LocksAll.class, "/dev/shm/belfry.a"));
            locker.expect("ready");
            Result locked = sandbox.belfry("bridge", "--timeout", "1ms", "a", "b");
            assertThat(locked.code()).isEqualTo(1);
            assertThat(locked.err()).contains("a queue is still being opened");
            Path routes = Files.writeString(
                    directory.resolve("locked.properties"), "one.from = a\none.to = b\ntwo.from = a\ntwo.to = c\n");
            Result each = sandbox.belfry("bridge", "--timeout", "1ms", "--routes", routes.toString());
            assertThat(each.err())
                    .contains("belfry: shm:a -> shm:b: ended: not con", "belfry: shm:a -> shm:c: ended: not con");
            RemedyTest.assertOneAnswer(sandbox);
            locker.kill();
            Patience.until("its bridge has ended", () -> !sandbox.threads().contains("bridge"));
        }
    }

    @Slow
    @Test
    void shouldSayOnceThatItIsNotConnectedAndOnceThatItIs() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            ChildJvm locker = sandbox.start(Sandbox.java(RemedyTest.LocksAll.class, "/dev/shm/belfry.a"));
            locker.expect("ready");
            ChildJvm bridge = sandbox.startBelfry("bridge", "--timeout", "100s", "--interval", "20ms", "a", "b");
            Patience.until("it says so", () -> bridge.errors().contains("shm:a -> shm:b: not connected for "));
            RemedyTest.assertOneAnswer(sandbox);
            Sandbox.finish(locker, "");
            Patience.until("it says so", () -> bridge.errors().contains("shm:a -> shm:b: connected, after "));
            assertThat(bridge.errors().lines())
                    .hasSize(3)
                    .contains("belfry: there was no queue 'shm:b': it is created (--existing refuses that)");
        }
    }

    /** Far more than the ring has, read out of the files; killed in the middle, and begun again. */
    @Test
    @Slow
    void shouldReplayAHistoryAndBringNothingTwiceThoughItIsKilled() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            String history = "file:" + directory.toRealPath().resolve("history") + "?anyFileSystem=true";
            String created = history + "&capacity=64k&maxSize=1g&sync=os";
            assertThat(sandbox.belfryWithInput(LONG, "pub", "--timestamps", created)
                            .err())
                    .contains("published 30,000 in ");
            String[] replay = {"bridge", "--from", "5001", "--until", "25000", history, "b?capacity=16m"};
            List<String> slowly = new ArrayList<>(List.of(replay));
            slowly.addAll(1, List.of("--pace", "1x", "--interval", "20ms"));
            ChildJvm killed = sandbox.startBelfry(slowly.toArray(String[]::new));
            for (String line = ""; !line.matches(".* [1-9][0-9,]* forwarded .*"); ) line = killed.line();
            killed.kill();
            Result ended = sandbox.belfry(replay);
            assertThat(ended.code()).isZero();
            assertThat(ended.out()).contains(" -> shm:b: ended, ", "position 25,000 -> 20,000");
            assertThat(all(sandbox, "b").lines().toList())
                    .isEqualTo(LONG.lines().skip(5_000).limit(20_000).toList());
            Result more = sandbox.belfry("bridge", "--count", "10", "--pace", "max", history, "b");
            assertThat(more.out()).contains(" ended, 10 forwarded (", "position 25,010 -> 20,010");
        }
    }

    @Test
    @Slow
    void shouldReplayByTheTimesOfItsMessages() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "plain", "one");
            Result none = sandbox.belfry("bridge", "--pace", "1x", "plain", "b");
            assertThat(none.code()).isEqualTo(2);
            assertThat(none.err()).contains("ended at position 1, where the message has no timestamp: it keeps a pace");
            Result neither = sandbox.belfry("bridge", "--until", "5m", "plain", "b");
            assertThat(neither.code()).isEqualTo(2);
            assertThat(neither.err()).contains("where the message has no timestamp: it ends before a time");
            for (String text : List.of("one", "two", "three")) {
                sandbox.belfry("pub", "--timestamps", "a", text);
                Patience.pause(200);
            }
            List<Instant> times = sandbox.belfry("tail", "--json", "a")
                    .out()
                    .lines()
                    .map(line -> Instant.parse((String) ((Map<?, ?>) JsonText.parse(line)).get("timestamp")))
                    .toList();
            long began = System.nanoTime();
            String last = times.get(2).toString();
            Result before =
                    sandbox.belfry("bridge", "--from", "2020-01-01T00:00Z", "--until", last, "--pace", "1x", "a", "b");
            assertThat(System.nanoTime() - began)
                    .isGreaterThanOrEqualTo(
                            Duration.between(times.get(0), times.get(1)).toNanos());
            assertThat(before.code()).isZero();
            assertThat(before.err())
                    .contains("belfry: shm:a has nothing from so long ago: its oldest message is of " + times.get(0));
            assertThat(before.err()).contains("The bridge ends before position 3, the first one whose time, " + last);
            assertThat(all(sandbox, "b")).isEqualTo("one\ntwo\n");
            Result rest = sandbox.belfry("bridge", "--until", Instant.now().toString(), "a", "b");
            assertThat(rest.out()).as("though nothing came at that time").contains(" ended, 1 forwarded (");
            assertThat(rest.err()).contains("passes over positions 1 to 2").doesNotContain("lost");
            Result tail =
                    sandbox.belfry("tail", "--from", "2020-01-01T00:00Z", "--until", last, "--format", "lines", "a");
            assertThat(tail.out()).isEqualTo("one\ntwo\n");
            assertThat(tail.err()).contains("its oldest message is of " + times.get(0));
            assertThat(sandbox.belfry("tail", "--from", last, "a").err()).isEmpty();
        }
    }

    /** Of what is left of one that was cut off. */
    @Test
    @Slow
    void shouldSayOnATerminalHowLongAReplayWillTake() {
        try (Sandbox sandbox = new Sandbox();
                PseudoTerminal terminal = new PseudoTerminal(120, 24)) {
            publish(sandbox, "a", "before");
            ChildJvm cutOff = sandbox.startBelfry("bridge", "--count", "3", "--interval", "20ms", "a", "b");
            for (String line = ""; !line.contains(" 1 forwarded "); ) line = cutOff.line();
            cutOff.kill();
            for (String text : List.of("one", "two", "beyond", "beyond")) {
                sandbox.belfry("pub", "--timestamps", "a", text);
                if (text.equals("one")) Patience.pause(4_000);
            }
            List<String> command = Sandbox.java(Belfry.class, "bridge", "--count", "3", "--pace", "1x", "a", "b")
                    .words();
            ChildJvm bridge = TopScreenTest.start(sandbox, terminal, "exec \"$@\" 2>TTY", command);
            bridge.awaitEnd();
            assertThat(terminal.written()).contains("shm:a -> shm:b: carried 1 of 2, ", "/s, ", " s left");
            assertThat(bridge.output()).contains(" ended, 2 forwarded (").doesNotContain("carried");
        }
    }

    @Test
    void shouldRefuseAReplayOfNothing() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            for (String[] each : new String[][] {
                {"--until 5 must be after --from 9: nothing lies between", "--from", "9", "--until", "5"},
                {"--until 09:00 must be after --from 10:00: nothing", "--from", "10:00", "--until", "09:00"},
                {"--until must be a position or a time: ", "--until", "0"},
                {"--count must be 'max' or a number of messages, such as 100, was '0'", "--count", "0"},
                {
                    "--pace must be 'max' or a multiple of the speed at which it was published, such as 1x or 10x, was '2'",
                    "--pace",
                    "2"
                },
                {"leads from a queue to itself; give it two", "--until", "1", "a", "a"}
            }) {
                List<String> words = new ArrayList<>(List.of(each));
                words.set(0, "bridge");
                if (!words.contains("a")) words.addAll(List.of("a", "b"));
                Result refused = sandbox.belfry(words.toArray(String[]::new));
                assertThat(refused.code()).as("%s", words).isEqualTo(2);
                assertThat(refused.err()).contains(each[0]);
                if (!each[1].equals("--from")) continue;
                words.set(0, "tail");
                words.remove("b");
                Result tail = sandbox.belfry(words.toArray(String[]::new));
                assertThat(tail.code()).as("%s", words).isEqualTo(2);
                assertThat(tail.err()).contains(each[0]);
            }
        }
    }
}
