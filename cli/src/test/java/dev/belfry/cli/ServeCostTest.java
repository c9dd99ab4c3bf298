package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.ServeTest.Served;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The work of one look of {@code serve}, as the kernel counts it: twice the queues, twice the reads. */
@Timeout(180)
@Tag("Waits")
@Slow
@OneJdk
class ServeCostTest {
    private static final int LOOKS = 3;
    private static final int QUEUES = 10; // then twice as many, then four times

    @Test
    void shouldReadSoMuchForEachQueueAndKeepNothingOpen() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Served served = new Served(sandbox);
            Path process = Path.of("/proc/" + served.process.pid());
            long[] reads = new long[3];
            long[] open = new long[3];
            int queues = 0;
            for (int round = 0; round < 3; round++) {
                for (; queues < QUEUES << round; queues++) sandbox.belfry("pub", "q" + queues, "one");
                reads[round] = readsOfALook(served, process);
                open[round] = open(process);
            }
            System.out.println("reads of a look at " + QUEUES + ", " + 2 * QUEUES + " and " + 4 * QUEUES + " queues: "
                    + reads[0] + ", " + reads[1] + ", " + reads[2]);
            assertThat(reads[1]).isGreaterThan(reads[0]);
            assertThat(isLinear(reads)).isTrue();
            assertThat(open).containsOnly(0);
            long holder = sandbox.actor("hold", "shm:q0").pid(); // which it did not create
            assertThat(open(Path.of("/proc/" + holder)))
                    .as("of one that has it open")
                    .isPositive();
        }
    }

    @Test
    void shouldSeeALookThatReadsAllForEach() {
        assertThat(isLinear(100, 200, 400)).isTrue();
        assertThat(isLinear(100, 400, 1600)).isFalse();
    }

    /** With half of it to spare. */
    private static boolean isLinear(long... reads) {
        return reads[2] - reads[1] <= 3 * (reads[1] - reads[0]);
    }

    /** The least of some: the JVM reads as well, and so does now and then the checkup. */
    private static long readsOfALook(Served served, Path process) throws Exception {
        long least = Long.MAX_VALUE;
        String last = at(served);
        for (int looks = 0; looks < LOOKS; ) {
            Thread.sleep(950); // so that it may look again
            long before = reads(process);
            String at = at(served);
            if (at.equals(last)) continue;
            least = Math.min(least, reads(process) - before);
            last = at;
            looks++;
        }
        return least;
    }

    /** The time of its look, a new one if it is due. */
    private static String at(Served served) {
        return served.get("/api/page").replaceFirst(".*?\"at\":\"([^\"]*).*", "$1");
    }

    private static long reads(Path process) throws IOException {
        return Files.readAllLines(process.resolve("io")).stream()
                .filter(line -> line.startsWith("syscr: "))
                .mapToLong(line -> Long.parseLong(line.substring(7)))
                .sum();
    }

    /** Files of queues that it has open or mapped. */
    private static long open(Path process) throws IOException {
        try (Stream<String> maps = Files.lines(process.resolve("maps"));
                Stream<Path> files = Files.list(process.resolve("fd"))) {
            return maps.filter(line -> line.contains("/belfry.q")).count()
                    + files.filter(file -> target(file).contains("/belfry.q")).count();
        }
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException closed) {
            return "";
        }
    }
}
