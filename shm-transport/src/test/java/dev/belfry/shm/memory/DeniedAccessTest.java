package dev.belfry.shm.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.RemoteJvm;
import dev.belfry.testing.WaitsForOthers;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A JVM that denies what the transport stands on says so at open, with the flag that helps. */
@Tag("F65")
@WaitsForOthers
class DeniedAccessTest {
    @BeforeEach
    void needsAJdkThatCanDeny() {
        assumeTrue(Runtime.version().feature() >= 24, "needs JDK 24 or later: older ones deny nothing");
    }

    @Test
    void shouldNameTheFlagWhenUnsafeIsDeniedAndChronicleIsAskedFor() {
        assertThat(openWith("--sun-misc-unsafe-memory-access=deny", "-Dbelfry.memory=chronicle"))
                .startsWith("NoProviderException: ")
                .contains("--sun-misc-unsafe-memory-access=allow");
    }

    @Test
    void shouldNameTheFlagWhenNativeAccessIsDenied() {
        for (String memory : List.of("chronicle", "ffm"))
            assertThat(openWith("--illegal-native-access=deny", "-Dbelfry.memory=" + memory))
                    .startsWith("NoProviderException: ")
                    .contains("--enable-native-access=ALL-UNNAMED");
    }

    private static String openWith(String... flags) {
        try (RemoteJvm jvm = RemoteJvm.start(List.of(flags))) {
            return jvm.askForError("open shm:denied-" + ProcessHandle.current().pid());
        }
    }
}
