package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The power goes before each call of a short life that changes something: with each part of what was not synced that
 * may be on the disk then, or with the first so many of them.
 */
@OneJdk
@Timeout(3600)
class EveryPowerLossTest {
    private static final int MOST = Depth.pick(40, 40, 200_000);

    /** Gives all answers in turn, like the digits of a number that counts up: the last question changes first. */
    private static final class Answers extends Random {
        private static final long serialVersionUID = 1L;

        private final transient List<int[]> given = new ArrayList<>(); // each with its bound
        private int asked;

        @Override
        public int nextInt(int bound) {
            if (asked == given.size()) given.add(new int[] {0, bound});
            return given.get(asked++)[0];
        }

        @Override
        public boolean nextBoolean() {
            return nextInt(2) == 1;
        }

        /** False: all were given. */
        boolean next() {
            asked = 0;
            while (!given.isEmpty()) {
                int[] last = given.get(given.size() - 1);
                if (++last[0] < last[1]) return true;
                given.remove(given.size() - 1);
            }
            return false;
        }
    }

    @Test
    void shouldKeepWhatWasDurable() {
        int losses = 0;
        for (int at = 0; ; at++) {
            Disk disk = new Disk(new Random(at));
            disk.dieAt = at;
            ShortLife life = new ShortLife(true);
            boolean ends = true;
            try {
                life.live(disk.libC());
            } catch (Disk.Killed killed) {
                ends = false;
            }
            disk.allEnd();
            Answers answers = new Answers();
            int n = 0;
            do {
                life.check(disk.afterPowerLoss(answers), "killed before call " + at + ", power loss " + n);
            } while (answers.next() && ++n < MOST);
            losses += n;
            if (ends) break;
        }
        assertThat(losses).isGreaterThan(500);
    }
}
