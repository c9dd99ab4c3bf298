package dev.belfry.shm.crash;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Batch;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.TestLog;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Inside;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.testing.Patience;
import java.io.File;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One queue of a test with the processes on it, what was published to it, and the promises that
 * must hold whichever process dies, and when.
 */
public final class Scene implements AutoCloseable {
    private static final int LAST_PUBLISH = 2224;

    /** Less where a failure is expected. */
    static Duration soon = Patience.limit();

    static final String AUDIT = "audit";
    private static final Duration AT_ONCE = Duration.ZERO;
    private static int scenes;

    final String name;
    final QueueConfig config;
    final int slots;
    public final Participant victim;
    private final Supplier<Participant> others;
    private final List<Participant> all = new ArrayList<>();

    /**
     * Lives all the time, and its subscriber has joined before anything happens: it loses nothing.
     * Null: nobody does.
     */
    public MessageQueue bystander;

    public Subscriber watcher;

    // The victim's, if the operation begins with some.
    public MessageQueue queue;
    public Publisher publisher;
    Subscriber subscriber;

    // What was published: the number of each content, and which publishes never returned.
    private static final Participant NOBODY = new Participant();
    private Participant dying = NOBODY;
    private final Map<Long, Integer> truth = new TreeMap<>();
    private final Set<Integer> inDoubt = new HashSet<>();
    private List<Integer> inBatch = List.of(); // what the last batch has
    private int contents;
    private long watched;

    // What operations note for their checks.
    boolean returned;
    long handedOver; // to a handler, last
    boolean deleted;
    private UUID id;

    // What was logged while the process of this thread held a lock.
    private final Thread actor = Thread.currentThread();
    private final List<String> loggedInside = new ArrayList<>();
    private final Consumer<String> listener = this::heardInside;

    /** Says what it publishes, if somebody else is to check it. */
    Consumer<String> teller = line -> {};

    public Scene(QueueConfig config, int slots, Supplier<Participant> victims, Supplier<Participant> others) {
        this("crash-" + ProcessHandle.current().pid() + "-" + ++scenes, config, slots, victims, others);
    }

    /** In a queue of this name. */
    Scene(String name, QueueConfig config, int slots, Supplier<Participant> victims, Supplier<Participant> others) {
        this.name = name;
        this.config = config;
        this.slots = slots;
        this.others = others;
        this.victim = add(victims.get());
        TestLog.listen(listener);
    }

    private void heardInside(String line) {
        if (Thread.currentThread() != actor) return;
        for (Participant one : all) if (one.holdsALock()) loggedInside.add(line);
    }

    private Participant add(Participant participant) {
        all.add(participant);
        return participant;
    }

    String name() {
        return name;
    }

    public Participant process() {
        return add(others.get());
    }

    /** A dead process that was cleaned up: nothing of it is read again. */
    public void forget(Participant participant) {
        all.remove(participant);
    }

    public MessageQueue open(Participant participant) {
        MessageQueue opened = participant.open(name, config, slots);
        Handle handle = handle(opened);
        if (!handle.segment.queueId.equals(id)) {
            assertThat(id == null || bystander == null || deleted)
                    .as("a queue that has members stays")
                    .isTrue();
            begins(handle.segment.queueId);
            teller.accept("queue " + id);
        }
        return opened;
    }

    /** Another queue of this name: numbers begin again. */
    private void begins(UUID queueId) {
        truth.clear();
        inDoubt.clear();
        id = queueId;
    }

    public void withBystander() {
        bystander = open(process());
    }

    public void withWatcher() {
        withBystander();
        watcher = bystander.createSubscriber(
                SubscriberOptions.builder().spin(Duration.ZERO).build());
    }

    public void withVictim() {
        queue = open(victim);
    }

    public void withPublisher() {
        withVictim();
        publisher = queue.createPublisher();
    }

    // Messages

    /** Each differs from all others in every word. */
    private static byte[] content(int number, int length) {
        ByteBuffer content = ByteBuffer.allocate(length);
        content.putInt(number).putInt(length);
        for (int i = 8; i < length; i++) content.put((byte) (number * 31 + i));
        return content.array();
    }

