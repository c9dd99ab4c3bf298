package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The methods that the page of the package names on the way of a message are there. */
@OneJdk
class WayOfAMessageTest {
    private static final Path PAGE = Path.of("src/main/java/dev/belfry/jakarta/client/package-info.java");
    private static final Pattern STEP = Pattern.compile("\\{@code[ \\n*]+([A-Z]\\w+)\\.(\\w+)}");
    private static final List<String> PACKAGES = List.of("client", "domain", "fold", "message");

    @Test
    void shouldBeAsThePackageSays() throws IOException {
        List<MatchResult> steps = STEP.matcher(Files.readString(PAGE)).results().toList();
        assertThat(steps).hasSizeGreaterThan(25);
        assertThat(steps)
                .filteredOn(step -> !has(step.group(1), step.group(2)))
                .extracting(step -> step.group(1) + "." + step.group(2))
                .isEmpty();
    }

    private static boolean has(String type, String method) {
        return PACKAGES.stream().anyMatch(name -> {
            try {
                Class<?> found = Class.forName("dev.belfry.jakarta." + name + "." + type);
                return Arrays.stream(found.getDeclaredMethods())
                        .anyMatch(m -> m.getName().equals(method));
            } catch (ClassNotFoundException elsewhere) {
                return false;
            }
        });
    }
}
