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

/**
 * Mistakes that are easily made in a member, beside the fold: the test that is named notices each.
 * Without them the same tests pass. A name in capitals is that of the model (tests/models/jakarta),
 * whose other mistakes are in the fold: {@link dev.belfry.jakarta.fold.Mistake} and {@link
 * dev.belfry.jakarta.fold.Slip}.
 */
@Slow
@OneJdk
@ByTurns
class MemberTwinsTest {
    private static final String DOMAIN = "Domain";
    private static final String CANDIDATES = "Candidates";
    private static final String HOLDINGS = "Holdings";
    private static final String PUMP = "Pump";
    private static final String SENDER = "Sender";
    private static final String SETTLEMENT = "Settlement";
    private static final String COMMIT =
            "long position = sender.commit(sends.isEmpty() ? held(done) : done, sends, timeout);";
    private static final String DEATH = "soak.DeathBeforeEachAppendTest#shouldKeepWhatWasPromised#";
    private static final String ENDS = "soak.EndsWithItsMemberTest#shouldLeaveNothing#";
    private static final String FULL_REGISTRY = "client.FullRegistryTest#";
    private static final String BACKLOG = "domain.BacklogTest#";
    private static final String FULL = "client.FullDomainTest#";
    private static final String GIVEN_BACK = "domain.GivenBackInOrderTest#";
    private static final String MEMBERS = "domain.MembersOverMemTest#";
    private static final String NEWER = "client.NewerMessageTest#shouldLeaveItToAnotherMemberAtOnce";
    private static final String OWN_BYTES = "client.OwnBytesTest#";
    private static final String RACES = "client.SharedRacesTest#";
    private static final String REFUSED_ENDS = "client.RefusedEndsTest#";
    private static final String RULES = "client.QueueRulesTest#";
    private static final String REGISTRY = "domain.LongRegistryTest#";
    private static final String PLAIN = "domain.PlainSubscriptionTest#";
    private static final String TURNS = "domain.TurnScheduleTest#";
    private static final String IN_LINE = "domain.InLineTest#";
    private static final String VISITS = "domain.VisitsTest#";
    private static final String TOPICS = "client.TopicRulesTest#";

