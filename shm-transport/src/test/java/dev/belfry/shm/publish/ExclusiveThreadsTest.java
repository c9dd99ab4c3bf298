package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.crash.Refused;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several threads in one exclusive publisher: one at a time gets in, others are told, and the queue is whole. */
@Timeout(120)
@WaitsForOthers
@Tag(LeakCheck.PLANTED)
@ExtendWith(Quiet.Always.class)
class ExclusiveThreadsTest {
    private static final int EACH = 20_000;
    private static final int LENGTH = 100;

    /** A process whose kernel makes no fence from some time on. */
    private static final class Denying extends Refused {
        volatile boolean denies; // without an initializer: the constructor before makes calls

        @Override
        protected Object call(String function, Method method, Object[] args) throws Throwable {
            return denies && kindOf(function, args).equals("membarrier")
                    ? (Object) (-1L)
                    : super.call(function, method, args);
        }
    }

    /** A queue and its exclusive publisher. */
    private static final class Scene implements AutoCloseable {
        final Denying process = new Denying();
        final MessageQueue queue;
        final Publisher publisher;

        Scene(boolean mayFence) {
            String name = "exclusive-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
            process.denies = !mayFence;
            QueueConfig config = QueueConfig.builder()
                    .capacity(1 << 24)
                    .maxCapacity(1 << 24)
                    .deleteOnLastClose(true)
                    .build();
            queue = mayFence ? MessageQueues.open(URI.create("shm:" + name), config) : process.open(name, config, 4);
            publisher = queue.createPublisher(
                    PublisherOptions.builder().exclusive(true).build());
        }

        private static byte[] body(int thread, int n) {
            ByteBuffer body = ByteBuffer.allocate(LENGTH);
            while (body.remaining() >= 8) body.putInt(thread).putInt(n);
            return body.array();
        }

        /** Those of its messages that were published; each other one was refused for the right reason. */
        private List<Integer> publish(int thread) {
            List<Integer> published = new ArrayList<>();
            for (int n = 0; n < EACH; n++)
                try {
                    if (n % 3 != 0) publisher.publish(body(thread, n));
                    else
                        try (Claim claim = publisher.claim(LENGTH)) {
                            claim.copyFrom(0, body(thread, n), 0, LENGTH);
                            claim.commit();
                        }
                    published.add(n);
                } catch (ConcurrentModificationException refused) {
                    if (!refused.getMessage().contains("is in use by thread '")) throw refused;
                }
            return published;
        }

        /** At once, from so many threads; says how many messages were refused. */
        int hammer(int threads) {
            CyclicBarrier all = new CyclicBarrier(threads);
            List<CompletableFuture<List<Integer>>> done = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                done.add(inAThread(() -> {
                    all.await();
                    return publish(thread);
                }));
            }
            Map<Integer, List<Integer>> expected = new TreeMap<>();
            int published = 0;
            for (int t = 0; t < threads; t++) {
                expected.put(t, done.get(t).join());
                published += expected.get(t).size();
            }
            assertThat(queue.stats().newestPosition()).isEqualTo(published);
            Map<Integer, List<Integer>> read = new TreeMap<>();
            for (int t = 0; t < threads; t++) read.put(t, new ArrayList<>());
            try (Subscriber reader = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
                while (reader.poll(view -> read.get(view.getInt(0)).add(whole(view)), 1_000, Duration.ZERO) > 0)
                    ;
            }
            assertThat(read).isEqualTo(expected);
            return threads * EACH - published;
        }

        private static int whole(MessageView view) {
            for (int at = 8; at + 8 <= LENGTH; at += 8)
                if (view.getLong(at) != view.getLong(0)) throw new AssertionError("torn at " + at);
            return view.getInt(4);
        }

