package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Scene;
import dev.belfry.shm.sim.Words;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A publisher stands still before each of its stores and native calls in turn, as SIGSTOP has it:
 * nobody takes anything from it, and it goes on as if nothing had been.
 */
@Tag("F46")
@Tag("F54")
@ExtendWith(Quiet.Always.class)
class StoppedPublisherTest {
    private static final int F_OFD_GETLK = 36;
    private static final short F_UNLCK = 2;

    /** Stands still before its k-th step, until it is told to go on. */
    private static final class Stoppable extends Participant {
        private final Semaphore stands = new Semaphore(0);
        private final Semaphore goesOn = new Semaphore(0);
        private volatile Thread thread;
        private long left;

        private void step() {
            if (Thread.currentThread() != thread || --left != 0) return;
            stands.release();
            goesOn.acquireUninterruptibly();
        }

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            step();
            super.store(words, at, size, value, release);
        }

        @Override
        protected boolean swap(Words words, long at, int size, long expected, long value) {
            step();
            return super.swap(words, at, size, expected, value);
        }

        @Override
        protected Object call(String function, Method method, Object[] args) throws Throwable {
            step();
            return super.call(function, method, args);
        }
    }

    /** How it publishes. */
    private enum Way {
        PLAIN(4096, 40),
        MOVING_THE_GATE(4096, 900),
        GROWING(16384, 3000),
        BY_CLAIM(4096, 40);

        private final long maxCapacity;
        private final int length;

        Way(long maxCapacity, int length) {
            this.maxCapacity = maxCapacity;
            this.length = length;
        }

        private QueueConfig config() {
            return QueueConfig.builder()
                    .capacity(4096)
                    .maxCapacity(maxCapacity)
                    .deleteOnLastClose(true)
                    .build();
        }

        private long publish(Publisher publisher) {
            byte[] body = body('s', length);
            if (this != BY_CLAIM) return publisher.publish(body);
            try (Claim claim = publisher.claim(length)) {
                claim.buffer().put(body);
                return claim.commit();
            }
        }
    }

    private static byte[] body(char content, int length) {
        return String.valueOf(content).repeat(length).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @EnumSource
    void f46NobodyRobsAPublisherThatStandsStillWhereverItDoes(Way way) throws Exception {
        int refused = 0;
        int accepted = 0;
        Boolean other;
        for (int k = 1; (other = standsStillAt(k, way, Participant::new)) != null; k++) {
            if (other) accepted++;
            else refused++;
        }
        System.out.printf("stopped at %d steps of %s: others were refused at %d%n", accepted + refused, way, refused);
        assertThat(refused).isPositive();
        assertThat(accepted).isPositive();
    }

    /** Null: it has fewer steps. Else whether another could publish meanwhile. */
    private static Boolean standsStillAt(int k, Way way, Supplier<Participant> others) throws Exception {
        try (Scene scene = new Scene(way.config(), 4, Stoppable::new, others)) {
            Stoppable stoppable = (Stoppable) scene.victim;
            scene.withWatcher();
            scene.withPublisher();
            Publisher other = scene.bystander.createPublisher();
            List<Character> expected = new ArrayList<>();
            while (expected.size() < (way == Way.MOVING_THE_GATE ? 4 : 3)) {
                other.publish(body('b', 900));
                expected.add('b');
            }
            if (way == Way.MOVING_THE_GATE) assertThat(read(scene)).isEqualTo(expected);
            FutureTask<Long> publish = new FutureTask<>(publishing(way, scene, stoppable, k));
            Thread thread = new Thread(publish, "stoppable");
            thread.start();
            while (!stoppable.stands.tryAcquire()) {
                if (!publish.isDone()) continue;
                publish.get();
                return null;
            }
            boolean accepted = other.offer(ByteBuffer.wrap(body('o', 40)), Duration.ofMillis(2)) != Publisher.REJECTED;
            stoppable.goesOn.release();
            long position = publish.get();
            long last = other.publish(body('l', 40));
            check(scene, way, expected, position, accepted, last);
            return accepted;
        }
    }

    private static Callable<Long> publishing(Way way, Scene scene, Stoppable stoppable, int k) {
        return () -> {
            stoppable.left = k;
            stoppable.thread = Thread.currentThread();
            try {
                return way.publish(scene.publisher);
            } finally {
                stoppable.thread = null;
            }
        };
    }

    private static List<Character> read(Scene scene) {
        List<Character> contents = new ArrayList<>();
        for (Message m; (m = scene.watcher.receiveNoWait()) != null; ) {
            String text = m.text();
            assertThat(text).isEqualTo(text.substring(0, 1).repeat(text.length()));
            contents.add(text.charAt(0));
        }
        return contents;
    }

    private static void check(
            Scene scene, Way way, List<Character> before, long position, boolean accepted, long last) {
        List<Character> seen = new ArrayList<>(way == Way.MOVING_THE_GATE ? before : List.of());
        seen.addAll(read(scene));
        List<Character> expected = new ArrayList<>(before);
        boolean second = position == before.size() + 2;
        if (accepted && second) expected.add('o');
        expected.add('s');
        if (accepted && !second) expected.add('o');
        expected.add('l');
        assertThat(seen).as("each once, in the order of the positions").isEqualTo(expected);
        assertThat(last).isEqualTo(expected.size());
        assertThat(scene.bystander.stats().counters())
                .as("nothing was taken from it")
                .containsEntry("repairs", 0L)
                .containsEntry("ended", 0L);
    }

    /** Takes the living for dead. */
    private static final class Robber extends Participant {
        @Override
        protected Object call(String function, Method method, Object[] args) throws Throwable {
            Object result = super.call(function, method, args);
            if (function.equals("fcntl") && (Integer) args[1] == F_OFD_GETLK)
                new Pointer((Long) args[2]).setShort(0, F_UNLCK);
            return result;
        }
    }

    @Test
    void shouldNoticeWhenSomebodyRobsTheLiving() {
        Function<Integer, Boolean> attempt = k -> {
            try {
                return standsStillAt(k, Way.PLAIN, Robber::new) != null;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        };
        assertThatThrownBy(() -> {
                    for (int k = 1; attempt.apply(k); k++) {
                        // the next step
                    }
                })
                .isInstanceOf(AssertionError.class);
    }
}
