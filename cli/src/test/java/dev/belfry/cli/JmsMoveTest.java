package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.cli.command.Dying;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Out of a domain into a plain queue, and back. */
@Timeout(300)
@Tag("Waits")
@OneJdk
class JmsMoveTest {
    private static final String FULL = "shm:shop?capacity=1m&maxCapacity=1m&sendTimeout=200ms";

    private static final String NEVER = "1000000000";

    private final Sandbox sandbox = new Sandbox();

    @TempDir
    Path temporary;

    private String plain; // as it is created
    private String uri;

    @BeforeEach
    void name() throws IOException {
        uri = "file:" + temporary.toRealPath().resolve("out");
        plain = uri + "?anyFileSystem=true";
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    private ChildJvm orders(String... args) {
        return sandbox.start(Sandbox.java(Orders.class, args));
    }

    private List<String> linesOf(String... args) {
        ChildJvm child = orders(args);
        List<String> all = child.rest();
        assertThat(all.remove(all.size() - 1)).as(child.errors()).isEqualTo("exit 0");
        return all;
    }

    /** In the order in which a queue gives them if all are there. */
    private static List<String> all(int orders) {
        return Stream.of(true, false)
                .flatMap(high -> IntStream.rangeClosed(1, orders)
                        .filter(i -> i % 10 == 0 == high)
                        .mapToObj(String::valueOf))
                .toList();
    }

    private static List<String> those(List<String> numbers, boolean high) {
        return numbers.stream()
                .filter(each -> Integer.parseInt(each) % 10 == 0 == high)
                .toList();
    }

    @Test
    void shouldBringBackAsTheyWereMessagesThatItTookOut() {
        String domain = "file:" + temporary.resolve("shop") + "?anyFileSystem=true";
        linesOf("kinds", domain, "orders");
        linesOf("kinds", domain, "same");
        assertThat(sandbox.belfry("jms", "move", domain, "orders", plain))
                .isEqualTo(new Result(0, "moved 9 of orders to " + plain + "\n", ""));
        assertThat(linesOf("receive", domain, "orders")).isEmpty();
        assertThat(sandbox.belfry("doctor", uri).out())
                .contains("no process is attached to 'jms-move'", "took out of a domain: move that back");
        assertThat(sandbox.belfry("jms", "move", domain, uri, "again", "--json").out())
                .isEqualTo("{\"format\":1,\"queue\":\"" + uri + "\",\"to\":\"again\",\"moved\":9}\n");
        assertThat(linesOf("receive", domain, "again")).isEqualTo(linesOf("receive", domain, "same"));
        assertThat(sandbox.belfry("jms", "move", domain, uri, "again"))
                .as("once")
                .isEqualTo(new Result(0, "moved 0 of " + uri + " to again\n", ""));
        assertThat(sandbox.belfry("jms", "ls", domain).out()).doesNotContain("belfry-move");
    }

    @Test
    void shouldEmptyAFullDomainWhileItsSendersWait() {
        int orders = 3_000; // four times what it holds
        ChildJvm sender = orders("send", FULL, String.valueOf(orders));
        sender.expect("full at");
        while (sender.isAlive())
            assertThat(sandbox.belfry("jms", "move", "shop", "orders", plain).code())
                    .isIn(0, 1); // 1: nothing is there, as it was quick
        assertThat(sender.output()).endsWith("sent\n");
        sandbox.belfry("jms", "move", "shop", "orders", plain);
        List<String> read = linesOf("raw", plain);
        assertThat(those(read, true)).isEqualTo(those(all(orders), true));
        assertThat(those(read, false)).isEqualTo(those(all(orders), false));
    }

    @Test
    @Slow
    void shouldStopWithACountWhereTheTargetOrTheDomainIsFull() {
        linesOf("send", "shm:shop", "300");
        String small = "shm:small?capacity=64k&maxCapacity=64k";
        Result full = sandbox.belfry("jms", "move", "shop", "orders", small);
        assertThat(full.code()).isEqualTo(1);
        assertThat(full.err())
                .matches(
                        "(?s).*belfry: 'shm:small' is full: it had no room within 5 s\\. Before that, \\d+ of orders were"
                                + " moved; the others are as they were\\.\n");
        assertThat(sandbox.belfry("doctor", "small").out())
                .contains("took out of a domain, until that is moved back", "'belfry unsubscribe small jms-move'");
        int moved = Integer.parseInt(full.err().replaceAll("(?s).*that, (\\d+) of.*", "$1"));
        assertThat(linesOf("receive", "shm:shop", "orders")).isEqualTo(all(300).subList(moved, 300));
        linesOf("send", "shm:shop", "300");
        sandbox.belfry("jms", "move", "shop", "orders", plain);
        ChildJvm sender = orders("send", "shm:other?capacity=256k&maxCapacity=256k&sendTimeout=50ms", "210");
        sender.expect("full at");
        sender.kill();
        Result other = sandbox.belfry("jms", "move", "other", uri, "orders");
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("Domain 'shm:other' is full");
        linesOf("send", "shm:tiny?capacity=64k&maxCapacity=64k", "1");
        Result tiny = sandbox.belfry("jms", "move", "tiny", uri, "orders");
        assertThat(tiny.err())
                .as("it has what found room, though all of it is more than one transaction may be")
                .containsPattern("Domain 'shm:tiny' is full.* Before that, 3\\d of");
    }

    @Test
    void shouldRefuseWhatCannotBeMoved() throws IOException {
        linesOf("send", "shm:shop", "3");
        linesOf("send", "shm:other", "1");
        Path closed = temporary.resolve("closed");
        Files.writeString(closed, "a file");
        sandbox.belfry("pub", plain, "not of a domain");
        for (List<String> each : List.of(
                List.of("2", "QUEUE and TO are both URIs", "file:/a", "file:/b"),
                List.of("1", "is the domain itself", "orders", "shm:shop"),
                List.of("1", "is the domain itself", "shm:///shop", "orders"),
                List.of("1", "'shm:other'", "orders", "shm:other"),
                List.of("1", "no transport for 'flie:/out'", "orders", "flie:/out"),
                List.of("1", "would end with this command", "orders", "mem:out"),
                List.of("1", "has no queue 'flie:/out'", "flie:/out", "orders"),
                List.of("1", "" + closed, "orders", "file:" + closed + "?anyFileSystem=true"),
                List.of("1", "No queue", "file:" + temporary.resolve("none"), "orders"),
                List.of("1", "has no queue 'odrers'", "odrers", plain),
                List.of("2", "--selector is for a queue of the domain", uri, "orders", "--selector", "a = 1"),
                List.of("2", "--subscription and --client", uri, "orders", "--subscription"),
                List.of("2", "--count must be > 0", "orders", plain, "--count", "0"),
                List.of("1", "message 1 of '" + uri + "' is no message of a domain", uri, "orders"))) {
            List<String> command = new ArrayList<>(List.of("jms", "move", "shop"));
            command.addAll(each.subList(2, each.size()));
            Result refused = sandbox.belfry(command.toArray(String[]::new));
            assertThat(refused.err()).as("%s", command).contains(each.get(1));
            assertThat("" + refused.code()).as("%s: %s", command, refused).isEqualTo(each.get(0));
        }
        assertThat(sandbox.belfry("jms", "move", "shop", "orders", "flie:/out", "--by-name"))
                .isEqualTo(new Result(0, "moved 3 of orders to flie:/out\n", ""));
        assertThat(sandbox.belfry("jms", "move", "shop", "flie:/out", plain).code())
                .isZero();
        assertThat(sandbox.belfry("skip", uri, "jms-move").code()).isZero();
        assertThat(sandbox.belfry("jms", "move", "shop", uri, "file:/in", "--by-name")
                        .code())
                .isEqualTo(1);
        assertThat(sandbox.belfry("jms", "move", "shop", uri, "orders").out())
                .isEqualTo("moved 3 of " + uri + " to orders\n");
        assertThat(linesOf("receive", "shm:shop", "orders")).isEqualTo(all(3));
    }

    /** Two out to one target, and one to another; then two in, and one out meanwhile. */
    @Test
    @Slow
    void shouldMoveEachOnceWhereMovesRunAtOnce() {
        int orders = 600;
        linesOf("send", "shm:shop", String.valueOf(orders));
        String other = uri + "-other";
        moved(List.of("orders", plain), List.of("orders", plain), List.of("orders", other + "?anyFileSystem=true"));
        List<String> out = new ArrayList<>(linesOf("raw", plain));
        out.addAll(Files.exists(Path.of(other.substring(5))) ? linesOf("raw", other) : List.of());
        out.addAll(linesOf("browse", "shm:shop", "orders"));
        assertThat(out).containsExactlyInAnyOrderElementsOf(all(orders));
        moved(List.of(uri, "orders"), List.of(uri, "orders"), List.of("orders", plain));
        for (String back : List.of(uri, other)) sandbox.belfry("jms", "move", "shop", back, "orders");
        assertThat(linesOf("receive", "shm:shop", "orders")).containsExactlyInAnyOrderElementsOf(all(orders));
        assertThat(sandbox.belfry("jms", "ls", "shop").out()).doesNotContain("belfry-move");
    }

    /** At once: one that may not run beside another one says so; and it may come after all are gone. */
    @SafeVarargs
    private void moved(List<String>... fromTo) {
        List<ChildJvm> moves = new ArrayList<>();
        for (List<String> each : fromTo)
            moves.add(sandbox.startBelfry("jms", "move", "shop", each.get(0), each.get(1)));
        for (ChildJvm one : moves) {
            if (one.awaitExit() == 0) continue;
            assertThat(one.errors()).containsPattern("'jms-move' is attached by pid|has no queue 'orders'");
        }
    }

    /** After each step that one of the two queues knows of and the other does not. */
    @Test
    void shouldBringNothingTwiceWhenAMoveDiesBetweenTheTwo() {
        int orders = 200;
        linesOf("send", "shm:shop", String.valueOf(orders));
        for (String step : List.of("1", "1", "2")) dying("out", plain, step).awaitExit();
        assertThat(sandbox.belfry("jms", "move", "shop", "orders", plain).code())
                .isZero();
        assertThat(linesOf("raw", plain)).isEqualTo(all(orders));
        for (String step : List.of("1", "1", "2")) dying("in", uri, step).awaitExit();
        assertThat(sandbox.belfry("jms", "move", "shop", uri, "orders").code()).isZero();
        assertThat(linesOf("receive", "shm:shop", "orders")).isEqualTo(all(orders));
    }

    @Test
    @Slow
    void shouldBringEachOnceHoweverOftenItIsKilled() {
        Random random = new Random(81);
        int kills = Depth.pick(8, 8, 200);
        int orders = 20_000;
        linesOf("send", "shm:shop", String.valueOf(orders));
        killed(kills, random, "out", plain);
        assertThat(linesOf("raw", plain)).isEqualTo(all(orders));
        assertThat(linesOf("read", plain)).isEqualTo(all(orders));
        killed(kills, random, "in", uri);
        assertThat(linesOf("receive", "shm:shop", "orders")).isEqualTo(all(orders));
    }

    /** A move of all, begun again after each kill, at any instant. */
    private void killed(int kills, Random random, String way, String plain) {
        for (int i = 0; i < kills; i++) {
            ChildJvm move = dying(way, plain, NEVER);
            for (int steps = random.nextInt(30); steps > 0; steps--) move.expect("step");
            LockSupport.parkNanos(random.nextInt(10_000_000));
            move.kill();
        }
        String[] command = {"jms", "move", "shop", "orders", plain};
        if (way.equals("in")) command = new String[] {"jms", "move", "shop", plain, "orders"};
        Result rest = sandbox.belfry(command);
        assertThat(rest.code()).as(rest.toString()).isZero();
        assertThat(rest.out()).as("killed in the middle").startsWith("moved ").doesNotStartWith("moved 20,000");
    }

    private ChildJvm dying(String way, String plain, String step) {
        return sandbox.start(Sandbox.java(Dying.class, way, "shop", "orders", plain, step));
    }
}
