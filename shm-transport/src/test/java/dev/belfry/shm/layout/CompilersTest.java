package dev.belfry.shm.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.posix.Isolated;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No process goes without a fence where another compiler than HotSpot's own may have compiled the code. */
@Timeout(60)
class CompilersTest {
    /** Prints whether the compilers of its JVM are known. */
    public static final class Known {
        private Known() {}

        public static void main(String[] arguments) {
            System.out.println(SharedBytes.KNOWN_COMPILERS);
        }
    }

    private static String knownWith(String... options) {
        try (ChildJvm jvm =
                Isolated.command(Known.class).flags(List.of(options)).start()) {
            return jvm.line();
        }
    }

    @WaitsForOthers
    @Test
    @Slow
    void shouldNotKnowACompilerThatIsPluggedIn() {
        assertThat(knownWith("-XX:+UnlockExperimentalVMOptions", "-XX:+EnableJVMCI"))
                .isEqualTo("false");
    }

    @Test
    void shouldNotKnowTheCompilerOfAJdkThatBringsItsOwn() {
        for (String versions : List.of(
                "21.0.1+12-jvmci-23.1-b15GraalVM CE 21.0.1+12.1",
                "17.0.9+11-LTSOracle GraalVM 17.0.9+11.1",
                "23+37-jvmci-b01")) assertThat(SharedBytes.hasJvmci(versions)).isTrue();
        for (String versions : List.of("25.0.3+9-LTSTemurin-25.0.3+9", "17.0.15+6-Debian-1deb12u1"))
            assertThat(SharedBytes.hasJvmci(versions)).isFalse();
    }

    @WaitsForOthers
    @Test
    @Slow
    void shouldKnowItsOwn() {
        String here = System.getProperty("java.vm.version") + System.getProperty("java.vendor.version");
        boolean own = System.getProperty("java.vm.name").contains("Server VM") && !SharedBytes.hasJvmci(here);
        assertThat(knownWith()).isEqualTo(String.valueOf(own));
    }
}
