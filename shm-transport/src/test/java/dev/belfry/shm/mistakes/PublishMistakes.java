package dev.belfry.shm.mistakes;

import static dev.belfry.shm.mistakes.Mistake.NONE;
import static dev.belfry.shm.mistakes.Mistake.NOT_MINE;
import static dev.belfry.shm.mistakes.Mistake.behaviour;
import static dev.belfry.shm.mistakes.Mistake.death;
import static dev.belfry.shm.mistakes.Mistake.error;
import static dev.belfry.shm.mistakes.Mistake.schedule;
import static dev.belfry.shm.mistakes.Mistake.test;

/** Mistakes with the rules for publishers, their closes and their batches. */
final class PublishMistakes {
    private PublishMistakes() {}

    static void rules() {
        behaviour("20a", "DISCONNECT holds nothing while the ring can grow", "disconnectGatesWhileItGrows")
                .in("Policy", "(this != DISCONNECT || canGrow)", "this != DISCONNECT");
        test("20b", "who was passed holds the gate", "ring.GateTest#shouldNeverBeHeldByWhoWasPassedAlready")
                .in("Floor", "if (needed >= from && needed < least)", "if (needed < least)");
        behaviour("21a", "a second publisher beside an exclusive one finds out by waiting", "exclusiveIsRefusedAtOnce")
                .in("PublisherFlags", "&& (state & forbidden) != 0 &&", "&& (state & forbidden) == -1 &&");
        behaviour("21b", "a claim in a claim finds out by waiting", "claimInAClaim")
                .in(
                        "CriticalSection",
                        "if (mine != null) throw mine.nested(",
                        "if (closed && mine != null) throw mine.nested(");
        behaviour("21c", "maxGateTime is measured in one call", "maxGateTimeCountsAcrossCalls")
                .in("Room", "endedSomebody = false;", "endedSomebody = false; java.util.Arrays.fill(blockers, null);");
        behaviour("22a", "closing a publisher covers the memory", "publisherCloseLeavesReaders")
                .in(
                        "ShmPublisher",
                        "if (!publishers.forget(this)) return; section.shut();",
                        "if (!publishers.forget(this)) return; section.shut(); dev.belfry.shm.segment.Inside.cover(handle);");
        behaviour("22b", "the byte falls before the memory is covered", "coveredBeforeTheByteFalls")
                .in(
                        "Leaving",
                        "handle.segment.cover(); // before the byte",
                        "handle.dropByte(); handle.segment.cover(); // before the byte");
        behaviour("22c", "the regions are covered before the header", "headerIsCoveredFirst")
                .in(
                        "Segment",
                        "headerMapping.coverWithZeroPages(); regionMappings.forEach(Mapping::coverWithZeroPages); }",
                        "regionMappings.forEach(Mapping::coverWithZeroPages); headerMapping.coverWithZeroPages(); }");
        death("23a", "a named join at a position is not said to be starting", "named join at")
                .in("Joining", "boolean starting = wanted > entry.position();", "boolean starting = false;");
    }