    /** What is folded is offered, or nobody's any more. */
    static Stream<Twin> turns() {
        return Stream.of(
                new Twin(
                        "what a turn folds after it has taken is offered to nobody",
                        PUMP,
                        "return domain.folded().state().position() != offered;",
                        "return false;",
                        TURNS + "shouldOfferWhatIsFoldedWheneverItArrives#MESSAGE alone"),
                new Twin(
                        "what the room maker folds is offered to nobody",
                        PUMP,
                        "if (isBehind()) offer();",
                        "",
                        TURNS + "shouldOfferItThoughItMakesRoomOrDropsWhatHasExpired#GARBAGE alone"),
                new Twin(
                        "a consumer whose queue got a message back is not visited",
                        "View",
                        "channel.moves();",
                        "",
                        VISITS + "shouldVisitOneWhoseQueueGotAMessageBack"),
                new Twin(
                        "a consumer whose delayed message is due is not visited",
                        "Visits",
                        "while (!later.isEmpty() && later.peek().due <= now) {",
                        "while (now < 0) {",
                        VISITS + "shouldVisitOneWhoseDelayedMessageIsDue"),
                new Twin(
                        "a consumer that does not wait while its queue gets a message is not visited when it does",
                        "Visits",
                        "one.behind = true;",
                        "one.behind |= one.isWaitedFor();",
                        VISITS + "shouldForgetNobody"),
                new Twin(
                        "a consumer is not visited again for what another one was to have",
                        PUMP,
                        "one.behind = passedOver || page != null ||",
                        "one.behind = page != null ||",
                        VISITS + "shouldVisitAgainOneThatWasPassedOver"),
                new Twin(
                        "all that wait are visited for each message",
                        "Visits",
                        "if (one.behind && one.isWaitedFor()) ask(one);",
                        "if (one.isWaitedFor()) ask(one);",
                        VISITS + "shouldVisitThoseOfTheMessagesQueueOfHundredsThatWait"),
                new Twin(
                        "a consumer is not visited again where expired messages have ended the record",
                        PUMP,
                        "else passedOver = true;",
                        "",
                        VISITS + "shouldForgetNobodyWhoseMessageLiesBehindExpiredOnes"),
                new Twin(
                        "a CHECKPOINT lets go a queue that has nothing but pages",
                        "RegistryImage",
                        "&& state.pages.first(channel.destination) == null",
                        "",
                        IN_LINE + "shouldAskForAPageOfAQueueThatHasNothingElseAfterACheckpoint"),
                new Twin(
                        "a page that is first in line is passed over",
                        PUMP,
                        "if (isInLine && page.isBefore(m)) return false;",
                        "",
                        IN_LINE + "shouldGiveNothingThatLiesBehindAPage"),
                new Twin(
                        "a page of a higher priority is passed over",
                        "Page",
                        "return lot.priority() > m.priority() || lot.priority() == m.priority()",
                        "return lot.priority() == m.priority()",
                        IN_LINE + "shouldGiveNothingOfALowerPriorityThanAPage"),
                new Twin(
                        "a consumer that waits in line is not visited when the page ends",
                        PUMP,
                        "one.behind = passedOver || page != null ||",
                        "one.behind = passedOver ||",
                        IN_LINE + "shouldGoOnWhenAPageEndsAndNothingComesBack"),
                new Twin(
                        "one that leads no more hands over to nobody",
                        PUMP,
                        "Signal next = parked.peek();",
                        "Signal next = null;",
                        TURNS + "shouldHandTheLeadToOneThatIsParked"),
                new Twin(
                        "a turn that fails wakes no leader",
                        PUMP,
                        "if (ended != number) wakeLeader();",
                        "",
                        TURNS + "shouldWakeTheLeaderIfATurnFails"),
                new Twin(
                        "each thread that waited for a turn makes one",
                        DOMAIN,
                        "pump.hasMadeOneSince(begun) ?",
                        "begun < 0 ?",
                        TURNS + "shouldMakeOneTurnForAllThatWaitForIt"),
                new Twin(
                        "a member goes on with what an Error went through",
                        DOMAIN,
                        "if (spoiledBy == null) spoiledBy = e;",
                        "",
                        "domain.SpoiledMemberTest#shouldEndWithOneClearExceptionWhereverAnErrorComes#TAKE"));
    }

    /** One for each mode of a member that dies. */
    static Stream<Twin> deaths() {
        return Stream.of(
                new Twin(
                        "a send that failed is not told",
                        DOMAIN,
                        "sender.send(message, timeout);",
                        "try { sender.send(message, timeout); } catch (RuntimeException | Error e) { return; }",
                        DEATH + "SEND over mem"),
                new Twin(
                        "SPLIT: a commit sends in several records",
                        DOMAIN,
                        COMMIT,
                        "long position = 0; for (Sent one : sends) sender.send(one, timeout);"
                                + " sender.commit(done, List.of(), timeout);",
                        DEATH + "SEND_TRANSACTED"),
                new Twin(
                        "receive returns before its acknowledgement is appended",
                        DOMAIN,
                        "long position = sender.acknowledge(done, timeout);",
                        "long position = 0; java.util.concurrent.CompletableFuture.runAsync(() -> sender.acknowledge(done, timeout));",
                        DEATH + "AUTO over mem"),
                new Twin(
                        "DEATHNOCOUNT: what a dead member has delivered is not counted",
                        "Rules",
                        "now.givenBack(true, 0)",
                        "now.givenBack(false, 0)",
                        DEATH + "LISTENER over mem"),
                new Twin(
                        "SPLIT: several messages are acknowledged in several records",
                        DOMAIN,
                        COMMIT,
                        "long position = 0; for (Taken one : done) sender.acknowledge(one, timeout);"
                                + " sender.commit(List.of(), sends, timeout);",
                        DEATH + "CLIENT"),
                new Twin(
                        "lazy acknowledgements wait for the close",
                        SETTLEMENT,
                        "handed >= settings.dupsOkBatch()",
                        "handed > settings.dupsOkBatch() * 10",
                        DEATH + "DUPS_OK"),
                new Twin(
                        "SPLIT: a commit acknowledges first, then sends",
                        DOMAIN,
                        COMMIT,
                        "long position = sender.commit(done, List.of(), timeout); sender.commit(List.of(), sends, timeout);",
                        DEATH + "TRANSFER over mem"));
    }

