package dev.belfry.shm.sim;

import dev.belfry.testing.Patience;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Runs the actors of a scenario one at a time and decides at each of their steps which one makes the next
 * one. A schedule is the list of these decisions: all of them with a bounded number of pre-emptions
 * are tried in turn, or random ones from a seed.
 *
 * <p>Each step is seen by all before the next one begins; unless the actors have store buffers:
 * then what they store stays there until a schedule says otherwise, or nobody can go on.
 *
 * <p>An actor that reads one word again and again while nothing changes waits for a change. If nobody can
 * go on, time passes: a sleeper's slice ends; or, where no slice may be needed, that is the failure
 * looked for.
 */
final class Scheduler implements FakeKernel.Sleep, AutoCloseable {
    /** An actor that dies at this step. */
    static final class DeathError extends Error {
        private static final long serialVersionUID = 1;

        DeathError() {
            super("died", null, false, false);
        }
    }

    /**
     * The same decisions have not led to the same choice: somebody looked at the clock, on a
     * machine that is very busy. To be run again.
     */
    static final class StrayedError extends Error { // no AssertionError: no promise is broken
        private static final long serialVersionUID = 1;

        StrayedError(String what) {
            super(what);
        }
    }

    /** What a sleeper's slice does. */
    enum Slices {
        /** It ends when nobody can go on. */
        END,
        /** It may also end before that. */
        END_EARLY,
        /**
         * As END; and an actor that only spins never spins to its end while others can go on: what it waits
         * for, it would wait for in real time.
         */
        PATIENT,
        /** That one is needed at all is a failure: a wake-up was lost. */
        FAIL
    }

    private static final int MOST_STEPS = 20_000;
    private static final int MOST_SPINS = 1_000_000;
    private static final int MOST_SLICES = 400;
    private static final int MOST_SLICES_STOPPED = 20;

    /** An actor that reads a word more often while nothing changes spins. Joining reads some words several times. */
    private static final int SAME_LOOKS = 8;

    private static final ThreadLocal<Scheduler> OF_THIS_THREAD = new ThreadLocal<>();

    private enum State {
        READY,
        SLEEPING,
        WATCHING,
        STOPPED,
        DONE
    }

    private final class Actor implements Runnable {
        final int number;
        final Thread thread;
        Runnable work;
        State state = State.DONE;
        Object key;
        boolean woken;
        boolean mortal;
        boolean dead;
        boolean mayStop;
        Throwable failure;
        long seen;
        boolean impatient;
        long since;
        final Map<Long, Integer> looks = new HashMap<>();

        Actor(int number) {
            this.number = number;
            this.thread = new Thread(this, "actor-" + number);
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void run() {
            OF_THIS_THREAD.set(Scheduler.this);
            while (true) {
                while (running != this && !closed) LockSupport.park(this);
                if (closed) return;
                try {
                    if (work != null) work.run();
                } catch (DeathError died) {
                    // as it was told
                } catch (Throwable unexpected) {
                    if (stuck == null) failure = unexpected; // later ones only end it
                }
                work = null;
                state = State.DONE;
                version++;
                next(this);
            }
        }
    }

    private final List<Actor> actors = new ArrayList<>();
    private final Thread control = Thread.currentThread();
    private volatile Actor running;
    private volatile boolean over = true;
    private volatile boolean closed;
    private long version;
    private long sleeps;
    private int slicesOver;
    private int slicesStopped;
    private final List<Actor> sleepers = new ArrayList<>();
    private int steps;
    private int past;
    private int spins;
    private boolean slicesFail;
    private boolean slicesEndEarly;
    private boolean patient;
    private Error stuck;
    private Runnable atDeath = () -> {};
    private Predicate<Object> neverEnds = key -> false;
    private int stops = -1;
    private List<StoreBuffer> buffers = List.of();
    private boolean fieldsAreSteps;

    // The schedule: what was decided at each step where there was a choice.
    private int[] path = new int[64];
    private int[] choices = new int[64];
    private int[] costs = new int[64];
    private int[] pasts = new int[64]; // what was done until then, and by which actors: a hash
    private int depth;
    private int given;
    private int givenBefore;
    private int bound;
    private int spent;
    private Random random;

    private Actor actor(int number) {
        while (actors.size() <= number) actors.add(new Actor(actors.size()));
        return actors.get(number);
    }

    // Exploring

    /** The first schedule of all with so many pre-emptions (and deaths). */
    void exhaustively(int preemptions) {
        bound = preemptions;
        random = null;
        given = 0;
        givenBefore = 0;
    }

