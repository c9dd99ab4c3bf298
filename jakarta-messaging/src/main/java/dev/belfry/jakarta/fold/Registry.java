package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.Overflow;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Destinations, subscriptions, attachments and client ids. None of its rules asks for the state of a message. */
public final class Registry {
    /** The name of an ordinary destination, and the last DEFINE of it that no CHECKPOINT covers. */
    record Name(String name, long defined) {}

    record Temporary(long owner, long definition, int connection, String name) {}

    record Client(long member, int connection) {}

    final TreeMap<Long, Name> names = new TreeMap<>();
    final TreeMap<Long, Temporary> temporaries = new TreeMap<>();
    final TreeMap<Long, Subscription> subscriptions = new TreeMap<>();
    final TreeMap<Subscription.Key, Subscription> byKey = new TreeMap<>();
    final TreeMap<Long, TreeSet<Long>> queues = new TreeMap<>();
    final TreeMap<String, Client> clients = new TreeMap<>();
    Overflow overflow = Overflow.NONE;
    /** Operations that may have changed anything but subscriptions. */
    long changes;

    /** The name of a destination; null if it is not known. */
    public String name(long destination) {
        Temporary temporary = temporaries.get(destination);
        if (temporary != null) return temporary.name;
        Name name = names.get(destination);
        return name == null ? null : name.name;
    }

    /** The member that owns a temporary destination; 0: it is not defined. */
    public long owner(long destination) {
        Temporary temporary = temporaries.get(destination);
        return temporary == null ? 0 : temporary.owner;
    }

    /** The domain's companion, and its floor. */
    public Overflow overflow() {
        return overflow;
    }

    /** The member that has this client id; 0: it is free. */
    public long client(String id) {
        Client client = clients.get(id);
        return client == null ? 0 : client.member;
    }

    public List<String> clientsOf(long member) {
        return clients.entrySet().stream()
                .filter(client -> client.getValue().member == member)
                .map(Map.Entry::getKey)
                .toList();
    }

    public SortedSet<Long> attached(long queue) {
        return Collections.unmodifiableSortedSet(queues.getOrDefault(queue, new TreeSet<>()));
    }

    /** How many members are attached to a queue or a subscription. */
    public int attachments(long view) {
        SortedSet<Long> members = members(view);
        return members == null ? 0 : members.size();
    }

    public boolean isAttached(long view, long member) {
        SortedSet<Long> members = members(view);
        return members != null && members.contains(member);
    }

    private SortedSet<Long> members(long view) {
        if (DestinationId.is(view)) return queues.get(view);
        Subscription subscription = subscriptions.get(view);
        return subscription == null ? null : subscription.members;
    }

    /** All that own anything here; a set of the caller's own. */
    public SortedSet<Long> members() {
        SortedSet<Long> members = consumers();
        temporaries.values().forEach(t -> members.add(t.owner));
        clients.values().forEach(client -> members.add(client.member));
        return members;
    }

    /** All that consume of a queue that is not temporary, or of a subscription; a set of the caller's own. */
    public SortedSet<Long> consumers() {
        TreeSet<Long> members = new TreeSet<>();
        queues.values().forEach(members::addAll);
        subscriptions.values().forEach(view -> members.addAll(view.members));
        return members;
    }

    /** Finds a subscription; null if there is none of this id. */
    public Subscription subscription(long view) {
        return subscriptions.get(view);
    }

    /** The subscription that a SUBSCRIBE with these would find; null if there is none. */
    public Subscription find(String clientId, String name, boolean durable) {
        return byKey.get(new Subscription.Key(clientId, name, durable));
    }

    /** Whether messages of this mid may exist at this destination. */
    boolean mayHold(long destination, long mid) {
        if (!DestinationId.isTemporary(destination)) return true;
        Temporary temporary = temporaries.get(destination);
        return temporary != null && temporary.definition < mid;
    }

    Outcome define(long destination, long member, long id, int connection, String name) {
        if (DestinationId.isTemporary(destination)) {
            Temporary old = temporaries.putIfAbsent(destination, new Temporary(member, id, connection, name));
            return old == null ? Outcome.DONE : old.name.equals(name) ? Outcome.REFUSED : Outcome.CLASH;
        }
        Name old = names.get(destination);
        if (old != null && !old.name.equals(name)) return Outcome.CLASH;
        names.put(destination, new Name(name, id));
        return Outcome.DONE;
    }

    Outcome claim(String id, long member, int connection) {
        return clients.putIfAbsent(id, new Client(member, connection)) == null ? Outcome.DONE : Outcome.IN_USE;
    }

    Outcome release(String id, long member) {
        if (client(id) != member) return Outcome.REFUSED;
        clients.remove(id);
        return Outcome.DONE;
    }

    /** The outcome of a SUBSCRIBE; CREATED is for the caller to do, after {@code old}, if there is one, has ended. */
    Outcome subscribe(Subscription old, long topic, int flags, String selector, long member) {
        if (!DestinationId.isTopic(topic)) return Outcome.INVALID;
        if (DestinationId.isTemporary(topic) && !temporaries.containsKey(topic)) return Outcome.INVALID;
        if (old == null) return Outcome.CREATED;
        boolean shared = (flags & Op.SHARED) != 0;
        if (old.isShared() != shared) return Outcome.MISMATCH;
        boolean free = old.members.isEmpty();
        if (!old.isLike(topic, flags, selector)) return free ? Outcome.CREATED : Outcome.IN_USE;
        if (!shared && !free) return Outcome.IN_USE;
        old.members.add(member);
        return Outcome.ATTACHED;
    }

    void add(Subscription view) {
        subscriptions.put(view.id(), view);
        if (!view.isExclusive()) byKey.put(view.key, view);
    }

    void remove(Subscription view) {
        subscriptions.remove(view.id());
        byKey.remove(view.key, view);
    }

    void attach(long queue, long member) {
        if (DestinationId.isQueue(queue) && !DestinationId.isTemporary(queue))
            queues.computeIfAbsent(queue, q -> new TreeSet<>()).add(member);
    }

    void detach(long queue, long member) {
        TreeSet<Long> members = queues.get(queue);
        if (members != null && members.remove(member) && members.isEmpty()) queues.remove(queue);
    }

    /** All that the member owns but subscriptions and temporary destinations. */
    void leave(long member) {
        for (long queue : List.copyOf(queues.keySet())) detach(queue, member);
        clients.values().removeIf(client -> client.member == member);
    }

    List<Long> temporariesOf(long member) {
        return temporaries.entrySet().stream()
                .filter(t -> t.getValue().owner == member)
                .map(Map.Entry::getKey)
                .toList();
    }
}
