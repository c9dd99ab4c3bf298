package dev.belfry.shm.mistakes;

import static dev.belfry.shm.mistakes.LockMistakes.locks;
import static dev.belfry.shm.mistakes.PublishMistakes.batchesOfAPublisher;
import static dev.belfry.shm.mistakes.PublishMistakes.rules;
import static dev.belfry.shm.mistakes.WaitMistakes.names;
import static dev.belfry.shm.mistakes.WaitMistakes.waiting;

import dev.belfry.shm.crash.ErrorSteps;
import dev.belfry.shm.sim.FieldSteps;
import dev.belfry.testing.Patched;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A mistake that is easily made in the protocol: what is put into which class in place of what, and
 * the check that must notice it. Numbers are rows of the table in this folder's README, letters the ways
 * to make the mistake.
 */
record Mistake(
        String id, String what, Class<? extends Consumer<String>> noticer, String argument, List<Change> changes) {
    private record Change(String type, String snippet, String replacement) {}

    /** A mistake that no run on such a machine can show, and what holds it instead. */
    record Unseen(int row, String what, String why) {}

    private static final List<Mistake> ALL = new ArrayList<>();

    static final String NONE = "";
    static final String NOT_MINE = "if (!isMine(word)) { lost = true; return false; }";
    private static final String OVERRUN = "overrun against copy";
    private static final String REATTACH = "gate move against re-attach that gates from now on";

    @Override
    public String toString() {
        return id + " " + what;
    }

    int row() {
        return Integer.parseInt(id.substring(0, id.length() - 1));
    }

    Patched patched() {
        Patched twin = null;
        for (Change c : changes) {
            twin = twin == null
                    ? Patched.in(c.type, c.snippet, c.replacement)
                    : twin.and(c.type, c.snippet, c.replacement);
        }
        return noticer == Noticers.Errors.class ? twin.through(ErrorSteps::into) : twin.through(FieldSteps::into);
    }

    private static Mistake of(String id, String what, Class<? extends Consumer<String>> noticer, String argument) {
        Mistake mistake = new Mistake(id, what, noticer, argument, new ArrayList<>());
        ALL.add(mistake);
        return mistake;
    }

    static Mistake death(String id, String what, String operation) {
        return of(id, what, Noticers.Crash.class, operation);
    }

    static Mistake error(String id, String what, String operation) {
        return of(id, what, Noticers.Errors.class, operation);
    }

    static Mistake schedule(String id, String what, String scenario) {
        return of(id, what, Noticers.Schedules.class, scenario);
    }

    static Mistake behaviour(String id, String what, String method) {
        return of(id, what, Noticers.Behaviour.class, method);
    }

    static Mistake test(String id, String what, String test) {
        return of(id, what, Noticers.OneTest.class, test);
    }

    /**
     * Noticed by a method of {@link WaitBehaviours} where slices are so long that they do not hide it:
     * as in {@link LongSleepTest}.
     */
    static Mistake asleep(String id, String what, String method, long quietAfter) {
        return test(id, what, "mistakes.WaitBehaviours#" + method)
                .in("Sleepers", LongSleepTest.QUIET_AFTER, "QUIET_AFTER_NANOS = " + quietAfter)
                .in("Sleepers", LongSleepTest.QUIET_SLICE, "QUIET_SLICE_NANOS = 10_000_000_000L");
    }

    Mistake in(String type, String snippet, String replacement) {
        changes.add(new Change(type, snippet, replacement));
        return this;
    }

    static List<Mistake> all() {
        if (ALL.isEmpty()) {
            locks();
            log();
            names();
            waiting();
            readers();
            rules();
            favour();
            users();
            errors();
            batches();
            batchesOfAPublisher();
        }
        return ALL;
    }

    static List<Unseen> unseen() {
        return List.of(
                new Unseen(2, "leave by plain store", "an ended flag lost there is set again by the next publisher"),
                new Unseen(7, "HOP -> r + 1", "the same while regions are appended in order, as all are"),
                new Unseen(8, "tail before count, count plain", "the stamps make it good; models, 2-bit stamps"),
                new Unseen(10, "a fence left out", "needs a store buffer: models, jcstress"),
                new Unseen(10, "failed CAS of room returns", "sequentially consistent runs look again: models"),
                new Unseen(11, "no drain", "costs wake-ups only; SleepersTest counts them"),
                new Unseen(15, "no FF before overwriting", "x86 keeps stores in order: models"),
                new Unseen(19, "flags beside the state word", "there is one word: SlotStateTest, LayoutTest"),
                new Unseen(
                        24,
                        "asked for no fence, or the bias not looked at before sleep",
                        "needs a store buffer: StoreBufferTest"),
                new Unseen(24, "inside cleared before the incarnation", "needs an asker between two stores: models"),
                new Unseen(29, "a wake that posts first", "models; the slice ends it"),
                new Unseen(29, "no fence for all queues", "needs a store buffer: StoreBufferTest"),
                new Unseen(22, "region unmapped early", "nothing is unmapped before the handle closes"));
    }

    private static void log() {
        schedule("5a", "in place for one that can be passed", OVERRUN)
                .in("SlotPlace", "if (policy.mayBePassed()) return new Window", "if (slot == -7) return new Window");
        test(
                        "5b",
                        "a word is believed before it is asked who passed",
                        "ring.WindowReaderTest#shouldNoticeAtEachLookThatItWasPassed")
                .in(
                        "WindowReader",
                        "if (isPassed()) return Found.PASSED; if (goBelow())",
                        "if (length != 0 && isPassed()) return Found.PASSED; if (goBelow())");
        death("6a", "growing leaves the limit as it is", "grow")
                .in("LogEnd", "header.limit(base + grown.capacity);", NONE);
        death("6b", "growing takes the limit from the gate", "grow")
                .in(
                        "LogEnd",
                        "header.limit(base + grown.capacity);",
                        "header.limit(header.gateAcquire() + grown.capacity);");
        death("6c", "repair leaves the limit as it is", "repair a growth")
                .in("RingRepair", "header.limit(Math.max(header.gateAcquire(), ring.base) + ring.capacity);", NONE);
        death("6d", "repair leaves a dead grower's base", "grow")
                .in("RingRepair", "boolean dropped = dropBasesBeyond(tail);", "boolean dropped = false;");
        String hop = "old.bytes.putLongRelease(old.index(end), RecordHeader.hop(position));";
        String base = "regions.table.baseRelease(next, base);";
        String first = "grown.bytes.putLong(0, RecordHeader.empty(position));";
        death("7a", "HOP before the base", "grow").in("LogEnd", base, NONE).in("LogEnd", hop, hop + base);
        death("7b", "HOP before the first word", "grow")
                .in("LogEnd", first, NONE)
                .in("LogEnd", hop, hop + first);
        behaviour("7c", "the current region is kept from before", "publishAfterAnothersGrowth")
                .in("LogEnd", "if (ring == null || ring.region != region)", "if (ring == null)");
        behaviour(
                        "7d",
                        "who is favoured trusts what it remembers across its own growth",
                        "publishAsTheFavouredAfterGrowth")
                .in("LogEnd", "public void hop(int next) { forget();", "public void hop(int next) {");
        death("8a", "the next word is not cleared", "gate move")
                .in("LogEnd", "putLong(need, RecordHeader.empty(position + 1));", NONE);
    }

    private static void readers() {
        schedule("15a", "nobody reads the gate after the copy", OVERRUN)
                .in(
                        "WindowReader",
                        "if (isPassed()) return Found.PASSED; if (goBelow())",
                        "if (length == 0 && isPassed()) return Found.PASSED; if (goBelow())");
        test(
                        "15b",
                        "a window is believed that was passed since",
                        "ring.WindowReaderTest#shouldNoticeThatItWasPassedWhileItReadsItsWindow")
                .in(
                        "WindowReader",
                        "if (isPassed()) return Found.PASSED; return cursor >= begin",
                        "return cursor >= begin");
        death("16a", "a named one goes through JOINING when it is attached again", "named re-attach")
                .in(
                        "Joining",
                        "slots.stateAcquire(slot), tries); handle.semaphores.unlink(slot, slots.semInc(slot));",
                        "slots.stateAcquire(slot), tries); handle.semaphores.unlink(slot, slots.semInc(slot));"
                                + " slots.stateRelease(slot, SlotState.withPhase(slots.stateAcquire(slot),"
                                + " SlotState.JOINING));");
        schedule("16b", "a named one is attached again without the gate lock", REATTACH)
                .in(
                        "Joining",
                        "underGateLock(deadline, () -> resume(seat, options, found));",
                        "resume(seat, options, found);");
        schedule("16c", "a named one is attached again where the gate has passed", REATTACH)
                .in("Joining", "boolean passed = segment.floor.isSlotBelowFloor(slot);", "boolean passed = false;");
        schedule("16d", "a seek back without the gate lock", "gate move against seek back")
                .in(
                        "Seeking",
                        "return joining.underGateLock(deadline, () -> {",
                        "java.util.function.Supplier<LogPlace> step = (() -> {")
                .in(
                        "Seeking",
                        "moved(slot, to, accounted); return to; });",
                        "moved(slot, to, accounted); return to; }); return step.get();");
        schedule(
                        "16e",
                        "a joiner by time does not ask whether its place is gone",
                        "gate move against join by time, GATE_PUBLISHER")
                .in("Joining", "if (found != null && segment.floor.isBelowFloor(found.offset())) return null;", "");
        schedule(
                        "16f",
                        "a seek to a time does not ask whether its place is gone",
                        "gate move against seek back by time")
                .in(
                        "Seeking",
                        "return () -> segment.floor.isBelowFloor(found.offset()) ? null : found;",
                        "return () -> found;");
        schedule(
                        "16g",
                        "a walk to a time does not ask whether it was passed",
                        "gate move against join by time, OVERRUN")
                .in(
                        "LogPlace",
                        "if (header.gateAcquire() > offset) return null; if (RecordHeader.stamp(word) !=",
                        "if (RecordHeader.stamp(word) !=");
        death("17a", "the acknowledged position before its offset", "acknowledge")
                .in(
                        "SlotPlace",
                        "slots.ackOffRelease(slot, offset); slots.ackPosRelease(slot, position);",
                        "slots.ackPosRelease(slot, position); slots.ackOffRelease(slot, offset);");
        String ackOff = "slots.ackOffRelease(slot, entry.offset()); Machine";
        death("17b", "in a jump the offset first", "overrun jump")
                .in("Subscriptions", ackOff, "Machine")
                .in(
                        "Subscriptions",
                        "slots.startPosRelease(slot, entry.position()); // first",
                        "slots.ackOffRelease(slot, entry.offset()); slots.startPosRelease(slot, entry.position()); //"
                                + " first");
        schedule("17c", "one that was passed acknowledges", "evict by DISCONNECT against resume")
                .in(
                        "SlotPlace",
                        "if (policy.mayBePassed() && !policy.jumps() && (floor.isBelowFloor(ackOff) || isEnded())) throw end();",
                        NONE);
        death("17d", "in a seek back the offset first", "seek back")
                .in("Seeking", "if (position < slots.ackPosAcquire(slot)) slots.ackPosRelease(slot, position);", NONE);
        test(
                        "17e",
                        "a seek lowers the mark of what was read",
                        "receive.ReadBeforeTest#shouldKeepTheMarkInEachOrderOfMoves")
                .in(
                        "SlotPlace",
                        "long accounted = Math.max(",
                        "slots.readPos(slot, reader.expected() - 8); long accounted = Math.max(");
        test(
                        "17f",
                        "a batch lowers the mark of what was read",
                        "receive.ReadBeforeTest#shouldKeepTheMarkBeforeItsStart")
                .in("SlotPlace", "if (reader.expected() <= standing.accounted()) return false;", NONE);
        schedule("18a", "an observer at NOW does not look at the gate", "14 messages against join of an observer NOW")
                .in("LogPlace", "if (header.gateAcquire() > offset) continue; }", "}");
    }

    private static final String MINE = "return isOpen(turn) && holder == Thread.currentThread();";
    private static final String THIS = "return turn == number && holder == Thread.currentThread();";
    private static final String HIS = "return holder == Thread.currentThread();";
    private static final String END = "void end() { TURN.lazySet(this, turn + 1);";
    private static final String END_ALWAYS = "void end() { TURN.lazySet(this, (turn | 1) + 1);";

    /** Which of this thread's claims is meant is not asked. */
    private Mistake whoseAlone() {
        return in("OpenClaim", MINE, HIS).in("OpenClaim", THIS, HIS).in("OpenClaim", END, END_ALWAYS);
    }

    private static void users() {
        behaviour("25a", "a claim that was given up is given up again", "claimOfAClosedPublisher")
                .whoseAlone();
        behaviour("25b", "a commit too late gives up what was given up", "commitAfterItsPublisherIsClosed")
                .whoseAlone();
        behaviour("25c", "a claim is open before it is known whose", "claimsOfTwoThreads")
                .in(
                        "OpenClaim",
                        "if (holder != current) holder = current; long",
                        "TURN.lazySet(this, turn + 1);"
                                + " if (holder != current) java.util.concurrent.locks.LockSupport.parkNanos(200_000);"
                                + " if (holder != current) holder = current; long")
                .in("OpenClaim", "long next = turn + 1 | 1; TURN.lazySet(this, next);", "long next = turn;");
        behaviour("25d", "the gate passes a reader that went back", "acknowledgedBehindRecover")
                .in("ShmSubscriber", "if (place.mayRepeat()) place.repeat();", NONE);
        behaviour("25e", "a record is acknowledged away while it is read again", "acknowledgedWhileItIsReadAgain")
                .in("SlotPlace", "if (position < pinned || pinner == Thread.currentThread())", "if (position >= 0)");
        behaviour("25f", "a record is acknowledged away while its handler runs", "acknowledgedWhileItsHandlerRuns")
                .in("SlotPlace", "if (pins) pinned = position;", NONE);
        behaviour("25k", "the same of one that no batch reads", "acknowledgedWhileItsHandlerRunsAlone")
                .in("ShmSubscriber", "place.pin();", NONE);
        schedule("25g", "who ends a claim late gives the lock back", "close with a claim against two publishers")
                .whoseAlone()
                .in("FutexLock", NOT_MINE, NONE);
        schedule("25h", "a close gives up another thread's claim", "close against a claim of another thread")
                .in("OpenClaim", MINE, "return isOpen(turn);")
                .in("OpenClaim", THIS, "return turn == number;");
        behaviour("25l", "what was never given is not looked for again", "acknowledgedAfterASeekBack")
                .in(
                        "SlotPlace",
                        "clientAcknowledges && reader.expected() <= standing.acceptedTo();",
                        "clientAcknowledges && reader.expected() <= standing.accounted();");
        schedule("25i", "a reader that went back stays behind the gate", "gate move against acknowledge after recover")
                .in("ShmSubscriber", "if (place.mayRepeat()) place.repeat();", NONE);
        schedule(
                        "25j",
                        "whose claim it is is asked before which one it is",
                        "close against the next claim, by the claimant before")
                .in("OpenClaim", MINE, "return holder == Thread.currentThread() && isOpen(turn);")
                .in("OpenClaim", THIS, "return holder == Thread.currentThread() && turn == number;");
    }

    private static void batches() {
        String step = "at = reader.step(at, word);";
        String noted = "place.readingNext(position);";
        behaviour("27a", "a message whose handler failed is lost", "handlerFailsInABatch")
                .in(
                        "ShmSubscriber",
                        "failedInBatch = view; batchFailed(view, first); throw failure;",
                        "throw failure;");
        behaviour("27b", "a message whose handler failed is not stepped over", "handlerFailsInABatch")
                .in("ShmSubscriber", "batchFailed(view, first);", "reader.stepBack(); batchFailed(view, first);");
        death("27c", "readPos is stored after the handler", "poll")
                .in("ShmSubscriber", noted, NONE)
                .in("ShmSubscriber", "n++; if (place", noted + " n++; if (place");
        behaviour("27d", "a message is stepped over before all is stored that may fail", "pollingFails")
                .in("ShmSubscriber", noted + " " + step, step + " " + noted);
        behaviour("27e", "a batch goes on after close", "handlerClosesInABatch")
                .in("ShmSubscriber", "place.isBatchStopped() || isOver(turn)", "isOver(turn)");
        behaviour("27f", "what others acknowledge waits for the end of the batch", "acknowledgedInTheMiddleOfABatch")
                .in("SlotPlace", "stopBatch(); return pinned - 1;", "return pinned - 1;");
        behaviour("27g", "flags are not looked at", "propertiesAmongPlainMessages")
                .in(
                        "RecordHeader",
                        "return (int) (word >>> 32) == (DATA | (int) position << 8);",
                        "return isData(word, position);");
        behaviour("27h", "a batch reads what was read before", "attachedAgainItSaysWhatWasReadBefore")
                .in("SlotPlace", "if (reader.expected() <= standing.accounted()) return false;", NONE)
                .in("ShmSubscriber", "|| standing().isGiven(reader.expected())", NONE);
        schedule("27j", "a batch acknowledges in front of its handler", "gate move against poll")
                .in(
                        "ShmSubscriber",
                        "standing.handsOver(position);",
                        "standing.handsOver(position); place.batchEnds(); acknowledged(position);");
        behaviour("27i", "a batch begins before all is read again", "handlerRecoversInABatch")
                .in("SlotPlace", "if (isRepeating()) return false;", NONE)
                .in("SlotPlace", "if (reader.expected() <= standing.accounted()) return false;", NONE)
                .in("ShmSubscriber", "|| standing().isGiven(reader.expected())", NONE);
    }

    private static void errors() {
        behaviour("26a", "a slot's next name is made of zeros", "subscribingAgainstClose")
                .in("Joining", "handle.requireAttached(); long next = (begun", "long next = (begun");
        behaviour("26b", "acknowledgements are counted in covered memory", "awaitingAgainstClose")
                .in("AwaitAcknowledged", "&& !handle.segment.isCovered()", NONE);
        behaviour("26c", "a name that was begun is used again", "attachesBesideAnothersSemaphore")
                .in("Joining", "(begun <= MOST_INCARNATIONS ? Math.max(last, begun) : last)", "last");
        behaviour("26d", "a refused call is mended by the same call", "refusedToMapWhileItPublishes")
                .in("CriticalSection", "if (!(failure instanceof PosixException)) {", "if (failure != null) {");
        behaviour("26e", "a publish throws what failed after its commit", "wakingFails")
                .in("Wake", "say(late);", "throw late;");
        behaviour("26f", "a reader that stepped past a message stays there", "receivingFails")
                .in("ShmSubscriber", "reader.stepBack(); throw failure;", "throw failure;");
        behaviour("26g", "a copy counts that was made of covered memory", "copyingAgainstClose")
                .in("WindowReader", "if (isCovered.getAsBoolean()) return Found.NOTHING;", NONE);
        behaviour("26i", "an append begins before the lock is held", "errorBesideAnothersAttempt")
                .in("ShmPublisher", "long position = CriticalSection.NOTHING;", "long position = end.next();")
                .in("ShmPublisher", "position = end.next(); end.append(", "end.append(");
        behaviour("26h", "a view is copied from covered memory", "copyingAgainstClose")
                .in("ShmMessageView", "handle.requireAttached();", NONE);
    }

    private static void favour() {
        String favoured = "publish against the favoured, without slices";
        schedule("24a", "the favoured one does not look at the bias", favoured)
                .in("PublishLock", "inside = raw.getIntAcquire(biasAddress) == mine;", "inside = true;");
        schedule("24b", "nobody waits for the favoured one inside", favoured)
                .in("PublishLock", "if (value == 0) {", "if (value >= 0) {");
        schedule("24c", "the favoured one wakes nobody as it goes", favoured)
                .in("PublishLock", "if (raw.getIntAcquire(biasAddress) != mine) futex.wake(insideAddress, 1);", NONE);
        schedule("24d", "a thread is favoured after the release", "favoured in turn, without slices")
                .in("PublishLock", "words.putIntRelease(BIAS, mine); // before", "// before")
                .in(
                        "PublishLock",
                        "if (super.release()) streak = 0;",
                        "if (super.release()) streak = 0; if (biased) words.putIntRelease(BIAS, mine);");
        schedule("24e", "a close takes no notice of a favoured thread", "close against favoured publish")
                .in(
                        "PublishLock",
                        "return super.isHeldByThisHandle() || isBiasMine();",
                        "return super.isHeldByThisHandle();");
        death("24f", "nothing is repaired after a favoured one", "repair a publish of the favoured")
                .in(
                        "PublishLock",
                        "return dead ? Outcome.ACQUIRED_FROM_DEAD_OWNER : Outcome.ACQUIRED;",
                        "return Outcome.ACQUIRED;");
        test(
                        "24g",
                        "whose inside it was is not compared",
                        "sync.PublishLockTest#shouldRepairWhenTheDeadOnesHandleIsSomebodyElsesByNow")
                .in("PublishLock", "dead = isOfAnother(owner, bias);", NONE);
        test("24h", "who died asking has its successor repair", "sync.PublishLockTest#shouldGoOnAfterWhoDiedAsking")
                .in("PublishLock", "had not begun to publish return false;", "had not begun to publish\n return true;");
    }
}
