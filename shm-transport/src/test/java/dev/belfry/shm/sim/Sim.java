package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.newPublisher;
import static dev.belfry.shm.Inside.newQueue;
import static dev.belfry.shm.Inside.noWaitIsLong;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Disk;
import dev.belfry.shm.Trailers;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.memory.RealMemory;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.posix.MemoryGroup;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Inside;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Patience;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** The queue of a scenario: its simulated processes, run again for each schedule, and what they published. */
public final class Sim implements AutoCloseable {
    static final int SLOTS = 3;
    private static final int HANDLES = 2 * SLOTS;
    private static final int FIRST_SLOT = SegmentHeader.SIZE + HANDLES * 64;
    private static final int INSIDE = 24;
    private static final int DURABLE = 2688;
    private static final int PREPARING = 7;
    private static final int MOST_ATTEMPTS = 30;
    private static final int ATTEMPTS_OF_ONE = 3;
    private static final int MOST_STEPS_BACK = 10;
    private static final String NAME = "sim";

    /** What happens between processes, and what must have come of it. */
    record Scenario(
            String name,
            QueueConfig config,
            int preemptions,
            Consumer<Sim> prepare,
            Function<Sim, List<Runnable>> actors,
            Consumer<Sim> check,
            int whoMayDie,
            Scheduler.Slices slices,
            boolean threads,
            boolean stops) {
        Scenario(
                String name,
                QueueConfig config,
                int preemptions,
                Consumer<Sim> prepare,
                Function<Sim, List<Runnable>> actors,
                Consumer<Sim> check,
                int whoMayDie,
                Scheduler.Slices slices) {
            this(name, config, preemptions, prepare, actors, check, whoMayDie, slices, false, false);
        }

        @Override
        public String toString() {
            return name;
        }

        private Scenario as(String suffix, int victim, Scheduler.Slices otherSlices) {
            return as(suffix, config, victim, otherSlices, threads, stops);
        }

        private Scenario as(
                String suffix,
                QueueConfig otherConfig,
                int victim,
                Scheduler.Slices otherSlices,
                boolean ofThreads,
                boolean stopping) {
            return new Scenario(
                    name + suffix,
                    otherConfig,
                    preemptions,
                    prepare,
                    actors,
                    check,
                    victim,
                    otherSlices,
                    ofThreads,
                    stopping);
        }

        /** Of a queue whose records have trailers. */
        Scenario withTrailers() {
            return as(", with trailers", Trailers.in(config), whoMayDie, slices, threads, stops);
        }

        /** The first actor may die at any of its steps. */
        Scenario mortal() {
            return as(", who may die", 0, Scheduler.Slices.END);
        }

        Scenario withoutSlices() {
            return as(", without slices", -1, Scheduler.Slices.FAIL);
        }

        /** Anybody may be stopped for longer than a slice, and resumes. */
        Scenario slow() {
            return as(", who may be slow", whoMayDie, Scheduler.Slices.END_EARLY);
        }

        /**
         * Several actors are threads of one process: a field that they share is a step as well, see
         * {@link FieldSteps}.
         */
        Scenario ofThreads() {
            return as("", config, whoMayDie, slices, true, stops);
        }

        /** The first actor may stand still at any of its steps, for as long as others have something to do. */
        Scenario stopping() {
            return as(", who may stand still", config, whoMayDie, slices, threads, true);
        }

        /** Nobody waits in real time: a close waits five seconds for a publish, see {@code CloseInTheMiddleTest}. */
        Scenario patient() {
            return as("", whoMayDie, Scheduler.Slices.PATIENT);
        }
    }

    /** A process's words: each that others may see is a step. */
    public static class Process extends Seam {
        Scheduler scheduler;
        FakeKernel.Process libC;
        boolean regionsAreShared;
        boolean buffers;
        boolean sleepsForOthers; // the words in slots are steps
        boolean isMute;
        Disk disk; // null: the queue is in memory only

        @Override
        protected boolean isRing(long address) {
            return libC.isRing(address);
        }

        private boolean isShared(Words words, long at) {
            if (words.isRing()) return true;
            if (at < 128 || at == 400 || at == 408 || at >= 1028 && at < 1152) return false;
            if (at < 1152 || at == JournalWords.LOCK || at == JournalWords.SYNCED) return true;
            if (at >= DURABLE && at < DURABLE + 56) return true;
            if (at < 1152 + 3 * 32 && (at & 31) == 16) return regionsAreShared;
            if (at < FIRST_SLOT) return at >= SegmentHeader.SIZE && at % 64 == INSIDE;
            long field = (at - FIRST_SLOT) % 1024;
            return field == 0 || field >= 128 && field < 160 || sleepsForOthers && field >= 64 && field < 96;
        }

