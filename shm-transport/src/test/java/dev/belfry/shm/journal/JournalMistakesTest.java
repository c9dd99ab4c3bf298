package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.belfry.shm.Quiet;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.Turn;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Mistakes put into what brings a log into its files; a test of {@link JournalTest} must notice each. */
@OneJdk
@ByTurns
@Slow
@Tag(LeakCheck.PLANTED)
@ExtendWith(Quiet.Always.class)
class JournalMistakesTest {
    /** Runs the test of this name. */
    static final class Tests implements Consumer<String> {
        @Override
        public void accept(String test) {
            JournalTest journal = new JournalTest();
            try {
                // Some of the mistakes let all wait for ever, which is noticed, too.
                assertTimeoutPreemptively(Duration.ofSeconds(8), () -> run(journal, test));
            } finally {
                journal.abandon();
            }
        }

        private static void run(JournalTest journal, String test) throws Throwable {
            Method method = JournalTest.class.getDeclaredMethod(test);
            try {
                method.invoke(journal);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
        }
    }

    private record Mistake(String what, String noticed, String type, String snippet, String replacement) {}

    private static final String RAISES =
            "words.raiseCopied(records.committed());" + " words.raiseCopiedPosition(records.committedPosition() - 1);";

    /** The bytes that are about to be written become zeros when the memory is covered. */
    private static final String MAPPED = "Thread cover = new Thread(() -> {"
            + " while (!handle.segment.isCovered()) java.util.concurrent.locks.LockSupport.parkNanos(100_000);"
            + " for (int i = 0; i < sealed; i += 8) copy.putLong(i, 0); }); cover.setDaemon(true); cover.start();";

