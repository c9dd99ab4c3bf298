package dev.belfry.jakarta.soak;

import java.time.Duration;

/** What a soak did and saw. */
final class SoakReport {
    private final long seed;
    private final long began = System.nanoTime();
    int domains;
    int kills;
    int massacres;
    int deaths;
    int stops;
    int closes;
    private long sent;
    private long received;
    private long inPlainStreams;
    private long redelivered;
    private long refused;
    private long transactions;
    private long vanished;
    private int decided;

    SoakReport(long seed) {
        this.seed = seed;
    }

    void count(Ledger ledger) {
        sent += ledger.sent;
        received += ledger.received;
        inPlainStreams += ledger.inPlainStreams;
        redelivered += ledger.redelivered;
        refused += ledger.refused;
        transactions += ledger.transactions;
        vanished += ledger.vanished;
        decided += ledger.decidedForTheDead;
    }

    long messages() {
        return sent;
    }

    @Override
    public String toString() {
        return String.join(
                "\n",
                "soak of " + Duration.ofNanos(System.nanoTime() - began).toSeconds() + " s, seed " + seed + ", JDK "
                        + System.getProperty("java.version"),
                String.format("  domains      %,d", domains),
                String.format(
                        "  deaths       %,d JVMs killed, %,d times all at once; %,d died before one of their appends",
                        kills, massacres, deaths),
                String.format("  stops        %,d; orderly ends %,d", stops, closes),
                String.format(
                        "  messages     %,d sent, each to a queue or for a subscription; %,d refused for want of room",
                        sent, refused),
                String.format(
                        "  deliveries   %,d, %,d of them again; besides, %,d messages to plain subscriptions",
                        received, redelivered, inPlainStreams),
                String.format(
                        "  transactions %,d commits and acknowledgements; %,d calls in which a process died",
                        transactions, decided),
                String.format("  with notice  %,d messages of processes that died in receive", vanished));
    }
}
