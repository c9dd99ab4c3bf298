package dev.belfry.shm.mistakes;

import static dev.belfry.shm.mistakes.Mistake.NONE;
import static dev.belfry.shm.mistakes.Mistake.asleep;
import static dev.belfry.shm.mistakes.Mistake.behaviour;
import static dev.belfry.shm.mistakes.Mistake.death;
import static dev.belfry.shm.mistakes.Mistake.schedule;
import static dev.belfry.shm.mistakes.Mistake.test;

/** Mistakes with names, sleepers and those that wait for an acknowledgement. */
final class WaitMistakes {
    private static final String SLEEP = "sleep twice against two messages, without slices";

    private WaitMistakes() {}

    static void names() {
        behaviour("9a", "open without the admin byte", "openAgainstLastClose")
                .in(
                        "Opening",
                        "admin.take(); try { segment.requireUnderstood(); handle = winHandle",
                        "try { handle = winHandle")
                .in(
                        "Opening",
                        "if (!wanted) retract(handle); } } finally { admin.giveBack(); }",
                        "if (!wanted) retract(handle); } } finally { }");
        schedule("9b", "a name is looked up without the admin byte", "named join against named join")
                .in(
                        "Joining",
                        "return handle.admin.under(deadline -> join(options, seat, deadline, known, found));",
                        "return join(options, seat, System.nanoTime() + 10_000_000_000L, known, found);");
        behaviour("9c", "the byte falls after the admin byte is given back", "closeAgainstClose")
                .in(
                        "Leaving",
                        "handle.dropByte(); if (admin) handle.admin.giveBack(); }",
                        "if (admin) handle.admin.giveBack(); handle.dropByte(); }");
        behaviour("9d", "semaphores are not named after the queue", "twoQueues")
                .in(
                        "SlotSemaphores",
                        "return \"belfry.\" + queueId.toString().replace(\"-\", \"\") + \".\";",
                        "return \"belfry.0.\";");
    }

    private static void sleepForMany() {
        String two = "sleep for two against two messages, without slices";
        schedule("29a", "no words name the semaphore that is slept on", two).in("SleepersOfMany", "each.name();", NONE);
        schedule("29b", "one of many is not announced", two)
                .in("SleepersOfMany", "each.sleepers().show(each.slot());", NONE);
        test(
                        "29c",
                        "a subscriber that sleeps alone leaves the words",
                        "sync.SharedSleepTest#theNextOwnerOfASlotIsWokenByItsOwnSemaphore")
                .in("Idle", "meanOwn(); slots.sleeps", "slots.sleeps");
        test("29d", "a head that is closed stays", "sync.SharedSleepTest#eachMemberThatIsClosedWakesIt")
                .in(
                        "ShmSharedSleep",
                        "if (!all.contains(head)) head = all.get(0);",
                        "if (head == null) head = all.get(0);");
        test(
                        "29e",
                        "a member that is closed wakes its own semaphore alone",
                        "sync.SharedSleepTest#eachMemberThatIsClosedWakesIt")
                .in("ShmSubscriber", "berth.wake();", NONE);
        test("29f", "a mixture of words is taken", "layout.LayoutTest#shouldTakeNoMixtureForTheSemaphoreThatIsMeant")
                .in("MeantWords", "return meant.check() == check ? meant : null;", "return meant;");
    }

    static void waiting() {
        schedule("11a", "the flag before the bit", SLEEP)
                .in(
                        "Sleepers",
                        "words.getAndOrLong(group(slot), bit(slot)); words.getAndSetInt(SegmentHeader.ASLEEP, 1);",
                        "words.getAndSetInt(SegmentHeader.ASLEEP, 1); words.getAndOrLong(group(slot), bit(slot));");
        schedule(
                        "11b",
                        "the own bit is cleared when the slot is free already",
                        "leave against join and sleep in its slot, without slices")
                .in("Subscriptions", "handle.sleepers.withdraw(slot); // first:", "// first:")
                .in(
                        "Subscriptions",
                        "handle.changes.wake(); handle.semaphores.unlink(slot, incarnation); }",
                        "handle.sleepers.withdraw(slot); handle.changes.wake(); handle.semaphores.unlink(slot,"
                                + " incarnation); }");
        behaviour("11c", "nobody looks whether it is closing", "closeWakesReceive")
                .in("Wait", "if (closing.getAsBoolean()) return Ended.CLOSED;", NONE);
        String ours = "if (SlotState.incarnation(state) == incarnation && SlotState.phase(state) != SlotState.FREE) {";
        behaviour("11d", "the bit is cleared before it is asked whose the slot is", "leavesAgain")
                .in("Subscriptions", ours, "handle.sleepers.withdraw(slot); " + ours);
        asleep("11e", "a close does not post", "closeWakesReceive", 0).in("Idle", "bed.wake();", NONE);
        asleep("11f", "an interrupt does not post", "interruptWakesReceive", 0).in("OnInterrupt", "told.run();", NONE);
        asleep("11g", "a slice outlasts the time limit", "timeEndsReceive", 0)
                .in("Wait", "return Math.min(longestNanos, remainingNanos());", "return longestNanos;");
        String message = "if (reader.expected() != waitedAt) quietSince = System.nanoTime();";
        asleep("11h", "each receive ends the silence", "silenceOutlastsReceives", LongSleepTest.A_WHILE)
                .in("Idle", message, "quietSince = System.nanoTime();");
        asleep("11i", "no message ends the silence", "messageEndsSilence", LongSleepTest.A_WHILE)
                .in("Idle", message, NONE);
        sleepForMany();
        behaviour("12a", "who began later counts", "lateJoinerDoesNotCount")
                .in(
                        "AwaitAcknowledged",
                        "&& start <= position && position <= acknowledged)",
                        "&& position <= acknowledged)");
        behaviour("12b", "who has left does not count", "leaverCounts")
                .in(
                        "AwaitAcknowledged",
                        "if (known && (SlotState.phase(state) == SlotState.JOINING",
                        "if (known && (SlotState.phase(state) == SlotState.FREE || SlotState.phase(state) == SlotState.JOINING");
        behaviour("12c", "who was seen is forgotten", "seenCounts")
                .in(
                        "AwaitAcknowledged",
                        "return handle.changes.await( () -> behind",
                        "return handle.changes.await( () -> { seen.clear(); return behind")
                .in(
                        "AwaitAcknowledged",
                        "&& !handle.segment.isCovered(), wait);",
                        "&& !handle.segment.isCovered(); }, wait);");
        behaviour("12d", "free slots are used again in the table's order", "longestLeftIsUsedAgain")
                .in("Joining", "&& (found < 0 || slots.left(j) < slots.left(found))", "&& found < 0");
        death("13a", "the gate's position is believed without the stamp", "gate move")
                .in(
                        "LogPlace",
                        "regions.positionAt(header, offset, header.gatePosAcquire())",
                        "header.gatePosAcquire()");
        schedule(
                        "13b",
                        "gate and its position are not read again",
                        "3 messages against join of an observer OLDEST_RETAINED")
                .in(
                        "LogPlace",
                        "if (header.gateAcquire() > offset || header.gatePosAcquire() != hint) continue;",
                        NONE);
        behaviour("14a", "the publish lock is kept while waiting for room", "waiterHoldsNoLock")
                .in(
                        "CriticalSection",
                        "if (made == Room.Made.ROOM) return entered = true; leave(); in = false;",
                        "if (made == Room.Made.ROOM) return entered = true;");
    }
}
