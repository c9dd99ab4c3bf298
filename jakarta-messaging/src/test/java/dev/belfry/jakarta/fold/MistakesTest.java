package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.file.Path;
import java.util.function.LongFunction;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each planted mistake is caught, by the same searches that find nothing in the product. */
@Slow
@OneJdk
@ByTurns
class MistakesTest {
    private static final int SEEDS = 60;

    @ParameterizedTest
    @EnumSource
    void shouldCatchWhenPlanted(Mistake mistake, @TempDir Path directory) throws ReflectiveOperationException {
        LongFunction<?> search = searchOf(mistake, mistake.putInto(new Patched(directory)));
        for (long seed = mistake.seed(); seed < mistake.seed() + SEEDS; seed++) {
            String caught = (String) search.apply(seed);
            if (caught == null || caught.startsWith(RandomOperationsTest.THREW)) continue;
            assertThat(caught).as("a defect of the test").doesNotContain("ClassCast", "NullPointer");
            return;
        }
        throw new AssertionError(mistake + " not caught in " + SEEDS + " seeds");
    }

    private static LongFunction<?> searchOf(Mistake mistake, Patched product) throws ReflectiveOperationException {
        Class<?> search = mistake.isHostile() ? HostileRecordsTest.Search.class : RandomOperationsTest.Search.class;
        var constructor = product.load(search.getName()).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (LongFunction<?>) constructor.newInstance();
    }
}
