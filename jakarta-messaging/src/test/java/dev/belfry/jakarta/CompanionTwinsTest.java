package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Has mistakes that are easily made where pages lie on the disk and are kept there, and who notices each. */
@Slow
@OneJdk
@ByTurns
class CompanionTwinsTest {
    private static final String COMPANION = "Companion";
    private static final String PAGE_OUT = "PageOut";
    private static final String FORWARD = "CopyForward";
    private static final String FLOOR = "Floor";
    private static final String CHOICE = "Choice";
    private static final String OPENS = "overflow.CompanionTest#";
    private static final String DECIDERS = "overflow.DecidersTest#";
    private static final String FULL = "overflow.FullCompanionTest#";
    private static final String MOVES = "overflow.CopyForwardTest#";
    private static final String CHOOSES = "overflow.ChoiceTest#";

    private static final String OF_THE_PAGE = OPENS + "shouldNotTakeWhatIsNotOfThePage";
    private static final String REMOVED = OPENS + "shouldSayGoneWhenItsDirectoryIsRemoved";

    /** In the class that each call of a companion goes through. */
    private static final String CALL = "Opened open = opened();";

    private static final String CALL_WITHOUT_LOCK = "for (StackTraceElement each : new Throwable().getStackTrace())"
            + " if (each.getClassName().endsWith(\"OneMember$Lone\")) throw new AssertionError(each.toString()); "
            + CALL;

    static Stream<Twin> all() {
        return Stream.of(companion(), pageOut(), forward()).flatMap(each -> each);
    }

    private static Stream<Twin> companion() {
        return Stream.of(
                new Twin(
                        "the place moves back",
                        COMPANION,
                        "if (place.position() + 1 < position)",
                        "",
                        OPENS + "shouldMoveThePlaceForwardOnly"),
                new Twin(
                        "a chunk of another companion is taken",
                        COMPANION,
                        "head.binding().equals(page.binding()) &&",
                        "",
                        OF_THE_PAGE),
                new Twin(
                        "a chunk of another page is taken",
                        COMPANION,
                        "&& head.page().equals(page.id())",
                        "",
                        OF_THE_PAGE),
                new Twin(
                        "a chunk of another queue is taken",
                        COMPANION,
                        "&& DestinationId.of(DestinationId.QUEUE, head.queue()) == page.lot().queue()",
                        "",
                        OF_THE_PAGE),
                new Twin(
                        "a chunk with other messages is taken",
                        COMPANION,
                        "&& chunk.messages().size() == end - chunks.get(index).first()",
                        "",
                        OF_THE_PAGE),
                new Twin(
                        "what comes after a missing chunk is taken for it",
                        COMPANION,
                        "if (message.position() != position) throw failures.gone(position);",
                        "",
                        OPENS + "shouldRemoveFilesBelowThePlaceThoughAllWasRead"),
                new Twin(
                        "each chunk is looked for",
                        "MessageReads",
                        "if (one != null && one.next == position) return one;",
                        "",
                        OPENS + "shouldFindAPageOnceAndReadItsChunksInTurn"),
                new Twin(
                        "what has read stands there for ever",
                        "MessageReads",
                        "if (!was && standing.compareAndSet(one, null)) one.in.close();",
                        "",
                        OPENS + "shouldRemoveFilesBelowThePlaceThoughAllWasRead"),
                new Twin(
                        "one that was removed is made again",
                        COMPANION,
                        "wasThere ? Create.OPEN_EXISTING : Create.CREATE_OR_OPEN",
                        "Create.CREATE_OR_OPEN",
                        REMOVED),
                new Twin(
                        "one of which a floor was told is made again",
                        COMPANION,
                        "wasThere = binding.floor() > 0;",
                        "",
                        REMOVED),
                new Twin(
                        "one that pages need is made again",
                        COMPANION,
                        "void expectThere() { wasThere = true; }",
                        "void expectThere() { }",
                        REMOVED),
                new Twin(
                        "one that was put back from a copy is waited for",
                        COMPANION,
                        "if (open.queue.stats().newestPosition() < position) throw failures.gone(position);",
                        "",
                        OF_THE_PAGE),
                new Twin(
                        "what was published counts as durable",
                        COMPANION,
                        "with(open -> open.publisher.awaitDurable(position, timeout));",
                        "true;",
                        OPENS + "shouldCloseAtOnceWhenItsDiskHangs"),
                new Twin(
                        "one that has failed is not opened again",
                        COMPANION,
                        "if (failures.isOver(failed)) forget(open);",
                        "",
                        OPENS + "shouldBeOpenedAgainWhenASyncHasFailed"),
                new Twin(
                        "one that was opened after its close stays open",
                        COMPANION,
                        "if (!closed) return open;",
                        "if (open != null) return open;",
                        OPENS + "shouldWaitForNoOpenThatHangs"),
                new Twin(
                        "a group has no part in it",
                        COMPANION,
                        "return isShared ? \"rw-rw----\" : null;",
                        "return null;",
                        OPENS + "shouldBeSharedWithTheGroupOfTheDirectoryAboveIt"));
    }