    void randomly(long seed) {
        random = new Random(seed);
        given = 0;
    }

    /** Goes on to the next schedule; false: all were run. */
    boolean advance() {
        if (random != null) return true;
        for (int i = depth - 1; i >= 0; i--) {
            if (path[i] + 1 < choices[i] && costs[i] < bound) {
                path[i]++;
                givenBefore = Math.min(given, i + 1);
                given = i + 1;
                return true;
            }
        }
        return false;
    }

    /**
     * The schedule before this one is run next, again, and what follows it is found anew. To be called when this
     * one strays however often it is run: then the one before saw the clock, and what was noted of its choices
     * is true of that run alone. False: this one has no choice that was noted in that run. A run that saw the
     * clock and from which none strays is taken as it is.
     */
    boolean stepBack() {
        if (given == givenBefore) return false;
        given = givenBefore;
        return true;
    }

    String schedule() {
        return "schedule " + Arrays.toString(Arrays.copyOf(path, depth));
    }

    /**
     * Runs one schedule; what an actor threw is thrown here. {@code mortal}: this one may die at
     * any of its steps; -1: none does.
     */
    void run(List<Runnable> works, int mortal, Slices slices) {
        depth = 0;
        spent = 0;
        slicesOver = 0;
        slicesStopped = 0;
        steps = 0;
        past = 0;
        spins = 0;
        version++;
        stuck = null;
        slicesFail = slices == Slices.FAIL;
        patient = slices == Slices.PATIENT;
        slicesEndEarly = slices == Slices.END_EARLY;
        for (int i = 0; i < works.size(); i++) {
            Actor actor = actor(i);
            actor.work = works.get(i);
            actor.state = State.READY;
            actor.dead = false;
            actor.mortal = i == mortal;
            actor.mayStop = i == stops;
            actor.failure = null;
            actor.impatient = false;
            actor.looks.clear();
        }
        over = false;
        next(null);
        long end = System.nanoTime() + Patience.limit().toNanos();
        while (!over) {
            LockSupport.parkNanos(this, 1_000_000_000);
            if (!over && System.nanoTime() > end) {
                AssertionError hang = new AssertionError("an actor hangs outside the seam");
                for (Actor actor : actors) {
                    RuntimeException where = new RuntimeException(actor.thread.getName());
                    where.setStackTrace(actor.thread.getStackTrace());
                    hang.addSuppressed(where);
                }
                throw hang;
            }
        }
        for (Actor actor : actors)
            if (actor.failure != null) throw new AssertionError("actor " + actor.number, actor.failure);
        if (stuck != null) throw stuck;
        if (random == null && depth < given) throw new StrayedError("no choice as before at step " + depth);
    }

    /** Before a schedule, and no part of it: one actor alone, which has no choices. */
    void runBefore(Runnable work) {
        int ofTheSchedule = given;
        given = 0;
        try {
            run(List.of(work), -1, Slices.END);
            if (random == null && depth > 0) throw new StrayedError("a choice before the schedule");
        } finally {
            given = ofTheSchedule;
        }
    }

    void buffers(List<StoreBuffer> theActors) {
        buffers = theActors;
    }

    /** Of the product's fields, those that {@link FieldSteps} names: threads of one process share them. */
    void stepAtFields() {
        fieldsAreSteps = true;
    }

    /** Of an actor's thread; null: of no actor's. */
    static Scheduler current() {
        return OF_THIS_THREAD.get();
    }

    void lookAtField(String field) {
        if (fieldsAreSteps) look(-1L - (field.hashCode() & 0xffff_ffffL)); // where no memory is
    }

    void writeField() {
        if (!fieldsAreSteps || over) return;
        step("field");
        changed();
    }

    /** This one may stand still at any of its steps, once, for as long as others have something to do. */
    void mayStop(int number) {
        stops = number;
    }

    /** Of these sleepers no slice may be needed: they are to be woken. */
    void neverEnds(Predicate<Object> keys) {
        neverEnds = keys;
    }

    void atDeath(Runnable then) {
        atDeath = then;
    }

    boolean died(int number) {
        return actor(number).dead;
    }

    boolean anyDied() {
        return actors.stream().anyMatch(actor -> actor.dead);
    }

    // Deciding

    private boolean canGoOn(Actor actor) {
        return actor.state == State.READY || actor.state == State.WATCHING && actor.seen != version;
    }

