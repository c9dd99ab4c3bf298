package dev.belfry.shm.mutants;

import dev.belfry.conformance.ClaimGrowthStatsSuite;
import dev.belfry.conformance.TransportFixture;

/** For {@code -Pmutation}, which cannot choose among the nested classes of {@code ShmConformanceTest}. */
class ClaimGrowthStats extends ClaimGrowthStatsSuite implements TransportFixture {
    @Override
    public String scheme() {
        return "shm";
    }
}
