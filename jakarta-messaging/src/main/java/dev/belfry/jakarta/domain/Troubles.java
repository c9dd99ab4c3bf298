package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.message.DeadLetter;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.spi.DomainTools.Hold;
import dev.belfry.spi.DomainTools.Kind;
import dev.belfry.spi.DomainTools.Place;
import dev.belfry.spi.DomainTools.Trouble;
import dev.belfry.spi.Log;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The troubles of a domain that an operator is to know, as it is folded now. */
final class Troubles {
    /** More than a message is delivered before it becomes a dead letter, unless a factory says otherwise. */
    private static final int OFTEN = 10;

    private final Log log;
    private final Folded folded;
    private final State state;
    private final FlatMessage flat;
    private final OnDisk onDisk;
    private final List<Trouble> deadLetters = new ArrayList<>();
    private final List<Trouble> poison = new ArrayList<>();
    private long dead;

    Troubles(Log log, Folded folded, FlatMessage flat, OnDisk onDisk) {
        this.log = log;
        this.folded = folded;
        this.flat = flat;
        this.onDisk = onDisk;
        state = folded.state();
        for (Channel channel : state.channels()) for (View view : channel.views()) look(view);
    }

    /** In all queues. */
    long deadLetters() {
        return dead;
    }

    /** Tells how full it is, with these places, of the same state. */
    Fullness fullness(List<Place> places) {
        return new Fullness(log, state, onDisk, places, Troubles::nameOf);
    }

    /** {@code places}: of the same state. */
    List<Trouble> of(List<Place> places, Fullness fullness) {
        List<Trouble> all = new ArrayList<>();
        for (Place one : places) stopped(one, all);
        fullness.trouble().ifPresent(all::add);
        all.addAll(deadLetters);
        all.addAll(poison);
        return all;
    }

    /** The holds of living members. One whose process is stopped is a trouble. */
    List<Hold> holds() {
        List<Hold> all = new ArrayList<>();
        for (Channel channel : state.channels())
            for (View view : channel.views()) {
                Map<Long, Message> oldest = new TreeMap<>();
                Map<Long, Long> held = new TreeMap<>();
                view.forEach(m -> {
                    long holder = view.of(m).holder();
                    if (holder == 0) return true;
                    held.merge(holder, 1L, Long::sum);
                    oldest.merge(holder, m, (one, other) -> one.mid() < other.mid() ? one : other);
                    return true;
                });
                oldest.forEach((member, m) -> {
                    if (!log.isAlive(member) || log.isStopped(member)) return;
                    String name = quoted(state.registry.name(channel.destination));
                    all.add(new Hold(
                            log.pid(member),
                            member + " " + m.mid() + " " + view.of(m).count() + " of " + name,
                            log.describe(member) + " holds " + Fullness.count(held.get(member), "message") + " of "
                                    + (view == channel.queue ? name : "topic " + name)));
                });
            }
        return all;
    }

    private void look(View view) {
        Message[] most = {null};
        view.forEach(m -> {
            if (view.of(m).count() > (most[0] == null ? OFTEN : view.of(most[0]).count())) most[0] = m;
            return true;
        });
        String name = state.registry.name(view.channel.destination);
        boolean isQueue = view == view.channel.queue;
        if (most[0] != null)
            poison.add(new Trouble(
                    Kind.POISON,
                    isQueue ? name : null,
                    0,
                    "message " + id(most[0]) + " of " + (isQueue ? quoted(name) : "topic " + quoted(name))
                            + " was delivered " + Units.number(view.of(most[0]).count())
                            + " times, and nobody has acknowledged it"));
        if (isQueue) deadLettersOf(view, name);
    }

    private String id(Message m) {
        byte[] bytes = folded.read(m);
        String id = bytes != null && flat.wrap(bytes, 0, bytes.length, m.author()) ? flat.messageId() : null;
        return id == null ? "without an id" : id;
    }

    /** Where the message that comes first is one, all are checked. */
    private void deadLettersOf(View queue, String name) {
        long[] found = {0};
        TreeSet<String> from = new TreeSet<>();
        queue.forEach(m -> {
            byte[] bytes = folded.read(m);
            boolean whole = bytes != null && flat.wrap(bytes, 0, bytes.length, m.author());
            String origin = whole ? DeadLetter.originOf(flat, name) : null;
            if (origin != null) {
                found[0]++;
                from.add(origin);
            }
            return found[0] > 0;
        });
        if (found[0] == 0) return;
        dead += found[0];
        boolean known = from.size() == 1 && !from.first().isEmpty();
        deadLetters.add(new Trouble(
                Kind.DEAD_LETTERS,
                name,
                0,
                Fullness.count(found[0], "dead letter") + " in " + quoted(name)
                        + (known ? ", of " + quoted(from.first()) : "")));
    }

    private void stopped(Place place, List<Trouble> all) {
        boolean isForOne = place.kind().endsWith("topic") && !place.shared();
        place.consumers().forEach((member, held) -> {
            long waiting = isForOne ? place.messages() : held;
            if (waiting > 0 && log.isStopped(member))
                all.add(new Trouble(
                        isForOne ? Kind.STOPPED_SUBSCRIBER : Kind.STOPPED_CONSUMER,
                        place.destination(),
                        log.pid(member),
                        log.describe(member) + " is stopped and " + (isForOne ? "keeps " : "holds ")
                                + Fullness.count(waiting, "message") + " of " + nameOf(place)));
        });
    }

    private static String nameOf(Place place) {
        if (place.kind().endsWith("queue")) return quoted(place.destination());
        String topic = place.destination() == null ? "a topic" : "topic '" + place.destination() + "'";
        return (place.subscription() == null ? "a subscription to " : "subscription '" + place.subscription() + "' to ")
                + topic;
    }

    private static String quoted(String queue) {
        return queue == null ? "a queue" : "'" + queue + "'";
    }
}