    private static Stream<Twin> pageOut() {
        return Stream.of(
                new Twin(
                        "what moves the oldest page finds no room",
                        PAGE_OUT,
                        "must ? 0 : largest + companion.segment() + largest",
                        "0",
                        FULL + "shouldLeaveRoomForAFileAndAPage"),
                new Twin(
                        "an older copy is filled",
                        PAGE_OUT,
                        "companion.expectUpTo(member.ask(state -> newest(state, binding)));",
                        "",
                        FULL + "shouldPublishNothingWhenItEndsBeforeTheFloor"),
                new Twin(
                        "an older copy without the pages is filled",
                        PAGE_OUT,
                        "Math.max(state.registry.overflow().floor() - 1, state.pages.lastChunk(binding))",
                        "state.registry.overflow().floor() - 1",
                        FULL + "shouldPublishNothingWhenItEndsBeforeAPage"),
                new Twin(
                        "a full domain does not say why nothing goes out",
                        PAGE_OUT,
                        "refusal = why.getMessage();",
                        "",
                        FULL + "shouldLeaveRoomForAFileAndAPage"),
                new Twin(
                        "a full domain says what was mended",
                        PAGE_OUT,
                        "refusal = \"\"; if (paged)",
                        "if (paged)",
                        FULL + "shouldPageOutAgainWhenPagesHaveLeft"),
                new Twin(
                        "each refusal is logged",
                        PAGE_OUT,
                        "if (refused.add(why.why)) LOG",
                        "LOG",
                        FULL + "shouldLeaveAllInMemoryWhenASyncFails"),
                new Twin(
                        "a second refusal is not logged",
                        PAGE_OUT,
                        "refused.clear();",
                        "",
                        FULL + "shouldPageOutAgainWhenPagesHaveLeft"),
                new Twin(
                        "a floor is told each second",
                        FLOOR,
                        "if (!isWorth(companion)) return;",
                        "",
                        DECIDERS + "shouldTellAFloorOnlyWhenAFileCanGo"),
                new Twin(
                        "a floor waits for a file that never comes about",
                        FLOOR,
                        "companion.freeBytes() / PART",
                        "companion.segment()",
                        FULL + "shouldGoOnWhenItsMaxSizeHasFewFiles"),
                new Twin(
                        "the domain is flushed for an older copy",
                        FLOOR,
                        "if (told.floor() > companion.newest() + 1) return;",
                        "",
                        FULL + "shouldPublishNothingWhenItEndsBeforeTheFloor"),
                new Twin(
                        "many small messages are less than a page is worth",
                        CHOICE,
                        "return isFull || bytes >= stays",
                        "return bytes >= stays",
                        CHOOSES + "shouldTakeTheNewestOfTheLargestQueueWhenMessagesAreSmall"),
                new Twin(
                        "the oldest go out, too",
                        CHOICE,
                        "while (!hasEnoughThatStay() && !page.isEmpty())",
                        "while (bytes < 0)",
                        CHOOSES + "shouldLeaveTheOldestInMemory"));
    }

