package dev.belfry.shm.mutants;

import dev.belfry.conformance.FullAndSlowSuite;
import dev.belfry.conformance.TransportFixture;

/** For {@code -Pmutation}, which cannot choose among the nested classes of {@code ShmConformanceTest}. */
class FullAndSlow extends FullAndSlowSuite implements TransportFixture {
    @Override
    public String scheme() {
        return "shm";
    }
}
