package dev.belfry.jakarta.domain;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Appends, and waits for room. A record that is too large for one is told in stages first. Any thread. */
final class Sender {
    private static final int MOST = 256 << 10;
    private static final int HEAD = 512;
    private static final int PER_RECORD = 64;
    private static final int PER_MID = 10;
    /** A writer with a longer record is not kept. */
    private static final int SPARE = 64 << 10;

    private static final int PER_MESSAGE = 32;
    /** Bytes that a commit takes beside its messages, where messages are told again. */
    private static final int RUN = 16;

    private static final int MOST_MESSAGES = (1 << 16) - 1;
    private static final int DEFINE_AGAIN = 1024;
    private static final Duration SLICE = Duration.ofMillis(20);
    /** Longer than those that consume need to make room while nothing else makes them do it. */
    private static final Duration FOR_OTHERS = Duration.ofMillis(1_500);

    private final Domain domain;
    private final Log log;
    private final AtomicLong transactions = new AtomicLong();
    /** By destination: the end of the log when this member last told its name. */
    final Map<Long, Long> defined = new ConcurrentHashMap<>();

    private final AtomicLong sends = new AtomicLong();
    /** The writer of records of one message or acknowledgement; while one thread has it, others make their own. */
    private final AtomicReference<RecordWriter> spare = new AtomicReference<>();

    private final Crowd crowd;
    /** The waits of records, by what they leave: those that leave less find room while others wait. */
    private final Map<Reserve, RoomWaits> waits = new EnumMap<>(Reserve.class);

    Sender(Domain domain) {
        this.domain = domain;
        for (Reserve one : Reserve.values()) waits.put(one, new RoomWaits(domain.name, () -> noRoom().getMessage()));
        log = domain.log;
        crowd = new Crowd(log, question -> domain.withState(question::test));
    }

    // ---- room

    /** Asks first, then makes room itself, then waits, which lets the log grow. Its position, or one after it. */
    long append(ByteBuffer record, Reserve reserve, int bells, Limit timeout) {
        long position = appendAtOnce(record, reserve, bells);
        return position == Log.REJECTED ? appendLater(record, () -> reserve, bells, timeout) : position;
    }

    /** Its position, or {@link Log#REJECTED}. */
    private long appendAtOnce(ByteBuffer record, Reserve reserve, int bells) {
        return noted(log.append(record, reserve, bells, Duration.ZERO), reserve);
    }

    /** The same; if there was room, a wait is over. */
    private long noted(long position, Reserve reserve) {
        if (position == Log.REJECTED) return position;
        if (reserve == Reserve.NORMAL) crowd.foundRoom();
        waits.get(reserve).foundRoom();
        return position;
    }

    private long appendLater(ByteBuffer record, Supplier<Reserve> reserve, int bells, Limit timeout) {
        Reserve first = reserve.get();
        long position = first == Reserve.LITTLE ? appendAtOnce(record, first, bells) : Log.REJECTED;
        if (position != Log.REJECTED) return position;
        waits.get(first).begin();
        if (!isAppendedIn(record, reserve, bells, timeout)) throw refused(timeout);
        return log.newest();
    }

    private boolean isAppendedIn(ByteBuffer record, Supplier<Reserve> reserve, int bells, Limit timeout) {
        long deadline = timeout.deadline();
        do {
            Reserve first = reserve.get();
            boolean adds = first == Reserve.NORMAL || first == Reserve.LITTLE;
            if (adds && isAppendedAfterOthers(record, first, bells, timeout, deadline)) return true;
            domain.makeRoom();
            if (isAppendedInRoomMade(record, reserve, bells)) return true;
            Reserve left = reserve.get();
            if (isAppendedInASlice(record, left, bells, deadline)) return true;
            waits.get(left).goOn();
        } while (!timeout.isOver(deadline));
        return false;
    }

