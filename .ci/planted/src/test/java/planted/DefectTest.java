package planted;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Deterministic by its tags, and fails the first time: it would pass if it were run again, and must not be. */
class DefectTest {
    @Test
    void shouldPassTheSecondTime() throws Exception {
        assertTrue(Tried.before("defect"), "planted defect");
    }
}