    /** Of what ends with its member, or goes to others that share it. */
    static Stream<Twin> ends() {
        return Stream.of(
                new Twin(
                        "the dead keep their subscriptions",
                        "RegistryRules",
                        "detach(view.id(), member);",
                        "continue;",
                        ENDS + "CLIENT of a PLAIN"),
                new Twin(
                        "the dead keep their temporary destinations",
                        "RegistryRules",
                        "temporariesOf(member)) endTemporary(destination);",
                        "temporariesOf(member)) continue;",
                        ENDS + "DUPS_OK of a TEMPORARY_TOPIC"),
                new Twin(
                        "who sends to a dead member's temporary queue is not told before another has noticed",
                        "Membership",
                        "owner == 0 || !log.isAlive(owner)",
                        "owner == 0",
                        ENDS + "TRANSFER of a TEMPORARY_QUEUE over mem"),
                new Twin(
                        "a subscription ends with the first of its members",
                        "RegistryRules",
                        "view.members.remove(member) && view.members.isEmpty()",
                        "view.members.remove(member)",
                        DEATH + "CLIENT of a SHARED over mem"),
                new Twin(
                        "who joins a shared subscription goes by what it saw before",
                        "Membership",
                        "return appended(record, reserve, position -> wish.outcome(registry(), position, self));",
                        "Answer now = appended(record, reserve, position -> wish.outcome(registry(), position, self));"
                                + " return old == null ? now : new Answer(Outcome.ATTACHED, old.id());",
                        RACES + "shouldDeliverOnceIfTheOtherComesBetween"),
                new Twin(
                        "what a consumer that closes had taken stays with it",
                        DOMAIN,
                        "holdings.giveBack(undelivered, 0, false);",
                        "",
                        RACES + "shouldDeliverOnceWhileMembersJoinAndClose"));
    }