        @Override
        protected long load(Words words, long at, int size) {
            if (isShared(words, at)) scheduler.look(words.address(at));
            else scheduler.alive();
            Long own = libC.stored.isEmpty() ? null : libC.stored.newest(libC.place(words.address(at)), size);
            return own != null ? own : super.load(words, at, size);
        }

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            boolean shared = isShared(words, at);
            if (shared) scheduler.step("store");
            else scheduler.alive();
            if (buffers && scheduler.isActing())
                libC.stored.add(
                        libC.place(words.address(at)),
                        size,
                        value,
                        () -> reach(words, at, size, value, release, shared));
            else reach(words, at, size, value, release, shared);
        }

        private void reach(Words words, long at, int size, long value, boolean release, boolean shared) {
            super.store(words, at, size, value, release);
            if (shared) scheduler.changed();
        }

        @Override
        public void fullFence() {
            if (!buffers || !scheduler.isActing()) return;
            scheduler.step("fence");
            libC.stored.drain();
        }

        @Override
        protected boolean swap(Words words, long at, int size, long expected, long value) {
            boolean shared = isShared(words, at);
            boolean spins = at == JournalWords.LOCK && !words.isRing() && words.read(at, size) != expected;
            if (spins) scheduler.look(words.address(at));
            else if (shared) scheduler.step("swap");
            else scheduler.alive();
            libC.stored.drain();
            if (isMute && !words.isRing() && at >= SegmentHeader.SLEEPERS && at < SegmentHeader.SLEEPERS + 128)
                return true;
            boolean done = super.swap(words, at, size, expected, value);
            if (shared && done) scheduler.changed();
            return done;
        }
    }

    private final Scenario scenario;
    private final Scheduler scheduler = new Scheduler();
    private final FakeKernel kernel = new FakeKernel(scheduler);
    private final Function<Integer, Process> processes;
    private final List<MessageQueue> queues = new ArrayList<>(); // held, lest the Cleaner thinks that they leaked

    /** By number of content: the position that publish returned. */
    final Map<Integer, Long> published = new ConcurrentHashMap<>();

    final Set<Integer> begun = ConcurrentHashMap.newKeySet();
    final Map<String, Object> noted = new ConcurrentHashMap<>();
    private Map<Long, Integer> truth = new ConcurrentHashMap<>();
    private Map<Long, Integer> prepared = Map.of();
    private boolean buffers;
    private int mute = -1;
    private Disk disk; // null: it is in memory only
    private int patience = PublishLock.PATIENCE;

    /** A twin's: the kernel says that nobody holds a byte. */
    void everybodyLooksDead() {
        kernel.everybodyLooksDead = true;
    }

    /** From now on each process, of which at most one thread may be an actor, has a store buffer. */
    Sim bufferStores() {
        buffers = true;
        List<StoreBuffer> all = new ArrayList<>();
        for (int process = 0; process < PREPARING; process++) all.add(kernel.process(process).stored);
        scheduler.buffers(all);
        return this;
    }

    Sim membarrier(int process, FakeKernel.Membarrier does) {
        kernel.process(process).membarrier = does;
        return this;
    }

    public Sim(Scenario scenario, Function<Integer, Process> processes) {
        this.scenario = scenario;
        this.processes = processes;
        if (scenario.threads) {
            assertThat(FieldSteps.areHere())
                    .as("to be run by a Patched, or its fields are no steps: %s", scenario.name)
                    .isTrue();
            scheduler.stepAtFields();
        }
        if (scenario.stops) scheduler.mayStop(0);
        scenario.prepare.accept(this);
        kernel.died(kernel.process(PREPARING));
        published.forEach((number, position) -> truth.put(position, number));
        prepared = Map.copyOf(truth);
        kernel.save();
        if (disk != null) disk.save();
        if (scenario.whoMayDie >= 0) scheduler.atDeath(() -> kernel.died(kernel.process(scenario.whoMayDie)));
    }

    // Schedules

    /** All with so many pre-emptions, but at most so many; returns how many. */
    public int explore(int preemptions, int most) {
        return explore(preemptions, most, () -> {});
    }

    int explore(int preemptions, int most, Runnable afterEach) {
        scheduler.exhaustively(preemptions);
        int schedules = 0;
        int back = 0;
        do {
            back = once("") ? 0 : back + 1;
            if (back > MOST_STEPS_BACK) throw strays(null);
            if (back == 0) schedules++;
            afterEach.run();
        } while (schedules < most && scheduler.advance());
        return schedules;
    }

    public int exploreRandomly(long seed, int count) {
        for (int i = 0; i < count; i++) {
            scheduler.randomly(seed + i);
            once(", seed " + (seed + i));
        }
        return count;
    }

    /** False: it was the schedule before once more. */
    private boolean once(String seed) {
        boolean isNew = true;
        for (int i = 1; ; i++) {
            try {
                attempt(seed);
                return isNew;
            } catch (Scheduler.StrayedError again) {
                if (i == MOST_ATTEMPTS) throw strays(again);
                if (i % ATTEMPTS_OF_ONE == 0 && scheduler.stepBack()) isNew = false;
            }
        }
    }

    /** Of this class, by which no twin is noticed. */
    private IllegalArgumentException strays(Scheduler.StrayedError last) {
        return new IllegalArgumentException(scenario.name + " strays again and again", last);
    }

    private void attempt(String seed) {
        kernel.restore();
        if (disk != null) disk.restore();
        published.clear();
        begun.clear();
        noted.clear();
        truth = new ConcurrentHashMap<>(prepared);
        try {
            List<Runnable> actors = scenario.actors.apply(this);
            scheduler.run(actors, scenario.whoMayDie, scenario.slices);
            published.forEach((number, position) -> {
                Integer other = truth.put(position, number);
                assertThat(other == null || other.equals(number))
                        .as("position %s given twice", position)
                        .isTrue();
            });
            scenario.check.accept(this);
        } catch (AssertionError | RuntimeException failure) {
            AssertionError told = new AssertionError(scenario.name + seed + ", " + scheduler.schedule(), failure);
            for (Object note : noted.values()) if (note instanceof Throwable cause) told.addSuppressed(cause);
            throw told;
        } finally {
            for (MessageQueue queue : queues) Inside.beginLeaving(handle(queue));
            queues.clear();
        }
    }

    /** What was decided in the schedule that ran last. */
    String trace() {
        return scheduler.schedule();
    }

    boolean died(int actor) {
        return scheduler.died(actor);
    }

    // What scenarios are made of

    MessageQueue open(int process) {
        Process words = processes.apply(process);
        words.scheduler = scheduler;
        words.libC = kernel.process(process);
        words.buffers = buffers;
        words.disk = disk;
        words.sleepsForOthers = mute >= 0;
        words.isMute = mute == process;
        words.regionsAreShared = scenario.config.maxCapacity() > scenario.config.capacity();
        Machine machine = new Machine(
                words.libC, words, Membarrier.registered(words.libC), patience, new MemoryGroup(Path.of("/nowhere")));
        MessageQueue queue = disk == null ? open(machine) : disk.open(machine, NAME, scenario.config, scheduler::step);
        noWaitIsLong(queue);
        queues.add(queue);
        return queue;
    }

    private MessageQueue open(Machine machine) {
        Handle handle = Opening.open(machine, NAME, scenario.config, QueueSettings.of(scenario.config), SLOTS);
        return newQueue(URI.create("shm:" + NAME), handle);
    }

    /** Its log lies in files, too; their calls are steps. To be called before all opens. */
    void onDisk(Disk theDisk) {
        disk = theDisk;
        disk.slots = SLOTS;
    }

    Disk disk() {
        return disk;
    }

    /**
     * Subscribers need no slice, unless a leader has died and nobody has taken over from it, or it had taken their flag
     * and not posted yet. {@code process}: one that is open.
     */
    void readersAreWoken(int process) {
        SharedBytes header = handle(queues.get(process)).segment.header.bytes();
        long lock = header.address(JournalWords.LOCK, 4);
        long asleep = header.address(SegmentHeader.ASLEEP, 4);
        scheduler.neverEnds(key -> !(key instanceof Long || key instanceof String)
                && RealMemory.MEMORY.getIntAcquire(lock) == 0
                && !(scheduler.anyDied() && RealMemory.MEMORY.getIntAcquire(asleep) == 0));
    }

    /** From now on the publish lock favours a second publish, if no other thread wanted it. */
    void favour() {
        patience = 0;
    }

    /** Its subscribers never announce themselves, as if their queue were quiet. To be called before all opens. */
    void mute(int process) {
        mute = process;
    }

    /** By the first actor's thread, before the schedule begins. */
    void first(Runnable work) {
        scheduler.runBefore(work);
    }

    /** Between two steps of nobody. */
    void kill(int process) {
        kernel.died(kernel.process(process));
    }

    MessageQueue preparing() {
        return open(PREPARING);
    }

    /** Without room it sleeps at once: between yields it looks at the clock, and they may last for milliseconds. */
    static Publisher publisher(MessageQueue queue) {
        return newPublisher(queue, publishing().build());
    }

    static Publisher datedPublisher(MessageQueue queue) {
        return newPublisher(queue, publishing().timestamps(true).build());
    }

    static Publisher yieldingPublisher(MessageQueue queue) {
        return newPublisher(queue, PublisherOptions.defaults());
    }

    private static PublisherOptions.Builder publishing() {
        return PublisherOptions.builder().spin(Duration.ZERO);
    }

    static SubscriberOptions.Builder options() {
        return SubscriberOptions.builder().spin(Duration.ZERO);
    }

    /** The number again and again, as often as it fits. */
    private static byte[] content(int number, int length) {
        byte[] content = new byte[length];
        int filled = length & ~3;
        if (filled > 0) ByteBuffer.wrap(content).putInt(number);
        for (int done = 4; done < filled; done *= 2)
            System.arraycopy(content, 0, content, done, Math.min(done, filled - done));
        return content;
    }

    /** A body that somebody may publish from now on. */
    byte[] begin(int number, int length) {
        begun.add(number);
        return content(number, length);
    }

    long publish(Publisher by, int number, int length) {
        long position = by.publish(begin(number, length));
        published.put(number, position);
        return position;
    }

    /** Numbered from {@code first} on. */
    void publishBatch(Publisher by, int first, int count, int length) {
        Batch batch = by.batch(by.sizeInBatch(length) * count);
        for (int i = 0; i < count; i++) batch.add(begin(first + i, length));
        long last = batch.commit();
        for (int i = 0; i < count; i++) published.put(first + i, last - count + 1 + i);
    }

    /** Where the messages of these numbers are, in their order: a commit told it, or a reader found them. */
    List<Long> places(int from, int to) {
        return truth.entrySet().stream()
                .filter(e -> e.getValue() >= from && e.getValue() < to)
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    long commit(Claim claim, int number) {
        claim.buffer().put(begin(number, claim.buffer().remaining()));
        long position = claim.commit();
        published.put(number, position);
        return position;
    }

    /** Would it fit without moving the gate? */
    static boolean fits(MessageQueue queue, int length) {
        SegmentHeader header = handle(queue).segment.header;
        return header.tailAcquire() + handle(queue).end.need(length, 0, false) + 8 <= header.limit();
    }

    /** In the check, by a new process, which must not have to wait. */
    void publishMore(MessageQueue queue, int number) {
        long position = publisher(queue).offer(ByteBuffer.wrap(content(number, 64)), Patience.limit());
        assertThat(position).as("there is room, or can be made").isNotEqualTo(Publisher.REJECTED);
        assertThat(truth.put(position, number)).isNull();
    }

    /** Whole and the right one; returns its position. */
    long check(Message message) {
        byte[] body = message.bytes();
        int number = ByteBuffer.wrap(body).getInt();
        assertThat(body).as("content of message %s", message.position()).isEqualTo(content(number, body.length));
        Integer known = truth.putIfAbsent(message.position(), number);
        if (known != null) {
            assertThat(number).as("message %s", message.position()).isEqualTo(known);
        } else if (!published.containsKey(number)) {
            assertThat(begun.contains(number))
                    .as("somebody published %s", number)
                    .isTrue();
            assertThat(new HashSet<>(truth.values())).as("once").hasSize(truth.size());
        }
        return message.position();
    }

    /** Dense from where it stands to the newest. */
    long readAll(Subscriber by) {
        long last = by.position();
        for (Message m; (m = by.receive(Duration.ZERO)) != null; last++)
            assertThat(check(m)).as("dense").isEqualTo(last + 1);
        return last;
    }

    @Override
    public void close() {
        scheduler.close();
        kernel.close();
    }
}
