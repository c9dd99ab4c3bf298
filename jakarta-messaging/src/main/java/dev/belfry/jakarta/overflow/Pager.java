package dev.belfry.jakarta.overflow;

import dev.belfry.api.MessageQueue;
import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.overflow.CompanionException.Why;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Pages out and in, by two threads of its own: they alone wait for the companion's disk. All else waits for nothing, so
 * it may be called with any lock.
 */
public final class Pager {
    private static final long TICK = TimeUnit.SECONDS.toNanos(1);
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long QUIET = TimeUnit.MILLISECONDS.toNanos(250);
    /** After an attempt without success, for which much may have been asked with the fold lock. */
    private static final long WITHOUT_SUCCESS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SLOW = TimeUnit.SECONDS.toNanos(5);
    /** No attempt is under way. */
    private static final long NONE = 0;

    private final Member member;
    private final String domain; // a name alone, where no setting leads here
    /** Is null if this member has none. */
    private volatile String setting;

    private final PageOut out;
    private final PageIn in;
    private final Floor floor;
    private final Set<Long> wanted = ConcurrentHashMap.newKeySet();
    /** Something was wanted since a step has begun: a lock that it waited for may have used up what woke it. */
    private volatile boolean asked;

    private final Map<Long, Failure> failures = new ConcurrentHashMap<>();
    private final RecordWriter writer = new RecordWriter();
    /** Grows while the ring is full: making room may lap it. Only the thread that pages in has it. */
    private long pauseForRoom = SOON;

    /** A page found no room to come back. */
    private volatile boolean must;

    private final AtomicBoolean started = new AtomicBoolean();
    private final Step stepOut = this::stepOut;
    // None before they are needed: then there is nobody to be woken.
    private volatile Thread outwards;
    private volatile Thread inwards;
    private volatile Companion companion;
    private volatile boolean closed;
    private final Outages outages;
    private long floorDue = Deadlines.PAST;
    /** Why the last attempt to page out has failed. */
    private volatile String refused = "";

    private volatile long attempt = NONE;

    /** It is tried again then. */
    private record Failure(CompanionException why, long until) {
        Failure again(Failure now) {
            return now.why.getMessage().equals(why.getMessage()) ? new Failure(why, now.until) : now;
        }
    }

    /** Pages out only where another member has told of a companion, until it has a setting itself. */
    public Pager(Member member, String domain) {
        this.member = member;
        this.domain = domain;
        out = new PageOut(member);
        in = new PageIn(member);
        floor = new Floor(member);
        outages = new Outages(domain);
    }

    private static Thread daemon(String name, Runnable work) {
        Thread daemon = new Thread(work, name);
        daemon.setDaemon(true);
        return daemon;
    }

    /**
     * This member has that setting, too.
     *
     * @return the other one that the domain has; null: none
     * @throws IllegalArgumentException if no companion can have its maxSize: in the night that would be late
     */
    public String agree(String given) {
        Overflow now = member.ask(state -> state.registry.overflow());
        String has = now.equals(Overflow.NONE) ? setting : now.uri();
        if (has != null && !has.equals(given)) return has;
        Binding.create(QueueUri.parse(domain), given)
                .expectMost(Math.max(2 * Companion.SEGMENT, member.log().maxRingBytes()));
        setting = given;
        start();
        return null;
    }

    private void start() {
        if (!started.compareAndSet(false, true)) return;
        outwards = daemon("belfry-overflow-" + domain, this::out);
        inwards = daemon("belfry-overflow-in-" + domain, this::in);
        outwards.start();
        inwards.start();
    }

    /** There is hardly room: messages are to be paged out. */
    public void wake() {
        LockSupport.unpark(outwards);
    }

    /** A consumer waits for the next message of a queue, which lies in a page. */
    public void want(long queue) {
        start();
        if (!wanted.add(queue)) return;
        asked = true;
        LockSupport.unpark(inwards);
    }

    /** Why the next message of a queue cannot be read from its page; null: nothing is known against it. */
    public CompanionException failure(long queue) {
        Failure known = failures.isEmpty() ? null : failures.get(queue); // mostly no key is made
        return known == null ? null : known.why;
    }

