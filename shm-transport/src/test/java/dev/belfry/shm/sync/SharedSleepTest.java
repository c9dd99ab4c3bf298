package dev.belfry.shm.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Subscribers;
import dev.belfry.shm.Inside;
import dev.belfry.shm.TestLog;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.RandomAccessFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One thread that sleeps for many subscribers. A wake-up that is lost costs a slice: of some messages at least one must
 * end a slice before its time.
 */
@Timeout(120)
@WaitsForOthers
@Slow
public class SharedSleepTest {
    private static final LibC REAL = RealLibC.load();
    private static final Duration LONG_TIME = Duration.ofSeconds(60);
    private static final SubscriberOptions OPTIONS =
            SubscriberOptions.builder().spin(Duration.ZERO).build();
    private static int names;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<MessageQueue> queues = new ArrayList<>(); // as the sleeper has them
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Subscriber> members = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger(); // of the sleeper's process
    private final AtomicInteger slices = new AtomicInteger();
    private final AtomicInteger wakes = new AtomicInteger(); // slices that a post has ended
    private final AtomicInteger posts = new AtomicInteger(); // of the publishers'
    private final AtomicInteger held = new AtomicInteger(); // semaphores that these have open
    private volatile String denied; // a semaphore that publishers may not open

    @AfterEach
    void end() throws Exception {
        while (!opened.isEmpty()) opened.pop().close();
    }

    private interface Seam {
        /** Not 0: the errno of a call that is not made. */
        int before(String name, Object[] args);

        default void after(String name, Object result) {}
    }

