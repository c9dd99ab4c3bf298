package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A domain whose backlog is on the disk is copied while processes send and receive. */
@Timeout(300)
@Tag("Waits")
@Slow
@OneJdk
class BackupBesideProcessesTest {
    private static final String SETTINGS = "?overflow=on&maxCapacity=1m&anyFileSystem=true";

    @TempDir
    Path temporary;

    /** All that was sent before it began and was not received by its end; by both, what may be there beside that. */
    private record Copy(Path directory, int sentBefore, int receivedBefore, int sentAfter, int receivedAfter) {}

    @Test
    void shouldHaveEachMessageOnceInACopyThatIsUsedBesideItsOriginal() throws IOException {
        Path shop = temporary.toRealPath().resolve("shop");
        try (Sandbox sandbox = new Sandbox();
                Sandbox elsewhere = new Sandbox()) {
            ChildJvm sender = sandbox.start(Sandbox.java(Ledger.class, "send", "file:" + shop + SETTINGS));
            ChildJvm receiver = sandbox.start(Sandbox.java(Ledger.class, "receive", "file:" + shop + SETTINGS));
            Patience.until(
                    "it has paged out", () -> last(sender) > 2_000 && Files.exists(shop.resolve("overflow/life")));
            List<Copy> copies = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                Path to = shop.resolveSibling("shop" + i);
                int sent = last(sender);
                int received = last(receiver);
                Sandbox.Result backup = sandbox.belfry("backup", "file:" + shop, to.toString());
                assertThat(backup.code()).as(backup.toString()).isZero();
                assertThat(to.resolve("overflow/queue")).exists();
                copies.add(new Copy(to, sent, received, last(sender) + Ledger.EACH, last(receiver) + Ledger.EACH));
            }
            receiver.pause(); // or it may have received all when the copies are drained
            for (Copy copy : copies) assertDrained(elsewhere, copy);
            sender.kill();
            receiver.kill();
            int sent = last(sender);
            int received = last(receiver);
            assertDrained(sandbox, new Copy(shop, sent, received, sent + Ledger.EACH, received + Ledger.EACH));
        }
    }

    /** By a process that has another /dev/shm: so it may be while the original is in use. */
    private static void assertDrained(Sandbox sandbox, Copy copy) {
        ChildJvm drain = sandbox.start(Sandbox.java(Ledger.class, "drain", "file:" + copy.directory + SETTINGS));
        String[] told = drain.line().split(" ");
        if (told[2].equals("0")) { // its receiver was as fast as its sender
            assertThat(copy.receivedAfter).as("%s", copy).isGreaterThanOrEqualTo(copy.sentBefore);
            drain.awaitEnd();
            return;
        }
        int first = Integer.parseInt(told[0]);
        int last = Integer.parseInt(told[1]);
        assertThat(first - 1).as("%s: %s", copy, List.of(told)).isBetween(copy.receivedBefore, copy.receivedAfter);
        assertThat(last).as("%s: %s", copy, List.of(told)).isBetween(copy.sentBefore, copy.sentAfter);
        assertThat(told[2]).as("%s: %s", copy, List.of(told)).isEqualTo("" + (last - first + 1));
        assertThat(told[3]).as("%s: %s", copy, List.of(told)).isEqualTo("0");
        drain.awaitEnd();
    }

    private static int last(ChildJvm child) {
        String[] lines = child.output().strip().split("\n");
        String last = lines[lines.length - 1];
        return last.isEmpty() ? 0 : Integer.parseInt(last);
    }
}
