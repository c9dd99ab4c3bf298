package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** One product in one scenario: its processes, which live through all rounds and wait while it is another's turn. */
final class Contestant implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final String name;
    private final List<Jvm> senders = new ArrayList<>();
    private final List<Jvm> receivers = new ArrayList<>();
    private final Jvm helper;

    private Contestant(String name, Jvm helper) {
        this.name = name;
        this.helper = helper;
    }

    /** Senders that send to receivers, all of them processes. */
    static Contestant oneWay(String name, Entry entry, int length, int senderCount, int receiverCount) {
        return started(name, entry, (contestant, channel) -> {
            for (int i = 0; i < receiverCount; i++)
                contestant.receivers.add(contestant.participant("receive", entry.product(channel), channel, length, i));
            contestant.receivers.forEach(r -> r.expect("ready"));
            for (int i = 0; i < senderCount; i++)
                contestant.senders.add(contestant.participant("send", entry.product(channel), channel, length, i));
            contestant.senders.forEach(s -> s.expect("ready"));
        });
    }

    /** One process with a thread that sends to another: for what does not leave it. */
    static Contestant inOne(String name, Entry entry, int length) {
        return started(name, entry, (contestant, channel) -> {
            Jvm both = contestant.participant("both", entry.product(channel), channel, length, 0);
            contestant.senders.add(both);
            both.expect("ready");
        });
    }

    /** Two processes that answer each other. */
    static Contestant roundTrip(String name, Entry entry, int length) {
        return started(name, entry, (contestant, channel) -> {
            Jvm pong = contestant.participant("pong", entry.product(channel), channel, length, 0);
            contestant.receivers.add(pong);
            Jvm ping = contestant.participant("ping", entry.product(channel), channel, length, 0);
            contestant.senders.add(ping);
            for (Jvm side : List.of(pong, ping)) side.expect("ready"); // both listen before either speaks
            for (Jvm side : List.of(pong, ping)) side.tell("connect");
            for (Jvm side : List.of(pong, ping)) side.expect("ready");
        });
    }

    /** If a process does not start, those that did end. */
    private static Contestant started(String name, Entry entry, BiConsumer<Contestant, String> start) {
        String channel = "bench-" + ProcessHandle.current().pid() + "-" + NUMBER.getAndIncrement();
        Contestant contestant = new Contestant(name, entry.helper(channel));
        try {
            start.accept(contestant, channel);
            return contestant;
        } catch (RuntimeException e) {
            contestant.close();
            throw e;
        }
    }

    private Jvm participant(String role, String product, String channel, int length, int index) {
        return Jvm.start(Participant.class, role, product, channel, Integer.toString(length), Integer.toString(index));
    }

    /** As fast as it can, for so long. */
    Round burst(long millis) {
        return oneWay("burst " + millis, "burst " + senders.size());
    }

    /** At a rate, for so long. */
    Round paced(long perSecond, long millis) {
        return oneWay("paced " + perSecond + " " + millis, "paced " + senders.size());
    }

    private Round oneWay(String toSenders, String toReceivers) {
        if (receivers.isEmpty()) return inOne(toSenders);
        long[] before = cpu();
        for (Jvm receiver : receivers) receiver.tell(toReceivers);
        for (Jvm receiver : receivers) receiver.expect("receiving");
        long begin = System.nanoTime();
        for (Jvm sender : senders) sender.tell(toSenders);
        long sent = 0;
        for (Jvm sender : senders) sent += Long.parseLong(sender.expect("sent").split(" ")[1]);
        List<String> got = new ArrayList<>();
        for (Jvm receiver : receivers) got.add(receiver.expect("got"));
        return Round.of(sent, got, System.nanoTime() - begin, before, cpu());
    }

    private Round inOne(String line) {
        long[] before = cpu();
        Jvm both = senders.get(0);
        long begin = System.nanoTime();
        both.tell(line);
        long sent = Long.parseLong(both.expect("sent").split(" ")[1]);
        String got = both.expect("got");
        return Round.of(sent, List.of(got), System.nanoTime() - begin, before, cpu());
    }

    /** To and fro, for so long. */
    Round exchange(long millis) {
        long[] before = cpu();
        Jvm ping = senders.get(0);
        Jvm pong = receivers.get(0);
        long begin = System.nanoTime();
        pong.tell("answer");
        pong.expect("receiving");
        ping.tell("exchange " + millis);
        String got = ping.expect("got");
        pong.expect("got");
        return Round.of(Long.parseLong(got.split(" ")[1]), List.of(got), System.nanoTime() - begin, before, cpu());
    }

    /** Of senders, receivers, and what runs beside. */
    private long[] cpu() {
        return new long[] {
            senders.stream().mapToLong(Jvm::cpuNanos).sum(),
            receivers.stream().mapToLong(Jvm::cpuNanos).sum(),
            helper == null ? 0 : helper.cpuNanos()
        };
    }

    @Override
    public void close() {
        senders.forEach(s -> s.tell("quit"));
        receivers.forEach(r -> r.tell("quit"));
        senders.forEach(Jvm::close);
        receivers.forEach(Jvm::close);
        if (helper != null) helper.close();
    }
}