    /** Ends all messages of a queue that are on the disk, for good, and reads none. Returns how many. */
    public long purge(long queue) {
        return new Purge(member).all(queue);
    }

    /**
     * Ends a queue's next messages up to one that can be read; or only tells how many they are. Waits for the disk.
     *
     * @throws CompanionException if it does not tell whether they can be read
     */
    public long purgeDamaged(long queue, boolean isOnlyAsked) {
        Companion open = companion(false);
        return open == null ? 0 : new Purge(member).damaged(open, queue, isOnlyAsked);
    }

    /** Sends what a companion of another domain, which is gone, has. Returns how many messages, by queues. */
    public Map<String, Long> recover(MessageQueue from, Recovery.SerialNumbers serials, LongConsumer shown) {
        return new Recovery(member, serials, shown).of(from);
    }

    /** Tells whether messages of a destination go to the disk, if they are plain. {@code ring}: bytes. */
    public static boolean mayPageOut(State state, Channel channel, long ring) {
        return Choice.mayBePaged(state, channel, ring);
    }

    /** Why nothing goes to the disk at this moment, without a stop at its end; empty: nothing is known against it. */
    public String refusal() {
        long began = attempt;
        long waited = began == NONE ? 0 : System.nanoTime() - began;
        if (waited < SLOW) return refused.replaceFirst("\\.$", "");
        return "its disk has not answered for " + Units.duration(waited) + " (pid "
                + ProcessHandle.current().pid() + " waits)";
    }

    /** The threads end when the disk lets them, and close the companion then. */
    public void close() {
        closed = true;
        LockSupport.unpark(outwards);
        LockSupport.unpark(inwards);
        Companion open = companion;
        if (open != null) open.close();
    }

    // ---- the threads

    private interface Step {
        /** Returns how long to wait until the next one. */
        long run();
    }

    private void loop(Step step) {
        while (!closed) {
            try {
                long pause = step.run();
                if (!closed && pause > 0) LockSupport.parkNanos(this, pause);
            } catch (CompanionException e) {
                warn(step, e.getMessage());
                rest(TICK);
            } catch (RuntimeException | Error e) {
                if (closed || member.hasFailed()) return;
                warn(step, e.toString());
                rest(TICK);
            }
        }
    }

    /** Rests so long, or until this is closed. No other thread wakes it. */
    private void rest(long nanos) {
        for (long until = Deadlines.after(nanos); !closed && !Deadlines.passed(until); )
            LockSupport.parkNanos(this, Deadlines.remaining(until));
    }

    private void warn(Object of, String what) {
        if (!closed) outages.tell(of, what);
    }

    private void out() {
        if (setting != null) lookAtDirectory();
        loop(stepOut);
    }

    /** In the morning, not in the night when it is needed. */
    private void lookAtDirectory() {
        Path parent =
                Binding.create(QueueUri.parse(domain), setting).directory().getParent();
        if (Files.isDirectory(parent) && Files.isWritable(parent)) return;
        warn(
                stepOut,
                "directory '" + parent + "' of overflow=" + setting
                        + (Files.isDirectory(parent) ? " cannot be written by this user." : " is not there.")
                        + " Until that is mended the ring alone holds them.");
    }

    private long stepOut() {
        if (isFull() || must) {
            boolean now = must;
            must = false;
            if (isPaged(now)) {
                member.makeRoom();
                tick();
                return 0;
            }
            rest(WITHOUT_SUCCESS);
        }
        tick();
        return QUIET;
    }

    private boolean isPaged(boolean now) {
        attempt = System.nanoTime() | 1;
        try {
            Companion open = companion(true);
            boolean isPaged = open != null && out.isPaged(open, now);
            if (open != null) refused = out.refusal();
            if (isPaged) outages.goesOn(stepOut);
            return isPaged;
        } catch (CompanionException e) {
            refused = e.getMessage();
            throw e;
        } finally {
            attempt = NONE;
        }
    }

    private boolean isFull() {
        Log log = member.log();
        return log.usedBytes() > log.maxRingBytes() * 3 / 8;
    }

