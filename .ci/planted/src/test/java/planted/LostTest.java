package planted;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Waits for something, and misses a message the first time: no flake, though it passes the second time. */
class LostTest {
    @Test
    @Tag("Waits")
    void shouldPassTheSecondTime() throws Exception {
        // as MessageViolation begins
        assertTrue(Tried.before("lost"), "MESSAGE VIOLATION: planted: position 3 after 1");
    }
}