    /** The next one's; it counts as published once {@link #published} says so. */
    byte[] begin(int length) {
        inDoubt.add(++contents);
        teller.accept("begun " + contents);
        return content(contents, length);
    }

    long published(long position) {
        if (dying.isDead()) return position; // nobody heard of it
        assertThat(position).as("position").isPositive();
        inDoubt.remove(contents);
        assertThat(truth.put(position, contents))
                .as("position %s given twice", position)
                .isNull();
        teller.accept("published " + position);
        return position;
    }

    /**
     * A batch: copied, and every other one claimed and shortened. All of it counts as published, or
     * is in doubt as one.
     */
    long publishBatch(Publisher by, int... lengths) {
        int bytes = 0;
        for (int length : lengths) bytes += by.sizeInBatch(length + 8);
        inBatch = List.of();
        try (Batch batch = by.batch(bytes)) {
            List<Integer> numbers = new ArrayList<>();
            for (int length : lengths) {
                byte[] body = begin(length);
                numbers.add(contents);
                if (numbers.size() % 2 == 1) {
                    batch.add(body);
                    continue;
                }
                batch.claim(length + 8).buffer().put(body);
                batch.shorten(length);
            }
            inBatch = numbers;
            return publishedAll(batch.commit(), lengths.length);
        }
    }

    private long publishedAll(long last, int count) {
        if (dying.isDead()) return last;
        int newest = contents;
        for (int i = count - 1; i >= 0; i--) {
            inDoubt.remove(newest - i);
            assertThat(truth.put(last - i, newest - i))
                    .as("position %s given twice", last - i)
                    .isNull();
        }
        teller.accept("batched " + last + " " + count);
        return last;
    }

    /** How many messages were begun. */
    int begun() {
        return contents;
    }

    /** The one begun last was refused, and for sure. */
    void notPublished() {
        inDoubt.remove(contents);
    }

    /** What another process's scene told. */
    void heard(String line) {
        String[] words = line.split(" ");
        if (words[0].equals("queue")) begins(UUID.fromString(words[1]));
        if (words[0].equals("begun")) inDoubt.add(contents = Integer.parseInt(words[1]));
        if (words[0].equals("published")) published(Long.parseLong(words[1]));
        if (words[0].equals("batched")) publishedAll(Long.parseLong(words[1]), Integer.parseInt(words[2]));
    }

    long publish(Publisher by, int length) {
        return published(by.publish(begin(length)));
    }

    long publish(Publisher by, int length, MessageProperties properties) {
        return published(by.publish(ByteBuffer.wrap(begin(length)), properties));
    }

    /** Must go soon, whoever has died. */
    public long publishSoon(Publisher by, int length) {
        long position = by.offer(ByteBuffer.wrap(begin(length)), soon);
        assertThat(position).as("publishing soon").isNotEqualTo(Publisher.REJECTED);
        return published(position);
    }

    /** False: there was no room. */
    boolean offer(Publisher by, int length) {
        long position = by.offer(ByteBuffer.wrap(begin(length)), Duration.ZERO);
        if (position == Publisher.REJECTED) inDoubt.remove(contents);
        else published(position);
        return position != Publisher.REJECTED;
    }

    private void check(long position, byte[] body) {
        ByteBuffer content = ByteBuffer.wrap(body);
        assertThat(body.length).as("length of message %s", position).isGreaterThanOrEqualTo(8);
        int number = content.getInt(0);
        assertThat(body).as("content of message %s", position).isEqualTo(content(number, content.getInt(4)));
        Integer known = truth.get(position);
        if (known != null) {
            assertThat(number).as("message %s", position).isEqualTo(known);
            return;
        }
        assertThat(inDoubt.remove(number))
                .as("message %s with content %s was published once", position, number)
                .isTrue();
        truth.put(position, number);
    }

