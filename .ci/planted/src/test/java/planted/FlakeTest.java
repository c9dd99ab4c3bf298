package planted;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Waits for something, and fails the first time: a flake. */
class FlakeTest {
    @Test
    @Tag("Waits")
    void shouldPassTheSecondTime() throws Exception {
        boolean again = Tried.before("flake");
        System.out.println(again ? "output of the second run" : "output of the first run");
        assertTrue(again, "planted flake: it was too late");
    }
}
