package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The disk of a domain's pages is full, or cannot be written: what is there comes back, and each process says why. */
@Slow
@OneJdk
@WaitsForOthers
@Timeout(300)
class PagesDiskTest {
    private static final String QUEUE = "orders";
    private static final int LENGTH = 1_000;
    private static final int MESSAGES = 3_000;
    private static final int SEGMENT = 64 << 20;
    /** One segment is made ahead. */
    private static final int DISK = (256 << 20) + 3 * SEGMENT;

    @TempDir
    Path directory;

    private static void awaitAll(PagedDomain domain) {
        Patience.until("all are received", () -> domain.book.read().isAllReceived());
    }

    private static void send(PagedDomain domain, String uri) {
        domain.sender(uri, QUEUE, MESSAGES, LENGTH).expect("ended");
    }

    /** Its commits that were refused are not in the book. */
    private static void requireFull(PagedDomain domain) {
        ChildJvm refused = domain.sender(domain.uri().replace("30s", "2s"), QUEUE, MESSAGES, LENGTH);
        assertThat(refused.awaitExit()).isOne();
        assertThat(refused.errors()).contains("is full (1 MiB)");
    }

    @Test
    void shouldBringBackAllWhenTheDiskIsFull() throws IOException {
        try (PagedDomain domain = new PagedDomain(PagedDomain.Kind.SHM, directory);
                OwnMount disk = OwnMount.of(directory.resolve("spool"), "size=" + DISK)) {
            domain.through(disk.launcher());
            ChildJvm pager = domain.pager();
            send(domain, domain.uri());
            Path filling = disk.root().resolve("filling");
            fill(filling);
            requireFull(domain);
            Patience.until("the pager says why", () -> pager.errors().contains("find no room: their disk has "));
            domain.receiver(domain.uri(), QUEUE);
            awaitAll(domain);
            Files.delete(filling);
            send(domain, domain.uri());
            awaitAll(domain);
            domain.endAll();
            try (var lives = Files.newDirectoryStream(disk.root())) {
                for (Path life : lives) MessageQueues.delete("file:" + life + "?" + PagedDomain.ANYWHERE);
            }
        }
    }

    private static void fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] part = new byte[1 << 20];
            while (true) out.write(part);
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    @Test
    void shouldSayWhyWhenTheDirectoryCannotBeWritten() throws IOException {
        try (PagedDomain domain = new PagedDomain(PagedDomain.Kind.SHM, directory)) {
            domain.start(domain.uri(), "stay");
            try (OwnMount readOnly = OwnMount.readOnly(directory.resolve("spool"))) {
                domain.through(readOnly.launcher());
                ChildJvm pager = domain.pager();
                requireFull(domain);
                Patience.until(
                        "the pager says why",
                        () -> pager.errors().contains("Pages in 'file:" + directory.resolve("spool"))
                                && pager.errors().contains("Read-only"));
                pager.kill();
                domain.through(List.of());
                ChildJvm writes = domain.pager();
                send(domain, domain.uri());
                writes.kill();
                domain.through(readOnly.launcher());
                ChildJvm refused = domain.receiver(domain.uri(), QUEUE);
                Patience.until("it is refused", () -> refused.output().contains("refused "));
                refused.kill();
            }
            domain.through(List.of());
            domain.receiver(domain.uri(), QUEUE);
            awaitAll(domain);
        }
    }
}