    /** Reads all there is, each number once and in order; returns the last one's. */
    long readAll(Subscriber by) {
        long last = by.position();
        for (Message m; (m = by.receive(AT_ONCE)) != null; ) {
            assertThat(m.position()).as("dense positions").isEqualTo(last + 1);
            check(m.position(), m.bytes());
            last = m.position();
        }
        return last;
    }

    /** As {@link #readAll}, for one that may have lost some. */
    long readAllThatIsLeft(Subscriber by) {
        return readAllThatIsLeft(by, by.position());
    }

    long readAllThatIsLeft(Subscriber by, long last) {
        for (Message m; (m = by.receive(AT_ONCE)) != null; ) {
            assertThat(m.position()).isGreaterThan(last);
            check(m.position(), m.bytes());
            last = m.position();
        }
        return last;
    }

    public void watch() {
        if (watcher != null) watched = readAll(watcher);
    }

    /** Records lie there, and one more does not fit unless the gate moves; the watcher has read them. */
    void fill(Publisher by, int length) {
        Handle handle = handle(bystander);
        long need = handle.end.need(length, 0, false);
        while (handle.segment.header.tailAcquire() + need + 8 <= handle.segment.header.limit()) {
            publish(by, length);
            watch();
        }
    }

    /** As if this slot slept: the next publisher posts its semaphore. */
    void announceSleeper(int slot) {
        announceSleeper(bystander, slot);
    }

    public static void announceSleeper(MessageQueue queue, int slot) {
        SegmentHeader header = handle(queue).segment.header;
        header.bytes().getAndOrLong(SegmentHeader.SLEEPERS, 1L << slot);
        header.bytes().getAndSetInt(SegmentHeader.ASLEEP, 1);
    }

    void announceWaiter() {
        announceWaiter(bystander);
    }

    static void announceWaiter(MessageQueue queue) {
        SegmentHeader header = handle(queue).segment.header;
        int word = header.bytes().getIntAcquire(SegmentHeader.ROOM);
        header.bytes().compareAndSetInt(SegmentHeader.ROOM, word, word | 1);
    }

    // Promises

    /** Does it as the process that may die at any step of it; true: it ran to its end. A dead process is cleaned up. */
    public boolean mayDie(Participant participant, Runnable work) {
        dying = participant;
        try {
            work.run();
        } catch (Throwable failure) {
            if (!participant.hasStopped()) throw failure;
        } finally {
            participant.dieAt(Long.MAX_VALUE);
            if (participant.isDead()) participant.bury();
            dying = NOBODY;
        }
        return !participant.isDead();
    }

    /** In any case a new member can publish and read everything, and the old ones have lost nothing. */
    void checkAlive(MessageQueue fresh) {
        Publisher more = fresh.createPublisher();
        long first = publishSoon(more, 40);
        watch();
        if (watcher != null) assertThat(watched).as("the watcher's last").isEqualTo(first);
        Subscriber oldest = fresh.createSubscriber(SubscriberOptions.builder()
                .startAt(StartAt.OLDEST_RETAINED)
                .spin(Duration.ZERO)
                .build());
        assertThat(readAll(oldest)).as("the last of all that is retained").isEqualTo(first);
        long second = publishSoon(more, 16);
        assertThat(readAll(oldest)).isEqualTo(second);
        oldest.close();
        more.close();
        assertThat(inBatch.stream().filter(inDoubt::contains).count())
                .as("messages of the batch that nobody has seen")
                .isIn(0L, (long) inBatch.size());
        checkWhole(handle(fresh));
        checkDense();
    }

    /** Two laps: so everything that the dead held is free again. */
    void checkLaps(MessageQueue fresh) {
        Publisher more = fresh.createPublisher();
        for (int i = 0; i < 24; i++) {
            publishSoon(more, 300 + i * 8);
            watch();
        }
        more.close();
        checkWhole(handle(fresh));
    }