    private void tick() {
        if (companion == null || !Deadlines.passed(floorDue)) return;
        floorDue = Deadlines.after(TICK);
        companion.letGoUnused();
        floor.raise(companion);
    }

    private void in() {
        loop(this::stepIn);
    }

    private long stepIn() {
        asked = false;
        long pause = TICK;
        for (long queue : wanted) {
            Failure before = failures.get(queue);
            if (before != null && !Deadlines.passed(before.until)) continue;
            wanted.remove(queue); // before it is read: it is wanted again if that is not enough
            pause = Math.min(pause, stepIn(queue));
        }
        return asked ? 0 : pause;
    }

    /** Other queues go on if it fails. */
    private long stepIn(long queue) {
        try {
            Companion open = companion(false);
            PageIn.Outcome outcome = open == null ? PageIn.Outcome.NONE : in.next(open, queue);
            failures.remove(queue);
            outages.goesOn(queue);
            if (outcome != PageIn.Outcome.NO_ROOM) pauseForRoom = SOON;
            if (outcome == PageIn.Outcome.NONE || outcome == PageIn.Outcome.BACK) return TICK;
            wanted.add(queue);
            if (outcome == PageIn.Outcome.AGAIN) return 0;
            member.makeRoom();
            must = true; // what came back for others may have filled the room
            wake();
            pauseForRoom = Math.min(2 * pauseForRoom, QUIET);
            return pauseForRoom;
        } catch (CompanionException e) {
            return failed(queue, e);
        } catch (RuntimeException e) {
            if (closed || member.hasFailed()) throw e;
            return failed(queue, new CompanionException(Why.DAMAGED, "Pages of domain '" + domain + "': " + e, e));
        }
    }

    /** It is tried again while a consumer waits here, to which the same failure is the same one. */
    private long failed(long queue, CompanionException e) {
        failures.merge(queue, new Failure(e, Deadlines.after(TICK)), Failure::again);
        warn(queue, e.getMessage());
        if (member.isHeard(queue)) wanted.add(queue);
        else failures.remove(queue);
        return TICK;
    }

    // ---- the companion

    /**
     * Returns the one of which the domain's log tells; null: it tells of none. One that pages out first may tell
     * of a new one.
     */
    private synchronized Companion companion(boolean isNew) {
        Overflow told = member.ask(state -> state.registry.overflow());
        if (told.equals(Overflow.NONE) && isNew && setting != null && isAllowed()) {
            ByteBuffer first = writer.begin(member.log().self())
                    .overflow(Binding.create(QueueUri.parse(domain), setting).overflow())
                    .end();
            member.append(
                    first.remaining(),
                    Reserve.SMALL,
                    state -> state.registry.overflow().equals(Overflow.NONE) ? first : null);
            told = member.ask(state -> state.registry.overflow());
        }
        if (told.equals(Overflow.NONE)) return null;
        UUID id = told.binding();
        if (companion == null || !companion.binding().id().equals(id)) {
            if (companion != null) companion.close();
            companion = new Companion(binding(told), member.log().maxRingBytes());
            if (closed) companion.close();
        }
        // Where its disk is not mounted a new one would be taken for it, and filled.
        if (member.ask(state -> state.pages.isNeeded(id))) companion.expectThere();
        return companion;
    }

    private Binding binding(Overflow told) {
        if (setting != null && !setting.equals(told.uri()))
            warn(
                    told.binding(),
                    "they lie where overflow=" + told.uri() + " says. overflow=" + setting
                            + " of this process is not used:" + " another one was first. Give all the same one.");
        try {
            return Binding.of(QueueUri.parse(domain), told);
        } catch (IllegalArgumentException unknown) { // a later release tells it
            throw new CompanionException(Why.NOT_ALLOWED, unknown.getMessage(), unknown);
        }
    }

    /** Each process in the domain can read what tells of pages, and each that comes must. */
    private boolean isAllowed() {
        String unaware = member.unawareOfPages();
        if (unaware.isEmpty()) return true;
        refused = "it waits for " + unaware + ", whose release knows no pages";
        warn(
                stepOut,
                "they wait for " + unaware
                        + ", whose release knows no pages. End that process, or give it this release.");
        return false;
    }
}
