package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.WaitsForOthers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An application is deployed again, or started again by DevTools, while its domain lingers. */
@WaitsForOthers
@Timeout(120)
class ClosedLoaderTest {
    private final String name = "closed-loader-" + ProcessHandle.current().pid();

    @ParameterizedTest
    @CsvSource({"mem, WHOLE", "shm, WHOLE", "mem, ITS_OWN_CLASSES", "shm, ITS_OWN_CLASSES"})
    void shouldLeaveTheDomainAndKeepNoLoader(String scheme, ClosedLoader.Has has) {
        String uri = scheme + ":" + name + "?linger=500ms";
        try (ChildJvm child = JavaCommand.of(ClosedLoader.class, has.name(), uri)
                .flags(JavaCommand.QUICK)
                .classPath(System.getProperty("java.class.path")) // of an archive its entries would be jars
                .start()) {
            List<String> said = child.rest();
            assertThat(child.errors()).doesNotContain("NoClassDefFoundError");
            assertThat(said)
                    .as(child.report())
                    .endsWith(has.isToGo ? "the loader has gone" : "its threads have ended", "exit 0");
        }
    }

    @AfterEach
    void delete() {
        MessageQueues.delete("shm:" + name);
    }
}