    private static Stream<Twin> forward() {
        return Stream.of(
                new Twin(
                        "a page is moved that is told before it is durable",
                        FORWARD,
                        "companion.awaitDurable(first + encoded.size() - 1, DURABLE);",
                        "",
                        MOVES + "shouldTellAMovedPageOnlyWhenItsChunksAreDurable"),
                new Twin(
                        "a page is moved that others have moved",
                        FORWARD,
                        "if (!told.isOf(now)) return null;",
                        "if (now == null) return null;",
                        MOVES + "shouldTellNothingWhenAnotherMemberMovesItMeanwhile"),
                new Twin(
                        "a moved page has what has left it",
                        FORWARD,
                        "moved, now.rest())",
                        "moved, told.rest())",
                        MOVES + "shouldTellWhatIsLeftOfItNowWhenSomeLeaveMeanwhile"),
                new Twin(
                        "a moved page lies below the floor",
                        FORWARD,
                        "|| moved.get(0).position() < overflow.floor()",
                        "",
                        MOVES + "shouldTellNothingBelowTheFloor"),
                new Twin(
                        "a page is moved in a companion that the domain has no more",
                        FORWARD,
                        "!overflow.binding().equals(page.binding()) ||",
                        "",
                        MOVES + "shouldTellNothingWhenTheDomainHasAnotherCompanionMeanwhile"),
                new Twin(
                        "a page is copied with what has left it",
                        FORWARD,
                        "Told.chunkOf(page.chunks(), told.rest().index())",
                        "0",
                        MOVES + "shouldCopyWhatIsLeftOfAPage"),
                new Twin(
                        "a page is moved though there is hardly garbage",
                        FORWARD,
                        "if (live == null || size - live.bytes <= Math.min(live.bytes + FILES * companion.segment(), part))",
                        "if (live == null)",
                        MOVES + "shouldMoveAPageWhenMostIsGarbage"),
                new Twin(
                        "two members copy the same again and again",
                        FORWARD,
                        "if (!isMoved(companion, live.oldest)) leftUntil = Deadlines.after(LEFT_NANOS);",
                        "isMoved(companion, live.oldest);",
                        MOVES + "shouldTellNothingWhenAnotherMemberMovesItMeanwhile"),
                new Twin(
                        "a page that cannot be read ends page out",
                        FORWARD,
                        "if (!isLost) throw refused;",
                        "if (isLost) throw refused;",
                        MOVES + "shouldPageOutThoughTheOldestPageCannotBeRead"),
                new Twin(
                        "nothing is moved",
                        PAGE_OUT,
                        "forward.move(companion);",
                        "",
                        MOVES + "shouldBoundTheFilesWhileAPageIsNotConsumed"));
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

    /** A disk may hang in each call. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                DECIDERS + "shouldTellAFloorOnlyWhenAFileCanGo",
                MOVES + "shouldCopyWhatIsLeftOfAPage",
                FULL + "shouldPageOutAgainWhenPagesHaveLeft"
            })
    void shouldCallNoCompanionWithTheClaimOrTheFoldLock(String test, @TempDir Path directory) throws Throwable {
        Twin.run(test, new Patched(directory).and(COMPANION, CALL, CALL_WITHOUT_LOCK));
    }

    @Test
    void shouldNoticeACallWithTheClaim(@TempDir Path directory) {
        Patched product = new Patched(directory)
                .and(COMPANION, CALL, CALL_WITHOUT_LOCK)
                .and(FLOOR, "long first = Math.min(end,", "long first = Math.min(companion.durable() + 1,");
        assertThatThrownBy(() -> Twin.run(DECIDERS + "shouldTellAFloorOnlyWhenAFileCanGo", product))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("OneMember$Lone");
    }

    /** In a product that waits 200 ms for the disk, not 30 s. */
    @Test
    void shouldLeaveAllInMemoryWhenADiskDoesNotAnswer(@TempDir Path directory) throws Throwable {
        Twin.run(
                FULL + "pageOutWhileItsDiskHangs",
                new Patched(directory).and(PAGE_OUT, "Duration.ofSeconds(30)", "Duration.ofMillis(200)"));
    }

    /** The kernel gives no thread for the close. */
    @Test
    void shouldCloseWhenNoThreadCanBeHad(@TempDir Path directory) throws Throwable {
        String none = "if (!thread.isAlive()) throw new OutOfMemoryError(\"unable to create native thread\");";
        Twin.run(
                OPENS + "shouldReadInAnotherMemberWhatIsDurable",
                new Patched(directory).and(COMPANION, "thread.start();", none));
    }
}
