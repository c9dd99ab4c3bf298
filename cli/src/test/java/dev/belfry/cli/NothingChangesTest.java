package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Reading changes nothing: not a byte of a quiet queue; and tail changes only its own
 * handle and slot, and the words by which one joins.
 */
@Timeout(180)
@Tag("Waits")
@Slow
class NothingChangesTest {
    private static final int HANDLES = 4096;
    private static final int HANDLE = 64;
    private static final int SLOTS = HANDLES + 256 * HANDLE;
    private static final int SLOT = 1024;

    @Test
    void shouldNotChangeAByteByLooking() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "1", "q");
            byte[] before = sandbox.bytes("q");
            for (List<String> command : List.of(
                    List.of("ls"),
                    List.of("ls", "--json"),
                    List.of("info", "q"),
                    List.of("info", "--json", "q"),
                    List.of("top", "--count", "2", "--interval", "50ms"),
                    List.of("top", "--count", "1", "--json", "q"),
                    List.of("doctor", "q"),
                    List.of("gc", "--dry-run"),
                    List.of("rm", "q"))) {
                Result result = sandbox.belfry(command.toArray(new String[0]));
                assertThat(result.out() + result.err())
                        .as(command.toString())
                        .contains(command.get(0).equals("gc") ? "Nothing" : "q");
                assertThat(differences(before, sandbox.bytes("q")))
                        .as(command.toString())
                        .isEmpty();
            }
        }
    }

    /** Though they read its log. */
    @Test
    void shouldNotChangeAByteOfADomainByLooking() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.start(Sandbox.java(Sender.class, "send", "shm:shop")).awaitExit();
            byte[] before = sandbox.bytes("shop");
            for (List<String> command : List.of(
                    List.of("ls", "--json"),
                    List.of("info", "--json", "shop"),
                    List.of("top", "--count", "1", "--json", "shop"),
                    List.of("doctor", "shop"),
                    List.of("jms", "ls", "--json", "shop"),
                    List.of("jms", "browse", "--json", "shop", "orders"))) {
                String expected =
                        switch (command.get(0)) {
                            case "doctor" -> "nothing wrong";
                            case "jms" -> "process that has ended";
                            default -> "\"messages\":6,\"held\":1";
                        };
                assertThat(sandbox.belfry(command.toArray(new String[0])).out())
                        .as(command.toString())
                        .contains(expected);
                assertThat(differences(before, sandbox.bytes("shop")))
                        .as(command.toString())
                        .isEmpty();
            }
            sandbox.belfry("jms", "purge", "shop", "nothing");
            assertThat(differences(before, sandbox.bytes("shop")))
                    .as("that joins it")
                    .isNotEmpty();
        }
    }

    @Test
    void shouldChangeOnlyWhatIsItsOwnByTailing() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "1", "q");
            byte[] before = sandbox.bytes("q");
            List<String> all = sandbox.belfry("tail", "--from", "oldest", "q")
                    .out()
                    .lines()
                    .toList();
            assertThat(all).hasSize(3);
            assertThat(differences(before, sandbox.bytes("q"))).allMatch(NothingChangesTest::isItsOwn);
            ChildJvm following = sandbox.startBelfry("tail", "-f", "--from", "oldest", "q");
            all.forEach(following::expect); // it has a subscriber now, and not only a slot
            sandbox.awaitSubscribers("q", 2);
            assertThat(differences(before, sandbox.bytes("q"))).isNotEmpty().allMatch(NothingChangesTest::isItsOwn);
            following.terminate(); // SIGTERM: it leaves in good order
            Patience.until(
                    "it has left",
                    () -> Sandbox.subscribers(sandbox.belfry("info", "--json", "q"))
                                    .size()
                            == 1);
            following.awaitExit(); // its semaphore is removed after it has left
            assertThat(differences(before, sandbox.bytes("q"))).allMatch(NothingChangesTest::isItsOwn);
            assertThat(sandbox.files()).containsExactly("belfry.q");
        }
    }

    /** The twin: a subscription that is not an observer's is noticed. */
    @Test
    void shouldNoticeIfSomebodyElsesSlotChanged() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "1", "q");
            byte[] before = sandbox.bytes("q");
            sandbox.belfry("sub", "--name", "audit", "--count", "1", "q");
            assertThat(differences(before, sandbox.bytes("q"))).anyMatch(at -> !isItsOwn(at));
        }
    }

    private static List<Integer> differences(byte[] before, byte[] after) {
        assertThat(after).hasSameSizeAs(before);
        List<Integer> differences = new ArrayList<>();
        for (int i = Arrays.mismatch(before, after); i >= 0 && i < before.length; i++)
            if (before[i] != after[i]) differences.add(i);
        return differences;
    }

    /**
     * Handle 1 and slots 1 and 2 (0 are the holder's and audit's); joiners, how many slots
     * were ever used, leavers; and sleepers.
     */
    private static boolean isItsOwn(int at) {
        return at >= HANDLES + HANDLE && at < HANDLES + 2 * HANDLE
                || at >= SLOTS + SLOT && at < SLOTS + 3 * SLOT
                || at >= 1024 && at < 1040
                || at >= 640 && at < 644
                || at >= 768 && at < 776;
    }
}
