package dev.belfry.jakarta.soak;

import dev.belfry.jakarta.soak.Journal.Event;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Accounts for every message of one domain, from the journals of all processes that used it, after
 * the last has received all that was left. Each message that was sent is acknowledged once, at each
 * place: its queue, or the subscriptions of its topic that last. It does not come again after that,
 * and never while another living process holds it. Of a transaction, all is seen or nothing. A plain
 * subscription misses nothing as long as it lives: {@link PlainStream}.
 */
final class Ledger {
    private static final long NEVER = Long.MAX_VALUE;

    /** What is known of a send, or of what became of a delivery. */
    enum Fate {
        YES,
        NO,
        /** Its process died in the call that decides it: with all that this call decides. */
        OPEN
    }

    static final class Sent {
        final long id;
        final int place;
        final long at;
        Fate fate;
        final List<Delivery> deliveries = new ArrayList<>();

        Sent(long id, int place, long at) {
            this.id = id;
            this.place = place;
            this.at = at;
        }

        @Override
        public String toString() {
            return name(id) + " of '" + Mode.PLACES[place] + "'";
        }
    }

    private static final class Delivery {
        final long id;
        final int place;
        final int count;
        final long at;
        final String process;
        /** Until then nobody else may have it. */
        long heldUntil = NEVER;
        /** YES: acknowledged. */
        Fate fate;

        Delivery(Event event, String process) {
            id = event.id();
            place = event.extra() & 0xFF;
            count = event.extra() >>> 8;
            at = event.at();
            this.process = process;
        }
    }

    /** What one call decides, in which its process died. */
    private record Undecided(String process, List<Sent> sends, List<Delivery> receipts) {}

    private record Key(long id, int place) {}

    private final int places;
    private final Map<Key, Sent> messages = new HashMap<>();
    private final List<PlainStream> plain = new ArrayList<>();
    private final List<Delivery> deliveries = new ArrayList<>();
    private final List<Undecided> undecided = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private int mayVanish;

    // For the report.
    /** At each place. */
    long sent;

    long received;
    long inPlainStreams;
    long redelivered;
    long refused;
    long transactions;
    long vanished;
    int decidedForTheDead;

    /** {@code places}: of {@link Mode#PLACES}, so many last as long as the domain. */
    Ledger(int places) {
        this.places = places;
    }

    /** {@code died}: when, or before when, in nanoseconds, its process was killed; {@link Long#MAX_VALUE}: never. */
    void add(String process, long died, List<Event> events) {
        new Account(process, died).read(events);
    }

    /** What one process did. */
    private final class Account {
        private final String process;
        private final long died;
        private Mode mode;
        private final List<Sent> sends = new ArrayList<>();
        /** Of this session: by sender, what came last in the first delivery from the durable subscription. */
        private final Map<Long, Long> newest = new HashMap<>();

        private PlainStream stream;
        private final List<Delivery> receipts = new ArrayList<>();
        private Journal.Kind last;
        /** In the call that settles what is open. */
        private boolean ending;

        Account(String process, long died) {
            this.process = process;
            this.died = died;
        }

        void read(List<Event> events) {
            long end = died;
            for (Event event : events) {
                if (event.kind() == Journal.Kind.DYING) {
                    end = Math.min(end, event.at());
                    continue;
                }
                apply(event);
                last = event.kind();
            }
            if (last == Journal.Kind.LEFT) return;
            if (end == NEVER) violations.add(process + " ended by itself after " + last);
            end(end);
        }

        private void apply(Event event) {
            switch (event.kind()) {
                case SESSION -> {
                    mode = Mode.values()[event.extra()];
                    newest.clear();
                }
                case SUBSCRIBED -> plain.add(stream = new PlainStream(process, event.at()));
                case SEND -> {
                    boolean isForAll = event.extra() == Mode.TOPIC;
                    for (int place = event.extra(); place < (isForAll ? places : event.extra() + 1); place++) {
                        Sent one = new Sent(event.id(), place, event.at());
                        messages.put(new Key(one.id, place), one);
                        sends.add(one);
                    }
                }
                case SENT -> settleSends(Fate.YES);
                case REFUSED -> {
                    settleSends(Fate.NO);
                    refused++;
                }
                case GOT -> got(event);
                case ENDING -> {
                    free(event.at());
                    ending = true;
                }
                case RELEASING -> {
                    free(event.at());
                    settle(Fate.NO);
                }
                case CLOSING -> {
                    if (mode == Mode.LISTENER) break; // it may be running still
                    free(event.at());
                    if (mode != Mode.DUPS_OK) settle(Fate.NO);
                }
                case ENDED -> {
                    transactions++;
                    settle(Fate.YES);
                }
                case UNDONE -> settle(Fate.NO);
                case CLOSED -> settle(Fate.YES); // of a listener, or what DUPS_OK kept back
                default -> {}
            }
        }

        private void got(Event event) {
            if (mode == Mode.LISTENER) settle(Fate.YES); // the one before
            Delivery delivery = new Delivery(event, process);
            if (delivery.place == Mode.PLAIN) {
                violations.addAll(stream.got(delivery.id, delivery.count));
                return;
            }
            if (delivery.place == Mode.DURABLE && delivery.count == 1) checkOrder(delivery.id);
            deliveries.add(delivery);
            receipts.add(delivery);
            if (mode != Mode.AUTO) return;
            delivery.heldUntil = delivery.at;
            settle(Fate.YES);
        }