    private boolean isAppendedInRoomMade(ByteBuffer record, Supplier<Reserve> reserve, int bells) {
        Reserve left = reserve.get();
        return appendAtOnce(record, left, bells) != Log.REJECTED
                || left == Reserve.NORMAL
                        && crowd.isNew()
                        && appendAtOnce(record, reserve.get(), bells) != Log.REJECTED; // it may have little
    }

    /**
     * Those that consume make room, and this member need not fold for it, unless they do not come to it: it waits
     * longer where it would have to fold much. A log that may grow does so only when nobody can make room.
     */
    private boolean isAppendedAfterOthers(ByteBuffer record, Reserve reserve, int bells, Limit timeout, long deadline) {
        long until = Math.min(deadline, Deadlines.after(FOR_OTHERS.toNanos()));
        while (log.ringBytes() == log.maxRingBytes() && domain.roomMaker.isLeftToOthers() && !timeout.isOver(until)) {
            if (isAppendedInASlice(record, reserve, bells, until)) return true;
            if (!domain.roomMaker.isFarBehind()) return false;
            waits.get(reserve).goOn();
        }
        return false;
    }

    private boolean isAppendedInASlice(ByteBuffer record, Reserve reserve, int bells, long deadline) {
        long left = Math.min(SLICE.toNanos(), Deadlines.remaining(deadline));
        return left > 0 && noted(log.append(record, reserve, bells, Duration.ofNanos(left)), reserve) != Log.REJECTED;
    }

    /** After a record was refused for as long as its call may wait. */
    NoRoomException refused(Limit timeout) {
        if (!timeout.isClosed().getAsBoolean()) return noRoom();
        return new NoRoomException(
                "Close has ended a call that waited for room in domain '" + domain.name
                        + "'; nothing of it was appended. Call it again in another session.",
                Codes.CLOSED);
    }

    private NoRoomException noRoom() {
        String mover = log.makingRoom();
        boolean isHeld = isHeld();
        boolean movesStill = !mover.isEmpty() && mover.equals(log.makingRoom());
        if (movesStill && (isHeld || domain.roomMaker.isMarkBusy()))
            return held(mover, "while it makes room; no other can make room");
        if (isHeld) return held(log.appending(), "in the middle of an append; nothing can be appended");
        String disk = log.diskIsFull();
        if (!disk.isEmpty()) return new NoRoomException("Domain '" + domain.name + "' is full: " + disk);
        return new NoRoomException("Domain '" + domain.name + "' is full (" + Units.size(log.ringBytes())
                + "); a quarter stays free for those that receive. Largest: " + domain.largest()
                + ". Receive from them; a domain that is created with a larger maxCapacity holds more.");
    }

    private NoRoomException held(String holder, String when) {
        return new NoRoomException("Domain '" + domain.name + "' is held by "
                + (holder.isEmpty() ? "a process" : holder) + " " + when
                + " meanwhile. If that process is stopped, continue or kill it.");
    }

    /** A record of nothing finds room in a full log, too, as it leaves no reserve. */
    boolean isHeld() {
        try (Claim claim = log.claim(0, Reserve.NONE, Duration.ZERO)) {
            return claim == null;
        }
    }

    /** The limit of a record of several messages, in bytes. */
    int limit() {
        return (int) Math.min(MOST, log.maxRingBytes() / 16);
    }

    private void checkLength(Sent message) {
        long limit = log.maxRingBytes() / 16 - HEAD;
        if (message.length() > limit)
            throw new NoRoomException(
                    "Message has " + Units.number(message.length()) + " bytes; limit of domain '" + domain.name
                            + "' is " + Units.number(limit) + " (a sixteenth of maxCapacity "
                            + Units.size(log.maxRingBytes()) + "). Raise maxCapacity when the domain is created.",
                    MessageTooLargeException.CODE);
    }

    // ---- commits

