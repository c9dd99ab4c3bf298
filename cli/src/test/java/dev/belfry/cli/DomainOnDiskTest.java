package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A domain whose queues are on the disk for the most part, as its operator sees it. */
@Timeout(180)
@Tag("Waits")
@Slow
@OneJdk
class DomainOnDiskTest {
    private static final int SENT = 3_000;
    private static final int LEVEL = 4096 + 40;

    @TempDir
    Path temporary;

    private String spool() throws IOException {
        return temporary.toRealPath().toString();
    }

    private String domain() throws IOException {
        return "shm:shop?capacity=1m&maxCapacity=1m&overflow=file:" + spool() + "%3FanyFileSystem%3Dtrue";
    }

    /** So many orders are sent, of which most are on the disk. */
    private void send(Sandbox sandbox) throws IOException {
        sandbox.start(Sandbox.java(Orders.class, "send", domain(), "" + SENT)).awaitExit();
    }

    private static Map<?, ?> ls(Sandbox sandbox) {
        return (Map<?, ?>) sandbox.belfry("jms", "ls", "shop", "--json").json();
    }

    private static Map<String, Object> orders(Sandbox sandbox) {
        return sandbox.belfry("jms", "ls", "shop", "--json").list("places").get(0);
    }

    private static long onDisk(Sandbox sandbox) {
        return (long) orders(sandbox).get("onDisk");
    }

