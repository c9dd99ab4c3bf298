package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.testing.OneJdk;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is brought from a companion whose domain is gone: here into the same domain, which has ended it all. */
@OneJdk
@Timeout(60)
class RecoveryTest extends OneMember {
    RecoveryTest() {
        super("64m");
    }

    @Test
    void shouldBringEachOnceWhenPagesWereMoved() {
        pageOut();
        long paged = page().lot().messages();
        for (int i = 0; i < 5; i++) publishGarbage();
        new CopyForward(member).move(companion);
        assertThat(page().firstChunk()).isGreaterThan(1);
        assertThat(new Purge(member).all(QUEUE)).isEqualTo(paged);
        int before = inMemory().size();
        AtomicLong serials = new AtomicLong(MESSAGES);
        try (MessageQueue from = MessageQueues.open(companion.binding().uri().toString())) {
            assertThat(new Recovery(member, serials::incrementAndGet, n -> {}).of(from))
                    .isEqualTo(Map.of(NAME, paged));
        }
        assertThat(inMemory()).isSorted().hasSize(before + (int) paged);
    }

    /** A night has many millions. */
    @Test
    void shouldRememberOnlyWhatMayBeThereTwice() {
        SeenMids seen = new SeenMids();
        int page = 1 << 13;
        for (long record = 0; record < 1 << 20; record++) {
            if (record % page == 0) seen.forgetBelow(record << 16);
            assertThat(seen.isNew(record << 16)).isTrue();
            if (record % page == 7) assertThat(seen.isNew(record << 16)).isFalse();
            assertThat(seen.records()).isLessThanOrEqualTo(page);
        }
    }
}
