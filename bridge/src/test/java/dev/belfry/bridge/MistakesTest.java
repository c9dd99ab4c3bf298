package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each planted mistake is caught, by the same search that finds nothing in the product. */
@Timeout(120)
@Slow
@OneJdk
class MistakesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void shouldCatchWhenPlanted(Mistake mistake) throws Exception {
        assertThat(mistake.twin(directory).search(CrashPoints.class))
                .as("%s", mistake)
                .isNotNull();
    }
}