        private void checkOrder(long id) {
            Long before = newest.put(id >>> 32, id);
            if (before != null && before > id)
                violations.add(name(id) + " came to " + process + " after " + name(before));
        }

        /** From now on others may have what it has, though that may be later. */
        private void free(long at) {
            for (Delivery one : receipts) one.heldUntil = Math.min(one.heldUntil, at);
        }

        private void settle(Fate fate) {
            ending = false;
            for (Delivery one : receipts) one.fate = fate;
            receipts.clear();
            settleSends(fate);
        }

        private void settleSends(Fate fate) {
            for (Sent one : sends) one.fate = fate;
            sends.clear();
        }

        /** It died at this moment, or a little later. */
        private void end(long when) {
            free(when);
            if (last == Journal.Kind.RECEIVING) mayVanish++;
            boolean each = mode == Mode.DUPS_OK; // what it kept back ends at several times
            boolean open = ending || mode == Mode.SEND;
            if (each) for (Delivery one : receipts) undecided.add(new Undecided(process, List.of(), List.of(one)));
            else if (open) undecided.add(new Undecided(process, List.copyOf(sends), List.copyOf(receipts)));
            settle(each || open ? Fate.OPEN : Fate.NO);
        }
    }

    /** When all were added; all that is wrong. */
    List<String> check() {
        deliveries.sort(Comparator.comparingLong(d -> d.at));
        for (Delivery one : deliveries) deliver(one);
        undecided.forEach(this::decide);
        messages.values().forEach(this::account);
        checkPlain();
        if (vanished > mayVanish)
            violations.add(vanished + " messages of '" + Mode.PLACES[Mode.VANISHING] + "' were lost, and only "
                    + mayVanish + " processes died in receive");
        received = deliveries.size();
        return violations;
    }

    private void checkPlain() {
        Map<Long, List<Sent>> bySender = new HashMap<>();
        for (Sent one : messages.values())
            if (one.place == Mode.TOPIC)
                bySender.computeIfAbsent(one.id >>> 32, sender -> new ArrayList<>())
                        .add(one);
        for (PlainStream one : plain) {
            violations.addAll(one.check(bySender));
            inPlainStreams += one.size();
        }
    }

    private void deliver(Delivery one) {
        Sent sent = messages.get(new Key(one.id, one.place));
        if (sent == null) {
            violations.add(
                    name(one.id) + " was never sent to '" + Mode.PLACES[one.place] + "', and came to " + one.process);
            return;
        }
        if (one.count > 1) redelivered++;
        for (Delivery before : sent.deliveries) {
            if (before.fate == Fate.YES)
                violations.add(
                        name(one.id) + " was acknowledged by " + before.process + " and came again, to " + one.process);
            if (one.at < before.heldUntil)
                violations.add(name(one.id) + " came to " + one.process + " while " + before.process + " held it");
            if (one.count <= before.count)
                violations.add(name(one.id) + " came to " + one.process + " for the " + one.count
                        + ". time, and before to " + before.process + " for the " + before.count + ".");
        }
        sent.deliveries.add(one);
    }

    /** All of it happened, or nothing: what was seen says which. */
    private void decide(Undecided one) {
        List<String> happened = new ArrayList<>();
        List<String> not = new ArrayList<>();
        for (Sent sent : one.sends) {
            if (!sent.deliveries.isEmpty()) happened.add(sent + " was seen");
            else if (sent.place != Mode.VANISHING) not.add(sent + " was not seen");
        }
        for (Delivery receipt : one.receipts) {
            if (!isLast(receipt)) not.add(name(receipt.id) + " came again");
            else if (receipt.place != Mode.VANISHING) happened.add(name(receipt.id) + " did not come again");
        }
        if (!happened.isEmpty() && !not.isEmpty())
            violations.add("half of a transaction of " + one.process + ": " + happened.get(0) + ", " + not.get(0) + " ("
                    + happened.size() + " and " + not.size() + ")");
        decidedForTheDead++;
        boolean isDone = !happened.isEmpty();
        for (Sent sent : one.sends) sent.fate = isDone ? Fate.YES : Fate.NO;
        if (isDone || !not.isEmpty()) for (Delivery receipt : one.receipts) receipt.fate = isDone ? Fate.YES : Fate.NO;
    }

    private boolean isLast(Delivery delivery) {
        List<Delivery> all = messages.get(new Key(delivery.id, delivery.place)).deliveries;
        return all.get(all.size() - 1) == delivery;
    }

    private void account(Sent message) {
        Collection<Delivery> all = message.deliveries;
        if (message.fate == Fate.NO) {
            if (!all.isEmpty()) violations.add(message + " was rolled back or refused, and was seen");
            return;
        }
        sent++;
        boolean ended = all.stream().anyMatch(d -> d.fate != Fate.NO);
        if (ended) return;
        if (message.place == Mode.VANISHING) vanished++;
        else violations.add(message + " was lost: delivered " + all.size() + " times");
    }

    /** Number of the process that sent it, and its number there. */
    static String name(long id) {
        return "message " + (id >>> 32) + "." + (int) id;
    }
}