    static void batchesOfAPublisher() {
        death("28a", "the first word of a batch is stored before the others", "batch")
                .in(
                        "LogBatch",
                        "if (before == 0) first = word; else end.putLong(at, word);",
                        "first = before == 0 ? word : first; end.putLong(at, word);");
        schedule("28o", "the same, beside a reader", "batch against read")
                .in(
                        "LogBatch",
                        "if (before == 0) first = word; else end.putLong(at, word);",
                        "first = before == 0 ? word : first; end.putLong(at, word);");
        death("28b", "repair does not walk a whole batch", "batch")
                .in("RingRepair", "long most = tail + ring.capacity;", "long most = tail + 1;");
        death("28c", "the word after a batch is not cleared", "batch, gate move")
                .in("LogBatch", "end.putLong(used, RecordHeader.empty(end.next() + count));", NONE);
        behaviour("28e", "what another thread is inside for is taken for one's own", "releaseFailsBesideAnother")
                .in("CriticalSection", "if (!isHeldByUs() || lock.isLost())", "if (!isHeldByUs())");
        behaviour("28w", "a rescue does not know that the favoured thread is inside", "errorOfTheFavoured")
                .in("CriticalSection", "return heldByWord || lock.isInsideFavoured();", "return heldByWord;");
        behaviour("28f", "an error of the user's memory ends a batch, and the lock stays", "foreignErrorInABatch")
                .in(
                        "Claims",
                        "RuntimeException gone = handle.translate(late);",
                        "openClaim.end(); RuntimeException gone = handle.translate(late);");
        behaviour("28p", "whose batch is open is not asked", "batchThatIsAnothersByNow")
                .in("OpenClaim", "return batcher == Thread.currentThread();", "return batcher != null;");
        behaviour("28q", "a batch stays open after its commit", "batchThatIsAnothersByNow")
                .in("OpenClaim", "if (batcher != null) batcher = null;", NONE)
                .in("ShmBatch", "open = false;", NONE);
        behaviour("28g", "what is to be told is told under the lock", "toldOutsideTheLock")
                .in(
                        "Admission",
                        "refuse(wait, throwIfFull); return entered; } finally { if (!entered) outside(wait);",
                        "refuse(wait, throwIfFull); return entered; } finally { outside(wait);");
        behaviour(
                        "28h",
                        "a batch that was read and not counted yet is taken for damage",
                        "batchOfADeadWriterThatWasRead")
                .in("SlotsDamage", "|| position < log.newest() + 2", NONE);
        behaviour("28i", "a favoured thread waits for what it left itself", "favouredThatIsLeftInside")
                .in("CriticalSection", "if (lock.wasLeftInside()) handle.check();", NONE);
        behaviour("28v", "a favoured thread waits for what its rescue left", "rescueOfTheFavouredFails")
                .in("CriticalSection", "handle.check(); // first: else a thread", "// first: else a thread")
                .in("CriticalSection", "if (lock.wasLeftInside()) handle.check();", NONE);
        behaviour("28k", "a favoured thread walks in again over its claim", "nestedInAClaimOfTheFavoured")
                .in("PublishLock", "if (inside) return false;", NONE);
        behaviour("28u", "a claim of the favoured is taken for what an error left", "nestedInAClaimOfTheFavoured")
                .in("PublishLock", "if (inside) return false;", "if (inside) { noteLost(); return false; }");
        behaviour("28j", "a thread waits for what it left itself", "rescueFails")
                .in("CriticalSection", "handle.check(); // first: else a thread", "// first: else a thread");
        behaviour("28l", "a close frees the lock over an unmended log", "rescueFailsAndItIsClosed")
                .in("AwaitEmpty", "handle.changes.wake();", "handle.changes.wake(); lock.release();");
        behaviour("28m", "an unmended growth is left", "rescueOfAGrowthFails")
                .in(
                        "CriticalSection",
                        "handle.repairOwedBy = current; rescue(failure, NOTHING); } throw failure;",
                        "try { rescue(failure, NOTHING); } finally { handle.repairOwedBy = null; leave(); } } throw failure;");
        behaviour("28n", "the watch ends before what is left is given up", "rescueFailsAndSoDoesItsClose")
                .in("Publishers", "boolean isWhole = handle.isWhole();", "boolean isWhole = true;");
        error("28r", "an error after a claim is open leaves it open over a free lock", "claim, commit")
                .in("Claims", "endMine(); section.rescue(", "section.rescue(")
                .in("FutexLock", NOT_MINE, NONE);
        error("28s", "what comes right after the lock is mended by nothing", "publish")
                .in(
                        "CriticalSection",
                        "boolean open = false; try { open = isOpenInside(byWord); if (open) {",
                        "boolean open = isOpenInside(byWord); try { if (open) {");
        test("28t", "a lock of another owner is given back", "sync.FutexLockTest#shouldGiveBackNoOthersLock")
                .in("FutexLock", NOT_MINE, NONE);
        death("28d", "a claim that made the queue grow writes where it ended before", "claim, grow")
                .in("FullWait", "while (!end.hasRoom(need())) {", "if (!end.hasRoom(need())) {");
    }
}
