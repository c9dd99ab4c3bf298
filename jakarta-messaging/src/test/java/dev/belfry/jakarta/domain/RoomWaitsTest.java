package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.OneJdk;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A wait for room is logged; time goes on here when the test says so. */
@OneJdk
class RoomWaitsTest {
    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private long now = 1;
    private final RoomWaits waits = new RoomWaits("mem:shop", () -> "Domain 'mem:shop' is full.", () -> now);

    private void goOnAfter(Duration time) {
        now += time.toNanos();
        waits.goOn();
    }

    private void assertLogged(int lines, String last) {
        assertThat(log.text().lines()).hasSize(lines);
        assertThat(log.text()).endsWith(last + System.lineSeparator());
    }

    @Test
    void shouldBeLoggedAfterASecondAndEachMinuteAndAtItsEnd() {
        waits.begin();
        goOnAfter(Duration.ofMillis(999));
        assertThat(log.text()).isEmpty();
        goOnAfter(Duration.ofMillis(1));
        assertLogged(1, "Domain 'mem:shop' is full. A call has waited for room for 1 s.");
        goOnAfter(Duration.ofSeconds(59));
        assertThat(log.text().lines()).hasSize(1);
        goOnAfter(Duration.ofSeconds(1));
        assertLogged(2, "A call has waited for room for 61 s.");
        waits.foundRoom();
        assertLogged(3, "'mem:shop': the wait for room is over, after 61 s");
        waits.foundRoom();
        assertThat(log.text().lines()).hasSize(3);
    }

    @Test
    void shouldBeOneWaitIfOneCallAfterTheOtherTimesOut() {
        for (int i = 0; i < 4; i++) {
            waits.begin();
            goOnAfter(Duration.ofMillis(300));
        }
        assertLogged(1, "A call has waited for room for 1,200 ms.");
        now += Duration.ofMinutes(2).toNanos(); // nobody has asked meanwhile
        waits.begin();
        goOnAfter(Duration.ofMillis(900));
        assertThat(log.text().lines()).hasSize(1);
    }

    /** It may leave less from then on, which has waits of its own; or another call has found room. */
    @Test
    void shouldBeLoggedWhereItBeganElsewhere() {
        goOnAfter(Duration.ofMillis(20));
        goOnAfter(Duration.ofSeconds(1));
        assertLogged(1, "A call has waited for room for 1 s.");
        waits.foundRoom();
        assertLogged(2, "'mem:shop': the wait for room is over, after 1 s");
    }

    @Test
    void shouldNotBeLoggedIfItIsShort() {
        waits.begin();
        goOnAfter(Duration.ofMillis(20));
        waits.foundRoom();
        assertThat(log.text()).isEmpty();
    }
}
