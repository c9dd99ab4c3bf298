package dev.belfry.jakarta.domain;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.LogReader.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A plain subscription, neither durable nor shared: nobody competes for its messages, and they end with this process.
 * So it takes none, and needs no fold: it reads the log itself from its SUBSCRIBE on, each message once, where that was
 * sent, whatever is told again of it further on. It seldom tells which messages it is done with, so that room can be
 * made. Messages that are to be delivered again stay in the heap.
 *
 * <p>The fold is asked for what the reader cannot know: after it was passed, and for bytes that were told again. Also
 * where a large commit is applied of which it has not seen all parts, as some lie before the SUBSCRIBE. A record that
 * was read is asked for no more.
 *
 * <p>Its session's thread polls and waits; others close it, and tell what is done. The fold lock is taken before the
 * monitor of this object.
 */
final class TopicReader extends Inbox<Taken> {
    /** So far it reads ahead of its consumer, to find what is of higher priority. */
    private static final int MOST = 256;

    private static final int MOST_BYTES = 256 << 10;
    /** With the monitor at a time: others close it, and tell what is done. */
    private static final int MOST_RECORDS = 4_096;
    /** It tells which messages are done after such a part of the ring. */
    private static final int PARTS = 32;

    private static final long PAUSE_NANOS = 20_000_000;
    private static final int LAST = (1 << Mids.INDEX_BITS) - 1;

    /** The member, as far as a reader needs it. */
    interface Home {
        Log log();

        void refuseIfBroken();

        /** With the fold lock. */
        <T> T folding(Function<Folded, T> step);

        /** This went through what is known of the topic: the member ends. */
        void spoil(Error e);

        /** A member must make room. */
        void makeRoomIfShort();

        /** The record at this position is damaged. */
        void skipped(long position);

        IncompatibleVersionException newer(long position);

        /** Something came. */
        void traffic();

        /** How long to sleep at most, in nanoseconds. */
        long slice();

        /** False: enough readers of this member sleep in the log. Else it may, until it gives the permit back. */
        boolean takeSleeperPermit();

        void giveSleeperPermitBack();
    }

    /** When it may be delivered, of the clock. */
    private record Later(long time, Taken taken) {}

    private final Home domain;
    private final Filter filter;
    private final LogReader reader;
    private final RecordReader record = new RecordReader();
    private final FlatMessage flat;

    // Guarded by this.
    private final Buffer<Taken> buffer = new Buffer<>();
    private final Queue<Later> later =
            new PriorityQueue<>(Comparator.comparingLong(Later::time).thenComparing(Later::taken));
    private final Unsettled unsettled;
    private final LargeCommits commits;
    /** The places of messages of a large commit that have no bytes yet. */
    private final Map<Long, LargeCommits.One> applied = new HashMap<>();

    private int bytes;
    private long place;
    private long toldAt = System.nanoTime();
    private boolean closed;
    private boolean hasPermit;

    /** All records up to here were read. */
    private volatile long position;
    /** The fold tells what comes next. */
    private volatile boolean passed = true;
    /** Room may be short. */
    private boolean mayMakeRoom;
    // The fields of the thread that waits.
    private long waitedAt;
    private boolean withoutPermit;

    TopicReader(Home domain, String shortId, long view, long destination, Filter filter, Signal signal) {
        super(view, destination, signal);
        this.domain = domain;
        this.filter = filter;
        reader = domain.log().reader();
        flat = new FlatMessage(shortId);
        unsettled = new Unsettled(view);
        commits = new LargeCommits(destination);
        position = view >> Mids.INDEX_BITS;
    }

    /** All records up to here were read. */
    long position() {
        return position;
    }

    /** With the fold lock: its thread waits with others, and the topic has had messages that it has not read. */
    boolean isToBeWoken(State state) {
        return isWaitedFor()
                && state.channel(destination) != null
                && state.channel(destination).newest() > Mids.of(position, LAST);
    }

    // ---- what is next

    @Override
    public Taken poll() {
        try {
            return take();
        } catch (Error e) {
            domain.spoil(e);
            throw e;
        }
    }

