package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator ends on the disk is counted, and nothing else ends. */
@OneJdk
@Timeout(60)
class PurgeTest extends OneMember {
    PurgeTest() {
        super("64m");
    }

    private long onDisk() {
        return member.ask(state -> state.pages.sum(QUEUE).messages());
    }

    @Test
    void shouldCountWhatItEndsWhenMessagesComeBackMeanwhile() {
        pageOut();
        send();
        pageOut();
        List<Long> before = inMemory();
        long paged = onDisk();
        meanwhile = () -> assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        long ended = new Purge(member).all(QUEUE);
        assertThat(onDisk()).isZero();
        assertThat(inMemory()).hasSizeGreaterThan(before.size());
        assertThat(ended).isEqualTo(paged - (inMemory().size() - before.size()));
    }
}
