package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import dev.belfry.tests.Journal.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ledger believes true stories, and finds the lie in each of the others. */
@Tag("T12")
@OneJdk
class LedgerTest {
    @TempDir
    Path files;

    private final Ledger ledger = new Ledger();
    private Ledger.Book publisher;
    private Ledger.Book other;
    private Ledger.Book reader;
    private Ledger.Book witness;
    private long clock;

    @BeforeEach
    void open() throws IOException {
        publisher = ledger.follow(new PublishingBook("publisher", journal("publisher"), ledger));
        other = ledger.follow(new PublishingBook("other", journal("other"), ledger));
        reader = ledger.follow(new ReadingBook("reader", null, journal("reader"), ledger));
        witness = ledger.follow(new ReadingBook("witness", "witness", journal("witness"), ledger));
        joins(reader, true, false, 1);
    }

    private Journal journal(String name) throws IOException {
        return new Journal(files.resolve(name));
    }

    private void publishing(Ledger.Book by, long number, long content) {
        by.journal.add(Kind.PUBLISHING, 10, number, content, ++clock);
    }

    private void published(Ledger.Book by, long number, long position) {
        by.journal.add(Kind.PUBLISHED, 10, number, position, ++clock);
    }

    private void publishes(Ledger.Book by, long number, long content, long position) {
        publishing(by, number, content);
        published(by, number, position);
    }

    private void joins(Ledger.Book by, boolean gates, boolean overruns, long start) {
        by.journal.add(Kind.JOINED, Journal.joined(gates, overruns), start, 0, ++clock);
    }

    private static void receives(Ledger.Book by, long position, long content, boolean again) {
        by.journal.add(Kind.RECEIVED, 10, position, content, again ? 1 : 0);
    }

    private static void receives(Ledger.Book by, long position, long content) {
        receives(by, position, content, false);
    }

    /** Both publishers have published one, and the reader has both. */
    private void twoMessages() {
        publishes(publisher, 1, 71, 1);
        publishes(other, 1, 72, 2);
        receives(reader, 1, 71);
        receives(reader, 2, 72);
    }

    private List<String> violations(long newest) {
        while (ledger.read()) {}
        ledger.close(List.of(publisher, other, reader, witness));
        ledger.requireSettled(newest);
        return ledger.violations();
    }

    private void assertTrue(long newest) {
        assertThat(violations(newest)).isEmpty();
    }

    private void assertLie(long newest, String said) {
        assertThat(violations(newest).toString()).contains(said);
    }

    @Test
    void shouldBelieveWhatIsTrue() {
        twoMessages();
        publishing(publisher, 2, 73);
        publisher.journal.add(Kind.REFUSED, 2);
        joins(witness, true, false, 1);
        receives(witness, 1, 71);
        witness.journal.add(Kind.ACKNOWLEDGED, 1);
        receives(witness, 2, 72);
        witness.journal.add(Kind.WENT_BACK, 0);
        receives(witness, 2, 72, true);
        witness.journal.add(Kind.LEFT, 0);
        joins(witness, true, false, 2);
        receives(witness, 2, 72, true);
        assertTrue(2);
        assertThat(ledger.refused).isEqualTo(1);
        assertThat(ledger.redelivered).isEqualTo(2);
    }

    @Test
    void shouldLetTheDeadHavePublishedOneOrNot() {
        twoMessages();
        publishing(publisher, 2, 73);
        publishing(other, 2, 74);
        receives(reader, 3, 74);
        assertTrue(3);
        assertThat(ledger.finishedForTheDead).isEqualTo(1);
        assertThat(ledger.neverHappened).isEqualTo(1);
    }

    @Test
    void shouldNotLetTheDeadHavePublishedTwice() {
        twoMessages();
        publishing(publisher, 2, 73);
        receives(reader, 3, 73);
        receives(reader, 4, 73);
        assertLie(4, "position 4 of 4 is not accounted for");
    }

    @Test
    void shouldMissAMessageThatNobodyReceived() {
        twoMessages();
        publishes(publisher, 2, 73, 3);
        assertLie(3, "published, but nobody received it");
    }

    @Test
    void shouldNoticeAMessageFromNowhere() {
        twoMessages();
        receives(reader, 3, 99);
        assertLie(3, "received, but nobody published it");
    }

