package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Cursor;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.Put;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Bytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** One record's effect: the rules of the package's description, in its order. First in log order wins. */
final class Rules implements Put.Visitor {
    private static final Comparator<Staged> NEWEST_FIRST = Comparator.comparingLong((Staged one) -> one.statement)
            .reversed()
            .thenComparingInt(part -> part.key.first());

    private final State state;
    private final Registry registry;
    private final RegistryRules registryRules;
    private final Put put = new Put();
    private long position;
    private long place;
    private Bytes record;
    private long author;
    private int index;

    Rules(State state) {
        this.state = state;
        registry = state.registry;
        registryRules = new RegistryRules(state);
    }

    void apply(long at, long recordPlace, RecordReader op) {
        position = at;
        place = recordPlace;
        record = op.bytes();
        author = op.author();
        index = 0;
        while (op.next()) {
            if (op.kind() == Op.MESSAGE) message(op);
            else if (!messages(op) && position > state.loaded) registryRules.apply(op, position, author);
        }
    }

    /**
     * Operations that have an effect on messages, also before the CHECKPOINT that a bootstrap has
     * loaded. False: this one has its effect on the registry only.
     */
    private boolean messages(RecordReader op) {
        switch (op.kind()) {
            case Op.TAKE, Op.COUNT, Op.RETURN, Op.DROP -> listed(op);
            case Op.ACK -> ack(op);
            case Op.STAGE -> stage(op);
            case Op.APPLY -> applyStaged(op.field(Op.ID), op.b());
            case Op.FORGET -> partsOf(author, op.field(Op.ID)).forEach(this::end);
            case Op.PUT -> put.read(record, op.fields(Op.ID), this);
            case Op.PAGE -> page(op);
            case Op.LEAVES -> {
                Cursor in = op.fields(Op.ID);
                state.pages.leave(in.uuid(), Rest.read(in));
            }
            case Op.LEAVE -> {
                giveUp(op.field(Op.ID));
                return false;
            }
            case Op.DELETE -> {
                if (DestinationId.isTemporary(op.field(Op.ID))) return false;
                Channel purged = state.channel(op.field(Op.ID));
                if (purged != null) purged.clear();
                state.pages.purge(op.field(Op.ID));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    // ---- messages

    private Message stated(int at) {
        return new Message().stated(position, place, record, at);
    }

    private void message(RecordReader op) {
        Message m = stated(op.at());
        if (send(op.field(Op.ID), index++, m)) state.statements.add(m, position);
    }

    /** Sends it to those that need it; false: nobody does. */
    private boolean send(long destination, int at, Message m) {
        m.mid = Mids.of(position, at);
        m.author = author;
        return registry.mayHold(destination, m.mid)
                && state.channelOf(destination).add(m);
    }

    private void listed(RecordReader op) {
        View view = state.view(op.field(Op.ID));
        if (view == null) return;
        int kind = op.kind();
        Delivery taken = Delivery.AVAILABLE; // one for all of the same count
        for (op.mids(); op.hasMid(); ) {
            Message m = state.message(op.nextMid());
            Delivery now = m == null || m.channel != view.channel ? null : view.of(m);
            if (now == null) continue;
            if (kind == Op.TAKE || kind == Op.DROP) {
                if (!now.isAvailable()) continue;
                if (kind == Op.DROP) view.end(m);
                else {
                    if (taken.isAvailable() || taken.count() != now.count()) taken = now.takenBy(author);
                    view.set(m, taken);
                    state.holders.add(author, view.id(), m.mid);
                }
            } else if (now.holder() == author) {
                if (kind == Op.COUNT) view.set(m, now.redelivered());
                else {
                    view.set(m, now.givenBack(op.a() == Op.COUNTED, op.field(Op.SECOND)));
                    view.freed(m);
                }
            }
        }
    }

    private void ack(RecordReader op) {
        View view = state.view(op.field(Op.ID));
        if (view == null) return;
        boolean owner = view.isExclusiveOf(author);
        op.mids();
        if (op.a() == Op.UP_TO) {
            if (owner) ((Subscription) view).endUpTo(op.nextMid());
            return;
        }
        while (op.hasMid()) {
            Message m = state.message(op.nextMid());
            Delivery now = m == null || m.channel != view.channel ? null : view.of(m);
            if (now != null && (owner || now.holder() == author)) view.end(m);
        }
    }

    private void giveUp(long member) {
        state.holders.leave(member, (view, m) -> {
            Delivery now = view.of(m);
            view.set(m, now.givenBack(true, 0));
            view.freed(m);
        });
        for (Staged part : List.copyOf(state.staged.values())) if (part.key.owner() == member) end(part);
    }

    // ---- large transactions

    private void stage(RecordReader op) {
        Staged.Key key = new Staged.Key(op.field(Op.ID), op.field(Op.SECOND), op.b());
        Staged part = new Staged(key, position, place);
        int end = op.at() + op.length();
        for (int at = op.at() + Op.SECOND + 8; at < end; at += record.getInt(at))
            part.add(record.getLong(at + Op.ID), stated(at));
        Staged old = state.staged.put(key, part);
        if (old != null) old.end();
        state.statements.add(part, position);
    }

    private Collection<Staged> partsOf(long owner, long transaction) {
        return List.copyOf(state.staged
                .subMap(new Staged.Key(owner, transaction, 0), new Staged.Key(owner, transaction, Integer.MAX_VALUE))
                .values());
    }

    private void end(Staged part) {
        part.end();
        state.staged.remove(part.key);
    }

    /**
     * The indices are in the parts, so that parts which are gone do not shift the others. Where
     * parts overlap the newest statement counts: a late member may not know the older ones.
     */
    private void applyStaged(long transaction, int n) {
        List<Staged> parts = new ArrayList<>(partsOf(author, transaction));
        parts.sort(NEWEST_FIRST);
        TreeMap<Integer, Staged.Part> sent = new TreeMap<>();
        for (Staged part : parts) {
            int at = part.key.first();
            for (Staged.Part one : part.parts) if (at < n) sent.putIfAbsent(at++, one);
            end(part);
        }
        sent.forEach((i, one) -> send(one.destination(), i, one.message()));
        index = n;
    }

    // ---- pages

    /** Believes the list of a PAGE as it is: a late member may not have known all of these messages. */
    private void page(RecordReader op) {
        Paged told = Paged.read(op.fields(Op.ID), op.a(), op.b(), this::leavesMemory);
        Page page = new Page(told, position, place, op.at(), op.length());
        state.pages.put(page);
        state.channelOf(told.lot().queue()).moves(); // one that waits may be the first to ask for it
        state.statements.add(page, position);
    }

    private void leavesMemory(long mid) {
        Message m = state.message(mid);
        if (m != null) m.channel.remove(m);
    }

    // ---- restating

    @Override
    public void message(long from, long mid, int at) {
        long destination = record.getLong(at + Op.ID);
        Message m = state.message(mid);
        boolean may = registry.mayHold(destination, mid);
        if (m != null && (!may || m.destination() != destination || m.priority() != Message.priority(record, at))) {
            m.channel.remove(m);
            m = null;
        }
        if (!may) return;
        boolean toldHere = m != null && m.statement == position;
        if (m == null) m = new Message();
        else m.channel.restating(m);
        m.mid = mid;
        m.author = from;
        m.stated(position, place, record, at);
        if (state.channelOf(destination).restate(m) && !toldHere) state.statements.add(m, position);
    }

    @Override
    public void done(long id, long mid) {
        state(id, mid, null);
    }

    @Override
    public void state(long id, long mid, long holder, int count, long notBefore) {
        state(id, mid, new Delivery(holder, count, notBefore));
    }

    private void state(long id, long mid, Delivery delivery) {
        View view = state.view(id);
        Message m = state.message(mid);
        if (view == null || m == null || m.channel != view.channel || m.statement != position || view.of(m) == null)
            return;
        if (delivery == null) view.end(m);
        else {
            view.set(m, delivery);
            if (!delivery.isAvailable()) state.holders.add(delivery.holder(), id, mid);
        }
    }
}
