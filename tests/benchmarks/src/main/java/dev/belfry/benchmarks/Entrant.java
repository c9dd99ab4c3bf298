package dev.belfry.benchmarks;

import java.util.function.Supplier;

/**
 * One that may take part in a comparison: started once, then called for each round.
 *
 * @param needed false for one that this machine may lack: the run has not failed because it did
 */
record Entrant(String name, boolean needed, Supplier<Turns> starts) {

    /** One that has been started. */
    interface Turns extends AutoCloseable {
        /** A round, of about this length. */
        Round take(long millis);

        @Override
        void close();
    }

    private interface Way {
        Round take(Contestant contestant, long millis);
    }

    /** As fast as it can. */
    static Entrant burst(String name, Entry entry, int length, int senders, int receivers) {
        return of(name, () -> Contestant.oneWay(name, entry, length, senders, receivers), Contestant::burst);
    }

    /** At a rate. Two rounds' time each: few messages make no percentile. */
    static Entrant paced(String name, Entry entry, int length, long perSecond) {
        return of(
                name,
                () -> Contestant.oneWay(name, entry, length, 1, 1),
                (contestant, millis) -> contestant.paced(perSecond, 2 * millis));
    }

    /** As {@code burst} between two processes, with two rounds' time; or inside one. */
    static Entrant longBurst(String name, Entry entry, int length, boolean inOne) {
        return of(
                name, () -> started(name, entry, length, inOne), (contestant, millis) -> contestant.burst(2 * millis));
    }

    /** As {@code paced} between two processes, or inside one. */
    static Entrant paced(String name, Entry entry, int length, long perSecond, boolean inOne) {
        return of(
                name,
                () -> started(name, entry, length, inOne),
                (contestant, millis) -> contestant.paced(perSecond, 2 * millis));
    }

    private static Contestant started(String name, Entry entry, int length, boolean inOne) {
        return inOne ? Contestant.inOne(name, entry, length) : Contestant.oneWay(name, entry, length, 1, 1);
    }

    /** To and fro. */
    static Entrant exchange(String name, Entry entry, int length) {
        return of(name, () -> Contestant.roundTrip(name, entry, length), Contestant::exchange);
    }

    private static Entrant of(String name, Supplier<Contestant> starts, Way way) {
        return new Entrant(name, true, () -> {
            Contestant contestant = starts.get();
            return new Turns() {
                @Override
                public Round take(long millis) {
                    return way.take(contestant, millis);
                }

                @Override
                public void close() {
                    contestant.close();
                }
            };
        });
    }

    /** A program in C, without a JVM: a kind of peers.c. */
    static Entrant peers(String name, String kind, int length) {
        return new Entrant(name, false, () -> {
            Peers peers = Peers.start(kind, length);
            return new Turns() {
                @Override
                public Round take(long millis) {
                    return peers.exchange(millis);
                }

                @Override
                public void close() {
                    peers.close();
                }
            };
        });
    }

    Entrant ifThere() {
        return new Entrant(name, false, starts);
    }
}
