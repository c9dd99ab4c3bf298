package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A scheduler picks which member does what next; after each step all that is promised holds, and at
 * the end all drains.
 */
@OneJdk
class MembersTest {
    private static final int STEPS = 400;
    private static final int SEEDS = 60;

    @Seeded({1, 2, 3, 4, 5, 6, 7, 8})
    void shouldKeepWhatIsPromised(long seed) {
        run(Slip.NONE, seed, STEPS);
    }

    @Slow
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldCatchWhenPlanted(Slip slip) {
        for (long seed = 1; seed <= SEEDS; seed++) if (isCaught(slip, seed)) return;
        throw new AssertionError(slip + " not caught in " + SEEDS + " seeds");
    }

    /** A sender needs nothing else: neither a client id nor a consumer. */
    @Test
    void shouldForgetWhatADeadSenderHasStaged() {
        MemberSteps members = new MemberSteps(Slip.NONE, 4096);
        Members.Member sender = members.members.get(0);
        members.append(sender, 4, new Act.Stage(sender.id, 1, 0, List.of(Act.message("q0", 1, 4))));
        sender.alive = false;
        Members.Member other = members.members.get(1);
        members.fold(other, Long.MAX_VALUE);
        assertThat(other.state.owners()).containsExactly(sender.id);
        members.drain();
    }

    private static boolean isCaught(Slip slip, long seed) {
        try {
            run(slip, seed, STEPS);
            return false;
        } catch (Members.Violation caught) {
            return true;
        }
    }

    private static MemberSteps run(Slip slip, long seed, int steps) {
        Random random = new Random(seed);
        MemberSteps members = new MemberSteps(slip, 4096L << seed % 4);
        for (int i = 0; i < steps; i++) members.step(random);
        members.checkLateMembers();
        members.drain();
        assertThat(members.log.marks).isNotEmpty();
        return members;
    }
}
