package dev.belfry.shm;

import dev.belfry.conformance.SameAsMemSuite;
import dev.belfry.conformance.TransportFixture;
import org.junit.jupiter.api.Nested;

/** Programs over {@code shm:} beside {@code mem:}: here, so that neither transport waits for the other. */
class SameAsMemTest implements TransportFixture {
    @Override
    public String scheme() {
        return "shm";
    }

    @Nested
    class SameAsMem extends SameAsMemSuite {}
}
