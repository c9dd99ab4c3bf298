package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.spi.Bytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The meaning of the log up to a position. A function of the log alone; one thread at a time. */
public final class State {
    private static final long NONE = -1;

    final MessageMap messages = new MessageMap();
    final LongMap<Channel> channels = new LongMap<>();
    private final List<Channel> moved = new ArrayList<>();
    final TreeMap<Staged.Key, Staged> staged = new TreeMap<>();
    final Statements statements = new Statements();
    public final Registry registry = new Registry();
    public final Pages pages = new Pages();
    final Holders holders = new Holders(this::view, messages);
    final List<Answer> answers = new ArrayList<>();
    /** Registry operations up to here are known already: from the CHECKPOINT that a bootstrap has loaded. */
    final long loaded;

    long checkpoint;
    private long checkpointPlace = NONE;
    private final long first;
    private final RecordReader reader = new RecordReader();
    private final Rules rules = new Rules(this);
    private long position = NONE;

    /** Nothing yet, of a log whose first record ever has this position. */
    public State(long first) {
        this.first = first;
        loaded = checkpoint = NONE;
    }

    /** The registry as a CHECKPOINT tells it; see {@link Bootstrap}. */
    State(Checkpoint registry, long checkpoint) {
        first = checkpoint;
        loaded = this.checkpoint = checkpoint;
        RegistryImage.load(registry, this);
    }

    /** Folds the next record. NEWER: nothing was done, and nothing can be done after it. */
    public RecordReader.Verdict apply(long at, long place, Bytes record) {
        RecordReader.Verdict verdict = reader.open(record, at);
        if (verdict == RecordReader.Verdict.NEWER) return verdict;
        answers.clear();
        position = at;
        if (verdict == RecordReader.Verdict.WHOLE) rules.apply(at, place, reader);
        if (checkpoint == at) checkpointPlace = place;
        return verdict;
    }

    /** The position of the record that was folded last; -1 before the first. */
    public long position() {
        return position;
    }

    /** The outcomes of the operations on the registry in the record that was folded last. Valid until the next one. */
    public List<Answer> answers() {
        return Collections.unmodifiableList(answers);
    }

    /**
     * The oldest statement of anything that is live: K. A mark may stand up to here, now and at any
     * later time. In the middle of a bootstrap this may be lower than it will be at the end: what
     * comes before the loaded CHECKPOINT is not known yet.
     */
    public long hold() {
        if (position < loaded) return statements.oldest(position + 1);
        long atMost = checkpoint == NONE ? first : checkpoint;
        return Math.min(atMost, statements.oldest(atMost));
    }

    /** The place of the record that {@link #hold} names; -1: the log's start. */
    public long holdPlace() {
        long hold = hold();
        if (hold == checkpoint) return checkpointPlace;
        Statements.Fact oldest = statements.oldestFact();
        return oldest == null || statements.oldest(NONE) != hold ? NONE : oldest.place();
    }

    /** Position of the newest CHECKPOINT; -1 if there is none. */
    public long checkpoint() {
        return checkpoint;
    }

    /** All that own anything that LEAVE frees, but for messages that they hold. */
    public SortedSet<Long> owners() {
        SortedSet<Long> owners = registry.members();
        staged.keySet().forEach(part -> owners.add(part.owner()));
        return owners;
    }

    /** Tells by owner the bytes of what waits for APPLY. */
    public SortedMap<Long, Long> staged() {
        SortedMap<Long, Long> bytes = new TreeMap<>();
        staged.forEach((part, of) -> bytes.merge(part.owner(), (long) of.length(), Long::sum));
        return bytes;
    }

    /** Members that hold messages, or did. */
    public long[] holders() {
        return holders.all.sortedKeys();
    }

    /** Finds a message; null: nobody needs one of this mid. */
    public Message message(long mid) {
        return messages.get(mid);
    }

    public int size() {
        return messages.size();
    }

    /** The bytes that all messages and the statements of pages occupy in the log, roughly. */
    public long bytes() {
        return messages.bytes + pages.stated;
    }

    /** A queue or a subscription; null if there is none of this id, or if the queue never had a message. */
    public View view(long id) {
        if (!DestinationId.is(id)) return registry.subscription(id);
        Channel channel = channels.get(id);
        return channel == null ? null : channel.queue;
    }

    /** Finds a channel; null if nothing was ever kept for it. */
    public Channel channel(long destination) {
        return channels.get(destination);
    }

    /** Tells the destinations that have got a message, or have one back, since this was asked last. */
    public void moved(Consumer<Channel> each) {
        moved.forEach(Channel::stays);
        moved.forEach(each);
        moved.clear();
    }

    Channel channelOf(long destination) {
        Channel channel = channels.get(destination);
        if (channel == null) channels.put(destination, channel = new Channel(destination, messages, moved));
        return channel;
    }

    /** The destinations that have messages or subscriptions, in the order of their ids. */
    public List<Channel> channels() {
        List<Channel> found = new ArrayList<>();
        for (long destination : channels.sortedKeys()) found.add(channels.get(destination));
        return found;
    }
}
