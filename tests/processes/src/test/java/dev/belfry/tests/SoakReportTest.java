package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A process that grows while all others come and go is noticed, whatever it is that grows. */
@Tag("T13")
@OneJdk
class SoakReportTest {
    private static Footprint footprint(int descriptors, int maps, int threads, int mebibytes) {
        return new Footprint(descriptors, maps, threads, mebibytes * 1024L, List.of());
    }

    private static List<String> afterGrowingTo(Footprint last) {
        SoakReport report = new SoakReport(1);
        for (int i = 0; i < 10; i++) report.veteran(footprint(30, 200, 20, 90));
        report.veteran(last);
        report.end(footprint(60, 300, 50, 200));
        return report.violations;
    }

    @Test
    void shouldNoticeGrowth() {
        assertThat(afterGrowingTo(footprint(32, 250, 21, 110))).isEmpty();
        for (Footprint grown : List.of(
                footprint(40, 200, 20, 90),
                footprint(30, 400, 20, 90),
                footprint(30, 200, 30, 90),
                footprint(30, 200, 20, 300)))
            assertThat(afterGrowingTo(grown)).singleElement().asString().startsWith("the survivor grew");
    }

    @Test
    void shouldNoticeWhatTheParentStillHas() {
        SoakReport report = new SoakReport(1);
        report.end(new Footprint(1, 1, 1, 1, List.of("something in /dev/shm")));
        assertThat(report.violations).singleElement().asString().contains("the parent still has");
    }
}
