package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.file.DiskProvider;
import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A page that nobody consumes is copied to the end of the companion, so that the files after it can go. */
@OneJdk
@Timeout(60)
class CopyForwardTest extends OneMember {
    private static final int MOST_FILES = 20;
    private static final int TIMES = 4;

    private final CopyForward forward = new CopyForward(member);

    CopyForwardTest() {
        super(MOST_FILES + "m");
    }

    /** Returns the page at the front, and what was in memory before it went out. */
    private List<Long> pageOutBelowGarbage() {
        List<Long> all = inMemory();
        pageOut();
        for (int i = 0; i < 5; i++) publishGarbage();
        return all;
    }

    @Test
    void shouldMoveAPageWhenMostIsGarbage() {
        List<Long> all = inMemory();
        pageOut();
        long before = page().firstChunk();
        for (int i = 0; i < 3; i++) publishGarbage();
        forward.move(companion);
        assertThat(page().firstChunk()).as("there is hardly any garbage").isEqualTo(before);
        for (int i = 0; i < 2; i++) publishGarbage();
        long newest = companion.newest();
        forward.move(companion);
        assertThat(page().firstChunk()).isEqualTo(newest + 1);
        floor.raise(companion);
        assertThat(companion.place()).isEqualTo(newest + 1);
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldCopyWhatIsLeftOfAPage() {
        List<Long> all = pageOutBelowGarbage();
        int chunks = paged().chunks().size();
        for (int i = 0; i < 10; i++) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        Rest rest = page().rest();
        forward.move(companion);
        assertThat(page().rest()).isEqualTo(rest);
        assertThat(paged().chunks()).hasSizeLessThan(chunks);
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldTellAMovedPageOnlyWhenItsChunksAreDurable() {
        pageOutBelowGarbage();
        List<Long> durable = new ArrayList<>();
        meanwhile = () -> durable.add(companion.durable());
        forward.move(companion);
        assertThat(durable).containsExactly(companion.newest());
    }

    @Test
    void shouldTellWhatIsLeftOfItNowWhenSomeLeaveMeanwhile() {
        List<Long> all = pageOutBelowGarbage();
        Rest before = page().rest();
        Rest[] now = {null};
        meanwhile = () -> {
            assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
            now[0] = page().rest();
        };
        long newest = companion.newest();
        forward.move(companion);
        assertThat(page().firstChunk()).isGreaterThan(newest);
        assertThat(page().rest()).isEqualTo(now[0]).isNotEqualTo(before);
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldTellNothingWhenThePageHasGoneMeanwhile() {
        List<Long> all = pageOutBelowGarbage();
        meanwhile = this::bringAllBack;
        forward.move(companion);
        assertThat(page()).isNull();
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldTellNothingWhenAnotherMemberMovesItMeanwhile() {
        pageOutBelowGarbage();
        Page[] moved = {null};
        meanwhile = () -> {
            new CopyForward(member).move(companion);
            moved[0] = page();
        };
        forward.move(companion);
        assertThat(page()).isSameAs(moved[0]);
        publishGarbage();
        forward.move(companion);
        assertThat(page()).as("left to the other for a while").isSameAs(moved[0]);
    }

    @Test
    void shouldTellNothingBelowTheFloor() {
        pageOutBelowGarbage();
        Page before = page();
        meanwhile = () -> append(other().floor(companion.binding().id(), 1_000_000));
        forward.move(companion);
        assertThat(page()).isSameAs(before);
    }

    @Test
    void shouldTellNothingWhenTheDomainHasAnotherCompanionMeanwhile() {
        pageOutBelowGarbage();
        Page before = page();
        meanwhile = () -> append(other().overflow(new Overflow(UUID.randomUUID(), "file:/other")));
        forward.move(companion);
        assertThat(page()).isSameAs(before);
    }

    @Test
    void shouldPageOutThoughTheOldestPageCannotBeRead() {
        for (int i = 0; i < 5; i++) publishGarbage();
        Lot lot = new Lot(QUEUE, 4, 1, 0, 100);
        UUID page = UUID.randomUUID();
        long mid = inMemory().get(0);
        append(other().page(
                        new Paged(page, companion.binding().id(), lot, List.of(new Chunk(1, 0)), new Rest(0, mid)),
                        mid));
        Patience.until("it pages out, which it left to the other at first", () -> out.isPaged(companion, false));
        assertThat(page().id()).isEqualTo(page);
    }

    /** What nobody consumes, while another queue has many times maxSize. */
    @Test
    void shouldBoundTheFilesWhileAPageIsNotConsumed() {
        String prices = "prices";
        long queue = DestinationId.of(DestinationId.QUEUE, prices);
        List<Long> all = inMemory();
        pageOut();
        List<Long> stays = inMemory();
        append(other().define(queue, 0, prices));
        for (long published = 0; published < (long) TIMES * MOST_FILES * SEGMENT; ) {
            for (int i = 0; i < MESSAGES; i++) append(other().message(message(queue, i, 0, 1_500)));
            member.makeRoom();
            long before = companion.newest();
            assertThat(out.isPaged(companion, false)).isTrue();
            published += (companion.newest() - before) * Chunks.MOST_BYTES;
            while (member.ask(state -> state.pages.first(queue)) != null) {
                assertThat(in.next(companion, queue)).isEqualTo(PageIn.Outcome.BACK);
                member.makeRoom();
            }
            consume(queue);
            floor.raise(companion);
            assertThat(DiskProvider.segments(companion.binding().uri().toString()))
                    .isLessThanOrEqualTo(MOST_FILES);
        }
        assertThat(inMemory()).isEqualTo(stays);
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
        consume(QUEUE);
        for (int i = 0; i < 5; i++) publishGarbage();
        floor.raise(companion);
        Patience.until(
                "its files go",
                () -> DiskProvider.segments(companion.binding().uri().toString()) < MOST_FILES);
    }

    private void consume(long queue) {
        List<Long> mids = new ArrayList<>();
        member.ask(state -> {
            state.view(queue).forEach(m -> mids.add(m.mid()));
            return null;
        });
        for (long mid : mids) append(other().take(queue, mid).ack(queue, mid));
    }
}
