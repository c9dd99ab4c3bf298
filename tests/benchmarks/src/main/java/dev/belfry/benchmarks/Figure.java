package dev.belfry.benchmarks;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Something that a round shows. */
record Figure(String name, String unit, ToDoubleFunction<Round> of) {
    static final Figure THROUGHPUT = new Figure("throughput", Result.MILLIONS, r -> r.perSecond() / 1e6);
    static final Figure CORES = new Figure("all", "cores", r -> r.senderCores() + r.receiverCores() + r.helperCores());

    static final Figure CPU_EACH = new Figure(
            "processor time a message",
            "us",
            r -> (r.senderCores() + r.receiverCores() + r.helperCores()) / r.perSecond() * 1e6);

    static final List<Figure> ROUND_TRIP = List.of(
            fromSent("p50", 0), fromSent("p90", 1), fromSent("p99", 2), fromSent("p99.9", 3), fromSent("max", 4));

    static final List<Figure> PACED = List.of(
            fromSent("p50", 0),
            fromSent("p99", 2),
            fromDue("p50 from due", 0),
            fromDue("p99 from due", 2),
            new Figure("sender", "cores", Round::senderCores),
            new Figure("receiver", "cores", Round::receiverCores),
            new Figure("beside", "cores", Round::helperCores),
            CORES);

    /** Since the message was handed to the product. */
    private static Figure fromSent(String name, int index) {
        return new Figure(name, "us", r -> r.fromSent()[index] / 1e3);
    }

    /** Since the message was due, so that one which waited for its turn is not counted as fast. */
    private static Figure fromDue(String name, int index) {
        return new Figure(name, "us", r -> r.fromDue()[index] / 1e3);
    }

    Result result(String scenario, String contestant, List<Round> rounds) {
        return new Result(
                scenario,
                contestant,
                name,
                unit,
                rounds.stream().mapToDouble(of).toArray());
    }
}
