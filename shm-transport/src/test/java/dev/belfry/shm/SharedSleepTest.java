package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Subscribers;
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
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
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
 * One thread that sleeps for many subscribers. Each message wakes it in the slice in which it is published: a
 * wake-up that is lost costs the slice, and is noticed by it.
 */
@Timeout(120)
@WaitsForOthers
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
    private final AtomicInteger posts = new AtomicInteger(); // of the publishers'
    private volatile String denied; // a semaphore that publishers may not open

    @AfterEach
    void end() throws Exception {
        while (!opened.isEmpty()) opened.pop().close();
    }

    private interface Before {
        /** Not 0: the errno of a call that is not made. */
        int call(String name, Object[] args);
    }

    private static Machine machine(Before before) {
        ThreadLocal<Integer> errno = new ThreadLocal<>();
        LibC libC = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    if (method.getName().equals("errno") && errno.get() != null) return errno.get();
                    errno.remove();
                    int refused = before.call(method.getName(), args);
                    if (refused != 0) {
                        errno.set(refused);
                        return method.getReturnType() == long.class ? (Object) 0L : (Object) (-1);
                    }
                    try {
                        return method.invoke(REAL, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new Machine(libC, SharedBytes.PLAIN);
    }

    private final Machine sleepers = machine((name, args) -> {
        if (name.equals("sem_clockwait")) slices.incrementAndGet();
        if (!name.equals("errno")) calls.incrementAndGet();
        return 0;
    });

    private final Machine others = machine((name, args) -> {
        if (name.equals("sem_post")) posts.incrementAndGet();
        boolean refused = name.equals("sem_open") && denied != null && args[0].equals(denied);
        return refused ? Errno.EACCES : 0;
    });

    private MessageQueue open(Machine by, String name, QueueConfig config) {
        Handle handle = Opening.open(by, name, config, QueueSettings.of(config), 4);
        ShmQueue queue = new ShmQueue(URI.create("shm:" + name), handle);
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
        return handle(member).sleepers.handshake().lookFenced() != 0;
    }

    /** The call sleeps; a message of this publisher ends it, and no end of a slice does. */
    private <T> T woken(Call<T> sleeping, int by) {
        Patience.until("it sleeps", () -> isAsleep(members.get(by)) && slices.get() > 0);
        sleeping.untilItWaits();
        int begun = slices.get();
        publishers.get(by).publish(new byte[100]);
        T result = sleeping.result();
        assertThat(slices.get() - begun)
                .as("slices begun since it was published")
                .isLessThanOrEqualTo(1);
        return result;
    }

    private static <T> Call<T> call(Callable<T> body) {
        return new Call<>(body).start();
    }

    private Call<Subscribers.Received> receiving(Subscribers all) {
        slices.set(0);
        return call(() -> all.receive(LONG_TIME));
    }

    private void wakes(Subscribers all, int member) {
        assertThat(woken(receiving(all), member).from()).isSameAs(members.get(member));
    }

    @Test
    public void eachMemberWakesIt() {
        Subscribers all = all(4);
        for (int member : new int[] {2, 0, 3, 3, 1, 2}) wakes(all, member);
        assertThat(waiting()).as("threads that wait for one member").isZero();
        assertThat(posts.get()).isLessThanOrEqualTo(6 + 4);
    }

    private static long waiting() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("belfry-waits-for-"))
                .count();
    }

    /** What it sleeps on is another's then. */
    @Test
    public void aHeadThatIsClosedIsReplaced() {
        Subscribers all = all(3);
        wakes(all, 1);
        Call<Subscribers.Received> sleeping = receiving(all);
        Patience.until("it sleeps", () -> slices.get() > 0);
        int begun = slices.get();
        members.get(0).close();
        assertThat(slices.get() - begun).isLessThanOrEqualTo(1);
        Patience.until("it is taken out", () -> all.members().size() == 2);
        assertThat(woken(sleeping, 2).from()).isSameAs(members.get(2));
        wakes(all, 1);
    }

    @Test
    public void aHeadThatIsRemovedIsReplaced() {
        Subscribers all = all(3);
        wakes(all, 2);
        assertThat(all.remove(members.get(0))).isTrue();
        for (int member : new int[] {1, 2}) wakes(all, member);
        slices.set(0);
        assertThat(woken(call(() -> members.get(0).receive(LONG_TIME)), 0)).isNotNull();
        all.add(members.get(0));
        for (int member : new int[] {0, 1, 2}) wakes(all, member);
    }

    /** Between two calls a member may be read alone: then it sleeps on its own semaphore. */
    @Test
    public void aMemberMayBeReadAloneBetweenTwoCalls() {
        Subscribers all = all(2);
        wakes(all, 1);
        slices.set(0);
        assertThat(woken(call(() -> members.get(1).receive(LONG_TIME)), 1).position())
                .isEqualTo(2);
        members.get(1).seek(StartAt.OLDEST_RETAINED);
        assertThat(all.receive(LONG_TIME).message().position()).isEqualTo(1);
        assertThat(all.receive(LONG_TIME).message().position()).isEqualTo(2);
        for (int member : new int[] {1, 0}) wakes(all, member);
    }

    /** The words of its slot's owner before name a semaphore on which nobody sleeps. */
    @Test
    public void theNextOwnerOfASlotIsWokenByItsOwnSemaphore() {
        MessageQueue first = queue("0600");
        members.add(first.createSubscriber(OPTIONS));
        MessageQueue second = queue("0600");
        SubscriberOptions named =
                SubscriberOptions.builder().name("audit").spin(Duration.ZERO).build();
        members.add(second.createSubscriber(named));
        Subscribers all = Subscribers.of(members.get(0), members.get(1));
        opened.push(all);
        wakes(all, 1);
        members.get(1).close();
        members.set(1, second.createSubscriber(named));
        slices.set(0);
        assertThat(woken(call(() -> members.get(1).receive(LONG_TIME)), 1)).isNotNull();
    }

    /** A slice later it looks by itself, and each later message costs no more. */
    @Test
    public void aSemaphoreThatCannotBeOpenedCostsASlice() {
        Subscribers all = all(2);
        Segment head = handle(members.get(0)).segment;
        denied = "/" + SlotSemaphores.prefix(head.queueId) + "0." + head.slots.semInc(0);
        for (int i = 0; i < 3; i++) wakes(all, 1);
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
        int one = callsInSlices(all, 20);
        for (int i = 1; i < 100; i++) {
            members.add(queue("0600").createSubscriber(OPTIONS));
            all.add(members.get(i));
        }
        int hundred = callsInSlices(all, 20);
        assertThat(hundred).as("calls; %s of one", one).isBetween(20, one + 3);
        assertThat(waiting()).isZero();
    }

    private int callsInSlices(Subscribers all, int count) {
        Call<Subscribers.Received> sleeping = receiving(all);
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
