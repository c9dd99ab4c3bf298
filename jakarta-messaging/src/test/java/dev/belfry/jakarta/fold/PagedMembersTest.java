package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Members page out and in, die, are passed, and lose power between any two steps: no message is lost, comes twice, has
 * other bytes, or is taken before one that comes first, in memory or in a page.
 */
@OneJdk
class PagedMembersTest {
    private static final int STEPS = 700;
    private static final int SEEDS = 300;

    @Seeded({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldKeepWhatIsPromisedWithPages(long seed) {
        run(PageSlip.NONE, seed);
    }

    @Slow
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldCatchWhenPlanted(PageSlip slip) {
        for (long seed = 1; seed <= SEEDS; seed++) if (isCaught(slip, seed)) return;
        throw new AssertionError(slip + " not caught in " + SEEDS + " seeds");
    }

    private static boolean isCaught(PageSlip slip, long seed) {
        try {
            run(slip, seed);
            return false;
        } catch (Members.Violation caught) {
            return true;
        }
    }

    /** The histories do what they are there for. */
    @Slow
    @Test
    void shouldPageOutAndInAndLosePower() {
        int pages = 0;
        int back = 0;
        int losses = 0;
        for (long seed = 1; seed <= 10; seed++) {
            PagedMembers one = run(PageSlip.NONE, seed);
            pages += one.pages();
            back += one.back();
            losses += one.losses();
        }
        assertThat(pages).as("pages").isGreaterThan(50);
        assertThat(back).as("messages that came back").isGreaterThan(50);
        assertThat(losses).as("losses of power").isGreaterThan(50);
    }

    private static PagedMembers run(PageSlip slip, long seed) {
        PagedMembers members = new PagedMembers(slip, Math.abs(seed));
        Random unused = new Random(0);
        for (int i = 0; i < STEPS; i++) members.step(unused);
        members.checkLateMembers();
        members.drain();
        return members;
    }
}