    private Taken take() {
        domain.refuseIfBroken();
        long newest = domain.log().newest();
        while (true) {
            if (mayMakeRoom) makeRoom(); // what it throws finds no message between buffer and caller
            Taken next;
            boolean more;
            synchronized (this) {
                if (closed) return null;
                more = read();
                next = passed ? null : next();
            }
            if (passed) catchUp();
            else if (next == null) {
                if (!mayMakeRoom && (!more || position >= newest)) return null;
            } else if (next.bytes() != null || load(next)) return next;
        }
    }

    private void makeRoom() {
        mayMakeRoom = false;
        domain.makeRoomIfShort();
    }

    private Taken next() {
        long now = later.isEmpty() ? 0 : System.currentTimeMillis();
        while (!later.isEmpty() && later.peek().time <= now) buffer(later.poll().taken);
        if (buffer.isEmpty()) return null;
        Taken next = buffer.poll();
        bytes -= length(next);
        return next;
    }

    private void buffer(Taken one) {
        buffer.add(one);
        bytes += length(one);
    }

    private static int length(Taken one) {
        return one.bytes() == null ? 0 : one.bytes().length;
    }

    /** False: it is gone, or not wanted. */
    private boolean load(Taken one) {
        LargeCommits.One part;
        synchronized (this) {
            part = applied.remove(one.mid);
        }
        byte[] there = part == null ? null : part.read(reader);
        byte[] found = there != null ? there : bytesByFold(one);
        if (found != null && wants(found, one.author)) {
            one.became(one.count(), found);
            return true;
        }
        synchronized (this) {
            unsettled.done(one, found == null);
        }
        return false;
    }

    private byte[] bytesByFold(Taken one) {
        return domain.folding(folded -> {
            if (folded.state().position() < one.mid >> Mids.INDEX_BITS) folded.toTheEnd();
            return folded.bytes(one.mid);
        });
    }

    private boolean wants(byte[] message, long author) {
        return filter.wantsAll() || flat.wrap(message, 0, message.length, author) && filter.wants(flat);
    }

    // ---- reading; with the monitor

    /** False: there is no more now. */
    private boolean read() {
        for (int left = MOST_RECORDS; !passed && left > 0 && buffer.size() < MOST && bytes < MOST_BYTES; left--) {
            Step step = reader.next();
            if (step == Step.NOTHING) return false;
            if (step == Step.PASSED || !takeIn()) passed = true;
            else if (reader.place() - place > domain.log().ringBytes() / PARTS) tellSome();
        }
        return true;
    }

    private void tellSome() {
        place = reader.place();
        mayMakeRoom = true;
        tell();
    }

    /** False: the fold is to say what it means, or it is gone. */
    private boolean takeIn() {
        long at = reader.position();
        if (at <= position) return true;
        boolean isForeign = false;
        switch (Concerns.of(reader, destination)) {
            case NOTHING -> isForeign = true;
            case STATE -> {
                return false;
            }
            default -> {}
        }
        Verdict verdict = isForeign ? Verdict.WHOLE : record.open(reader, at);
        if (!reader.intact()) return false;
        if (verdict == Verdict.NEWER) {
            passed = true; // else it would go on behind this one
            throw domain.newer(at);
        }
        if (verdict == Verdict.DAMAGED) domain.skipped(at);
        else if (!isForeign && !messages(at)) return false;
        position = at;
        return true;
    }

    /** False: nothing was done, as the fold is to say what it applies. */
    private boolean messages(long at) {
        for (int index = 0; record.next(); ) {
            switch (record.kind()) {
                case Op.MESSAGE -> {
                    if (record.field(Op.ID) == destination) message(Mids.of(at, index));
                    index++;
                }
                case Op.APPLY -> { // before all messages
                    if (!apply(at)) return false;
                    index = record.b();
                }
                case Op.STAGE -> commits.stage(record, at, reader.place());
                case Op.FORGET -> commits.forget(record.author(), record.field(Op.ID));
                case Op.LEAVE -> commits.leave(record.field(Op.ID));
                default -> {}
            }
        }
        return true;
    }

    private boolean apply(long at) {
        List<LargeCommits.One> all = commits.applied(record.author(), record.field(Op.ID), record.b());
        if (all == null) return false;
        for (LargeCommits.One one : all) {
            long mid = Mids.of(at, one.index());
            applied.put(mid, one);
            put(new Taken(this, mid, one.head(), record.author()), null);
        }
        return true;
    }