    @Test
    void shouldCountWhatIsOnTheDiskWhenAQueueHasPages() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            send(sandbox);
            long onDisk = onDisk(sandbox);
            assertThat(onDisk).isBetween(SENT / 2L, (long) SENT);
            assertThat(orders(sandbox)).containsEntry("messages", (long) SENT);
            assertThat((long) orders(sandbox).get("diskBytes")).isBetween(onDisk * 900, onDisk * 1_100);
            assertThat((Map<?, ?>) ls(sandbox).get("domain")).satisfies(domain -> {
                assertThat(domain.get("messages")).isEqualTo((long) SENT);
                assertThat(domain.get("onDisk")).isEqualTo(onDisk);
            });
            String uri = (String) ((Map<?, ?>) ls(sandbox).get("overflow")).get("uri");
            assertThat(uri).startsWith("file:" + spool() + "/");
            List<String> lines =
                    sandbox.belfry("jms", "ls", "shop").out().lines().toList();
            assertThat(lines.get(0))
                    .matches("DESTINATION +KIND +SUBSCRIPTION +MESSAGES +DISK +HELD +OLDEST +CONSUMERS");
            assertThat(lines.get(1).replaceAll(" +", " "))
                    .matches("orders queue - 3,000 " + String.format("%,d", onDisk) + " \\(.* MiB\\) 0 \\d+ s none");
            assertThat(lines.get(2)).matches("On the disk: " + uri + ", [0-9.]+ MiB of 20 GiB");
            Result browsed = sandbox.belfry("jms", "browse", "shop", "orders");
            assertThat(browsed.out()).hasLineCount((int) (SENT - onDisk));
            assertThat(browsed.err()).isEqualTo("and " + String.format("%,d", onDisk) + " on the disk\n");
        }
    }

    /** It shows as 0.1.0 does, by the level of its handle: the first one, as all others have left. */
    @Test
    void shouldNameWhoKeepsABacklogFromTheDiskWhenItsReleaseKnowsNone() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.start(Sandbox.java(Orders.class, "send", "shm:shop?capacity=1m&maxCapacity=1m", "600"))
                    .awaitExit();
            ChildJvm earlier = sandbox.actor("opens", "shm:shop?queueKind=domain");
            assertThat(sandbox.belfry("jms", "ls", "shop").err()).doesNotContain("overflow");
            assertThat((Map<?, ?>) ls(sandbox).get("overflow")).isNull();
            try (FileChannel shop = FileChannel.open(sandbox.file("belfry.shop"), StandardOpenOption.WRITE)) {
                shop.write(ByteBuffer.wrap(new byte[] {1}), LEVEL);
            }
            assertThat(sandbox.belfry("jms", "ls", "shop").err())
                    .as("nobody asks for it")
                    .doesNotContain("overflow");
            sandbox.actor("opens", "shm:shop?queueKind=domain");
            assertThat(sandbox.belfry("jms", "ls", "shop").err())
                    .contains("! shm:shop: a member that asks for overflow waits for pid " + earlier.pid() + " (")
                    .contains("), whose release knows no pages. End that process, or give it this release.\n");
            assertThat(((Map<?, ?>) ls(sandbox).get("overflow")).get("waitsFor"))
                    .asString()
                    .startsWith("pid " + earlier.pid() + " (");
        }
    }

    private void send(Sandbox sandbox, int orders) throws IOException {
        sandbox.start(Sandbox.java(Orders.class, "send", domain(), "" + orders)).awaitExit();
    }

    /** A backlog that nobody consumes is well where it may be; what is said else ends none of it. */
    @Test
    void shouldBeWellUntilTheDiskIsNotThere() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            send(sandbox);
            assertThat(sandbox.belfry("health", "--quiet", "shop").out()).isEmpty();
            assertThat(RemedyTest.findings(sandbox, "filling")).isEmpty();
            Path companion = companion();
            Path aside = companion.resolveSibling("aside");
            Files.move(companion, aside);
            while (RemedyTest.findings(sandbox, "filling").isEmpty()) send(sandbox, 100);
            assertThat((String) RemedyTest.findings(sandbox, "filling").get(0).get("what"))
                    .matches(
                            "it is filling: [0-9,]+ messages \\([0-9.]+ MiB\\) are on the disk, and messages take \\d+ % of"
                                    + " the 768 KiB that senders may fill. Nothing more goes to the disk: .*"
                                    + companion
                                    + ".* Most is in 'orders', [0-9,]+ messages, consumed by nobody");
            assertThat(RemedyTest.commands(RemedyTest.remedy(sandbox, "filling")))
                    .containsExactly("belfry jms ls shop", "belfry jms move --help")
                    .allSatisfy(command -> RemedyTest.run(sandbox, command));
            assertThat(sandbox.belfry("health", "shop").out()).startsWith("lagging  shm:shop: ");
            assertThat(sandbox.belfry("jms", "ls", "shop").err())
                    .contains("! shm:shop: nothing more goes to the disk, or comes back: ", companion.toString());
            Files.move(aside, companion);
            send(sandbox, 1);
            assertThat(sandbox.belfry("health", "--quiet", "shop").out()).isEmpty();
        }
    }

    @Test
    void shouldPurgeAndMoveWhatIsOnTheDiskToo() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            send(sandbox);
            assertThat(sandbox.belfry("jms", "purge", "shop", "orders", "--dry-run")
                            .out())
                    .isEqualTo("would purge 3,000 of orders\n");
            Result selected = sandbox.belfry("jms", "purge", "shop", "orders", "--selector", "a = 1");
            assertThat(selected.out()).isEqualTo("purged 0 of orders\n");
            assertThat(selected.err()).contains(" of orders are on the disk, and stay");
            String out = "file:" + spool() + "/out?anyFileSystem=true";
            assertThat(sandbox.belfry("jms", "move", "shop", "orders", out, "--count", "2900"))
                    .satisfies(moved -> assertThat(moved.out()).startsWith("moved 2,900 of orders to file:"));
            assertThat(orders(sandbox)).containsEntry("messages", 100L);
            send(sandbox);
            assertThat(onDisk(sandbox)).isGreaterThan(1_000);
            assertThat(sandbox.belfry("jms", "purge", "shop", "orders"))
                    .isEqualTo(new Result(0, "purged 3,100 of orders\n", ""));
            assertThat(sandbox.belfry("jms", "ls", "shop").out()).doesNotContain("orders");
        }
    }

    private Path companion() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(spool()))) {
            return all.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }

    private List<String> received(Sandbox sandbox, long atLeast) {
        ChildJvm receiver = sandbox.start(Sandbox.java(Orders.class, "receive", "shm:shop", "orders", "" + atLeast));
        receiver.awaitExit();
        return receiver.output().lines().toList();
    }

    /** Some of the queue can be read up to there, and all after it. */
    @Test
    void shouldGiveUpWhatCannotBeReadOnTheDiskWhenForced() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            send(sandbox);
            assertThat(sandbox.belfry("jms", "purge", "shop", "orders", "--damaged"))
                    .isEqualTo(new Result(0, "purged 0 of orders\n", ""));
            damage(sandbox, 0);
            Result refused = sandbox.belfry("jms", "purge", "shop", "orders", "--damaged");
            for (int page = 1; refused.code() == 0; page++) { // its sender had ended before the domain was told of it
                assertThat(refused.out()).isEqualTo("purged 0 of orders\n");
                damage(sandbox, page);
                refused = sandbox.belfry("jms", "purge", "shop", "orders", "--damaged");
            }
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err())
                    .matches("belfry: 'orders' stays: \\d+ message\\(s\\) on the disk cannot be read, .*\n");
            String lost = refused.err().replaceAll(".*stays: (\\d+) .*\n", "$1");
            assertThat(Integer.parseInt(lost)).isBetween(1, 100);
            Result ended = sandbox.belfry("jms", "purge", "shop", "orders", "--damaged", "--force");
            assertThat(ended).isEqualTo(new Result(0, "purged " + lost + " of orders\n", ""));
            int left = SENT - Integer.parseInt(lost);
            assertThat(received(sandbox, left)).hasSize(left);
        }
    }

    /** The first chunk of that page, in the order of delivery, wherever it may be read: in memory and in its file. */
    private void damage(Sandbox sandbox, int index) throws IOException {
        Path log = companion().resolve("log.0000000000000000");
        long page = firstChunks(log).get(index).page;
        List<Path> places = new ArrayList<>(List.of(log));
        for (String name : sandbox.files())
            if (name.startsWith("belfry.") && !name.equals("belfry.shop")) places.add(sandbox.file(name));
        for (Path place : places) {
            try (FileChannel file = FileChannel.open(place, StandardOpenOption.WRITE)) {
                for (FirstChunk one : firstChunks(place))
                    if (one.page == page) file.write(ByteBuffer.wrap(new byte[] {77}), one.at);
            }
        }
    }

    private record FirstChunk(long page, long order, int at) {}

    private static List<FirstChunk> firstChunks(Path place) throws IOException {
        try (FileChannel file = FileChannel.open(place)) {
            ByteBuffer all =
                    ByteBuffer.allocate((int) Math.min(file.size(), 80 << 20)).order(ByteOrder.LITTLE_ENDIAN);
            file.read(all, 0);
            String text = new String(all.array(), StandardCharsets.ISO_8859_1);
            List<FirstChunk> chunks = new ArrayList<>();
            for (int at = text.indexOf("BLFC"); at >= 0; at = text.indexOf("BLFC", at + 1)) {
                long order = (9L - (all.get(at + 85) & 15) << 56) + all.getLong(at + 64); // priority, mid
                if (all.getInt(at + 40) == 0) chunks.add(new FirstChunk(all.getLong(at + 24), order, at));
            }
            chunks.sort(Comparator.comparingLong(FirstChunk::order));
            return chunks;
        }
    }

    @Test
    void shouldSendAgainWhatIsOnTheDiskOfADomainThatIsGone() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            send(sandbox);
            long onDisk = onDisk(sandbox);
            String uri = "file:" + companion() + "?anyFileSystem=true";
            assertThat(sandbox.belfry("jms", "recover", uri, "shop"))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(1))
                    .satisfies(refused -> assertThat(refused.err()).contains(" is of the domain 'shm:shop', which is"));
            sandbox.belfry("rm", "--force", "shop");
            String fresh = "shm:shop?capacity=4m&maxCapacity=8m";
            sandbox.start(Sandbox.java(Orders.class, "send", fresh, "0")).awaitExit();
            Result done = sandbox.belfry("jms", "recover", uri, "shop");
            assertThat(done.err()).isEmpty();
            List<String> received = received(sandbox, onDisk);
            assertThat(received)
                    .as("more than was told, where the sender ended while a page went out")
                    .doesNotHaveDuplicates()
                    .hasSizeGreaterThanOrEqualTo((int) onDisk);
            assertThat(done.out()).startsWith("recovered " + String.format("%,d", received.size()) + " of file:");
            List<Integer> low = received.stream()
                    .map(Integer::parseInt)
                    .filter(number -> number % 10 > 0)
                    .toList();
            assertThat(low).isSorted();
            assertThat(sandbox.belfry("jms", "recover", uri, "shop").out())
                    .as("at least once")
                    .isEqualTo(done.out());
            assertThat(sandbox.belfry("jms", "browse", "shop", "orders", "--count", "1")
                            .out())
                    .contains("  delivered 1  ");
        }
    }
}
