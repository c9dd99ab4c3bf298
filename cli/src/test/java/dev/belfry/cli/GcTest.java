package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class GcTest {
    @Test
    void shouldRemoveWhatKilledProcessesLeft() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm gone = sandbox.actor("stream", "shm:gone?deleteOnLastClose=true");
            ChildJvm stays = sandbox.actor("stream", "shm:stays");
            assertThat(sandbox.belfry("gc", "--dry-run").out()).isEmpty();
            gone.kill();
            stays.kill();
            Result dry = sandbox.belfry("gc", "--dry-run");
            assertThat(dry.out()).contains("would remove shm:gone: was created with deleteOnLastClose");
            assertThat(dry.out().lines().filter(l -> l.startsWith("would remove /dev/shm/sem.belfry.")))
                    .hasSize(2);
            assertThat(sandbox.files()).hasSize(4);
            assertThat(sandbox.belfry("tail", "gone").err()).contains("opening it now would delete it");
            assertThat(sandbox.belfry("gc").out()).contains("removed shm:gone");
            assertThat(sandbox.files()).containsExactly("belfry.stays");
        }
    }

    /** A queue of file: has a part in memory; that is needed as long as its directory is there, wherever that is. */
    @Test
    void shouldRemoveWhatAFileQueueHasInMemoryWhenItsDirectoryIsGone(@TempDir Path temporary) throws IOException {
        Path directory = temporary.resolve("q");
        Path elsewhere = temporary.resolve("elsewhere");
        String uri = "file:" + directory + "?anyFileSystem=true";
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm open = sandbox.actor("hold", uri);
            Files.move(directory, elsewhere);
            assertThat(sandbox.belfry("gc").out()).as("it is open").isEmpty();
            open.kill();
            Files.move(elsewhere, directory);
            assertThat(sandbox.belfry("gc").out()).as("its directory is there").isEmpty();
            Files.move(directory, elsewhere);
            assertThat(sandbox.belfry("gc", "--dry-run").out())
                    .containsPattern(
                            "would remove /dev/shm/belfry\\.\\.file\\.\\w+: its directory is gone: " + directory);
            open = sandbox.actor("hold", "file:" + elsewhere + "?anyFileSystem=true"); // notes where it is by now
            open.kill();
            assertThat(sandbox.belfry("gc").out()).as("its directory is there").isEmpty();
            try (Stream<Path> files = Files.list(elsewhere)) {
                for (Path each : files.toList()) Files.delete(each);
            }
            assertThat(sandbox.belfry("gc").out()).contains("removed /dev/shm/belfry..file.");
            assertThat(sandbox.files().stream().filter(f -> f.startsWith("belfry.")))
                    .isEmpty();
        }
    }

    /** Its disk may only be mounted elsewhere, or be another container's. */
    @Test
    void shouldLeaveThePartOfADirectoryWhoseParentIsGone(@TempDir Path temporary) throws IOException {
        Path parent = Files.createDirectory(temporary.resolve("parent"));
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "file:" + parent + "/q?anyFileSystem=true").kill();
            Files.move(parent, temporary.resolve("moved"));
            assertThat(sandbox.belfry("gc").out()).isEmpty();
            assertThat(sandbox.belfry("doctor").out()).contains("live-part");
        }
    }

    /** Root may join anybody's, and is asked too: only of a user who was named for all queues. */
    @Test
    void shouldLeaveTheQueueOfAnotherUserAlone() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to give a file away");
        try (Sandbox sandbox = new Sandbox()) {
            for (String queue : List.of("ours", "theirs"))
                sandbox.actor("hold", "shm:" + queue + "?deleteOnLastClose=true")
                        .kill();
            Files.setAttribute(sandbox.file("belfry.theirs"), "unix:uid", 12_345);
            assertThat(sandbox.belfry("gc", "--dry-run").out())
                    .contains("would remove shm:theirs: ", "it belongs to uid 12345: removed only if BELFRY_OWNER");
            byte[] before = sandbox.bytes("theirs");
            Result gc = sandbox.belfry("gc");
            assertThat(gc.code()).isEqualTo(1);
            assertThat(gc.out())
                    .contains("removed shm:ours", "cannot remove shm:theirs: 'theirs' belongs to uid 12345")
                    .contains("say owner=12345");
            sandbox.belfry("doctor", "--fix");
            assertThat(sandbox.bytes("theirs")).isEqualTo(before);
            JavaCommand named = Sandbox.java(Belfry.class, "gc").flags(List.of("-Dbelfry.owner=12345"));
            assertThat(Sandbox.finish(sandbox.start(named), "").out()).contains("removed shm:theirs");
            assertThat(sandbox.files()).isEmpty();
        }
    }

    /**
     * What was deleted goes on among the processes that are attached: its semaphores belong to somebody,
     * though no name leads to it.
     */
    @Test
    void shouldLeaveADeletedQueueAlone() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm stream = sandbox.actor("stream", "shm:q");
            sandbox.belfry("rm", "--force", "q");
            List<String> semaphores = sandbox.files();
            assertThat(semaphores).hasSize(1);
            assertThat(sandbox.belfry("gc", "--json").out()).isEqualTo("{\"format\":1,\"leftOvers\":[]}\n");
            assertThat(sandbox.files()).isEqualTo(semaphores);
            assertThat(Sandbox.finish(stream, "end").out()).startsWith("ready\nreceived all of ");
        }
    }

    /** As one that is Seeded in the conformance kit, of which this module knows nothing. */
    @Test
    @Tag("Seeded")
    void shouldLeaveLiveQueuesAloneUnderChurn() {
        boolean fresh = "luck".equals(System.getProperty("belfry.depth"));
        long seed = Long.getLong("belfry.seed", fresh ? System.nanoTime() : 6);
        if (fresh) System.out.println(getClass().getName() + ": -Dbelfry.seed=" + seed);
        Random random = new Random(seed);
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm steady = sandbox.actor("stream", "shm:steady?deleteOnLastClose=true");
            ChildJvm named = sandbox.actor("hold", "shm:held?deleteOnLastClose=true");
            List<ChildJvm> churners = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                while (churners.size() < 3) {
                    String queue =
                            "shm:churn-" + random.nextInt(2) + "?deleteOnLastClose=true&capacity=64k&maxCapacity=64k";
                    churners.add(sandbox.actor("churn", queue));
                }
                Result gc = sandbox.belfry("gc", "--json");
                assertThat(gc.code()).as(gc.toString()).isZero();
                assertThat(gc.out()).doesNotContain("steady", "held");
                assertThat(churners).allMatch(ChildJvm::isAlive);
                churners.remove(random.nextInt(churners.size())).kill();
            }
            churners.forEach(ChildJvm::kill);
            sandbox.belfry("gc");
            assertThat(sandbox.files().stream().filter(f -> f.startsWith("belfry.")))
                    .containsExactly("belfry.held", "belfry.steady");
            assertThat(sandbox.files().stream().filter(f -> f.startsWith("sem.belfry.")))
                    .hasSize(1);
            assertThat(Sandbox.finish(steady, "end").out()).startsWith("ready\nreceived all of ");
            Sandbox.finish(named, "");
            assertThat(sandbox.files()).allMatch(GcTest::isUnnamedSemaphore);
        }
    }

    /**
     * What the C library makes before it gives it the name: of whoever is killed in between it
     * stays, and nobody knows whose it was.
     */
    private static boolean isUnnamedSemaphore(String file) {
        return file.matches("sem\\.[A-Za-z0-9]{6}");
    }
}