    static Stream<Twin> mistakes() {
        return Stream.of(
                new Twin(
                        "PASSDROP: a member that was passed throws its buffers away",
                        HOLDINGS,
                        "isMine(state, t) || isReleased(t)",
                        "false",
                        MEMBERS + "shouldReconcileAfterItWasPassed"),
                new Twin(
                        "PASSDUP: a member that was passed forgets what it has delivered",
                        HOLDINGS,
                        "&& !holds(view, m)",
                        "",
                        MEMBERS + "shouldKeepWhatLivesWhileTheLogIsLapped"),
                new Twin(
                        "RETURNLAST: what comes again comes after what was taken meanwhile",
                        "Buffer",
                        "item(at - 1).compareTo(one) > 0",
                        "false",
                        "domain.BufferTest#shouldOrderAsASortedSetDoes"),
                new Twin(
                        "FROMBACK: messages are taken from the back",
                        CANDIDATES,
                        "view.channel.forEach(priority, cursors[priority], m -> {",
                        "java.util.List<Message> all = new java.util.ArrayList<>();"
                                + " view.channel.forEach(priority, cursors[priority],"
                                + " m -> { all.add(0, m); return true; });"
                                + " new Object() { void forEach(Predicate<Message> each)"
                                + " { for (Message m : all) if (!each.test(m)) return; } }.forEach(m -> {",
                        RULES + "shouldKeepMessagesUntilSomebodyComes_4_1"),
                new Twin(
                        "what a consumer does not want is visited again and again",
                        CANDIDATES,
                        "cursors[priority] = m.mid();",
                        "",
                        MEMBERS + "shouldVisitAMessageOnceThatAConsumerDoesNotWant"),
                new Twin(
                        "what is delayed is asked again and again",
                        CANDIDATES,
                        "else if (!m.isNewer()) later.add(new Later(time(m), m));",
                        "else unread.add(m);",
                        BACKLOG + "shouldAskNoMoreForWhatItDeliversThanWithoutABacklogThatIsDelayed"),
                new Twin(
                        "what a member cannot read is taken again and again",
                        CANDIDATES,
                        "return m.isNewer() || time(m) > now;",
                        "return time(m) > now;",
                        NEWER),
                new Twin(
                        "what a member cannot read is hidden from those that can",
                        DOMAIN,
                        "one.consumer instanceof TopicReader ? notBefore : 0",
                        "notBefore",
                        NEWER),
                new Twin(
                        "the log is held while all that came is visited",
                        PUMP,
                        "pick(hungry, claim.length(), MOST_VISITED);",
                        "pick(hungry, claim.length(), Integer.MAX_VALUE);",
                        BACKLOG + "shouldVisitFewMessagesWhileItHoldsTheLog"),
                new Twin(
                        "a transaction keeps the producer's buffer",
                        "Settlement",
                        "sends.add(sent.kept());",
                        "sends.add(sent);",
                        OWN_BYTES + "shouldKeepTheBytesOfEachMessageOfAProducer"),
                new Twin(
                        "a body that is cleared is written where it was received",
                        "BelfryBytesMessage",
                        "bytes = NONE;\n        start = 0;",
                        "bytes.clear(); start = 0;",
                        OWN_BYTES + "shouldKeepTheBytesOfAMessageThatIsWrittenOverAfterReceipt"),
                new Twin(
                        "two threads write their records into one buffer",
                        SENDER,
                        "spare.getAndSet(null)",
                        "spare.get()",
                        OWN_BYTES + "shouldKeepTheBytesOfWhatManySessionsSend"),
                new Twin(
                        "two threads write their messages into one buffer",
                        "BelfryProducer",
                        "spare.getAndSet(null)",
                        "spare.get()",
                        OWN_BYTES + "shouldKeepTheBytesOfWhatManyThreadsSendByOneProducer"),
                new Twin(
                        "all that a member ever held is asked when it leaves",
                        "Holders",
                        "if (size >= most) tidy();",
                        "",
                        "fold.RulesTest#shouldRememberWhatAMemberHoldsAndLittleMore"),
                new Twin(
                        "PREFETCHCOUNT: what was taken and not delivered counts as delivered",
                        DOMAIN,
                        "giveBack(undelivered, 0, false)",
                        "giveBack(undelivered, 0, true)",
                        MEMBERS + "shouldNotCountWhatItHasOnlyTaken"),
                new Twin(
                        "a consumer takes what comes after messages that are to be given back",
                        PUMP,
                        "domain.holdings.isGivingBack(view.id())",
                        "false",
                        GIVEN_BACK + "shouldComeToTheNextConsumerWhereTheReturnOfAClosedOneIsRefused"),
                new Twin(
                        "a buffer whose RETURN is refused is forgotten",
                        DOMAIN,
                        "stale.forEach(one::putBack);",
                        "",
                        GIVEN_BACK + "shouldStayInItsBufferIfTheReturnIsRefused"),
                new Twin(
                        "what could not be given back is forgotten",
                        HOLDINGS,
                        "else add(taken, fate);",
                        "",
                        MEMBERS + "shouldOwnEachMessageOnce"),
                new Twin(
                        "what could not be counted is forgotten",
                        HOLDINGS,
                        "add(delivered, new Fate(false, 0, true));",
                        "",
                        REFUSED_ENDS + "shouldRollBackThoughThatIsRefused"),
                new Twin(
                        "what was given back is forgotten after it was taken again",
                        HOLDINGS,
                        "held.remove(taken.key(), taken);",
                        "held.remove(taken.key());",
                        MEMBERS + "shouldHoldWhatItTakesAgainWhileItGivesItBack"),
                new Twin(
                        "a commit acknowledges what a refused one had",
                        SETTLEMENT,
                        "redeliver(takeDelivered(), one",
                        "redeliver(List.copyOf(delivered), one",
                        REFUSED_ENDS + "shouldRollBackACommitThatIsRefused"),
                new Twin(
                        "NORMALALL: a commit may use the room that is kept free",
                        SENDER,
                        "|| frees ? Reserve.SMALL : Reserve.NORMAL",
                        "|| frees ? Reserve.SMALL : Reserve.SMALL",
                        MEMBERS + "shouldSayWhatFillsTheDomainAndDrainIt"),
                new Twin(
                        "NORMALALL: a send may use the room that is kept free",
                        "Crowd",
                        "isLittle(messages) ? Reserve.LITTLE : Reserve.NORMAL",
                        "isLittle(messages) ? Reserve.LITTLE : Reserve.SMALL",
                        MEMBERS + "shouldWorkInAFullDomain"),
                new Twin(
                        "a commit counts what it frees with the heads, however full the domain is",
                        SENDER,
                        "domain.roomMaker.isTight()",
                        "messages < 0",
                        MEMBERS + "shouldDrainWhatWasMovedOneByOneOutOfLargeCommits"),
                new Twin(
                        "what was given back keeps its time where room is short",
                        "RoomMaker",
                        "return isTight() ||",
                        "return",
                        MEMBERS + "shouldDrainWhatWasGivenBackUntilManyTimesWhileAnotherMakesRoom"),
                new Twin(
                        "a member believes that room is short after another one has made some",
                        "RoomMaker",
                        "return tight && hasHardlyRoom()",
                        "return tight",
                        MEMBERS + "shouldBeTightNoLongerThanTheDomainIs"),
                new Twin(
                        "what is told again in one record becomes longer and longer",
                        "Restating",
                        "bytes[0] <= limit || fits[0] == 0 ?",
                        "fits[0] >= 0 ?",
                        "fold.RulesTest#shouldTellWholeStatementsAgainUpToALimit"),
                new Twin(
                        "a member that only sends folds whenever it finds the log full",
                        SENDER,
                        "adds && isAppendedAfterOthers(record, first, bells, timeout, deadline)",
                        "false",
                        "domain.FullRingTest#shouldNotFoldWhileAnotherMakesRoom"),
                new Twin(
                        "those that consume leave it to senders to make room",
                        "RoomMaker",
                        "full = isFull() && (idle || isWorth(ring));",
                        "full = false;",
                        "domain.FullRingTest#shouldMakeRoomBeforeItWaitsItself"),
                new Twin(
                        "a CHECKPOINT is written while all are stopped",
                        "RoomMaker",
                        "TRIES = 2;",
                        "TRIES = 0;",
                        REGISTRY + "shouldWriteItBeforeAllAreStopped"),
                new Twin(
                        "STALE: a CHECKPOINT tells cursors as they were before all were stopped",
                        "CheckpointDraft",
                        "subscriptions.clear(); Checkpoint.writeSubscriptions(now, subscriptions);",
                        "if (now.isEmpty()) Checkpoint.writeSubscriptions(now, subscriptions);",
                        REGISTRY + "shouldTellCursorsAsTheyAreWhenAllAreStopped"),
                new Twin(
                        "STALE: a CHECKPOINT tells a registry that has changed",
                        "Restating",
                        "now == state && now.registry.changes == changes",
                        "now == state",
                        REGISTRY + "shouldTellARegistryThatChangesAllTheTime"),
                new Twin(
                        "where there is little room nothing is taken",
                        PUMP,
                        "roomy ? CLAIM : LITTLE",
                        "CLAIM",
                        MEMBERS + "shouldDrainWhatWasMovedOneByOneOutOfLargeCommits"),
                new Twin(
                        "a CHECKPOINT has all names",
                        "Restating",
                        ".within(most)",
                        "",
                        FULL_REGISTRY + "shouldDrainMoreQueuesThanCanBeNamed"),
                new Twin(
                        "what no CHECKPOINT leaves out has no limit",
                        "Membership",
                        "if (mayAdd(length, most)) return;",
                        "if (length > 0) return;",
                        FULL_REGISTRY + "shouldRefuseClientIds"),
                new Twin(
                        "LAZYLOST: a close forgets lazy acknowledgements",
                        SETTLEMENT,
                        "flushNow(); if (mode",
                        "takeDelivered(); if (mode",
                        RULES + "shouldAcknowledgeLazilyAndLoseNothing_6_2_10"));
    }

