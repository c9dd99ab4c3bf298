package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A call that is timed: the process that makes it and those that listen. They live through all rounds. */
final class Timed implements AutoCloseable {
    private static final int WARM_UP = 10;

    private final String name;
    private final Jvm caller;
    private final List<Jvm> listeners = new ArrayList<>();
    private final int spinning;
    private final boolean oneByOne;

    private Timed(String name, Jvm caller, boolean oneByOne, int spinning) {
        this.name = name;
        this.caller = caller;
        this.oneByOne = oneByOne;
        this.spinning = spinning;
    }

    /** One by one, while so many sleep in each of so many processes. */
    static Timed asleep(String name, String kind, String ring, int processes, int sleepers, int registered) {
        return start(name, kind, ring, true, processes, sleepers, 0, registered);
    }

    /** In batches, while nobody sleeps. */
    static Timed awake(String name, String kind, String ring, int spinning, int registered) {
        return start(name, kind, ring, false, spinning + registered == 0 ? 0 : 1, 0, spinning, registered);
    }

    /** Not ours; it does one by one. */
    static Timed program(String name, Jvm caller) {
        return new Timed(name, caller, true, 0);
    }

    private static Timed start(
            String name,
            String kind,
            String ring,
            boolean oneByOne,
            int processes,
            int sleepers,
            int spinning,
            int registered) {
        String uri = Channels.queue(ring);
        Timed timed = new Timed(name, Jvm.start(PublishTimer.class, kind, uri), oneByOne, spinning);
        for (int i = 0; i < processes; i++)
            timed.listeners.add(Jvm.start(Listeners.class, uri, "" + sleepers, "" + spinning, "" + registered));
        timed.caller.expect("ready");
        timed.listeners.forEach(l -> l.expect("ready"));
        return timed;
    }

    /** Each in turn, as often as that; a longer turn first, for the compilers. */
    static void rounds(List<Timed> all, int rounds, long millis, Figures figures) {
        for (Timed timed : all) timed.round(WARM_UP * millis);
        for (int i = 0; i < rounds; i++)
            for (Timed timed : all) {
                long[] got = timed.round(millis);
                if (timed.oneByOne) {
                    figures.add(timed.name, "one call, p50", "ns", got[0]);
                    figures.add(timed.name, "one call, p99", "ns", got[1]);
                } else {
                    figures.add(timed.name, "mean of a batch", "ns", got[0] / 1e3);
                }
            }
    }

    private long[] round(long millis) {
        if (oneByOne) {
            String pids = listeners.stream().map(l -> " " + l.pid()).collect(Collectors.joining());
            return caller.ask("one " + millis + pids, "got");
        }
        for (Jvm listener : listeners) listener.ask("spin", "done");
        long[] got = caller.ask("batch " + millis + " " + spinning, "got");
        for (Jvm listener : listeners) listener.ask("rest", "done");
        return got;
    }

    @Override
    public void close() {
        caller.close();
        listeners.forEach(Jvm::close);
    }
}
