package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.CheckpointDraft;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Bytes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Tells old facts again, so that the mark can pass their statements. A statement is exact only if the state is that of
 * the log's tail, and nothing is appended before it: the writer has the publish lock.
 */
public final class Restating {
    private static final int PER_MESSAGE = 32;

    /** Where messages are read from. */
    public interface Source {
        /** The record that has this position and place. */
        Bytes record(long position, long place);
    }

    private record Told(long view, Delivery delivery) {}

    private static final Comparator<Told> ORDER = Comparator.<Told>comparingLong(t -> t.view)
            .thenComparingLong(t -> t.delivery.holder())
            .thenComparingInt(t -> t.delivery.count())
            .thenComparingLong(t -> t.delivery.notBefore());

    private Restating() {}

    /** A CHECKPOINT of the state as it is. Names are left out that would make it longer than {@code most} bytes. */
    public static RecordWriter checkpoint(State state, int most, RecordWriter out) {
        return out.checkpoint(image(state, most));
    }

    private static Checkpoint image(State state, int most) {
        return RegistryImage.of(state).within(most);
    }

    /**
     * A CHECKPOINT made without the publish lock. Messages go on meanwhile, and with them the cursors of subscriptions:
     * these are written again with the lock. If anything else of the registry has changed it is of no use.
     */
    public static final class Draft {
        private final State state;
        private final long changes;
        public final CheckpointDraft record;

        public Draft(State state, int most, long author) {
            this.state = state;
            changes = state.registry.changes;
            record = new CheckpointDraft(author, image(state, most));
        }

        /** Tells whether it is of that state; if not, it is of no use. */
        public boolean isOf(State now) {
            return now == state && now.registry.changes == changes;
        }

        /** Makes the record for the next position. */
        public CheckpointDraft record() {
            return record.with(RegistryImage.subscriptions(state));
        }
    }

    /** How many bytes of a CHECKPOINT no limit can take out. */
    public static int owned(State state) {
        return RegistryImage.owned(state).length();
    }

    /** The staged part that is the oldest statement; null if something else is. */
    public static Staged oldestStaged(State state) {
        return state.statements.oldestFact() instanceof Staged part && part.isWaiting() ? part : null;
    }

    public static RecordWriter stage(Staged part, Source source, RecordWriter out) {
        Staged.Key key = part.key;
        out.stage(key.owner(), key.transaction(), key.first());
        for (Staged.Part one : part.parts) copy(one.message(), source, out);
        return out.close();
    }

    /** The pages that are the oldest statements, of at most {@code limit} bytes, or one; none if something else is. */
    public static List<Page> oldestPages(State state, int limit) {
        List<Page> batch = new ArrayList<>();
        int[] bytes = {0};
        state.statements.forEachWhile(fact -> {
            if (!(fact instanceof Page page)) return false;
            bytes[0] += page.length();
            if (bytes[0] > limit && !batch.isEmpty()) return false;
            return batch.add(page);
        });
        return batch;
    }

    /** Those that are still live, as they are now. */
    public static RecordWriter pages(List<Page> batch, Source source, RecordWriter out) {
        for (Page page : batch)
            if (page.live)
                out.pageAgain(Paged.read(source.record(page.statement(), page.place()), page.at())
                        .with(page.rest()));
        return out;
    }

    /**
     * The messages of the oldest statements, whole statements, of at most {@code limit} bytes; at
     * least one statement. So what is told again in one record never becomes longer than a commit.
     */
    public static List<Message> oldest(State state, int limit) {
        List<Message> batch = new ArrayList<>();
        int[] bytes = {0};
        int[] fits = {0};
        Statements.Room room = () -> {
            if (bytes[0] <= limit) fits[0] = batch.size();
            return bytes[0] < limit;
        };
        state.statements.forEach(room, fact -> {
            int before = batch.size();
            if (fact instanceof Message m) batch.add(m);
            else if (fact instanceof Staged part && !part.isWaiting())
                for (Staged.Part one : part.parts) if (one.message().statedAt(part.statement)) batch.add(one.message());
            for (Message m : batch.subList(before, batch.size())) bytes[0] += m.length() + PER_MESSAGE;
        });
        return bytes[0] <= limit || fits[0] == 0 ? batch : batch.subList(0, fits[0]);
    }

    /** A PUT of those that are still live, as they are now; {@code atOnce}: but none waits for its time. */
    public static RecordWriter put(List<Message> batch, boolean atOnce, Source source, RecordWriter out) {
        List<Message> live = batch.stream().filter(Message::isLive).toList();
        out.put();
        for (int i = 0; i < live.size(); ) i = run(live, i, source, out);
        out.endOfRuns();
        done(live, out);
        out.endOfDone();
        states(live, atOnce, out);
        return out.endOfStates();
    }

    private static int run(List<Message> live, int from, Source source, RecordWriter out) {
        Message first = live.get(from);
        int end = from + 1;
        while (end < live.size() && live.get(end).author == first.author && live.get(end).mid == first.mid + end - from)
            end++;
        out.run(first.author, first.mid, end - from);
        for (Message m : live.subList(from, end)) copy(m, source, out);
        return end;
    }

    private static void copy(Message m, Source source, RecordWriter out) {
        out.copied(source.record(m.statement, m.place()), m.at(), m.length());
    }

    /** By default every view that wants a message needs it: the others are named, with a bit for each message. */
    private static void done(List<Message> live, RecordWriter out) {
        TreeMap<Long, BitSet> done = new TreeMap<>();
        for (int i = 0; i < live.size(); i++) {
            Message m = live.get(i);
            for (Subscription view : m.channel.subscriptions())
                if (view.wants(m.mid) && view.of(m) == null)
                    done.computeIfAbsent(view.id(), v -> new BitSet()).set(i);
        }
        done.forEach((view, bits) -> out.done(view, bits, live.size()));
    }

    private static void states(List<Message> live, boolean atOnce, RecordWriter out) {
        TreeMap<Told, List<Long>> states = new TreeMap<>(ORDER);
        for (Message m : live) {
            if (m.channel.queue != null) note(states, m.channel.queue, m, atOnce);
            for (Subscription view : m.channel.subscriptions()) note(states, view, m, atOnce);
        }
        states.forEach((told, mids) -> out.state(
                told.view,
                told.delivery.holder(),
                told.delivery.count(),
                told.delivery.notBefore(),
                mids.stream().mapToLong(Long::longValue).sorted().toArray()));
    }

    private static void note(TreeMap<Told, List<Long>> states, View view, Message m, boolean atOnce) {
        Delivery now = view.of(m);
        if (now != null && atOnce) now = now.atOnce();
        if (now != null && !now.equals(Delivery.AVAILABLE))
            states.computeIfAbsent(new Told(view.id(), now), told -> new ArrayList<>())
                    .add(m.mid);
    }
}
