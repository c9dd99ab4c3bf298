package dev.belfry.conformance.toy;

import dev.belfry.conformance.DeathsSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.testing.Planted;
import org.junit.jupiter.api.Nested;

/** Not run by the build but by {@link KitFindsDefectsOfProcessesTest}. */
@Planted
class BrokenToy implements TransportFixture {
    @Override
    public String scheme() {
        return "toy";
    }

    @Override
    public String parameters() {
        return "defect=" + KitFindsDefectsOfProcessesTest.current;
    }

    @Nested
    class Processes extends ProcessesSuite {}

    @Nested
    class Deaths extends DeathsSuite {}
}
