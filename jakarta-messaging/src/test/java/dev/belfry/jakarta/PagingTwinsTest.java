package dev.belfry.jakarta;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Has mistakes that are easily made where a backlog goes to the disk and comes back, and who notices each. */
@Slow
@OneJdk
@ByTurns
class PagingTwinsTest {
    private static final String PAGE_OUT = "PageOut";
    private static final String PAGE_IN = "PageIn";
    private static final String FLOOR = "Floor";
    private static final String PUMP = "Pump";
    private static final String MAKER = "RoomMaker";
    private static final String DECIDERS = "overflow.DecidersTest#";
    private static final String ROOM = "domain.PagesRoomTest#";
    private static final String PAGED = "domain.PagedBacklogTest#";

    static Stream<Twin> all() {
        return Stream.of(
                new Twin(
                        "a page is told before its chunks are durable",
                        PAGE_OUT,
                        "companion.awaitDurable(first + encoded.size() - 1, DURABLE);",
                        "",
                        DECIDERS + "shouldTellAPageOnlyWhenItsChunksAreDurable"),
                new Twin(
                        "what was taken meanwhile goes to the disk",
                        PAGE_OUT,
                        "return m != null && m.destination() == queue.id() && Choice.isPlain(queue, m, now);",
                        "return true;",
                        DECIDERS + "shouldLeaveAChunkInMemoryWhenOneOfItsMessagesWasTakenMeanwhile"),
                new Twin(
                        "a page is told though consumers have come to it",
                        PAGE_OUT,
                        "|| !whole.hasFirst()",
                        "",
                        DECIDERS + "shouldPageOutNothingWhenConsumersHaveComeToIt"),
                new Twin(
                        "a page that others have ended meanwhile counts as lost",
                        PAGE_IN,
                        "failed.why != CompanionException.Why.GONE || isStill(told)",
                        "true",
                        DECIDERS + "shouldGoOnWhenOthersHaveEndedThePageThatItReadsAndItsFileHasGone"),
                new Twin(
                        "a page does not ask for the floor",
                        PAGE_OUT,
                        "|| draft.first < told.floor()",
                        "",
                        DECIDERS + "shouldPageOutNothingBelowTheFloor"),
                new Twin(
                        "a page is told of a companion that the domain has no more",
                        PAGE_OUT,
                        "!told.binding().equals(draft.binding) ||",
                        "",
                        DECIDERS + "shouldPageOutNothingWhenTheDomainHasAnotherCompanionMeanwhile"),
                new Twin(
                        "the statements of pages have no bound",
                        PAGE_OUT,
                        "if (state.pages.stated() > ring / (must ? STATED_THEN : STATED)) return null;",
                        "",
                        PAGED + "shouldDrainOneQueueAfterTheOtherWhenNoMoreMayBePagedOut"),
                new Twin(
                        "many short lanes keep the room of what is to come back",
                        PAGE_OUT,
                        "large == null && must ? Choice.of(state, ring / SHORT, System.currentTimeMillis()) : large;",
                        "large;",
                        DECIDERS + "shouldPageOutOfAShortLaneOnlyWhenAPageFindsNoRoom"),
                new Twin(
                        "what comes back is decided before the claim",
                        PAGE_IN,
                        "if (!part.page.isOf(now) || !now.rest().equals(part.page.rest())) return null;",
                        "",
                        DECIDERS + "shouldBringBackOnceWhenAnotherMemberDoesItMeanwhile"),
                new Twin(
                        "a page that is told again counts as unchanged",
                        PAGE_IN,
                        "!part.page.isOf(now) ||",
                        "now == null ||",
                        DECIDERS + "shouldReadItAgainWhenThePageWasToldAgainMeanwhile"),
                new Twin(
                        "what a queue's consumers hold leaves other flows no room",
                        PAGE_IN,
                        "return held[0] < much ? Reserve.SMALL : Reserve.NORMAL;",
                        "return Reserve.SMALL;",
                        DECIDERS + "shouldLeaveTheRoomOfOtherFlowsWhenConsumersHoldMuchOfItsQueue"),
                new Twin(
                        "a full domain takes nothing back",
                        PAGE_IN,
                        "return held[0] < much ? Reserve.SMALL : Reserve.NORMAL;",
                        "return Reserve.NORMAL;",
                        DECIDERS + "shouldLeaveRoomForThoseThatEndWhatComesBack"),
                new Twin(
                        "what comes back leaves no room to be taken",
                        PAGE_IN,
                        "spare = (int) (member.log().maxRingBytes() / PART * SPARE);",
                        "spare = 0;",
                        DECIDERS + "shouldLeaveRoomForThoseThatEndWhatComesBack"),
                new Twin(
                        "what has expired comes back",
                        PAGE_IN,
                        "&& !isExpired(messages.get(end), time)",
                        "",
                        DECIDERS + "shouldLeaveOutWhatHasExpiredInItsPage"),
                new Twin(
                        "the floor passes a page",
                        FLOOR,
                        "Math.min(end, state.pages.firstChunk(told.binding(), end))",
                        "end",
                        DECIDERS + "shouldKeepTheFloorBelowWhatAPageNeeds"),
                new Twin(
                        "the place moves before the floor is durable",
                        FLOOR,
                        "if (log.flush(log.newest(), DURABLE))",
                        "",
                        DECIDERS + "shouldMoveThePlaceOnlyWhenTheFloorIsDurable"),
                new Twin(
                        "the place is moved once only",
                        FLOOR,
                        "if (told.floor() <= companion.place())",
                        "",
                        DECIDERS + "shouldMoveThePlaceOnlyWhenTheFloorIsDurable"),
                new Twin(
                        "what tells of a queue's pages is nobody's",
                        "Crowd",
                        "return state.pages.stated(destination) +",
                        "return",
                        ROOM + "shouldCountWhatTellsOfItsPagesAsAQueuesOwnInAFullDomain"),
                new Twin(
                        "an expired page stays",
                        MAKER,
                        "dropExpiredPages(now);",
                        "",
                        ROOM + "shouldDropAPageWhenItsLastMessageHasExpired"),
                new Twin(
                        "nobody knows when the next page expires",
                        MAKER,
                        "nextExpiry = Math.min(nextExpiry, page.lot().expiry());",
                        "",
                        ROOM + "shouldDropAPageWhenItsLastMessageHasExpired"),
                new Twin(
                        "a page that ended expires again",
                        "Pages",
                        "expiring.remove(page);",
                        "",
                        ROOM + "shouldDropAllPagesThatHaveExpired"),
                new Twin(
                        "what lies in a page is passed over",
                        PUMP,
                        "if (isInLine && page.isBefore(m)) return false;",
                        "",
                        PAGED + "shouldDrainOneQueueAfterTheOtherWhenNoMoreMayBePagedOut"));
    }

    static Stream<String> tests() {
        return all().map(Twin::test).distinct();
    }

    /** In a class loader of its own, too. */
    @ParameterizedTest
    @MethodSource("tests")
    void shouldPassWithoutTheMistake(String test, @TempDir Path directory) throws Throwable {
        Twin.run(test, new Patched(directory));
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldBeNoticed(Twin twin, @TempDir Path directory) {
        twin.mustBeNoticed(directory, "5s");
    }
}