    @Test
    void shouldNoticeARefusedOneThatCame() {
        twoMessages();
        publishing(publisher, 2, 73);
        publisher.journal.add(Kind.REFUSED, 2);
        receives(reader, 3, 73);
        assertLie(3, "which was told that number 2 was not published");
    }

    @Test
    void shouldNoticeASkippedOneAndOneThatComesTwice() {
        twoMessages();
        publishes(publisher, 2, 73, 3);
        publishes(publisher, 3, 74, 4);
        receives(reader, 4, 74);
        receives(reader, 4, 74);
        assertLie(4, "received position 4 instead of 3");
        assertLie(4, "received position 4 instead of 5");
    }

    @Test
    void shouldNoticeOtherContentAndAnotherOrder() {
        publishes(publisher, 1, 71, 1);
        receives(reader, 1, 70);
        assertLie(1, "at position 1");
    }

    @Test
    void shouldNoticeTwoAtOnePosition() {
        twoMessages();
        publishes(publisher, 2, 72, 2);
        assertLie(2, "where another publisher did");
    }

    @Test
    void shouldNoticePositionsOfAPublisherThatFall() {
        publishes(publisher, 1, 71, 2);
        publishes(publisher, 2, 72, 1);
        assertLie(2, "the one before it at 2");
    }

    @Test
    void shouldNoticeAnOrderAgainstTime() {
        publishes(publisher, 1, 71, 2); // and only then
        publishes(other, 1, 72, 1);
        receives(reader, 1, 72);
        receives(reader, 2, 71);
        assertLie(2, "position 2 had been published when another");
    }

    @Test
    void shouldNoticeAReaderThatStartsTooLate() {
        publishes(publisher, 1, 71, 1);
        joins(witness, true, false, 1);
        receives(witness, 1, 71);
        reader.journal.add(Kind.LEFT, 0);
        joins(reader, true, false, 3);
        publishes(publisher, 2, 72, 2);
        receives(witness, 2, 72);
        assertLie(2, "starts at 3 and misses position 2");
    }

    @Test
    void shouldNoticeLossWithoutNoticeAndNoticeWithoutLoss() {
        reader.journal.add(Kind.LEFT, 0);
        joins(reader, false, true, 1);
        receives(reader, 3, 73);
        reader.journal.add(Kind.LOST, 5);
        receives(reader, 5, 75);
        assertLie(0, "says that it lost 0 at position 3, it was 2");
        assertLie(0, "says that it lost 5 at position 5, it was 3");
    }

    @Test
    void shouldLetOneThatIsDisconnectedLoseTheRestWhileItHandlesAMessage() {
        reader.journal.add(Kind.LEFT, 0);
        joins(reader, false, false, 1);
        reader.journal.add(Kind.LOST, 5);
        publishes(publisher, 1, 71, 1);
        receives(reader, 1, 71);
        reader.journal.add(Kind.ENDED, 0);
        assertTrue(1);
    }

    @Test
    void shouldNoticeThatAcknowledgedOnesComeAgainOrSeenOnesNot() {
        joins(witness, true, false, 1);
        receives(witness, 1, 71);
        receives(witness, 2, 72);
        witness.journal.add(Kind.ACKNOWLEDGED, 2);
        witness.journal.add(Kind.LEFT, 0);
        joins(witness, true, false, 2);
        witness.journal.add(Kind.LEFT, 0);
        joins(witness, true, false, 4);
        assertLie(0, "continues at 2, though 2 was acknowledged");
        assertLie(0, "continues at 4, though");
    }

    @Test
    void shouldNoticeWrongWordsAboutRedelivery() {
        receives(reader, 1, 71, true);
        receives(reader, 2, 72);
        reader.journal.add(Kind.WENT_BACK, 0);
        receives(reader, 1, 71);
        assertLie(0, "position 1 is said to be redelivered");
        assertLie(0, "position 1 is not said to be redelivered");
    }

    @Test
    void shouldNoticeThatWhoGatesWasDisconnected() {
        reader.journal.add(Kind.ENDED, 0);
        assertLie(0, "was disconnected, but it gates");
    }
}