    static Stream<Twin> topics() {
        return Stream.of(
                new Twin(
                        "what one subscription holds is held for all",
                        "Taken",
                        "new Key(view, mid)",
                        "new Key(0, mid)",
                        TOPICS + "shouldOwnAMessageOnceForEachSubscription"),
                new Twin(
                        "what a subscription does not want stays",
                        PUMP,
                        "pick.unwanted.add(m);",
                        "",
                        TOPICS + "shouldDeliverWhatASelectorSelectsAndKeepNothingElse_3_8"),
                new Twin(
                        "what a subscription without consumer does not want stays",
                        "RoomMaker",
                        "unwanted.drop();",
                        "",
                        TOPICS + "shouldKeepNothingThatADurableSubscriptionDoesNotWant_8_3_3"),
                new Twin(
                        "a subscription is redefined under a message that is not acknowledged",
                        "Membership",
                        "&& old.isHeld()) return",
                        "&& old == null) return",
                        TOPICS + "shouldBeAnotherSubscriptionWhenItIsDefinedOtherwise_8_3_3"),
                new Twin(
                        "a subscription ends with the first of its consumers",
                        "Membership",
                        "if (attached.merge(queue, -1, Integer::sum) > 0) return;",
                        "",
                        TOPICS + "shouldEndASharedSubscriptionWithItsLastConsumer_8_3_2"),
                new Twin(
                        "noLocal asks for the connection's number alone",
                        "Filter",
                        "message.author() == member &&",
                        "",
                        TOPICS + "shouldNotDeliverWhatItsOwnConnectionPublishesIfItSaysSo_8_3_1"));
    }

