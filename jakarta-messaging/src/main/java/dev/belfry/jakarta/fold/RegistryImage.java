package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The registry as a CHECKPOINT, and back. */
final class RegistryImage {
    private RegistryImage() {}

    /** Tells it as it is now, for a record at the next position. */
    static Checkpoint of(State state) {
        return of(state, names(state));
    }

    /** Tells it without names. */
    static Checkpoint owned(State state) {
        return of(state, List.of());
    }

    private static List<Checkpoint.Name> names(State state) {
        Registry r = state.registry;
        TreeSet<Long> staged = new TreeSet<>();
        for (Staged part : state.staged.values()) part.parts.forEach(one -> staged.add(one.destination()));
        List<Checkpoint.Name> names = new ArrayList<>();
        r.names.forEach((id, name) -> {
            if (staged.contains(id) || isUsed(state, id, name)) names.add(new Checkpoint.Name(id, name.name()));
        });
        return names;
    }

    private static Checkpoint of(State state, List<Checkpoint.Name> names) {
        Registry r = state.registry;
        List<Checkpoint.Temporary> temporaries = new ArrayList<>();
        r.temporaries.forEach((id, t) ->
                temporaries.add(new Checkpoint.Temporary(id, t.owner(), t.definition(), t.connection(), t.name())));
        List<Checkpoint.Queue> queues = new ArrayList<>();
        r.queues.forEach((id, members) -> queues.add(new Checkpoint.Queue(id, List.copyOf(members))));
        List<Checkpoint.Client> clients = new ArrayList<>();
        r.clients.forEach((id, c) -> clients.add(new Checkpoint.Client(id, c.member(), c.connection())));
        return new Checkpoint(names, temporaries, subscriptions(state), queues, clients, r.overflow);
    }

    /** Tells them as they are now, for a record at the next position. */
    static List<Checkpoint.Subscription> subscriptions(State state) {
        long none = Mids.of(state.position() + 1, 0);
        List<Checkpoint.Subscription> subscriptions = new ArrayList<>();
        for (Subscription v : state.registry.subscriptions.values()) subscriptions.add(image(v, none));
        return subscriptions;
    }

    /** A name with messages, pages, subscriptions or attachments, or defined since the last CHECKPOINT. */
    private static boolean isUsed(State state, long id, Registry.Name name) {
        Channel channel = state.channel(id);
        return name.defined() > Mids.of(state.checkpoint, 0)
                || state.registry.queues.containsKey(id)
                || state.pages.first(id) != null
                || channel != null
                        && (channel.size() > 0 || !channel.subscriptions().isEmpty());
    }

    private static Checkpoint.Subscription image(Subscription v, long none) {
        return new Checkpoint.Subscription(
                v.id(),
                v.channel.destination,
                v.flags,
                v.clientId(),
                v.name(),
                v.selector,
                v.doneUpTo(none),
                List.copyOf(v.attached()));
    }

    /** Makes a bootstrap's registry of it. */
    static void load(Checkpoint from, State state) {
        Registry r = state.registry;
        names(from, state);
        for (Checkpoint.Temporary t : from.temporaries())
            r.temporaries.put(
                    t.destination(), new Registry.Temporary(t.owner(), t.definition(), t.connection(), t.name()));
        for (Checkpoint.Subscription s : from.subscriptions()) {
            boolean durable = (s.flags() & Op.DURABLE) != 0;
            Subscription v = new Subscription(
                    s.id(),
                    state.channelOf(s.topic()),
                    s.flags(),
                    new Subscription.Key(s.clientId(), s.name(), durable),
                    s.selector(),
                    s.cursor());
            v.members.addAll(s.attached());
            v.channel.add(v);
            r.add(v);
        }
        for (Checkpoint.Queue q : from.queues()) r.queues.put(q.destination(), new TreeSet<>(q.members()));
        for (Checkpoint.Client c : from.clients())
            r.clients.put(c.id(), new Registry.Client(c.member(), c.connection()));
        r.overflow = from.overflow();
    }

    /** Folds what a CHECKPOINT lists: names and cursors are as there; destinations that nobody uses are let go. */
    static void listed(Checkpoint listed, State state) {
        names(listed, state);
        for (Checkpoint.Subscription s : listed.subscriptions()) {
            Subscription v = state.registry.subscription(s.id());
            if (v != null) v.moveTo(s.cursor());
        }
        for (Channel channel : state.channels())
            if (channel.size() == 0
                    && channel.subscriptions().isEmpty()
                    && state.pages.first(channel.destination) == null) state.channels.remove(channel.destination);
    }

    private static void names(Checkpoint listed, State state) {
        long here = Mids.of(state.checkpoint, 0);
        state.registry.names.clear();
        for (Checkpoint.Name n : listed.names())
            state.registry.names.put(n.destination(), new Registry.Name(n.name(), here));
    }
}
