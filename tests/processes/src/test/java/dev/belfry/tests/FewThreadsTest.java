package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** One moment without threads must not cost a JVM its queues for good. */
@Timeout(120)
@WaitsForOthers
class FewThreadsTest {
    /** Nobody's: the limit counts all threads of a user. */
    private static final int USER = 61_817;

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path copies;

    /** Arguments: uri. Opens its first queue while its user may start no more threads, and others later. */
    static final class Opener implements Role {
        /** So that what the JVM itself has open for a moment is not counted as a leak. */
        private static final int TIMES = 10;

        @Override
        public void play(Line line, String... args) throws Exception {
            MessageQueues.delete(args[0]); // loads the native library, whose own trouble is not meant
            CountDownLatch enough = new CountDownLatch(1);
            List<Thread> all = new ArrayList<>();
            try {
                while (true) all.add(startWaiting(enough));
            } catch (OutOfMemoryError noMore) {
                line.say("none but " + all.size() + " threads");
            }
            line.say("meanwhile " + opened(args[0]));
            enough.countDown();
            for (Thread thread : all) thread.join();
            line.say("later " + opened(args[0]));
            int before = descriptors();
            for (int i = 1; i < TIMES; i++) opened(args[0]);
            line.say("then " + opened(args[0]) + ", " + (descriptors() - before) / TIMES
                    + " descriptors more each time");
        }

        private static Thread startWaiting(CountDownLatch enough) {
            Thread thread = new Thread(() -> {
                try {
                    enough.await();
                } catch (InterruptedException end) {
                    // as well
                }
            });
            thread.start();
            return thread;
        }

        private static String opened(String uri) {
            try {
                MessageQueues.open(uri).close();
                return "opened";
            } catch (Throwable failure) {
                return failure.getClass().getSimpleName();
            }
        }

        private static int descriptors() {
            return new File("/proc/self/fd").list().length;
        }
    }

    @Test
    @Slow
    void shouldOpenQueuesAgainOnceThereAreThreads() throws Exception {
        Somebody.needed();
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is not installed");
        Somebody somebody = new Somebody(USER, copies);
        ChildJvm opener = stage.add(somebody.command(Opener.class, stage.uri("deleteOnLastClose=true"))
                .flags(List.of("-Xlog:disable"))
                .through(List.of("/usr/bin/prlimit", "--nproc=60"))
                .through(somebody.launcher())
                .start());
        opener.expect("none but");
        opener.expect("meanwhile");
        assertThat(opener.expect("later")).isEqualTo("opened");
        assertThat(opener.expect("then")).isEqualTo("opened, 0 descriptors more each time");
        opener.awaitEnd();
    }
}
