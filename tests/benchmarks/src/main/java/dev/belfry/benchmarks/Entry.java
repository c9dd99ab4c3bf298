package dev.belfry.benchmarks;

/**
 * A contestant: how a process of it is described to {@link Products}, and what must run beside.
 * {@code %s} stands for the channel.
 */
record Entry(String pattern, Class<?> helper) {
    /** Where a helper and the processes that it helps meet. */
    private static final String MEETING = "/dev/shm/helper-%s";

    static Entry belfry(String kind, boolean spins, String parameters) {
        return new Entry("belfry-" + kind + ":" + waits(spins) + ":" + parameters, null);
    }

    /** Its receivers do not spin before they sleep. */
    static Entry belfryAsleep(String kind, String parameters) {
        return new Entry("belfry-" + kind + ":asleep:" + parameters, null);
    }

    static Entry aeron(String kind, boolean spins, String termLength) {
        return aeron(kind, waits(spins), termLength);
    }

    /** Its processes give the processor away after some spinning, and never sleep. */
    static Entry aeronYielding(String kind, String termLength) {
        return aeron(kind, "yield", termLength);
    }

    private static Entry aeron(String kind, String waits, String termLength) {
        return new Entry("aeron-" + kind + ":" + waits + ":" + termLength + "," + MEETING, AeronDriver.class);
    }

    /** If it does not roll, what it has ever sent stays in memory: for short rounds, or few messages. */
    static Entry chronicle(boolean spins, boolean rolls) {
        return new Entry("chronicle:" + waits(spins) + ":" + (rolls ? "rolls" : "keeps"), null);
    }

    /** {@code claim}, of a single sender, or {@code write}; to a single receiver. */
    static Entry agrona(String kind, boolean spins, int capacity) {
        return new Entry("agrona-" + kind + ":" + waits(spins) + ":" + capacity, null);
    }

    /** Its client cannot spin. */
    static Entry artemis() {
        return new Entry("artemis:sleep:" + MEETING, ArtemisBroker.class);
    }

    /** {@code where}: see {@link JakartaProviders}; over TCP it needs the broker. */
    static Entry jakarta(String way, boolean persistent, String where) {
        boolean tcp = where.startsWith("artemis-tcp");
        String mode = persistent ? "persistent" : "volatile";
        return new Entry(
                "jakarta-" + way + ":" + mode + ":" + where + (tcp ? ":" + MEETING : ""),
                tcp ? ArtemisBroker.class : null);
    }

    private static String waits(boolean spins) {
        return spins ? "spin" : "sleep";
    }

    String product(String channel) {
        return pattern.replace("%s", channel);
    }

    Jvm helper(String channel) {
        if (helper == null) return null;
        Jvm started = Jvm.start(helper, MEETING.replace("%s", channel));
        started.expect("ready");
        return started;
    }
}
