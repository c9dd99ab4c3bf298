package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** An operation as a value: the oracle applies it as it is, the fold reads it from a record. */
sealed interface Act {
    void write(RecordWriter out);

    /** How many it is in a record. */
    default int operations() {
        return 1;
    }

    static ByteBuffer record(RecordWriter out, long author, List<? extends Act> acts) {
        out.begin(author);
        for (Act act : acts) act.write(out);
        return out.end();
    }

    static Envelope message(String destination, long serial, int priority) {
        Envelope m = new Envelope();
        m.destination = Names.id(destination);
        m.serial = serial;
        m.priority = priority;
        m.expiry = serial % 5;
        m.deliveryTime = serial % 3;
        m.body = new byte[(int) (serial % 40)];
        Arrays.fill(m.body, (byte) serial);
        return m;
    }

    record Send(Envelope message) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.message(message.bytes());
        }

        @Override
        public String toString() {
            return "Send " + Names.of(message.destination) + " #" + message.serial;
        }
    }

    record Take(long view, List<Long> mids) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.take(view, array(mids));
        }
    }

    record Ack(long view, List<Long> mids) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.ack(view, array(mids));
        }
    }

    record AckUpTo(long view, long mid) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.ackUpTo(view, mid);
        }
    }

    record Count(long view, List<Long> mids) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.count(view, array(mids));
        }
    }

    record Give(long view, long notBefore, boolean counted, List<Long> mids) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.giveBack(view, notBefore, counted, array(mids));
        }
    }

    record Drop(long view, List<Long> mids) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.drop(view, 1, array(mids));
        }
    }

    record Define(long destination, String name) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.define(destination, 1, name);
        }
    }

    record Delete(long destination) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.delete(destination);
        }
    }

    record Sub(long topic, int flags, String client, String name, String selector) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.subscribe(topic, flags, client, name, selector);
        }

        boolean durable() {
            return (flags & Op.DURABLE) != 0;
        }

        boolean shared() {
            return (flags & Op.SHARED) != 0;
        }
    }

    record Attach(long view) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.attach(view, 1);
        }
    }

    record Detach(long view) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.detach(view, 1);
        }
    }

    record Unsub(String client, String name) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.unsubscribe(client, name);
        }
    }

    record Client(String id, boolean claim) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.client(id, 1, claim);
        }
    }

    record Leave(long member) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.leave(member);
        }
    }

    record Stage(long owner, long transaction, int first, List<Envelope> messages) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.stage(owner, transaction, first);
            for (Envelope message : messages) out.staged(message.bytes());
            out.close();
        }
    }

    record Apply(long transaction, int n) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.apply(transaction, n);
        }
    }

    record Forget(long transaction) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.forget(transaction);
        }
    }

    /** Live messages as they are. */
    record Restate(List<Message> batch, Restating.Source source) implements Act {
        @Override
        public void write(RecordWriter out) {
            Restating.put(batch, false, source, out);
        }

        @Override
        public String toString() {
            return "Restate " + batch.stream().map(Message::mid).toList();
        }
    }

    record RestateStaged(Staged part, Restating.Source source) implements Act {
        @Override
        public void write(RecordWriter out) {
            Restating.stage(part, source, out);
        }
    }

    record Checkpointed(State state) implements Act {
        @Override
        public void write(RecordWriter out) {
            Restating.checkpoint(state, Integer.MAX_VALUE, out);
        }

        @Override
        public String toString() {
            return "Checkpointed";
        }
    }

    /** The first statement of a page. */
    record PageOut(Paged page, List<Long> mids) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.page(page, array(mids));
        }
    }

    /** A page that was moved, or is told again by anybody, as he likes. */
    record PageAgain(Paged page) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.pageAgain(page);
        }
    }

    record Leaves(UUID page, Rest rest) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.leaves(page, rest);
        }
    }

    /** A message comes back from a page. */
    record Back(long author, long mid, Envelope message) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.put().run(author, mid, 1).staged(message.bytes()).endOfRuns();
            out.endOfDone().endOfStates();
        }

        @Override
        public String toString() {
            return "Back " + mid + " " + Names.of(message.destination) + " #" + message.serial;
        }
    }

    record Overflows(Overflow companion) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.overflow(companion);
        }
    }

    record Floor(UUID binding, long position) implements Act {
        @Override
        public void write(RecordWriter out) {
            out.floor(binding, position);
        }
    }

    /** Live pages as they are. */
    record RestatePages(List<Page> batch, Restating.Source source) implements Act {
        @Override
        public void write(RecordWriter out) {
            Restating.pages(batch, source, out);
        }

        @Override
        public int operations() {
            return batch.size();
        }

        @Override
        public String toString() {
            return "RestatePages " + batch.stream().map(Page::id).toList();
        }
    }

    private static long[] array(List<Long> mids) {
        return mids.stream().mapToLong(Long::longValue).sorted().distinct().toArray();
    }
}