    private static Stream<Mistake> mistakes() {
        return Stream.of(
                new Mistake(
                        "durable is raised before the sync",
                        "shouldShowNothingBeforeTheDiskHasIt",
                        "Leader",
                        "if (syncsAlways) sync(span);",
                        RAISES + " if (syncsAlways) sync(span);"),
                new Mistake(
                        "nothing is synced",
                        "shouldReturnWhenTheDiskHasIt",
                        "Leader",
                        "if (syncsAlways) sync(span);",
                        ""),
                new Mistake(
                        "a copy is trusted before it is proven",
                        "shouldWriteNothingOfAQueueThatWasClosedMeanwhile",
                        "Leader",
                        "if (gate > at) return false;\n        bytes.limit(length).position(0);\n"
                                + "        records.seal(bytes);\n        int sealed = bytes.position();",
                        "int sealed = length;"),
                new Mistake(
                        "two threads of a process lead",
                        "shouldSyncOnceForMany",
                        "Leader",
                        "if (!leading.compareAndSet(null, Thread.currentThread())) return false;",
                        "beside = true;"),
                new Mistake(
                        "durable is stored, not raised",
                        "shouldLeadBesideALeaderThatIsHeldUp",
                        "JournalWords",
                        "if (word >= value) return false;",
                        ""),
                new Mistake(
                        "who finds the lock taken waits for the lock",
                        "shouldSyncOnceForMany",
                        "Leader",
                        "if (!leading.compareAndSet(null, Thread.currentThread())) return false;",
                        "while (!leading.compareAndSet(null, Thread.currentThread())) Thread.onSpinWait();"),
                new Mistake(
                        "who finds no room does not lead",
                        "shouldLeadWhereThereIsNoRoom",
                        "FullWait",
                        "awaitCopied(); return !isOverForDisk()",
                        "return !isOverForDisk()"),
                new Mistake(
                        "nobody leads beside",
                        "shouldLeadBesideALeaderThatIsHeldUp",
                        "Leader",
                        "&& wait.ended() == null) lead(true);",
                        "&& wait.ended() == null) lead(false);"),
                new Mistake(
                        "only the commit wakes readers",
                        "shouldWakeASleeperWhenTheDiskHasIt",
                        "Leader",
                        "if (wakesReaders) handle.wakeSleepersIfAny();",
                        ""),
                new Mistake(
                        "readers see what is committed",
                        "shouldShowNothingBeforeTheDiskHasIt",
                        "Reader",
                        "return durability == null || cursor < durable"
                                + " || cursor < (durable = durability.durableAcquire());",
                        "return true;"),
                new Mistake(
                        "a process that only reads keeps nothing",
                        "shouldSyncInAProcessThatOnlyReads",
                        "LivePart",
                        "watched.keeper.start();",
                        ""),
                new Mistake(
                        "a failed sync is not told to others",
                        "shouldEndForAllWhenASyncFails",
                        "Leader",
                        "words.fail(refused.errno == 0 ? Errno.ENOENT : refused.errno);",
                        ""),
                new Mistake(
                        "it is written out of the mapping",
                        "shouldWriteWhatItHasCopiedThoughTheQueueIsClosedMeanwhile",
                        "Leader",
                        "span.write(bytes, at);",
                        MAPPED + "span.write(bytes, at);"),
                new Mistake(
                        "nobody is woken after a take-over",
                        "shouldWakeThoseThatADeadLeaderHasNotWoken",
                        "Leader",
                        "private void takenOver() { handle.wakeSleepersIfAny();",
                        "private void takenOver() {"),
                new Mistake(
                        "what only a dead process was told is forgotten",
                        "shouldWriteAgainWhatASyncHasLostOfWhichOnlyADeadProcessWasTold",
                        "Leader",
                        "return words.copiedAcquire() <= begin ? 0 : header.tailAcquire();",
                        "return 0;"),
                new Mistake(
                        "what a leader writes at that moment is thought to be heard of",
                        "shouldWriteAgainWhatALeaderHadWrittenThatIsHeldUp",
                        "Leader",
                        "return words.copiedAcquire() <= begin ? 0 : header.tailAcquire();",
                        "return words.copiedAcquire() <= begin ? 0 : words.copiedAcquire();"),
                new Mistake(
                        "a thread forgets what it was told when it met an error",
                        "shouldWriteAgainWhatASyncHasLostWhoseThreadMetAnError",
                        "DoubtfulSync",
                        "isInDoubt = true;",
                        ""),
                new Mistake(
                        "what is read back is not proven",
                        "shouldEndWhereWhatASyncHasLostIsGone",
                        "DoubtfulSync",
                        "if (!again.prove(piece)) throw isLost(again);",
                        "again.prove(piece);"),
                new Mistake(
                        "a record is committed for which there is no file",
                        "shouldRefuseOrPassOnAMessageForWhichTheDiskHasNoRoom",
                        "LogEnd",
                        "if (journal != null) most = Math.min(most, journal.readyUpTo() - RecordHeader.SIZE);",
                        ""),
                new Mistake(
                        "a publish throws what the wait for the disk meets",
                        "shouldWaitWhereTheFilesCannotBeOpened",
                        "Leader",
                        "told = true;",
                        "if (true) throw refused;"),
                new Mistake(
                        "a named subscription is kept with the next ones",
                        "shouldKeepANamedSubscriptionAtOnce",
                        "ShmQueue",
                        "if (keeper != null && options.name() != null) keep(seat, subscriber);",
                        ""),
                new Mistake(
                        "a position is found by a hint",
                        "shouldTakeThePositionOfAPlaceFromItsRecord",
                        "Regions",
                        "if (RecordHeader.hasTrailer(pad)) return ownPositionAt(header, offset);",
                        ""),
                new Mistake(
                        "places are kept as they stand",
                        "shouldTakeThePositionOfAPlaceFromItsRecord",
                        "FileKeeper",
                        "position = LogPlace.checked(header, offset, exact).position();",
                        ";"),
                new Mistake(
                        "each life begins with a small ring",
                        "shouldNotGrowThroughAllSizesInEachLife",
                        "Parts",
                        "Math.max(table.capacity(region), capacity(settings, length))",
                        "capacity(settings, length)"),
                new Mistake(
                        "the gate passes what is not copied",
                        "shouldLeadWhereThereIsNoRoom",
                        "Gate",
                        "journal == null ? tail : Math.min(tail, journal.copiedAcquire())",
                        "tail"));
    }

    @TestFactory
    Stream<DynamicTest> shouldNotice() {
        return Turn.of(mistakes()
                .map(m -> DynamicTest.dynamicTest(m.what, () -> {
                    try (Patched twin = Patched.in(m.type, m.snippet, m.replacement)) {
                        twin.directory();
                        assertThatThrownBy(() -> twin.run(Tests.class, m.noticed))
                                .isNotInstanceOf(IllegalArgumentException.class);
                    }
                })));
    }
}
