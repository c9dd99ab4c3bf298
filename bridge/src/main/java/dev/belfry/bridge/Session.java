package dev.belfry.bridge;

import dev.belfry.api.AckMode;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.InUseException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.bridge.BridgeStats.State;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both queues, until the first failure. The knowledge that is needed to go on is in the queues: the source's named
 * subscription, and the newest message in the target that is marked with the source's id.
 *
 * <p>If the process dies after a message was sent, its successor finds it in the target. Nothing is acknowledged before
 * the target has confirmed it: it comes again, and is known to be there.
 */
final class Session implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final String GETS_NONE_OF_BEFORE =
            "as a bridge keeps their order, a target gets none from before its newest one. Replay into another queue";
    private static final int BATCH = 256;
    private static final int MOST_LEFT_OUT = 256; // without a mark in the target
    private static final Duration SLICE = Duration.ofMillis(100);
    private static final Duration SHORT_SLICE = Duration.ofMillis(5); // while something is to be confirmed
    private static final long NAME_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String UNLINKED = "unlinked"; // a counter

    private final Ends ends;
    private final String bridge; // for messages
    private final Aside aside; // null: none
    private final Progress progress;
    private final Replay replay;
    private final Events events;
    private final Subscriber in;
    private final Outlet out;
    private final Content content;
    final Duplicates duplicates;
    private final long there; // up to here the target has the source's messages
    private final long passesOver; // positions of a replay that are not after those
    private final WayBack wayBack;
    private long lostInSource; // as its subscriber counts
    private long read; // up to here sent, or not to be sent
    private long acknowledged;
    private final boolean canLoseItsName;
    private long nameAskedNanos = System.nanoTime();
    private final Outages outages;
    private long leftOut; // messages, since the target got something
    private Mark newestLeftOut; // of the last one of them
    private boolean passing; // a message, which has not come through

    /** Takes the queues over when it returns. {@code known}: of the session before, or null. */
    Session(Ends ends, BridgeOptions options, Duplicates known, Progress progress, Replay replay, Events events) {
        this.ends = ends;
        this.bridge = ends.bridge();
        this.progress = progress;
        this.replay = replay;
        this.events = events;
        canLoseItsName = ends.target().stats().counters().containsKey(UNLINKED);
        outages = new Outages(bridge, ends.source(), ends.target());
        // First: it refuses a second bridge, which would publish after we have read how far the first one came.
        boolean isNew = !SubscriptionName.isIn(ends.source(), ends.subscription());
        Identity sourceId = ends.sourceId();
        History history = new History(ends.target(), progress::isClosing);
        if (isNew && known == null && options.extent().hasCount()) endCount(history.newestOf(sourceId));
        in = ends.source()
                .createSubscriber(SubscriberOptions.builder()
                        .name(ends.subscription())
                        .startAt(options.startAt())
                        .ackMode(AckMode.CLIENT)
                        .build());
        Mark newest = history.newestOf(sourceId);
        there = sourceId.upTo(newest);
        wayBack = new WayBack(ends, in, there);
        if (!isNew) wayBack.goIfKnown(options.startAt());
        replay.begins(newest == null ? 0 : newest.carried(), there);
        duplicates = learned(known);
        out = Outlets.into(ends.target(), progress);
        read = in.position();
        acknowledged = read;
        lostInSource = in.lostCount();
        aside = Aside.open(
                options.tooLong(), List.of(sourceId.id(), ends.targetId().id()), bridge, progress);
        content = new Content(bridge, options, aside, progress); // from here on nothing fails
        progress.reads(in, outages);
        progress.sourcePosition.set(read);
        if (history.newestAt != 0) progress.targetPosition.set(history.newestAt);
        if (isNew) countWhatIsGone(options.startAt());
        boolean hasEnd = options.extent().hasEnd();
        passesOver = isNew && hasEnd ? Math.max(0, there - read) : 0;
        warnOfReplay(!isNew && known == null && hasEnd, options.startAt());
        LOG.info("{} goes on after position {}", bridge, goesOnAfter());
    }

    /** The position up to which nothing has to be sent again. */
    long goesOnAfter() {
        return Math.max(read, there);
    }

    /**
     * Ends the count of a replay before, which the next start would take for this one's. It has to be there before the
     * subscription is.
     */
    private void endCount(Mark newest) {
        if (newest == null || newest.carried() == 0) return;
        MessageProperties mark = newest.counted(0).alone(0);
        progress.reads(null, outages);
        try (Outlet before = Outlets.into(ends.target(), progress)) {
            while (!before.send(ByteBuffer.allocate(0), mark, newest.position(), SLICE)) {
                progress.enter(State.WAITING_FOR_ROOM);
                checkBeforeWaiting();
            }
            progress.enter(State.CONNECTING);
            while (!before.flush(SLICE)) checkBeforeWaiting();
            before.settled(newest.position()); // throws if it is not there
        } finally {
            progress.reads(null, null);
        }
    }

    private void countWhatIsGone(StartAt began) {
        if (began == StartAt.OLDEST_RETAINED && there > 0 && read > there) missed(read + 1, read - there);
        else if (lostInSource > 0) missed(read + 1, lostInSource);
    }

    private void warnOfReplay(boolean goesOn, StartAt began) {
        if (passesOver > 0)
            LOG.warn("{} passes over positions {} to {}: {}", bridge, read + 1, there, GETS_NONE_OF_BEFORE);
        if (goesOn && began != StartAt.OLDEST_RETAINED)
            LOG.warn(
                    "{} goes on after position {}, and begins not at {}: its subscription is there already. To begin"
                            + " there, unsubscribe it first, or use another name",
                    bridge,
                    Units.number(goesOnAfter()),
                    began);
    }

    private Duplicates learned(Duplicates known) {
        if (known != null && known.isAbout(ends.sourceId().id())) return known;
        Duplicates fresh = new Duplicates(ends.sourceId().id());
        new History(ends.source(), progress::isClosing).teach(fresh, in.position());
        return fresh;
    }

    /** Until the bridge is closed, or over. */
    void forward() {
        progress.enter(State.FORWARDING, null);
        try {
            while (!progress.isClosing() && !replay.isOver(read)) {
                read();
                refuseTargetWithoutName();
                acknowledge();
                outages.log();
            }
        } catch (Stopped closed) {
            LOG.debug("{} was closed while the target was full, or is over", bridge);
        }
        while (replay.isOver(read) && !progress.isClosing() && !out.flush(SLICE)) outages.log();
        boolean confirmed = out.flush(progress.leftToEnd());
        acknowledge();
        if (!confirmed)
            LOG.warn(
                    "{} was closed with {} messages that the target has not confirmed in time;"
                            + " the next bridge checks whether they are there",
                    bridge,
                    Units.number(progress.inFlight.get()));
        else {
            markLeftOut();
            if (replay.isOver(read)) endSubscription();
            if (replay.isOver(read) && passesOver > 0 && progress.forwarded.get() == 0)
                throw new IllegalArgumentException(
                        bridge + " brought nothing: the target has messages of this source up" + " to position "
                                + Units.number(there) + ", and " + GETS_NONE_OF_BEFORE + ".");
        }
    }

    /** Nobody goes on with it, and the source would keep what comes later for it. */
    private void endSubscription() {
        progress.reads(null, null);
        in.close();
        try {
            ends.source().unsubscribe(ends.subscription());
        } catch (InUseException another) {
            LOG.info("{} is over, and leaves its subscription to the next one of that name", bridge);
        }
    }

    /** For the next start. A target that takes nothing now costs it some messages that are read again. */
    private void markLeftOut() {
        if (leftOut == 0 || outages.now() != null) return;
        if (out.send(ByteBuffer.allocate(0), newestLeftOut.alone(leftOut), newestLeftOut.position(), Duration.ZERO))
            out.flush(progress.leftToEnd());
    }

    /** Nobody will find what it gets from now on: it is opened again, and created if that is permitted. */
    private void refuseTargetWithoutName() {
        if (!canLoseItsName || System.nanoTime() - nameAskedNanos < NAME_NANOS) return;
        nameAskedNanos = System.nanoTime();
        if (ends.target().stats().counters().get(UNLINKED) != 0)
            throw new ConnectionLostException("The name of '" + ends.target().uri() + "' was removed.");
    }

    private void read() {
        try {
            boolean past = replay.isPast();
            int n = in.poll(this::pass, BATCH, out.isBusy() ? SHORT_SLICE : SLICE);
            if (n == 0 && past && in.lag() == 0) replay.endAt(read);
        } catch (ConnectionLostException lost) {
            if (passing) throw lost; // the target's
            keepIfAway(lost);
        }
    }

    /**
     * While the source does not answer, its subscriber is kept: one that leaves unheard holds its
     * name until the broker's time-out, also against the next one of this bridge.
     */
    private void keepIfAway(ConnectionLostException lost) {
        if (outages.ofSource() == null) throw lost;
        LOG.debug("{} keeps its place: {}", bridge, lost.getMessage());
        LockSupport.parkNanos(SLICE.toNanos()); // it may have failed at once
    }

    private void pass(MessageView message) {
        passing = true;
        long position = message.position();
        if (position - 1 > goesOnAfter()) skipped(position, position - 1 - goesOnAfter());
        Stopped.ifClosing(replay.isBeyond(message, read));
        Mark mark = Mark.of(message.properties());
        boolean twice = duplicates.contain(mark, position);
        if (position <= there) progress.alreadyThere.add(1);
        else if (mark != null && ends.targetId().hasHad(mark)) progress.echoes.add(1);
        else if (twice) drop(position);
        else carry(message, Mark.after(mark, ends.sourceId().at(position), position));
        read = position;
        passing = false;
    }

    /** In a topic some positions are no messages, but marks of transactions. */
    private void skipped(long position, long positions) {
        long lostBefore = lostInSource;
        lostInSource = in.lostCount();
        long messages = outages.isSourceFar() ? Math.min(positions, lostInSource - lostBefore) : positions;
        if (messages > 0) missed(position, messages);
    }

    private void missed(long position, long messages) {
        progress.lost.add(messages);
        events.happened(Events.Kind.LOSS, bridge, position, messages);
        LOG.warn(
                "{}: {} messages before position {} were gone before it could read them",
                bridge,
                Units.number(messages),
                position);
    }

    private void drop(long position) {
        progress.duplicates.add(1);
        events.happened(Events.Kind.DUPLICATE, bridge, position, 0);
        LOG.debug("{}: position {} is a duplicate", bridge, position);
    }

    private void carry(MessageView message, Mark mark) {
        if (!content.isWanted(message)) {
            leaveOut(replay.counted(mark, 0), MOST_LEFT_OUT);
            return;
        }
        replay.awaitTurn(message, this::goOnMeanwhile);
        MessageView mapped = content.mapped(message);
        Mark carried = replay.counted(mark, 1);
        MessageProperties properties = content.fitting(mapped, carried, out.maxMessageLength());
        if (properties == null) leaveOut(replay.counted(mark, 0), 1);
        else {
            replay.carries(mark.position());
            send(mapped.buffer(), properties, carried);
        }
    }

    private void goOnMeanwhile() {
        checkBeforeWaiting();
        acknowledge();
    }

    /** Throws where that is without success. */
    private void checkBeforeWaiting() {
        Stopped.ifClosing(progress.isClosing());
        refuseTargetWithoutName();
        outages.log();
    }

    /** The target has nothing of them: so many are read again, if this is a later start. */
    private void leaveOut(Mark mark, long most) {
        leftOut++;
        newestLeftOut = mark;
        if (leftOut >= most) send(ByteBuffer.allocate(0), mark.alone(leftOut), mark);
    }

    private void send(ByteBuffer body, MessageProperties properties, Mark mark) {
        long gone = wayBack.sends(mark.position(), !Mark.isAlone(properties));
        if (gone > 0) missed(there + gone + 1, gone);
        if (!out.send(body, properties, mark.position(), Duration.ZERO)) sendWhenThereIsRoom(body, properties, mark);
        leftOut = 0;
    }

    /**
     * With what waits for confirmation, the source is acknowledged meanwhile: its publishers may go on as far as that.
     */
    private void sendWhenThereIsRoom(ByteBuffer body, MessageProperties properties, Mark mark) {
        Events.BridgeEvent span = events.begun(Events.Kind.FULL_WAIT);
        progress.enter(State.WAITING_FOR_ROOM);
        progress.roomWaits.add(1);
        try {
            do {
                goOnMeanwhile();
            } while (!sendWithin(SLICE, body, properties, mark));
        } finally {
            progress.enter(State.FORWARDING);
            events.ended(span, bridge, mark.position(), null);
        }
    }

    private boolean sendWithin(Duration slice, ByteBuffer body, MessageProperties properties, Mark mark) {
        long began = System.nanoTime();
        try {
            return out.send(body, properties, mark.position(), slice);
        } finally {
            progress.roomWaitNanos.add(System.nanoTime() - began);
        }
    }

    /** Acknowledges the source as far as the target has confirmed. */
    private void acknowledge() {
        long settled = out.settled(read);
        if (settled <= acknowledged || outages.ofSource() != null) return;
        try {
            in.acknowledge(settled);
        } catch (ConnectionLostException lost) {
            keepIfAway(lost);
            return;
        }
        acknowledged = settled;
        progress.sourcePosition.set(settled);
    }

    @Override
    public void close() {
        progress.reads(null, null);
        try {
            out.close();
        } finally {
            closeQueues();
        }
    }

    private void closeQueues() {
        try (ends;
                aside) {}
    }
}
