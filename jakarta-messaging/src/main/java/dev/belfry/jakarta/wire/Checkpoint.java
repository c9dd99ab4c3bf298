package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.text.Text;
import java.util.ArrayList;
import java.util.List;

/** The contents of a CHECKPOINT: the registry, no messages and no pages. */
public record Checkpoint(
        List<Name> names,
        List<Temporary> temporaries,
        List<Subscription> subscriptions,
        List<Queue> queues,
        List<Client> clients,
        Overflow overflow) {

    /** The name of an ordinary destination. */
    public record Name(long destination, String name) {
        private int length() {
            return Long.BYTES + Integer.BYTES + Text.bytes(name).length;
        }
    }

    public record Temporary(long destination, long owner, long definition, int connection, String name) {}

    /** Up to its cursor the subscription is done with its topic. Flags as of SUBSCRIBE. */
    public record Subscription(
            long id,
            long topic,
            int flags,
            String clientId,
            String name,
            String selector,
            long cursor,
            List<Long> attached) {}

    /** The members that are attached to a queue. */
    public record Queue(long destination, List<Long> members) {}

    public record Client(String id, long member, int connection) {}

    private interface Item<T> {
        T read(Cursor in);
    }

    /** The cursor is after the operation's head and ends with the operation. */
    public static Checkpoint read(Cursor in, int a) {
        List<Name> names = items(in, it -> new Name(it.int64(), it.textNotNull()));
        List<Temporary> temporaries =
                items(in, it -> new Temporary(it.int64(), it.id(), it.varint(), it.int32(), it.textNotNull()));
        List<Subscription> subscriptions = items(in, Checkpoint::subscription);
        List<Queue> queues = items(in, it -> new Queue(it.int64(), items(it, Cursor::id)));
        List<Client> clients = items(in, it -> new Client(it.textNotNull(), it.id(), it.int32()));
        Overflow overflow = a == Op.HAS_OVERFLOW ? Overflow.read(in) : Overflow.NONE;
        in.expectEnd();
        return new Checkpoint(names, temporaries, subscriptions, queues, clients, overflow);
    }

    private static Subscription subscription(Cursor in) {
        return new Subscription(
                in.id(), in.int64(), in.uint8(), in.text(), in.text(), in.text(), in.varint(), items(in, Cursor::id));
    }

    /** Each takes at least a byte, so that a count that lies ends with the operation. */
    private static <T> List<T> items(Cursor in, Item<T> item) {
        List<T> items = new ArrayList<>();
        for (int n = in.count(); n > 0; n--) items.add(item.read(in));
        return items;
    }

    /** Without the names that would make it longer than {@code most} bytes. */
    public Checkpoint within(int most) {
        List<Name> kept = new ArrayList<>(names);
        for (int length = length(); length > most && !kept.isEmpty(); )
            length -= kept.remove(kept.size() - 1).length();
        return new Checkpoint(kept, temporaries, subscriptions, queues, clients, overflow);
    }

    /** How many bytes it takes in a record. */
    public int length() {
        Out out = new Out(512);
        write(out);
        return out.length();
    }

    /** A member that knows of no companion understands the CHECKPOINT of a domain that has none. */
    int a() {
        return overflow.equals(Overflow.NONE) ? 0 : Op.HAS_OVERFLOW;
    }

    void write(Out out) {
        writeBefore(out);
        writeSubscriptions(subscriptions, out);
        writeAfter(out);
    }

    void writeBefore(Out out) {
        out.varint(names.size());
        for (Name n : names) out.int64(n.destination).text(n.name);
        out.varint(temporaries.size());
        for (Temporary t : temporaries)
            out.int64(t.destination)
                    .varint(t.owner)
                    .varint(t.definition)
                    .int32(t.connection)
                    .text(t.name);
    }

    static void writeSubscriptions(List<Subscription> subscriptions, Out out) {
        out.varint(subscriptions.size());
        for (Subscription s : subscriptions) {
            out.varint(s.id)
                    .int64(s.topic)
                    .int8(s.flags)
                    .text(s.clientId)
                    .text(s.name)
                    .text(s.selector);
            members(out.varint(s.cursor), s.attached);
        }
    }

    void writeAfter(Out out) {
        out.varint(queues.size());
        for (Queue q : queues) members(out.int64(q.destination), q.members);
        out.varint(clients.size());
        for (Client c : clients) out.text(c.id).varint(c.member).int32(c.connection);
        if (a() == Op.HAS_OVERFLOW) overflow.write(out);
    }

    private static void members(Out out, List<Long> members) {
        out.varint(members.size());
        for (long member : members) out.varint(member);
    }

    /** Whether it can have been written at this position: nothing in it is newer. */
    void check(long position) {
        long here = Mids.of(position, 0);
        for (Temporary t : temporaries)
            if (!DestinationId.isTemporary(t.destination) || t.definition < 0 || t.definition >= here)
                throw new Malformed("temporary destination");
        for (Subscription s : subscriptions)
            if ((s.flags & ~Op.SUBSCRIBE_FLAGS) != 0) throw new Newer("flags of a subscription");
        for (Subscription s : subscriptions)
            if (s.id < 0
                    || s.id >= here
                    || s.cursor < 0
                    || s.cursor >= Mids.of(position + 1, 0)
                    || !DestinationId.isTopic(s.topic)) throw new Malformed("subscription");
    }
}