    private static Machine machine(Seam seam) {
        ThreadLocal<Integer> errno = new ThreadLocal<>();
        LibC libC = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    if (method.getName().equals("errno") && errno.get() != null) return errno.get();
                    errno.remove();
                    int refused = seam.before(method.getName(), args);
                    if (refused != 0) {
                        errno.set(refused);
                        return method.getReturnType() == long.class ? (Object) 0L : (Object) (-1);
                    }
                    try {
                        Object result = method.invoke(REAL, args);
                        seam.after(method.getName(), result);
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new Machine(libC, SharedBytes.PLAIN);
    }

    private final Machine sleepers = machine(new Seam() {
        @Override
        public int before(String name, Object[] args) {
            if (name.equals("sem_clockwait")) slices.incrementAndGet();
            if (!name.equals("errno")) calls.incrementAndGet();
            return 0;
        }

        @Override
        public void after(String name, Object result) {
            if (name.equals("sem_clockwait") && (Integer) result == 0) wakes.incrementAndGet();
        }
    });

    private final Machine others = machine((name, args) -> {
        if (name.equals("sem_post")) posts.incrementAndGet();
        if (name.equals("sem_close")) held.decrementAndGet();
        if (!name.equals("sem_open")) return 0;
        if (denied != null && args[0].equals(denied)) return Errno.EACCES;
        held.incrementAndGet();
        return 0;
    });

    private MessageQueue open(Machine by, String name, QueueConfig config) {
        Handle handle = Opening.open(by, name, config, QueueSettings.of(config), 4);
        MessageQueue queue = Inside.newQueue(URI.create("shm:" + name), handle);
        opened.push(queue);
        return queue;
    }

    private static QueueConfig config(String mode) {
        return QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(4096)
                .mode(mode)
                .deleteOnLastClose(true)
                .build();
    }

    private MessageQueue queue(String mode) {
        String name = "shared-" + ProcessHandle.current().pid() + "-" + ++names;
        publishers.add(open(others, name, config(mode)).createPublisher());
        queues.add(open(sleepers, name, config(mode)));
        return queues.get(queues.size() - 1);
    }

    private Subscribers all(int queues) {
        for (int i = 0; i < queues; i++) members.add(queue("0600").createSubscriber(OPTIONS));
        Subscribers all = Subscribers.of(members.toArray(Subscriber[]::new));
        opened.push(all);
        return all;
    }

    private Handle handle(Subscriber member) {
        return Inside.handle(queues.get(members.indexOf(member)));
    }

    private boolean isAsleep(Subscriber member) {
        return handle(member).sleepers.handshake.lookFenced() != 0;
    }

    private static <T> Call<T> call(Callable<T> body) {
        return new Call<>(body).start();
    }

    /** The member's message ends the call, and at least once in some tries before the slice ends. */
    private void wakes(Callable<?> receive, int member) throws Exception {
        int least = wakes.get() + 1;
        for (int i = 0; i < 5 && wakes.get() < least; i++) receives(receive, member);
        assertThat(wakes.get()).as("slices that a post has ended").isGreaterThanOrEqualTo(least);
    }

    private void receives(Callable<?> receive, int member) {
        Call<?> sleeping = call(receive);
        Patience.until("it sleeps", () -> isAsleep(members.get(member)));
        sleeping.untilItWaits();
        publishers.get(member).publish(new byte[100]);
        assertThat(sleeping.result()).isNotNull();
    }

    private void wakes(Subscribers all, int member) throws Exception {
        wakes(
                () -> {
                    Subscribers.Received received = all.receive(LONG_TIME);
                    assertThat(received.from()).isSameAs(members.get(member));
                    return received;
                },
                member);
    }

    @Test
    public void eachMemberWakesIt() throws Exception {
        Subscribers all = all(4);
        for (int member : new int[] {2, 0, 3, 3, 1, 2}) wakes(all, member);
        assertThat(waiting()).as("threads that wait for one member").isZero();
        assertThat(posts).as("a member that stays announced may cost another").hasValueLessThanOrEqualTo(6 * 5 + 4);
    }

    private static long waiting() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("belfry-waits-for-"))
                .count();
    }

    /** Each time the head, on whose semaphore the thread sleeps; and the last one as well. */
    @Test
    public void eachMemberThatIsClosedWakesIt() throws Exception {
        Subscribers all = all(6);
        int woken = 0;
        for (int i : new int[] {0, 5, 1, 4}) {
            wakes(all, 2);
            Call<Subscribers.Received> sleeping =
                    call(() -> all.receive(LONG_TIME)).untilItWaits();
            int before = wakes.get();
            members.get(i).close();
            Patience.until("it is taken out", () -> !all.members().contains(members.get(i)));
            if (wakes.get() > before) woken++;
            publishers.get(3).publish("enough");
            assertThat(sleeping.result().from()).isSameAs(members.get(3));
        }
        assertThat(woken).as("closes that ended a slice").isGreaterThanOrEqualTo(3);
    }

    @Test
    public void aHeadThatIsRemovedIsReplaced() throws Exception {
        Subscribers all = all(3);
        wakes(all, 2);
        assertThat(all.remove(members.get(0))).isTrue();
        for (int member : new int[] {1, 2}) wakes(all, member);
        wakes(() -> members.get(0).receive(LONG_TIME), 0);
        all.add(members.get(0));
        for (int member : new int[] {0, 1, 2}) wakes(all, member);
    }

    /** Then it sleeps on its own semaphore, though the words of its slot name another. */
    @Test
    public void aMemberMayBeReadAloneBetweenTwoCalls() throws Exception {
        Subscribers all = all(2);
        wakes(all, 1);
        wakes(() -> members.get(1).receive(LONG_TIME), 1);
        for (int member : new int[] {1, 0}) wakes(all, member);
    }

    /** The words that its slot's owner before has left name a semaphore on which no thread sleeps. */
    @Test
    public void theNextOwnerOfASlotIsWokenByItsOwnSemaphore() throws Exception {
        MessageQueue first = queue("0600");
        MessageQueue second = queue("0600");
        for (String name : new String[] {"audit", null}) {
            members.clear();
            members.add(first.createSubscriber(OPTIONS));
            members.add(second.createSubscriber(named(name)));
            try (Subscribers all = Subscribers.of(members.get(0), members.get(1))) {
                wakes(all, 1);
            }
            members.forEach(Subscriber::close);
            members.set(1, second.createSubscriber(named(name)));
            wakes(() -> members.get(1).receive(LONG_TIME), 1);
            members.get(1).close();
        }
    }

    /** It may sleep alone, and name none in its words. */
    @Test
    public void aPublisherKeepsNoSemaphoreOfTheSlotsFormerOwner() throws Exception {
        MessageQueue second = null;
        for (int i = 0; i < 2; i++) second = queue("0600");
        for (MessageQueue each : queues) members.add(each.createSubscriber(named("audit")));
        try (Subscribers all = Subscribers.of(members.get(0), members.get(1))) {
            wakes(all, 1);
        }
        assertThat(held).as("semaphores that publishers have open").hasValue(1);
        members.forEach(Subscriber::close);
        members.set(1, second.createSubscriber(named("audit")));
        wakes(() -> members.get(1).receive(LONG_TIME), 1);
        assertThat(held).hasValue(1);
        members.get(1).close();
    }

    private static SubscriberOptions named(String name) {
        return SubscriberOptions.builder().name(name).spin(Duration.ZERO).build();
    }

    /** Publishers have passed the place where it stands: the words there tell nothing, only a read finds out. */
    @Test
    public void aMemberWhoseRepeatsOthersHaveAcknowledgedIsReadOn() throws Exception {
        for (int count = 1; count <= 8; count++) {
            Subscriber alone = queue("0600").createSubscriber(OPTIONS);
            Subscriber client = queue("0600")
                    .createSubscriber(SubscriberOptions.builder()
                            .ackMode(AckMode.CLIENT)
                            .spin(Duration.ZERO)
                            .build());
            Publisher out = publishers.get(publishers.size() - 1);
            try (Subscribers all = Subscribers.of(alone, client)) {
                for (int i = 0; i < count; i++) out.publish(new byte[50]);
                for (int n = 0; n < count; ) n += all.poll((from, message) -> {}, count, LONG_TIME);
                assertThat(all.poll((from, message) -> {}, 1, Duration.ofMillis(1)))
                        .isZero();
                long last = client.position();
                client.recover();
                call(() -> {
                            client.acknowledge(last);
                            return last;
                        })
                        .result();
                while (out.offer(ByteBuffer.allocate(50), Duration.ZERO) > 0) {}
                assertThat(all.poll((from, message) -> {}, 1, Patience.limit())).isPositive();
            }
        }
    }

    @Test
    public void aQueueThatIsCutShortEndsItsMemberAlone() throws Exception {
        Subscribers all = all(3);
        wakes(all, 2);
        Call<Subscribers.Received> sleeping = call(() -> all.receive(LONG_TIME)).untilItWaits();
        try (RandomAccessFile file =
                new RandomAccessFile("/dev/shm/belfry." + handle(members.get(1)).segment.queue, "rw")) {
            file.setLength(4096);
        }
        assertThat(sleeping.failure()).isInstanceOf(QueueCorruptedException.class);
        assertThat(all.members()).containsExactly(members.get(0), members.get(2));
        for (int member : new int[] {0, 2}) wakes(all, member);
    }

    /** It finds the message when the slice ends. */
    @Test
    public void aSemaphoreThatCannotBeOpenedCostsASlice() throws Exception {
        Subscribers all = all(2);
        Segment head = handle(members.get(0)).segment;
        denied = "/" + SlotSemaphores.prefix(head.queueId) + "0." + head.slots.semInc(0);
        for (int i = 0; i < 3; i++) receives(() -> all.receive(LONG_TIME), 1);
        assertThat(wakes).hasValue(0);
        denied = null;
        wakes(all, 0);
    }

    @Test
    public void aQueueOfAnotherModeGoesByAThreadOfItsOwn() {
        Subscribers all = all(2);
        members.add(queue("0660").createSubscriber(OPTIONS));
        List<String> said = new ArrayList<>();
        Consumer<String> log = said::add;
        TestLog.listen(log);
        try {
            all.add(members.get(2));
        } finally {
            TestLog.forget(log);
        }
        assertThat(said).anyMatch(line -> line.contains("sleeps in a thread of its own"));
        for (int member : new int[] {2, 0, 1, 2}) {
            Call<Subscribers.Received> sleeping = call(() -> all.receive(LONG_TIME));
            sleeping.untilItWaits();
            publishers.get(member).publish("hello");
            assertThat(sleeping.result().from()).isSameAs(members.get(member));
        }
        assertThat(waiting()).isEqualTo(1);
    }

    /** As many calls of the kernel for a hundred as for one, in as many slices. */
    @Test
    public void manyThatSleepMakeNoMoreCallsThanOne() {
        Subscribers all = all(1);
        int one = callsInSlices(all, 10);
        for (int i = 1; i < 100; i++) {
            members.add(queue("0600").createSubscriber(OPTIONS));
            all.add(members.get(i));
        }
        int hundred = callsInSlices(all, 10);
        assertThat(hundred).as("calls; %s of one", one).isBetween(10, one + 3);
        assertThat(waiting()).isZero();
    }

    private int callsInSlices(Subscribers all, int count) {
        slices.set(0);
        Call<Subscribers.Received> sleeping = call(() -> all.receive(LONG_TIME));
        Patience.until("it sleeps", () -> slices.get() > 2);
        int slice = slices.get();
        int before = calls.get();
        Patience.until("so many slices", () -> slices.get() >= slice + count);
        int made = calls.get() - before;
        publishers.get(publishers.size() - 1).publish("enough");
        assertThat(sleeping.result()).isNotNull();
        return made;
    }
}