    private void message(long mid) {
        byte[] message = new byte[record.length()];
        record.bytes().get(record.at(), message, 0, message.length);
        if (!wants(message, record.author())) {
            unsettled.skip(mid);
            return;
        }
        put(new Taken(this, mid, Message.unplaced(record.bytes(), record.at()), record.author()), message);
    }

    /** {@code message}: null if it is read later. */
    private void put(Taken one, byte[] message) {
        unsettled.add(one);
        if (one.deliveryTime > 0 && one.deliveryTime > System.currentTimeMillis())
            later.add(new Later(one.deliveryTime, one));
        else {
            one.became(0, message);
            buffer(one);
        }
    }

    // ---- by the fold

    private void catchUp() {
        domain.folding(folded -> {
            folded.toTheEnd();
            synchronized (this) {
                if (!closed) catchUp(folded);
            }
            return null;
        });
    }

    private void catchUp(Folded folded) {
        State state = folded.state();
        View of = state.view(view);
        dropGone(state, of);
        List<Message> missed = new ArrayList<>();
        long read = Mids.of(position, LAST);
        if (of != null)
            of.forEach(m -> {
                if (m.mid() > read) missed.add(m);
                return true;
            });
        missed.sort(Comparator.comparingLong(Message::mid));
        for (Message m : missed) put(new Taken(this, m.mid(), m, m.author()), null);
        position = state.position();
        reader.moveTo(folded.last());
        passed = false;
    }

    /** Drops messages that are gone: others may drop expired ones, and a topic may be deleted. */
    private void dropGone(State state, View of) {
        List<Taken> gone = new ArrayList<>();
        buffer.keepOnly(one -> isThere(state, of, one) || !gone.add(one));
        for (Taken one : gone) bytes -= length(one);
        later.removeIf(one -> !isThere(state, of, one.taken) && gone.add(one.taken));
        for (Taken one : gone) {
            unsettled.done(one, true);
            applied.remove(one.mid);
        }
    }

    private static boolean isThere(State state, View of, Taken one) {
        Message m = of == null ? null : state.message(one.mid);
        return m != null && of.of(m) != null;
    }

    // ---- what becomes of what was polled

    /** {@code isTold}: the record of a commit has told the others. */
    synchronized void done(Taken one, boolean isTold) {
        if (!closed) unsettled.done(one, isTold);
    }

    @Override
    public synchronized boolean putBack(Taken one) {
        if (closed) return false;
        buffer(one);
        return true;
    }

    /** Not before this time of the clock. */
    synchronized void putBackLater(Taken one, long notBefore) {
        if (!closed) later.add(new Later(notBefore, one));
    }

    /** So that room can be made. */
    synchronized void tell() {
        toldAt = System.nanoTime();
        if (!closed && !unsettled.isTold()) unsettled.tell(domain.log());
    }

    void close() {
        synchronized (this) {
            if (closed) return;
            closed = true;
            buffer.clear();
            later.clear();
            applied.clear();
            givePermitBack();
        }
        reader.close();
    }

    // ---- waiting; without locks

    /** When the first of those that are delayed is due, or {@code deadline}. */
    synchronized long due(long deadline) {
        Later first = later.peek();
        if (first == null) return deadline;
        long millis = Math.max(0, first.time - System.currentTimeMillis());
        return Math.min(deadline, Deadlines.after(TimeUnit.MILLISECONDS.toNanos(millis)));
    }

    /** Until there may be something, or the signal is raised. False: others wait for it. */
    boolean await(Signal me, int bells, long deadline) {
        if (withoutPermit || !takesPermit()) return false;
        if (waitedAt != position) domain.traffic();
        waitedAt = position;
        if (System.nanoTime() - toldAt() > PAUSE_NANOS) tell();
        me.begin(reader);
        try {
            if (!me.isRaised() && !passed) reader.await(bells, Math.min(deadline, Deadlines.after(domain.slice())));
            return true;
        } catch (InsufficientResourcesException none) {
            givePermitBack();
            return false;
        } finally {
            me.end();
        }
    }

    private synchronized boolean takesPermit() {
        if (!hasPermit && !closed) hasPermit = domain.takeSleeperPermit();
        withoutPermit = !hasPermit;
        return hasPermit;
    }

    private synchronized void givePermitBack() {
        if (hasPermit) domain.giveSleeperPermitBack();
        hasPermit = false;
        withoutPermit = true;
    }

    private synchronized long toldAt() {
        return toldAt;
    }
}
