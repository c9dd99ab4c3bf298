package dev.belfry.benchmarks;

/** How long it may take: each scenario once, for a minute; three minutes; a quarter of an hour. */
enum Mode {
    SMOKE(0, 1, 100),
    QUICK(1, 3, 200),
    FULL(4, 7, 500);

    final int warmUps;
    final int rounds;
    final long millis;

    /** Of a round. Those before the first that counts are as long. */
    Mode(int warmUps, int rounds, long millis) {
        this.warmUps = warmUps;
        this.rounds = rounds;
        this.millis = millis;
    }
}
