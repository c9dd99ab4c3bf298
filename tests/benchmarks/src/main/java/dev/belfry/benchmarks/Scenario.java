package dev.belfry.benchmarks;

import java.util.List;

/** Something that is measured, under a name by which it is asked for. */
interface Scenario {
    /** Like {@code throughput 256}. */
    String name();

    /** Rounds and their length are the mode's affair; what cannot be measured on this machine is left out. */
    List<Result> run(Mode mode);
}