    /** Every slot that no living one and no named subscription has can be had. */
    public void checkSlots(MessageQueue fresh) {
        Slots table = handle(fresh).segment.slots;
        int taken = 0;
        for (int j = 0; j < table.count(); j++) {
            long state = table.stateAcquire(j);
            boolean kept = SlotState.isSubscription(state)
                    && (SlotState.has(state, SlotState.NAMED) && !SlotState.has(state, SlotState.STARTING)
                            || !Inside.isDeadOwner(handle(fresh), table.owner(j)));
            if (kept) taken++;
        }
        List<Subscriber> joined = new ArrayList<>();
        for (int j = taken; j < table.count(); j++) joined.add(fresh.createSubscriber());
        joined.forEach(Subscriber::close);
    }

    private void checkDense() {
        long previous = 0;
        for (long position : truth.keySet()) {
            if (previous != 0)
                assertThat(position).as("no hole in the positions").isEqualTo(previous + 1);
            previous = position;
        }
    }

    /** Under the lock: the figures agree, and a second repair changes nothing. */
    private static void checkWhole(Handle handle) {
        assertThat(handle.publishLock.acquire(new Wait(soon.toNanos(), () -> false)))
                .isEqualTo(FutexLock.Outcome.ACQUIRED);
        try {
            SegmentHeader header = handle.segment.header;
            long tail = header.tailAcquire();
            long gate = header.gateAcquire();
            int current = header.current();
            assertThat(gate).isBetween(0L, tail);
            assertThat(current).isEqualTo(handle.segment.table.lookup(tail));
            long base = handle.segment.table.baseAcquire(current);
            assertThat(header.limit())
                    .as("limit")
                    .isEqualTo(Math.max(gate, base) + handle.segment.table.capacity(current));
            assertThat(tail + 8).as("tail").isLessThanOrEqualTo(header.limit());
            assertThat(handle.segment.readable.positionAt(header, tail, header.countAcquire() + 1))
                    .as("count")
                    .isEqualTo(header.countAcquire() + 1);
            byte[] once = page(header);
            handle.mendOrAbandon(new AssertionError("one more repair"));
            assertThat(page(header)).as("header after one more repair").isEqualTo(once);
        } finally {
            handle.publishLock.release();
        }
    }

    /** But for the time of the last publish, which the watch of publishers notes when it comes by. */
    private static byte[] page(SegmentHeader header) {
        byte[] page = new byte[SegmentHeader.SIZE];
        header.bytes().copyOut(0, page, 0, page.length);
        Arrays.fill(page, LAST_PUBLISH, LAST_PUBLISH + Long.BYTES, (byte) 0);
        return page;
    }

    /** Closes the processes that live, in order; nothing of the queue is left. */
    public void checkNothingStays(MessageQueue fresh) {
        Set<String> prefixes = new HashSet<>(Set.of("belfry." + name));
        all.forEach(one -> one.collectIds(prefixes));
        fresh.close();
        all.forEach(Participant::closeQueues);
        if (!Boolean.TRUE.equals(config.deleteOnLastClose())) Leaving.delete(process().machine, name);
        assertThat(left(prefixes)).as("left in %s", SharedMemory.DIRECTORY).isEmpty();
    }

    /** Of a file in /dev/shm. */
    public boolean isItsName(String file) {
        return file.equals("belfry." + name)
                || id != null && file.startsWith("sem.belfry." + id.toString().replace("-", "") + ".");
    }

    private static List<String> left(Set<String> prefixes) {
        List<String> left = new ArrayList<>();
        for (String file : new File(SharedMemory.DIRECTORY).list())
            if (prefixes.stream().anyMatch(p -> file.equals(p) || file.startsWith(p + "."))) left.add(file);
        return left;
    }

    /** Whatever failed: the machine is left as it was found. */
    @Override
    public void close() {
        TestLog.forget(listener);
        Set<String> ids = new HashSet<>();
        for (Participant one : all) one.collectIds(ids);
        all.forEach(Participant::bury);
        new File(SharedMemory.DIRECTORY, "belfry." + name).delete();
        for (String file : left(ids)) new File(SharedMemory.DIRECTORY, file).delete();
        assertThat(loggedInside)
                .as("logged with a lock held, which all wait for")
                .isEmpty();
    }
}
