package dev.belfry.shm.mistakes;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A mistake that is easily made in the protocol: what is put into which class in place of what, and
 * who must notice it. Numbers are rows of the table in {@code docs/protocol.md}, letters the ways
 * to make the mistake.
 */
record Mistake(
        String id, String what, Class<? extends Consumer<String>> noticer, String argument, List<Change> changes) {
    private record Change(String type, String snippet, String replacement) {}

    /** One that no run on such a machine can show, and who holds it instead. */
    record Unseen(int row, String what, String why) {}

    private static final List<Mistake> ALL = new ArrayList<>();

    private static final String NONE = "";
    private static final String JOIN_OLDEST = "gate move against join OLDEST_RETAINED";
    private static final String OVERRUN = "overrun against copy";
    private static final String SLEEP = "sleep twice against two messages, without slices";
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
            String type = "dev.belfry.shm." + c.type;
            twin = twin == null ? Patched.in(type, c.snippet, c.replacement) : twin.and(type, c.snippet, c.replacement);
        }
        return twin;
    }

    private static Mistake of(String id, String what, Class<? extends Consumer<String>> noticer, String argument) {
        Mistake mistake = new Mistake(id, what, noticer, argument, new ArrayList<>());
        ALL.add(mistake);
        return mistake;
    }

    private static Mistake death(String id, String what, String operation) {
        return of(id, what, Noticers.Crash.class, operation);
    }

    private static Mistake schedule(String id, String what, String scenario) {
        return of(id, what, Noticers.Schedules.class, scenario);
    }

    private static Mistake behaviour(String id, String what, String method) {
        return of(id, what, Noticers.Behaviour.class, method);
    }

    private static Mistake test(String id, String what, String test) {
        return of(id, what, Noticers.OneTest.class, test);
    }

    /**
     * Noticed by a method of {@link WaitBehaviours} where slices are so long that they do not hide it:
     * as in {@link LongSleepTest}.
     */
    private static Mistake asleep(String id, String what, String method, long quietAfter) {
        return test(id, what, "mistakes.WaitBehaviours#" + method)
                .in("sync.Sleepers", LongSleepTest.QUIET_AFTER, "QUIET_AFTER_NANOS = " + quietAfter)
                .in("sync.Sleepers", LongSleepTest.QUIET_SLICE, "QUIET_SLICE_NANOS = 10_000_000_000L");
    }

    private Mistake in(String type, String snippet, String replacement) {
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
                new Unseen(22, "region unmapped early", "nothing is unmapped before the handle closes"));
    }

    private static void locks() {
        schedule("1a", "a joiner takes no gate lock", JOIN_OLDEST)
                .in("segment.Joining", "boolean fromDead = locked && lockGate(deadline);", "boolean fromDead = false;")
                .in("segment.Joining", "if (locked) handle.gateLock.release();", NONE);
        schedule("1b", "a joiner frees the gate lock before it is ACTIVE", JOIN_OLDEST)
                .in("segment.Joining", "if (locked) handle.gateLock.release();", NONE)
                .in(
                        "segment.Joining",
                        "slots.stateRelease(slot, active);",
                        "if (locked) handle.gateLock.release(); slots.stateRelease(slot, active);");
        schedule("1c", "a publisher frees the gate lock before it stores the gate", JOIN_OLDEST)
                .in(
                        "ring.Gate",
                        "header.gatePosRelease( position);",
                        "header.bytes().getAndSetInt(SegmentHeader.GATE_LOCK, 0); header.gatePosRelease(position);");
        schedule("2a", "reclaiming by a plain store", "reclaim against join, who may die")
                .in(
                        "segment.Subscriptions",
                        "if (!slots.compareAndSetState(slot, state, free)) return false;",
                        "slots.stateRelease(slot, free);");
        behaviour("2b", "the owner is stored before something that can fail", "attachFails")
                .in(
                        "segment.Joining",
                        "long incarnation = nextIncarnation(slot, old, tries);",
                        "long incarnation = nextIncarnation(slot, old, tries);"
                                + " slots.owner(slot, handle.index, handle.incarnation);");
        test(
                        "3a",
                        "a lock owner's incarnation is not compared",
                        "sync.FutexLockTest#shouldTakeOverWhenTheByteIsHeldBySomebodyLater")
                .in(
                        "sync.Liveness",
                        "return (handles.incarnation(handle) & LOCK_INCARNATION) != incarnation;",
                        "return false;");
        schedule(
                        "3b",
                        "the byte is asked for another word than is taken",
                        "publish against two publishers, who may die, who may be slow")
                .in(
                        "sync.FutexLock",
                        "words.compareAndSetInt(at, word, mine | WAITERS);",
                        "words.compareAndSetInt(at, words.getIntAcquire(at), mine | WAITERS);");
        test(
                        "3c",
                        "who has no time gives up without asking who owns it",
                        "sync.FutexLockTest#shouldTakeOverFromTheDeadEvenWithoutWaiting")
                .in(
                        "sync.FutexLock",
                        "return takeOverFromDead(word) ? Outcome.ACQUIRED_FROM_DEAD_OWNER : Outcome.TIMED_OUT;",
                        "return Outcome.TIMED_OUT;");
        behaviour("4a", "the admin byte is taken without the lock for threads", "joinsOfOneHandle")
                .in(
                        "segment.AdminLock",
                        "return threads.tryAcquire() || threads.tryAcquire(waitNanos, TimeUnit.NANOSECONDS);",
                        "if (waitNanos < 0) throw new InterruptedException(); return true;");
    }

    private static void log() {
        schedule("5a", "in place for one that can be passed", OVERRUN)
                .in("ShmSubscriber", "this.reader = passable ?", "this.reader = passable && slot == -7 ?");
        schedule("5b", "a word is believed before it is asked who passed", OVERRUN)
                .in(
                        "ring.PassableReader",
                        "if (isPassed()) return Found.PASSED; if (isNext(word)) {",
                        "if (isNext(word)) {");
        death("6a", "growing leaves the limit as it is", "grow")
                .in("ring.LogEnd", "header.limit(base + grown.capacity);", NONE);
        death("6b", "growing takes the limit from the gate", "grow")
                .in(
                        "ring.LogEnd",
                        "header.limit(base + grown.capacity);",
                        "header.limit(header.gateAcquire() + grown.capacity);");
        death("6c", "repair leaves the limit as it is", "repair a growth")
                .in(
                        "ring.RingRepair",
                        "header.limit(Math.max(header.gateAcquire(), ring.base) + ring.capacity);",
                        NONE);
        death("6d", "repair leaves a dead grower's base", "grow")
                .in("ring.RingRepair", "boolean dropped = dropBasesBeyond(tail);", "boolean dropped = false;");
        String hop = "old.bytes.putLongRelease(old.index(end), RecordHeader.hop(position));";
        String base = "regions.table().baseRelease(next, base);";
        String first = "grown.bytes.putLong(0, RecordHeader.empty(position));";
        death("7a", "HOP before the base", "grow").in("ring.LogEnd", base, NONE).in("ring.LogEnd", hop, hop + base);
        death("7b", "HOP before the first word", "grow")
                .in("ring.LogEnd", first, NONE)
                .in("ring.LogEnd", hop, hop + first);
        behaviour("7c", "the current region is kept from before", "publishAfterAnothersGrowth")
                .in("ring.LogEnd", "if (ring == null || ring.region != region)", "if (ring == null)");
        behaviour(
                        "7d",
                        "who holds the lock for life trusts what it remembers across its own growth",
                        "publishExclusivelyAfterGrowth")
                .in("ring.LogEnd", "public void hop(int next) { forget();", "public void hop(int next) {");
        death("8a", "the next word is not cleared", "gate move")
                .in("ring.LogEnd", "putLong(need, RecordHeader.empty(position + 1));", NONE);
    }

    private static void names() {
        behaviour("9a", "open without the admin byte", "openAgainstLastClose")
                .in("segment.Opening", "admin.take(); try { handle = winHandle", "try { handle = winHandle")
                .in(
                        "segment.Opening",
                        "if (!wanted) retract(handle); } } finally { admin.giveBack(); }",
                        "if (!wanted) retract(handle); } } finally { }");
        schedule("9b", "a name is looked up without the admin byte", "named join against named join")
                .in(
                        "segment.Joining",
                        "long deadline = handle.admin.take();",
                        "long deadline = System.nanoTime() + 10_000_000_000L;")
                .in("segment.Joining", "} } } finally { handle.admin.giveBack(); }", "} } } finally { }");
        behaviour("9c", "the byte falls after the admin byte is given back", "closeAgainstClose")
                .in(
                        "segment.Leaving",
                        "handle.dropByte(); if (admin) handle.admin.giveBack(); }",
                        "if (admin) handle.admin.giveBack(); handle.dropByte(); }");
        behaviour("9d", "semaphores are not named after the queue", "twoQueues")
                .in(
                        "segment.SlotSemaphores",
                        "return \"belfry.\" + queueId.toString().replace(\"-\", \"\") + \".\";",
                        "return \"belfry.0.\";");
    }

    private static void waiting() {
        schedule("11a", "the flag before the bit", SLEEP)
                .in(
                        "sync.Sleepers",
                        "words.getAndOrLong(group(slot), bit(slot)); words.getAndSetInt(SegmentHeader.ASLEEP, 1);",
                        "words.getAndSetInt(SegmentHeader.ASLEEP, 1); words.getAndOrLong(group(slot), bit(slot));");
        schedule(
                        "11b",
                        "the own bit is cleared when the slot is free already",
                        "leave against join and sleep in its slot, without slices")
                .in("segment.Subscriptions", "handle.sleepers.withdraw(slot); // first:", "// first:")
                .in(
                        "segment.Subscriptions",
                        "handle.room.wake(); handle.semaphores.unlink(slot, incarnation); }",
                        "handle.sleepers.withdraw(slot); handle.room.wake(); handle.semaphores.unlink(slot,"
                                + " incarnation); }");
        behaviour("11c", "nobody looks whether it is closing", "closeWakesReceive")
                .in("sync.Wait", "if (closing.getAsBoolean()) return Ended.CLOSED;", NONE);
        String ours = "if (SlotState.incarnation(state) == incarnation && SlotState.phase(state) != SlotState.FREE) {";
        behaviour("11d", "the bit is cleared before it is asked whose the slot is", "leavesAgain")
                .in("segment.Subscriptions", ours, "handle.sleepers.withdraw(slot); " + ours);
        asleep("11e", "a close does not post", "closeWakesReceive", 0).in("Idle", "bed.wake();", NONE);
        asleep("11f", "an interrupt does not post", "interruptWakesReceive", 0)
                .in("sync.OnInterrupt", "told.run();", NONE);
        asleep("11g", "a slice outlasts the time limit", "timeEndsReceive", 0)
                .in("sync.Wait", "return Math.min(onCarrier(longestNanos), remainingNanos());", "return longestNanos;");
        String message = "if (reader.expected() != waitedAt) quietSince = System.nanoTime();";
        asleep("11h", "each receive ends the silence", "silenceOutlastsReceives", LongSleepTest.A_WHILE)
                .in("Idle", message, "quietSince = System.nanoTime();");
        asleep("11i", "no message ends the silence", "messageEndsSilence", LongSleepTest.A_WHILE)
                .in("Idle", message, NONE);
        behaviour("12a", "who began later counts", "lateJoinerDoesNotCount")
                .in(
                        "Acknowledgements",
                        "&& start <= position && position <= acknowledged)",
                        "&& position <= acknowledged)");
        behaviour("12b", "who has left does not count", "leaverCounts")
                .in(
                        "Acknowledgements",
                        "if (SlotState.phase(state) == SlotState.JOINING",
                        "if (SlotState.phase(state) == SlotState.FREE || SlotState.phase(state) == SlotState.JOINING");
        behaviour("12c", "who was seen is forgotten", "seenCounts")
                .in(
                        "Acknowledgements",
                        "return handle.room.await( () -> behind",
                        "return handle.room.await( () -> { seen.clear(); return behind")
                .in(
                        "Acknowledgements",
                        "&& !handle.segment.isCovered(), wait);",
                        "&& !handle.segment.isCovered(); }, wait);");
        behaviour("12d", "free slots are used again in the table's order", "longestLeftIsUsedAgain")
                .in("segment.Joining", "&& (found < 0 || slots.left(j) < slots.left(found))", "&& found < 0");
        death("13a", "the gate's position is believed without the stamp", "gate move")
                .in(
                        "ring.LogPlace",
                        "Positions.resolve(RecordHeader.stamp(word), header.gatePosAcquire())",
                        "word == 0 ? 0 : header.gatePosAcquire()");
        schedule(
                        "13b",
                        "gate and its position are not read again",
                        "3 messages against join of an observer OLDEST_RETAINED")
                .in(
                        "ring.LogPlace",
                        "if (header.gateAcquire() > offset || header.gatePosAcquire() != hint) continue;",
                        NONE);
        behaviour("14a", "the publish lock is kept while waiting for room", "waiterHoldsNoLock")
                .in("Section", "if (!exclusive) leave();", NONE)
                .in(
                        "Section",
                        "while (exclusive || acquire(toHold, wait))",
                        "while (exclusive || inside || acquire(toHold, wait))");
    }

    private static void readers() {
        test(
                        "15a",
                        "nobody looks at the gate behind the copy",
                        "ring.PassableReaderTest#shouldNoticeAtEachLookThatItWasPassed")
                .in(
                        "ring.PassableReader",
                        "record.takeCopy(ring, index, word); if (isPassed()) return Found.PASSED;",
                        "record.takeCopy(ring, index, word);");
        death("16a", "a named one goes through JOINING when it is attached again", "named re-attach")
                .in(
                        "segment.Joining",
                        "long incarnation = nextIncarnation(slot, old, tries);",
                        "long incarnation = nextIncarnation(slot, old, tries);"
                                + " slots.stateRelease(slot, SlotState.withPhase(old, SlotState.JOINING));");
        schedule("16b", "a named one is attached again without the gate lock", REATTACH)
                .in("segment.Joining", "boolean fromDead = lockGate(deadline);", "boolean fromDead = false;")
                .in(
                        "segment.Joining",
                        "attached = true; return won; } finally { handle.gateLock.release(); }",
                        "attached = true; return won; } finally { }");
        schedule("16c", "a named one is attached again where the gate has passed", REATTACH)
                .in(
                        "segment.Joining",
                        "boolean passed = header.gateAcquire() > slots.ackOffAcquire(slot);",
                        "boolean passed = false;");
        death("17a", "the acknowledged position before its offset", "acknowledge")
                .in(
                        "Progress",
                        "slots.ackOffRelease(slot, offset); slots.ackPosRelease(slot, position);",
                        "slots.ackPosRelease(slot, position); slots.ackOffRelease(slot, offset);");
        String ackOff = "slots.ackOffRelease(slot, entry.offset()); Machine";
        death("17b", "in a jump the offset first", "overrun jump")
                .in("segment.Subscriptions", ackOff, "Machine")
                .in(
                        "segment.Subscriptions",
                        "slots.startPosRelease(slot, entry.position()); // first",
                        "slots.ackOffRelease(slot, entry.offset()); slots.startPosRelease(slot, entry.position()); //"
                                + " first");
        schedule("17c", "one that was passed acknowledges", "evict by DISCONNECT against resume")
                .in(
                        "Progress",
                        "if (passable && !overrun && (header.gateAcquire() > ackOff || isEnded())) {",
                        "if (position < 0) {");
        schedule("18a", "an observer at NOW does not look at the gate", "14 messages against join of an observer NOW")
                .in("ring.LogPlace", "if (header.gateAcquire() > offset) continue; }", "}");
    }

    private static void rules() {
        behaviour("20a", "DISCONNECT holds nothing while the ring can grow", "disconnectGatesWhileItGrows")
                .in("layout.SlotState", "case DISCONNECT -> canGrow;", "case DISCONNECT -> false;");
        test("20b", "who was passed holds the gate", "ring.GateTest#shouldNeverBeHeldByWhoWasPassedAlready")
                .in("ring.Gate", "if (needed >= from && needed < least)", "if (needed < least)");
        behaviour("21a", "a second publisher beside an exclusive one finds out by waiting", "exclusiveIsRefusedAtOnce")
                .in("ShmQueue", "&& (state & forbidden) != 0 &&", "&& (state & forbidden) == -1 &&");
        behaviour("21b", "a claim in a claim finds out by waiting", "claimInAClaim")
                .in(
                        "Section",
                        "if (mine != null) throw mine.nested(",
                        "if (closed && mine != null) throw mine.nested(");
        behaviour("21c", "maxGateTime is measured in one call", "maxGateTimeCountsAcrossCalls")
                .in(
                        "Room",
                        "boolean endedSomebody = false;",
                        "boolean endedSomebody = false; java.util.Arrays.fill(blockers, null);");
        behaviour("22a", "closing a publisher covers the memory", "publisherCloseLeavesReaders")
                .in(
                        "ShmPublisher",
                        "if (!queue.forget(this)) return; section.shut();",
                        "if (!queue.forget(this)) return; section.shut(); dev.belfry.shm.segment.Inside.cover(handle);");
        behaviour("22b", "the byte falls before the memory is covered", "coveredBeforeTheByteFalls")
                .in(
                        "segment.Leaving",
                        "handle.segment.cover(); // before the byte",
                        "handle.dropByte(); handle.segment.cover(); // before the byte");
        behaviour("22c", "the regions are covered before the header", "headerIsCoveredFirst")
                .in(
                        "segment.Segment",
                        "headerMapping.coverWithZeroPages(); regionMappings.forEach(Mapping::coverWithZeroPages); }",
                        "regionMappings.forEach(Mapping::coverWithZeroPages); headerMapping.coverWithZeroPages(); }");
        death("23a", "a named join at a position is not said to be starting", "named join at")
                .in("segment.Joining", "boolean starting = wanted > entry.position();", "boolean starting = false;");
    }

    private static final String MINE = "return isOpen(turn) && holder == Thread.currentThread();";
    private static final String THIS = "return turn == number && holder == Thread.currentThread();";
    private static final String HIS = "return holder == Thread.currentThread();";
    private static final String END = "void end() { TURN.lazySet(this, turn + 1); }";
    private static final String END_ALWAYS = "void end() { TURN.lazySet(this, (turn | 1) + 1); }";

    /** Which of this thread's claims is meant is not asked. */
    private Mistake whoseAlone() {
        return in("Hold", MINE, HIS).in("Hold", THIS, HIS).in("Hold", END, END_ALWAYS);
    }

    private static void users() {
        behaviour("25a", "a claim that was given up is given up again", "claimOfAClosedPublisher")
                .whoseAlone();
        behaviour("25b", "a commit too late gives up what was given up", "commitAfterItsPublisherIsClosed")
                .whoseAlone();
        behaviour("25c", "a claim is open before it is known whose", "claimsOfTwoThreads")
                .in(
                        "Hold",
                        "if (holder != current) holder = current; if (batch",
                        "TURN.lazySet(this, turn + 1);"
                                + " if (holder != current) java.util.concurrent.locks.LockSupport.parkNanos(200_000);"
                                + " if (holder != current) holder = current; if (batch")
                .in("Hold", "long next = turn + 1; TURN.lazySet(this, next);", "long next = turn;");
        behaviour("25d", "the gate passes a reader that went back", "acknowledgedBehindRecover")
                .in("ShmSubscriber", "if (progress.isRepeating()) progress.repeat();", NONE);
        behaviour("25e", "a record is acknowledged away while it is read again", "acknowledgedWhileItIsReadAgain")
                .in("Progress", "if (position < pinned || pinner == Thread.currentThread())", "if (position >= 0)");
        behaviour("25f", "a record is acknowledged away while its handler runs", "acknowledgedWhileItsHandlerRuns")
                .in("Progress", "if (pins) pinned = position;", NONE);
        behaviour("25k", "the same of one that no batch reads", "acknowledgedWhileItsHandlerRunsAlone")
                .in("ShmSubscriber", "progress.pin();", NONE);
        schedule("25g", "who ends a claim late gives the lock back", "close with a claim against two publishers")
                .whoseAlone();
        schedule("25h", "a close gives up another thread's claim", "close against a claim of another thread")
                .in("Hold", MINE, "return isOpen(turn);")
                .in("Hold", THIS, "return turn == number;");
        schedule("25i", "a reader that went back stays behind the gate", "gate move against acknowledge behind recover")
                .in("ShmSubscriber", "if (progress.isRepeating()) progress.repeat();", NONE);
        schedule(
                        "25j",
                        "whose claim it is is asked before which one it is",
                        "close against the next claim, by the claimant before")
                .in("Hold", MINE, "return holder == Thread.currentThread() && isOpen(turn);")
                .in("Hold", THIS, "return holder == Thread.currentThread() && turn == number;");
    }

    private static void batches() {
        String step = "at = inPlace.step(at, word);";
        String noted = "progress.readingNext(position);";
        behaviour("27a", "a message whose handler failed is lost", "handlerFailsInABatch")
                .in("ShmSubscriber", "thrown = view; batchFailed(view, first); throw failure;", "throw failure;");
        behaviour("27b", "a message whose handler failed is not stepped over", "handlerFailsInABatch")
                .in("ShmSubscriber", "batchFailed(view, first);", "inPlace.stepBack(); batchFailed(view, first);");
        death("27c", "readPos is stored after the handler", "poll")
                .in("ShmSubscriber", noted, NONE)
                .in("ShmSubscriber", "n++; if (progress", noted + " n++; if (progress");
        behaviour("27d", "a message is stepped over before all is stored that may fail", "pollingFails")
                .in("ShmSubscriber", noted + " " + step, step + " " + noted);
        behaviour("27e", "a batch goes on after close", "handlerClosesInABatch")
                .in("ShmSubscriber", "if (progress.isStirred()) break;", NONE);
        behaviour("27f", "what others acknowledge waits for the end of the batch", "acknowledgedInTheMiddleOfABatch")
                .in("Progress", "stir(); return pinned - 1;", "return pinned - 1;");
        behaviour("27g", "flags are not looked at", "propertiesAmongPlainMessages")
                .in(
                        "layout.RecordHeader",
                        "return (int) (word >>> 32) == (DATA | (int) position << 8);",
                        "return isData(word, position);");
        behaviour("27h", "a batch reads what was read before", "attachedAgainItSaysWhatWasReadBefore")
                .in("ShmSubscriber", "|| givenBefore(inPlace.expected())", NONE);
        schedule("27j", "a batch acknowledges in front of its handler", "gate move against poll")
                .in(
                        "ShmSubscriber",
                        "handsOver(position);",
                        "handsOver(position); progress.batchEnds(); store(position);");
        behaviour("27i", "a batch begins before all is read again", "handlerRecoversInABatch")
                .in("Progress", "if (repeating) return false;", NONE)
                .in("ShmSubscriber", "|| givenBefore(inPlace.expected())", NONE);
    }

    private static void batchesOfAPublisher() {
        death("28a", "the first word of a batch is stored before the others", "batch")
                .in(
                        "ring.LogBatch",
                        "if (before == 0) first = word; else end.putLong(at, word);",
                        "first = before == 0 ? word : first; end.putLong(at, word);");
        death("28b", "repair does not walk a whole batch", "batch")
                .in("ring.RingRepair", "long most = tail + ring.capacity;", "long most = tail + 1;");
        death("28c", "the word after a batch is not cleared", "batch, gate move")
                .in("ring.LogBatch", "end.putLong(used, RecordHeader.empty(end.next() + count));", NONE);
        behaviour("28e", "what another thread is inside for is taken for one's own", "releaseFailsBesideAnother")
                .in("Section", "if (!inside || lock.isLost())", "if (!inside)");
        behaviour("28f", "an error of the user's memory ends a batch, and the lock stays", "foreignErrorInABatch")
                .in(
                        "ShmPublisher",
                        "RuntimeException gone = handle.translate(late);",
                        "hold.end(); RuntimeException gone = handle.translate(late);");
        behaviour("28g", "what is to be told is told under the lock", "toldOutsideTheLock")
                .in(
                        "ShmPublisher",
                        "refuse(wait, throwIfFull); return entered; } finally { if (!entered) outside(wait);",
                        "refuse(wait, throwIfFull); return entered; } finally { outside(wait);");
        behaviour(
                        "28h",
                        "a batch that was read and not counted yet is taken for damage",
                        "batchOfADeadWriterThatWasRead")
                .in("inspect.DamageCheckup", "|| position < log.newest() + 2", NONE);
        death("28d", "a claim that made the queue grow writes where it ended before", "claim, grow")
                .in("Section", "while (!end.hasRoom(full.need())) {", "if (!end.hasRoom(full.need())) {");
    }

    private static void errors() {
        behaviour("26a", "a slot's next name is made of zeros", "subscribingAgainstClose")
                .in("segment.Joining", "handle.requireReal(); long next = (begun", "long next = (begun");
        behaviour("26b", "acknowledgements are counted in covered memory", "awaitingAgainstClose")
                .in("Acknowledgements", "&& !handle.segment.isCovered()", NONE);
        behaviour("26c", "a name that was begun is used again", "attachesBesideAnothersSemaphore")
                .in("segment.Joining", "(begun <= MOST_INCARNATIONS ? Math.max(last, begun) : last)", "last");
        behaviour("26d", "a refused call is mended by the same call", "refusedToMapWhileItPublishes")
                .in("Section", "if (!(failure instanceof PosixException)) {", "if (failure != null) {");
        behaviour("26e", "a publish throws what failed behind its commit", "wakingFails")
                .in("Section", "say(late);", "throw late;");
        behaviour("26f", "who stepped behind a message stays there", "receivingFails")
                .in("ShmSubscriber", "reader.stepBack(); throw failure;", "throw failure;");
        behaviour("26g", "a copy counts that was made of covered memory", "copyingAgainstClose")
                .in(
                        "ShmSubscriber",
                        "if (!passable || !handle.segment.isCovered()) return true;",
                        "if (reader != null) return true;");
        behaviour("26i", "an append begins before the lock is held", "errorBesideAnothersAttempt")
                .in("ShmPublisher", "if (!enter(LogEnd.need(", "long early = end.next(); if (!enter(LogEnd.need(")
                .in(
                        "ShmPublisher",
                        "long position = end.next(); try { end.append(",
                        "long position = early; try { end.append(");
        behaviour("26h", "a view is copied from covered memory", "copyingAgainstClose")
                .in("ShmMessageView", "handle.requireReal();", NONE);
    }

    private static void favour() {
        String favoured = "publish against the favoured, without slices";
        schedule("24a", "the favoured one does not look at the bias", favoured)
                .in("sync.PublishLock", "inside = raw.getIntAcquire(biasAddress) == mine;", "inside = true;");
        schedule("24b", "nobody waits for the favoured one inside", favoured)
                .in("sync.PublishLock", "if (value == 0) {", "if (value >= 0) {");
        schedule("24c", "the favoured one wakes nobody as it goes", favoured)
                .in(
                        "sync.PublishLock",
                        "if (raw.getIntAcquire(biasAddress) != mine) futex.wake(insideAddress, 1);",
                        NONE);
        schedule("24d", "a thread is favoured behind the release", "favoured in turn, without slices")
                .in("sync.PublishLock", "words.putIntRelease(BIAS, mine); // before", "// before")
                .in(
                        "sync.PublishLock",
                        "if (super.release()) streak = 0;",
                        "if (super.release()) streak = 0; if (biased) words.putIntRelease(BIAS, mine);");
        schedule("24e", "a close takes no notice of a favoured thread", "close against favoured publish")
                .in(
                        "sync.PublishLock",
                        "return super.isHeldByThisHandle() || isBiasMine();",
                        "return super.isHeldByThisHandle();");
        death("24f", "nothing is repaired after a favoured one", "repair a publish of the favoured")
                .in(
                        "sync.PublishLock",
                        "return dead ? Outcome.ACQUIRED_FROM_DEAD_OWNER : Outcome.ACQUIRED;",
                        "return Outcome.ACQUIRED;");
        test(
                        "24g",
                        "whose inside it was is not compared",
                        "sync.PublishLockTest#shouldRepairWhenTheDeadOnesHandleIsSomebodyElsesByNow")
                .in("sync.PublishLock", "dead = isOfAnother(owner, bias);", NONE);
        test("24h", "who died asking has its successor repair", "sync.PublishLockTest#shouldGoOnAfterWhoDiedAsking")
                .in(
                        "sync.PublishLock",
                        "had not begun to publish return false;",
                        "had not begun to publish\n return true;");
    }
}