    /** Its position, or one after it; 0: there was nothing to do. */
    long commit(Collection<Taken> done, List<Sent> messages, Limit timeout) {
        if (done.isEmpty() && messages.isEmpty()) return 0;
        long bytes = 0;
        for (Sent one : messages) {
            checkLength(one);
            bytes += one.length();
        }
        refuseIfItNeverFits(messages.size(), bytes);
        if (messages.size() > 1 && bytes + HEAD > limit()) return inStages(done, messages, timeout);
        return atOnce(done, messages, bytes, timeout);
    }

    /** At once, and before a part of it is told: others would wait for the room that this takes. */
    private void refuseIfItNeverFits(int messages, long bytes) {
        if (messages > MOST_MESSAGES)
            throw new NoRoomException(
                    "Transaction has " + Units.number(messages) + " messages; limit is " + Units.number(MOST_MESSAGES)
                            + ". Commit more often.",
                    MessageTooLargeException.CODE);
        long most = log.maxRingBytes() - Reserve.NORMAL.bytes(log.maxRingBytes());
        if (bytes > most)
            throw new NoRoomException(
                    "Transaction has " + Units.number(bytes) + " bytes; limit of domain '" + domain.name + "' is "
                            + Units.number(most) + " (three quarters of maxCapacity " + Units.size(log.maxRingBytes())
                            + "). Commit more often, or raise maxCapacity when the domain is created.",
                    MessageTooLargeException.CODE);
    }

    /**
     * As a commit of nothing else.
     *
     * @return its position; {@link Log#REJECTED} if that is not known, as it had to wait
     */
    long acknowledge(Taken done, Limit timeout) {
        RecordWriter writer = begin().ack(done.view, done.mid);
        try {
            ByteBuffer record = writer.end();
            long position = appendAtOnce(record, Reserve.SMALL, 0);
            if (position == Log.REJECTED) appendLater(record, () -> Reserve.SMALL, 0, timeout);
            return position;
        } finally {
            end(writer);
        }
    }

    /**
     * As a commit of nothing else. A message that is to outlive the machine is on the disk then, if
     * the log promises that.
     */
    void send(Sent message, Limit timeout) {
        long position = appendTo(message, timeout);
        if (message.isPersistent()) log.awaitDurable(position);
    }

    private long appendTo(Sent message, Limit timeout) {
        checkLength(message);
        long to = message.destination();
        RecordWriter writer = begin();
        try {
            boolean names = isToBeNamed(to);
            long before = names ? log.newest() : 0;
            if (names) writer.define(to, 0, message.name());
            writer.message(message.bytes(), message.length());
            ByteBuffer record = writer.end();
            long position = appendAtOnce(record, Reserve.NORMAL, Domain.bell(to));
            if (position == Log.REJECTED)
                position = appendLater(record, () -> crowd.reserve(List.of(message)), Domain.bell(to), timeout);
            if (names) defined.put(to, before);
            return position;
        } finally {
            end(writer);
        }
    }

    /** A record by a writer that is this thread's alone until it is the spare one again. */
    private RecordWriter begin() {
        RecordWriter writer = spare.getAndSet(null);
        return (writer == null ? new RecordWriter() : writer).begin(domain.self);
    }

    private void end(RecordWriter writer) {
        if (writer.out.length() <= SPARE) spare.set(writer);
    }

    private long atOnce(Collection<Taken> done, List<Sent> messages, long bytes, Limit timeout) {
        int expected = PER_RECORD + PER_MID * done.size() + (int) bytes;
        RecordWriter writer = new RecordWriter(expected).begin(domain.self);
        acks(done, writer);
        long before = log.newest();
        Set<Long> named = define(messages, writer);
        int bells = 0;
        for (Sent one : messages) {
            writer.message(one.bytes(), one.length());
            bells |= Domain.bell(one.destination());
        }
        ByteBuffer record = writer.end();
        long position = appendAtOnce(record, reserve(done, messages.size(), bytes, false), bells);
        if (position == Log.REJECTED)
            position = appendLater(record, () -> reserve(done, messages, bytes), bells, timeout);
        named.forEach(queue -> defined.put(queue, before));
        return position;
    }

