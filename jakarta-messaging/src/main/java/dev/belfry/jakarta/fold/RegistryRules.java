package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.Cursor;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.RecordReader;
import java.util.List;

/** The effect of one operation on the registry. */
final class RegistryRules {
    private final State state;
    private final Registry registry;
    private long position;
    private long author;

    RegistryRules(State state) {
        this.state = state;
        registry = state.registry;
    }

    void apply(RecordReader op, long at, long by) {
        position = at;
        author = by;
        long id = op.field(Op.ID);
        if (op.kind() != Op.SUBSCRIBE && op.kind() != Op.UNSUBSCRIBE) registry.changes++;
        switch (op.kind()) {
            case Op.DEFINE -> answer(op, define(op), -1);
            case Op.DELETE -> {
                if (registry.owner(id) == author) endTemporary(id);
            }
            case Op.SUBSCRIBE -> subscribe(op);
            case Op.ATTACH -> registry.attach(id, author);
            case Op.DETACH -> detach(id, author);
            case Op.UNSUBSCRIBE -> answer(op, unsubscribe(op), -1);
            case Op.CLIENT -> answer(op, client(op), -1);
            case Op.LEAVE -> leave(id);
            case Op.CHECKPOINT -> {
                state.checkpoint = position;
                RegistryImage.listed(Checkpoint.read(op.fields(Op.ID), op.a()), state);
            }
            case Op.OVERFLOW -> registry.overflow = Overflow.named(op.fields(Op.ID));
            case Op.FLOOR -> {
                Cursor in = op.fields(Op.ID);
                registry.overflow = registry.overflow.raised(in.uuid(), in.varint());
            }
            default -> {} // may be skipped
        }
    }

    private void answer(RecordReader op, Outcome outcome, long view) {
        state.answers.add(new Answer(outcome, view));
    }

    private Outcome define(RecordReader op) {
        Cursor in = op.fields(Op.CONNECTION);
        long id = Mids.of(position, op.index());
        return registry.define(op.field(Op.ID), author, id, in.int32(), in.text());
    }

    private void subscribe(RecordReader op) {
        long topic = op.field(Op.ID);
        Cursor in = op.fields(Op.SECOND);
        Subscription.Key key = new Subscription.Key(in.text(), in.text(), (op.a() & Op.DURABLE) != 0);
        String selector = in.text();
        boolean exclusive = (op.a() & (Op.DURABLE | Op.SHARED)) == 0;
        Subscription view = exclusive ? null : registry.byKey.get(key);
        Outcome outcome = registry.subscribe(view, topic, op.a(), selector, author);
        if (outcome == Outcome.CREATED) {
            if (view != null) end(view);
            long id = Mids.of(position, op.index());
            view = new Subscription(id, state.channelOf(topic), op.a(), key, selector, 0);
            view.members.add(author);
            view.channel.add(view);
            registry.add(view);
        }
        answer(op, outcome, view == null ? -1 : view.id());
    }

    private void end(Subscription view) {
        view.channel.end(view);
        registry.remove(view);
    }

    private void detach(long id, long member) {
        Subscription view = registry.subscription(id);
        if (view == null) registry.detach(id, member);
        else if (view.members.remove(member) && view.members.isEmpty() && !view.isDurable()) end(view);
    }

    private Outcome unsubscribe(RecordReader op) {
        Cursor in = op.fields(Op.ID);
        Subscription view = registry.find(in.text(), in.text(), true);
        if (view == null || !view.members.isEmpty()) return Outcome.REFUSED;
        end(view);
        return Outcome.DONE;
    }

    private Outcome client(RecordReader op) {
        Cursor in = op.fields(Op.ID);
        int connection = in.int32();
        String id = in.text();
        return op.a() == Op.CLAIM ? registry.claim(id, author, connection) : registry.release(id, author);
    }

    private void leave(long member) {
        for (Subscription view : List.copyOf(registry.subscriptions.values())) detach(view.id(), member);
        registry.leave(member);
        for (long destination : registry.temporariesOf(member)) endTemporary(destination);
    }

    private void endTemporary(long destination) {
        registry.temporaries.remove(destination);
        Channel channel = state.channels.remove(destination);
        if (channel == null) return;
        channel.clear();
        for (Subscription view : List.copyOf(channel.subscriptions())) end(view);
    }
}