    static Stream<Twin> plain() {
        return Stream.of(
                new Twin(
                        "a plain subscription that was passed goes on at the end",
                        "TopicReader",
                        "for (Message m : missed) put(",
                        "if (false) for (Message m : missed) put(",
                        PLAIN + "shouldGiveWhatTheFoldHasAtEveryStop"),
                new Twin(
                        "a plain subscription that was passed begins anew",
                        "TopicReader",
                        "if (m.mid() > read) missed.add(m);",
                        "missed.add(m);",
                        PLAIN + "shouldGiveWhatTheFoldHasAtEveryStop"),
                new Twin(
                        "a plain subscription does not see what is applied",
                        "Concerns",
                        "|| kind == Op.APPLY",
                        "",
                        PLAIN + "shouldGiveWhatTheFoldHasAtEveryStop"),
                new Twin(
                        "a plain subscription does not miss the parts of a commit that it has not seen",
                        "LargeCommits",
                        "if (seen == null) return null;",
                        "if (seen == null) return List.of();",
                        PLAIN + "shouldHaveWhatWasStagedBeforeItWasThere"),
                new Twin(
                        "a plain subscription does not miss the last part of a commit",
                        "LargeCommits",
                        "return next == n ? ofTopic : null;",
                        "return ofTopic;",
                        "domain.LargeCommitsTest#shouldKnowACommitOnlyIfItSawAllItsParts"),
                new Twin(
                        "a plain subscription asks the fold what is applied",
                        "TopicReader",
                        "if (all == null) return false;",
                        "if (all != null) return false;",
                        PLAIN + "shouldReadLargeCommitsWithoutTheFold"),
                new Twin(
                        "what is not done is told with what was read after it",
                        "Unsettled",
                        "first == null ? read : first.mid - 1",
                        "read",
                        PLAIN + "shouldKeepWhatIsNotDoneWhenItTellsOfOthers"),
                new Twin(
                        "a plain subscription whose session does not sleep in the log is not woken",
                        PUMP,
                        "if (one.behind) raise(one.signal);",
                        ";",
                        TOPICS + "shouldCallTheListenersOfManySessions_8_7"),
                new Twin(
                        "what is done is told at once",
                        "TopicReader",
                        "> domain.log().ringBytes() / PARTS",
                        "> 0",
                        PLAIN + "shouldTellOfManyMessagesInOneRecord"));
    }

