package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is decided before the claim is decided again under it: others come between, over a real log and companion. */
@OneJdk
@Timeout(60)
class DecidersTest extends OneMember {
    DecidersTest() {
        super("64m");
    }

    @Test
    void shouldPageOutTheNewestAndBringThemBackInOrder() {
        List<Long> all = inMemory();
        pageOut();
        List<Long> left = inMemory();
        assertThat(left).hasSizeBetween(RING / 64 / 1_600, RING / 64 / 1_000).isEqualTo(all.subList(0, left.size()));
        assertThat(page().lot().messages()).isEqualTo(MESSAGES - left.size());
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.NONE);
    }

    /** One that is as long as a record may be would find no room beside the LEAVES of its page. */
    @Test
    void shouldLeaveAMessageInMemoryWhenItIsVeryLong() {
        while (out.isPaged(companion, false)) Thread.onSpinWait();
        append(other().message(message(MESSAGES, 0, RING / 4 - 300)));
        for (int i = 1; i < 50; i++) append(other().message(message(MESSAGES + i, 0)));
        List<Long> before = inMemory();
        long longest = before.get(before.size() - 50);
        while (out.isPaged(companion, true)) Thread.onSpinWait();
        assertThat(inMemory()).contains(longest).hasSizeLessThan(before.size());
        bringAllBack();
        assertThat(inMemory()).hasSize(MESSAGES + 50);
    }

    /** Many short lanes, which nobody consumes, may have what it needs. */
    @Test
    void shouldPageOutOfAShortLaneOnlyWhenAPageFindsNoRoom() {
        List<Long> all = inMemory();
        while (out.isPaged(companion, false)) Thread.onSpinWait();
        List<Long> left = inMemory();
        assertThat(out.isPaged(companion, true)).isTrue();
        assertThat(inMemory()).hasSizeBetween(1, left.size() / 2);
        while (page() != null) assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldTellAPageOnlyWhenItsChunksAreDurable() {
        List<Long> durable = new ArrayList<>();
        meanwhile = () -> durable.add(companion.durable());
        pageOut();
        assertThat(durable).containsExactly(companion.newest());
    }

    @Test
    void shouldLeaveAChunkInMemoryWhenOneOfItsMessagesWasTakenMeanwhile() {
        List<Long> all = inMemory();
        long taken = all.get(MESSAGES / 2);
        meanwhile = () -> append(other().take(QUEUE, taken));
        pageOut();
        List<Long> left = inMemory();
        assertThat(left).contains(taken);
        assertThat(page().lot().messages() + left.size()).isEqualTo(MESSAGES);
        append(other().ack(QUEUE, taken));
        bringAllBack();
        assertThat(inMemory()).hasSize(MESSAGES - 1).isSorted().doesNotContain(taken);
    }

    /** One that is alone takes without the claim, what it has seen before: it would pass over what has left memory. */
    @Test
    void shouldPageOutNothingWhenConsumersHaveComeToIt() {
        List<Long> all = inMemory();
        int left = 40; // the last chunks
        meanwhile = () -> {
            for (long mid : all.subList(0, MESSAGES - left))
                append(other().take(QUEUE, mid).ack(QUEUE, mid));
            for (int i = 0; i < left; i++) append(other().message(message(MESSAGES + i, 0)));
        };
        assertThat(out.isPaged(companion, false)).isFalse();
        assertThat(inMemory()).hasSize(2 * left).isSorted().contains(all.get(MESSAGES - 1));
    }

    @Test
    void shouldPageOutNothingBelowTheFloor() {
        meanwhile = () -> append(other().floor(companion.binding().id(), 1_000));
        assertThat(out.isPaged(companion, false)).isFalse();
        assertThat(page()).isNull();
    }

    @Test
    void shouldPageOutNothingWhenTheDomainHasAnotherCompanionMeanwhile() {
        meanwhile = () -> append(other().overflow(new Overflow(UUID.randomUUID(), "file:/other")));
        assertThat(out.isPaged(companion, false)).isFalse();
        assertThat(page()).isNull();
    }

    @Test
    void shouldBringBackOnceWhenAnotherMemberDoesItMeanwhile() {
        List<Long> all = inMemory();
        pageOut();
        meanwhile = () -> assertThat(new PageIn(member).next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.AGAIN);
        bringAllBack();
        assertThat(inMemory()).isEqualTo(all);
    }

    @Test
    void shouldReadItAgainWhenThePageWasToldAgainMeanwhile() {
        pageOut();
        meanwhile = () -> append(other().pageAgain(paged().with(page().rest())));
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.AGAIN);
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
    }

    /** As where this process stood still meanwhile: its consumers would hear that the page is not there. */
    @Test
    void shouldGoOnWhenOthersHaveEndedThePageThatItReadsAndItsFileHasGone() {
        pageOut();
        Paged page = paged();
        beforeItIsRead = () -> {
            new Purge(member).all(QUEUE);
            Patience.until("its file has gone", () -> isGone(page));
        };
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.AGAIN);
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.NONE);
    }

    private boolean isGone(Paged page) {
        publishGarbage();
        floor.raise(companion);
        try {
            return companion.read(page, 0) == null;
        } catch (CompanionException gone) {
            return gone.why == CompanionException.Why.GONE;
        }
    }

    private boolean finds(int length, Reserve reserve) {
        ByteBuffer record = other().message(message(MESSAGES, 0, length)).end();
        return log.append(record, reserve, 0, Duration.ZERO) != Log.REJECTED;
    }

    /** So it stops no other queue, whose consumers are not slow. */
    @Test
    void shouldLeaveTheRoomOfOtherFlowsWhenConsumersHoldMuchOfItsQueue() {
        log.mark("nothing is passed"); // so they fill more than a half
        pageOut();
        PageIn.Outcome outcome = PageIn.Outcome.BACK;
        while (outcome == PageIn.Outcome.BACK) {
            for (long mid : inMemory()) append(other().take(QUEUE, mid));
            outcome = in.next(companion, QUEUE);
        }
        assertThat(outcome).isEqualTo(PageIn.Outcome.NO_ROOM);
        assertThat(finds(RING / 64, Reserve.LITTLE)).isTrue();
        for (long mid : inMemory()) append(other().ack(QUEUE, mid));
        assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
    }

    /** Or what it has brought could not be taken, and never went. */
    @Test
    void shouldLeaveRoomForThoseThatEndWhatComesBack() {
        log.mark("nothing is passed"); // so they fill more than a half
        pageOut();
        PageIn.Outcome outcome = PageIn.Outcome.BACK;
        while (outcome == PageIn.Outcome.BACK) outcome = in.next(companion, QUEUE);
        assertThat(outcome).isEqualTo(PageIn.Outcome.NO_ROOM);
        assertThat(finds(1, Reserve.LITTLE)).as("it uses what others leave").isFalse();
        assertThat(finds(RING / 128 * 5, Reserve.SMALL)).isTrue();
    }

    @Test
    void shouldLeaveOutWhatHasExpiredInItsPage() {
        long soon = System.currentTimeMillis() + 3_000; // in memory they are left out already
        for (int i = 0; i < 20; i++) append(other().message(message(MESSAGES + i, i % 2 * soon)));
        List<Long> all = inMemory();
        pageOut();
        assertThat(page().lot().expiry()).as("of all").isZero();
        Patience.until("they have expired", () -> System.currentTimeMillis() > soon);
        bringAllBack();
        assertThat(inMemory()).hasSize(MESSAGES + 10).isSubsetOf(all);
    }

    @Test
    void shouldMoveThePlaceOnlyWhenTheFloorIsDurable() {
        pageOut();
        while (page() != null) in.next(companion, QUEUE);
        publishGarbage();
        long newest = companion.newest();
        isFlushed = false;
        floor.raise(companion);
        assertThat(told()).isEqualTo(newest + 1);
        assertThat(companion.place()).isEqualTo(1);
        isFlushed = true;
        floor.raise(companion);
        assertThat(companion.place()).as("moved by the next one").isEqualTo(newest + 1);
    }

    @Test
    void shouldKeepTheFloorBelowWhatAPageNeeds() {
        publishGarbage();
        pageOut();
        floor.raise(companion);
        assertThat(companion.place()).isEqualTo(page().firstChunk()).isEqualTo(GARBAGE + 1);
        meanwhile = () -> out.isPaged(companion, true);
        floor.raise(companion);
        bringAllBack();
    }

    @Test
    void shouldTellNoFloorOfACompanionThatTheLogDoesNotTell() {
        pageOut();
        while (page() != null) in.next(companion, QUEUE);
        int claims = member.claims;
        publishGarbage();
        append(other().overflow(new Overflow(UUID.randomUUID(), "file:/other")));
        floor.raise(companion);
        assertThat(member.claims).isEqualTo(claims);
        assertThat(companion.place()).isEqualTo(1);
        assertThat(told()).isZero();
    }

    /** A floor is a claim, a flush of the domain, and an attach to the companion: most ticks do without all three. */
    @Test
    void shouldTellAFloorOnlyWhenAFileCanGo() {
        int ticks = 0;
        int floors = 0;
        long published = 0;
        for (int i = 0; i < 20; i++) {
            published -= companion.bytes();
            pageOut();
            published += companion.bytes();
            for (; page() != null; ticks++) {
                assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
                int flushes = member.flushes;
                int claims = member.claims;
                long place = companion.place();
                floor.raise(companion);
                int told = member.flushes - flushes;
                assertThat(member.claims - claims).isEqualTo(told);
                assertThat(companion.place() > place).isEqualTo(told > 0);
                floors += told;
            }
        }
        assertThat(ticks).isGreaterThan(100);
        assertThat((long) floors).isBetween(published / SEGMENT / 2, published / SEGMENT);
    }
}