    /**
     * A commit that frees what it adds may use the small reserve: so workers never wait for each other. A message of a
     * topic frees nothing while another subscription needs it, which is asked only once a commit was refused. And a
     * message of a large commit frees less than it is counted with: where what lives has become too much, a commit must
     * free what it adds as it is told again.
     */
    private Reserve reserve(Collection<Taken> done, int messages, long bytes, boolean refused) {
        long freed = 0;
        long heads = 0;
        for (Taken one : done) {
            if (DestinationId.isTopic(one.destination) && !(refused && isLast(one))) continue;
            freed += one.bytes().length;
            heads += PER_MESSAGE;
        }
        long added = bytes + (long) messages * PER_MESSAGE;
        boolean frees = domain.roomMaker.isTight() ? bytes + RUN <= freed : added <= freed + heads;
        return messages == 0 || frees ? Reserve.SMALL : Reserve.NORMAL;
    }

    /** After it was refused. */
    private Reserve reserve(Collection<Taken> done, List<Sent> messages, long bytes) {
        Reserve reserve = reserve(done, messages.size(), bytes, true);
        return reserve == Reserve.NORMAL ? crowd.reserve(messages) : reserve;
    }

    /** No other subscription needs it. */
    private boolean isLast(Taken one) {
        return domain.withState(state -> {
            Message m = state.message(one.mid);
            return m != null && m.isNeededOnce();
        });
    }

    private static void acks(Collection<Taken> done, RecordWriter writer) {
        Holdings.byView(done, writer::ack);
    }

    /**
     * Tells the names that the log may not have, but not of temporary ones, which would be this member's
     * then. Those that are returned are defined once this record is appended.
     */
    private Set<Long> define(List<Sent> messages, RecordWriter writer) {
        Set<Long> named = Set.of();
        for (Sent one : messages) {
            long to = one.destination();
            if (named.contains(to) || !isToBeNamed(to)) continue;
            if (named.isEmpty()) named = new HashSet<>();
            named.add(to);
            writer.define(to, 0, one.name());
        }
        return named;
    }

    private boolean isToBeNamed(long destination) {
        return !DestinationId.isTemporary(destination) && !isDefined(destination);
    }

    private boolean isDefined(long queue) {
        if (sends.incrementAndGet() % DEFINE_AGAIN == 0) {
            long mark = domain.mark.at().position();
            defined.values().removeIf(told -> told < mark);
        }
        return defined.containsKey(queue);
    }

    private long inStages(Collection<Taken> done, List<Sent> messages, Limit timeout) {
        long transaction = transactions.incrementAndGet();
        long deadline = timeout.deadline();
        int bells = 0;
        try {
            for (int first = 0; first < messages.size(); ) {
                RecordWriter writer = new RecordWriter().begin(domain.self);
                int next = first;
                for (; next == first || next < messages.size() && fits(writer, messages.get(next)); next++)
                    stage(messages.get(next), next == first ? writer.stage(domain.self, transaction, first) : writer);
                for (Sent one : messages.subList(first, next)) bells |= Domain.bell(one.destination());
                append(writer.close().end(), Reserve.NORMAL, 0, timeout.left(deadline));
                first = next;
            }
            RecordWriter writer = new RecordWriter().begin(domain.self);
            acks(done, writer);
            long before = log.newest();
            Set<Long> named = define(messages, writer);
            writer.apply(transaction, messages.size());
            long position = append(writer.end(), Reserve.NORMAL, bells, timeout.left(deadline));
            named.forEach(queue -> defined.put(queue, before));
            return position;
        } catch (RuntimeException failed) {
            domain.membership.forget(transaction);
            throw failed;
        }
    }

    private boolean fits(RecordWriter writer, Sent one) {
        return writer.out.length() + one.length() + HEAD < limit();
    }

    private static void stage(Sent one, RecordWriter writer) {
        writer.staged(one.bytes(), one.length());
    }
}
