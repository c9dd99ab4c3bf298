package dev.belfry.shm.posix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@WaitsForOthers
class MembarrierTest {
    private static LibC failing(int call) {
        return new FaultyLibC().failing(k -> k == call ? Errno.EPERM : 0);
    }

    @Test
    void shouldRegisterAndFence() {
        Membarrier membarrier = Membarrier.registered(Kernel.C);
        assertThat(membarrier.isRegistered()).isTrue();
        assertThat(membarrier.everywhere()).isTrue();
    }

    @Test
    void shouldRegisterByItself() {
        Membarrier real = Membarrier.real();
        Patience.until("it is registered", real::isRegistered);
        assertThat(real.everywhere()).isTrue();
        assertThat(Membarrier.real()).isSameAs(real);
    }

    @Test
    void shouldSayWhatIsDenied() {
        Membarrier unregistered = Membarrier.registered(failing(0));
        assertThat(unregistered.isRegistered()).isFalse();
        assertThat(unregistered.everywhere())
                .as("who only asks need not be registered")
                .isTrue();
        Membarrier asksInVain = Membarrier.registered(failing(1));
        assertThat(asksInVain.isRegistered()).isTrue();
        assertThat(asksInVain.everywhere()).isFalse();
    }
}
