package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each planted mistake is caught, by the same searches that find nothing in the product. */
class MistakesTest {
    private static final int SEEDS = 60;

    @ParameterizedTest
    @EnumSource
    void shouldCatchWhenPlanted(Mistake mistake) {
        Twin.Search search = Twin.with(mistake.changes())
                .search(mistake.isHostile() ? HostileRecordsTest.Search.class : RandomOperationsTest.Search.class);
        for (long seed = mistake.seed(); seed < mistake.seed() + SEEDS; seed++) {
            String caught = search.with(seed);
            if (caught == null || caught.startsWith(RandomOperationsTest.THREW)) continue;
            assertThat(caught).as("a defect of the test").doesNotContain("ClassCast", "NullPointer");
            return;
        }
        throw new AssertionError(mistake + " not caught in " + SEEDS + " seeds");
    }
}
