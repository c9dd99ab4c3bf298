package planted;

import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Waits for something, and fails each time: no flake. */
class BrokenTest {
    @Test
    @Tag("Waits")
    void shouldNeverPass() {
        fail("planted defect: it fails each time");
    }
}