    /** Hands over to the actor that was chosen. {@code from}: makes no step now; null: none has begun. */
    private void next(Actor from) {
        Actor to = choose(from, false);
        running = to;
        if (to == null) {
            over = true;
            LockSupport.unpark(control);
        } else if (to != from) {
            LockSupport.unpark(to.thread);
        }
    }

    private void await(Actor me) {
        while (running != me) LockSupport.park(this);
        if (stuck != null) throw new DeathError();
    }

    private Actor choose(Actor current, boolean currentMayGoOn) {
        Actor first = null;
        int others = 0;
        for (Actor actor : actors) {
            if (actor == current && !currentMayGoOn || !canGoOn(actor)) continue;
            if (actor != current) others++;
            if (first == null || actor == current) first = actor;
        }
        if (first == null) return drainAll() ? choose(current, currentMayGoOn) : timePasses();
        int options = first == current ? others + 1 : others;
        if (options == 1) return wake(first);
        int choice = decide(options, first == current ? 1 : 0);
        if (first == current) {
            if (choice == 0) return first;
            choice--;
        }
        for (Actor actor : actors) {
            if (actor == current || !canGoOn(actor)) continue;
            if (choice-- == 0) return wake(actor);
        }
        throw new AssertionError("nobody");
    }

    private static Actor wake(Actor actor) {
        if (actor.state == State.WATCHING && !actor.impatient) actor.looks.clear();
        actor.state = State.READY;
        return actor;
    }

    /** 0 is what happens by itself; all else costs. */
    private int decide(int options, int cost) {
        if (random == null && cost > 0 && spent >= bound) return 0;
        int choice;
        if (stuck != null) return 0;
        if (random == null && depth < given && (choices[depth] != options || pasts[depth] != past)) {
            stuck = new StrayedError("another choice than before at step " + depth);
            return 0;
        }
        if (random == null) choice = depth < given ? path[depth] : 0;
        else choice = cost == 0 || random.nextInt(6) == 0 ? random.nextInt(options) : 0;
        if (depth == path.length) {
            path = Arrays.copyOf(path, 2 * depth);
            choices = Arrays.copyOf(choices, 2 * depth);
            costs = Arrays.copyOf(costs, 2 * depth);
            pasts = Arrays.copyOf(pasts, 2 * depth);
        }
        path[depth] = choice;
        choices[depth] = options;
        costs[depth] = cost == 0 ? -1 : spent;
        pasts[depth] = past;
        past = 31 * past + choice;
        depth++;
        if (choice != 0) spent += cost;
        return choice;
    }

    private boolean drainAll() {
        boolean any = false;
        for (StoreBuffer buffer : buffers) {
            any |= !buffer.isEmpty();
            buffer.drain();
        }
        return any;
    }

    /** Of one buffer the oldest store, or all, reaches memory; or nothing does. */
    private void mayDrain() {
        int filled = 0;
        for (StoreBuffer buffer : buffers) if (!buffer.isEmpty()) filled++;
        if (filled == 0) return;
        int options = 1 + 2 * filled;
        int choice = random == null ? decide(options, 1) : random.nextInt(4) == 0 ? random.nextInt(options) : 0;
        if (choice == 0) return;
        for (StoreBuffer buffer : buffers) {
            if (buffer.isEmpty() || (choice -= 2) > 0) continue;
            if (choice == 0) buffer.drain();
            else buffer.drainOne();
            return;
        }
    }

    private Actor stopped() {
        for (Actor actor : actors) if (actor.state == State.STOPPED) return actor;
        return null;
    }

    /** Its slice ends after all others', and to need it is a failure. */
    private boolean isLast(Actor sleeper) {
        return stuck == null && neverEnds.test(sleeper.key);
    }

    /** No actor can make a step: first those go on that only read, then a slice ends. */
    private Actor timePasses() {
        for (Actor actor : actors) {
            if (actor.state != State.WATCHING) continue;
            actor.impatient = true;
            return wake(actor);
        }
        sleepers.clear();
        for (Actor actor : actors) if (actor.state == State.SLEEPING && !isLast(actor)) sleepers.add(actor);
        Actor stopped = stopped();
        if (stopped != null && (stuck != null || sleepers.isEmpty() || ++slicesStopped > MOST_SLICES_STOPPED)) {
            stopped.state = State.READY;
            return stopped;
        }
        if (sleepers.isEmpty()) {
            for (Actor actor : actors) if (actor.state == State.SLEEPING) sleepers.add(actor);
            if (!sleepers.isEmpty() && stuck == null)
                stuck = new AssertionError("nobody wakes actor " + sleepers.get(0).number);
        }
        if (sleepers.isEmpty()) return null;
        sleepers.sort(Comparator.comparingLong(a -> a.since)); // by itself the one whose slice began first
        if (stuck == null && slicesFail)
            for (Actor actor : sleepers)
                if (!(actor.key instanceof String))
                    stuck = new AssertionError("nobody wakes actor " + actor.number + ", who sleeps on " + actor.key);
        if (stuck == null && ++slicesOver > MOST_SLICES) stuck = new AssertionError("nobody gets on");
        Actor over = sleepers.get(stuck == null && sleepers.size() > 1 ? decide(sleepers.size(), 1) : 0);
        over.woken = false;
        over.state = State.READY;
        return over;
    }