        @Override
        public void close() {
            queue.close();
        }
    }

    private interface Work<T> {
        T get() throws Exception;
    }

    private static <T> CompletableFuture<T> inAThread(Work<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                done.complete(work.get());
            } catch (Throwable failure) {
                done.completeExceptionally(failure);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    @ParameterizedTest
    @CsvSource({"2,true", "3,true", "2,false"})
    void shouldStayWholeWhateverItsThreadsDo(int threads, boolean mayFence) {
        int refused = 0;
        for (int turn = 0; turn < 3; turn++)
            try (Scene scene = new Scene(mayFence)) {
                refused += scene.hammer(threads);
            }
        System.out.printf("%d threads: %d of %d refused%n", threads, refused, 3 * threads * EACH);
    }

    /** A thread that comes when none is inside is let in, however often that changes, and whatever the kernel says. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLetEachThreadInThatComesAlone(boolean mayFence) {
        try (Scene scene = new Scene(mayFence);
                Subscriber reader = scene.queue.createSubscriber()) {
            for (int i = 1; i <= 40; i++) {
                String text = "message " + i;
                if (i % 2 == 0) scene.publisher.publish(text);
                else inAThread(() -> scene.publisher.publish(text)).join();
                assertThat(reader.receive(Patience.limit()).text()).isEqualTo(text);
            }
            assertRefusedBesideAClaim(scene);
        }
    }

    private static void assertRefusedBesideAClaim(Scene scene) {
        String name = Thread.currentThread().getName();
        try (Claim claim = scene.publisher.claim(5)) {
            inAThread(() -> {
                        for (int i = 0; i < 3; i++) // a second try is refused, too
                        assertThatThrownBy(() -> scene.publisher.publish("intruder"))
                                    .isInstanceOf(ConcurrentModificationException.class)
                                    .hasMessageContaining("is in use by thread '" + name + "'");
                        return null;
                    })
                    .join();
            assertThatThrownBy(() -> scene.publisher.publish("nested")).isInstanceOf(IllegalStateException.class);
            claim.copyFrom(0, "claim".getBytes(), 0, 5);
            claim.commit();
        }
        long newest = scene.queue.stats().newestPosition();
        assertThat(scene.publisher.publish("later")).isEqualTo(newest + 1);
    }

    /** What another thread would meet beside a claim; run with a defect, too. */
    static final class Check implements Consumer<String> {
        @Override
        public void accept(String changes) {
            try (Scene scene = new Scene(true)) {
                for (int i = 0; i < Integer.parseInt(changes); i++)
                    inAThread(() -> scene.publisher.publish("x")).join();
                scene.publisher.publish("mine");
                assertRefusedBesideAClaim(scene);
            }
        }
    }

    /** The first question saves a change of owner; without it the second one has to do, and does. */
    enum Defect {
        THE_OWNER_IS_NOT_GIVEN_BACK(0, "if (!taken) owner = before;", ""),
        NOBODY_IS_ASKED(0, "taken = !isInside(before);", "taken = true;"),
        NOBODY_IS_ASKED_WHERE_NOBODY_OWNS(20, "", ""),
        NONE(0, "", "");

        final int changes;
        final String right;
        final String wrong;

        Defect(int changes, String right, String wrong) {
            this.changes = changes;
            this.right = right;
            this.wrong = wrong;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNoticeThatTwoAreLetIn(Defect defect) {
        Patched twin = Patched.in(OneThread.class, "if (isInside(before)) return null;", "");
        if (!defect.right.isEmpty()) twin.and(OneThread.class, defect.right, defect.wrong);
        try (twin) {
            twin.directory();
            if (defect == Defect.NONE) twin.run(Check.class, "" + defect.changes);
            else
                assertThatThrownBy(() -> twin.run(Check.class, "" + defect.changes))
                        .isNotInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldLetAThreadInWhenTheOneWithAClaimHasEnded() {
        try (Scene scene = new Scene(true)) {
            inAThread(() -> scene.publisher.claim(8)).join();
            Patience.until("the claim is given up", () -> {
                try {
                    return scene.publisher.publish("after") == 1;
                } catch (ConcurrentModificationException refused) {
                    return false;
                }
            });
        }
    }

    /** The way of the owner through the section, by its compiled methods. */
    @Test
    void shouldMakeNoAtomicAndNoFenceInTheOwnersWay() throws IOException {
        List<String> found = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        List<String> way = List.of(
                "enterAtOnce(JZ)Z", "isStillOwner(" + OneThread.Seat.class.descriptorString() + ")Z", "leave()V");
        try (InputStream section = Section.class.getResourceAsStream("Section.class")) {
            new ClassReader(section)
                    .accept(
                            new ClassVisitor(Opcodes.ASM9) {
                                @Override
                                public MethodVisitor visitMethod(
                                        int access, String name, String shape, String sign, String[] thrown) {
                                    if (!way.contains(name + shape)) return null;
                                    seen.add(name + shape);
                                    if ((access & Opcodes.ACC_SYNCHRONIZED) != 0) found.add(name);
                                    return new MethodVisitor(Opcodes.ASM9) {
                                        @Override
                                        public void visitInsn(int code) {
                                            if (code == Opcodes.MONITORENTER) found.add(name + " synchronized");
                                        }

                                        @Override
                                        public void visitMethodInsn(
                                                int code, String owner, String called, String of, boolean isInterface) {
                                            if (owner.startsWith("java/lang/invoke/")
                                                    || owner.startsWith("java/util/concurrent/")
                                                    || called.equals("fullFence")
                                                    || owner.endsWith("OneThread")) found.add(name + " " + called);
                                        }
                                    };
                                }
                            },
                            0);
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(way);
        assertThat(found).isEmpty();
        for (Class<?> type : List.of(OneThread.class, OneThread.Seat.class))
            for (var field : type.getDeclaredFields())
                assertThat(java.lang.reflect.Modifier.isVolatile(field.getModifiers()))
                        .as(field.getName())
                        .isFalse();
    }
}