    /** What has little goes on beside what fills the domain. */
    static Stream<Twin> crowds() {
        return Stream.of(
                new Twin(
                        "nobody sees a crowd",
                        "Crowd",
                        "return crowded = true;",
                        "return false;",
                        FULL + "shouldGoOnBesideABacklogThatFillsTheDomain"),
                new Twin(
                        "a crowd is never over",
                        "Crowd",
                        "- ring / 64) crowded = false;",
                        "- ring / 64) return;",
                        "domain.FullRingTest#shouldNotFoldWhileAnotherMakesRoom"),
                new Twin(
                        "a backlog is little where what is sent is",
                        "Crowd",
                        "bytes(state, one.destination()) + added <= most",
                        "added <= most",
                        FULL + "shouldGoOnBesideABacklogThatFillsTheDomain"),
                new Twin(
                        "one that has little may have all that is left",
                        "Crowd",
                        ") / PARTS",
                        ")",
                        FULL + "shouldGoOnBesideManyThatHaveLittleAndStay"),
                new Twin(
                        "a commit is little if one of its destinations is",
                        "Crowd",
                        "stream().allMatch(",
                        "stream().anyMatch(",
                        FULL + "shouldRefuseATransactionThatAddsToTheBacklog"),
                new Twin(
                        "garbage of those that have little is worth no lap",
                        "RoomMaker",
                        "|| used > ring * 25 / 32 && garbage() > ring / 128",
                        "",
                        FULL + "shouldGoOnBesideABacklogThatFillsTheDomain"),
                new Twin(
                        "what many hold of small messages is told in one part only",
                        "RoomMaker",
                        "told == TOO_LONG && limit >= SPARE",
                        "told > 0 && limit < 0",
                        "domain.AlwaysDrainedTest#shouldBeDrainedByManySubscriptionsThatHoldAllOfIt"),
                new Twin(
                        "a client id leaves no more than what ends something",
                        "Membership",
                        "Reserve.JOINING, registry -> registry.client",
                        "Reserve.SMALL, registry -> registry.client",
                        "client.FullRegistryTest#shouldDrainWhenClientIdsComeToADomainThatLittleHasFilled"),
                new Twin(
                        "a commit that finds no room counts as a delivery",
                        SETTLEMENT,
                        "!fitsLater || one.count() == 0",
                        "true",
                        FULL + "shouldKeepAMessageFromTheDeadLettersWhenItsCommitsFindNoRoom"));
    }

    private static Stream<Twin> all() {
        return Stream.of(turns(), deaths(), ends(), mistakes(), topics(), plain(), crowds())
                .flatMap(some -> some);
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
        twin.mustBeNoticed(directory, "2s");
    }
}