    // The actors' side

    private Actor me() {
        Actor actor = running;
        return actor != null && actor.thread == Thread.currentThread() ? actor : null;
    }

    /** Before a step of the current actor; others may come first, or it dies. */
    private void point(Actor me, String what) {
        if (me.dead || stuck != null) throw new DeathError();
        past = 31 * (31 * past + me.number) + what.hashCode();
        if (++steps > MOST_STEPS) stuck = new AssertionError("no end after " + MOST_STEPS + " steps");
        if (me.mortal && decides(40)) {
            me.dead = true;
            atDeath.run();
            throw new DeathError();
        }
        if (me.mayStop && decides(40)) {
            me.mayStop = false;
            me.state = State.STOPPED;
            next(me);
            await(me);
        }
        mayDrain();
        Actor to = slicesEndEarly ? aSliceEnds() : null;
        if (to == null) to = choose(me, true);
        if (to == me) return;
        running = to;
        LockSupport.unpark(to.thread);
        await(me);
    }

    /** Somebody's slice is over although others could go on: so slow is whoever it waits for. */
    private Actor aSliceEnds() {
        Actor longest = null;
        for (Actor actor : actors)
            if (actor.state == State.SLEEPING && !isLast(actor) && (longest == null || actor.since < longest.since))
                longest = actor;
        if (longest == null || !(random == null ? decide(2, 1) == 1 : random.nextInt(20) == 0)) return null;
        longest.woken = false;
        longest.state = State.READY;
        return longest;
    }

    private boolean decides(int oneOf) {
        return random == null ? decide(2, 1) == 1 : random.nextInt(oneOf) == 0;
    }

    boolean isActing() {
        return me() != null;
    }

    /** What a dead one does is not done. */
    void alive() {
        if (over) return; // a check, by the thread of the test
        Actor me = me();
        if (me != null && (me.dead || stuck != null)) throw new DeathError();
    }

    @Override
    public void step(String what) {
        if (over) return;
        Actor me = me();
        if (me != null) point(me, what);
    }

    /** Before a load: of a word that is looked at again and again, others go on until something changes. */
    void look(long address) {
        if (over) return;
        Actor me = me();
        if (me == null) return;
        if (me.impatient && me.seen == version && me.looks.getOrDefault(address, 0) >= SAME_LOOKS) {
            if (++spins > MOST_SPINS) stuck = new AssertionError("spins without end");
            alive();
            return;
        }
        point(me, "look");
        if (me.seen != version) {
            me.seen = version;
            me.looks.clear();
            me.impatient = false;
        }
        if (me.looks.merge(address, 1, Integer::sum) < SAME_LOOKS || me.impatient) return;
        if (!patient
                && (random == null
                        ? decide(2, 1) == 1
                        : random.nextInt(4) == 0)) { // it spins to the end, and goes to sleep
            me.impatient = true;
            return;
        }
        me.state = State.WATCHING;
        next(me);
        await(me);
    }

    @Override
    public void changed() {
        version++;
    }

    @Override
    public boolean until(Object key) {
        Actor me = me();
        if (me == null) return false;
        if (key instanceof String) { // it tries again itself: until something changes
            me.seen = version;
            me.state = me.impatient ? State.SLEEPING : State.WATCHING;
        } else {
            me.state = State.SLEEPING;
        }
        me.key = key;
        me.since = ++sleeps;
        me.woken = false;
        next(me);
        await(me);
        return me.woken;
    }

    @Override
    public void wake(Object key, int count) {
        version++;
        for (Actor actor : actors) {
            if (count == 0) return;
            if (actor.state != State.SLEEPING || !key.equals(actor.key)) continue;
            actor.woken = true;
            actor.state = State.READY;
            count--;
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Actor actor : actors) LockSupport.unpark(actor.thread);
    }
}
