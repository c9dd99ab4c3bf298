package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each ledger notices what is lost, doubled, moved or made up, and nothing else. */
@OneJdk
class LedgersTest {
    private final QueueLedger queue = new QueueLedger();
    private final DomainLedger domain = new DomainLedger();

    private List<String> afterClosing(long newest) {
        queue.close(newest);
        return queue.violations();
    }

    private List<String> afterClosingTheDomain() {
        domain.close();
        return domain.violations();
    }

    @Test
    void shouldAcceptWhatAKilledPublisherMayHavePublishedAndAReaderAcknowledged() {
        queue.published("a", List.of("ready", "returned 1 a.0", "returned 3 a.1"));
        queue.published("b", List.of("ready"));
        queue.read("s", List.of("ready 0", "read 1 a.0", "done 1", "read 2 b.0"));
        queue.read("s", List.of("ready 2", "read 3 a.1"));
        queue.read("s", List.of("ready 2", "read 3 a.1", "done 3", "end"));
        assertThat(afterClosing(3)).isEmpty();
    }

    @Test
    void shouldNoticeAMessageThatIsLost() {
        queue.published("a", List.of("returned 1 a.0", "returned 2 a.1"));
        queue.read("s", List.of("ready 0", "read 1 a.0", "done 1"));
        assertThat(afterClosing(1)).contains("a published 2, and there are 1");
    }

    @Test
    void shouldNoticeAPositionThatWasPassed() {
        queue.published("a", List.of("returned 1 a.0", "returned 2 a.1"));
        queue.read("s", List.of("ready 0", "read 2 a.1", "done 2"));
        assertThat(afterClosing(2)).containsExactly("s got position 2 after 0");
    }

    @Test
    void shouldNoticeAReaderThatGoesBackOrOn() {
        queue.read("s", List.of("ready 0", "read 1 a.0", "done 1", "read 2 a.1", "done 2"));
        queue.read("s", List.of("ready 1"));
        queue.read("t", List.of("ready 1"));
        assertThat(queue.violations())
                .containsExactly(
                        "s goes on after 1, but 2 was acknowledged, and 2 read",
                        "t goes on after 1, but 0 was acknowledged, and 0 read");
    }

    @Test
    void shouldAcceptAReaderThatGoesBackAfterAReboot() {
        queue.published("a", List.of("returned 1 a.0", "returned 2 a.1"));
        queue.read("s", List.of("ready 0", "read 1 a.0", "done 1", "read 2 a.1", "done 2"));
        queue.mayRewind();
        queue.read("s", List.of("ready 1"));
        queue.read("s", List.of("ready 1", "read 2 a.1", "done 2"));
        assertThat(afterClosing(2)).isEmpty();
    }

    @Test
    void shouldNoticeTwoMessagesAtOnePositionAndOneAtTwo() {
        queue.published("a", List.of("returned 1 a.0", "returned 2 a.1"));
        queue.read("s", List.of("ready 0", "read 1 b.0", "done 1", "read 2 a.1", "read 3 a.1"));
        assertThat(afterClosing(3)).contains("at position 1 s has b.0, and others a.0", "doubled: a.1, at position 3");
    }

    @Test
    void shouldNoticeAMessageOfNobody() {
        queue.read("s", List.of("ready 0", "read 1 x.0", "done 1"));
        assertThat(afterClosing(1)).containsExactly("made up: x");
    }

    @Test
    void shouldAcceptWhatAKilledConsumerHeldAndAKilledProducerCommitted() {
        domain.produced("p", List.of("ready", "committed p.0"));
        domain.consumed(List.of("ready", "got p.0.0 false", "acks p.0.0", "done p.0.0", "got p.1.0 false"));
        domain.consumed(
                List.of("ready", "got p.1.0 true", "acks p.1.0", "done p.1.0", "got p.1.1 false", "acks p.1.1"));
        assertThat(afterClosingTheDomain()).isEmpty();
    }

    @Test
    void shouldNoticeWhatAKilledConsumerHadAndNobodyGotAfterIt() {
        domain.produced("p", List.of("committed p.0"));
        domain.consumed(List.of("ready", "got p.0.0 false", "acks p.0.0"));
        domain.consumed(List.of("ready", "got p.0.0 true"));
        assertThat(afterClosingTheDomain()).containsExactly("lost: p.0.0, which a consumer had that was killed");
    }

    @Test
    void shouldNoticeWhatADomainLosesDoublesOrParts() {
        domain.produced("p", List.of("committed p.0", "committed p.1"));
        domain.consumed(List.of("got p.2.0 false", "done p.2.0", "got p.2.0 false", "done p.2.0"));
        domain.consumed(List.of("got p.4.0 false", "done p.4.0", "got p.4.1 false", "done p.4.1"));
        assertThat(afterClosingTheDomain())
                .containsExactlyInAnyOrder(
                        "doubled: p.2.0 was acknowledged 2 times",
                        "not marked: p.2.0, which came again",
                        "of commit p.2 came 1",
                        "made up: p.4, of 2",
                        "lost: p.0",
                        "lost: p.1");
    }

    @Test
    void shouldNoticeAMessageThatIsAcknowledgedTwice() {
        domain.produced("p", List.of("committed p.0"));
        domain.consumed(List.of("got p.0.0 false", "done p.0.0", "got p.0.0 true"));
        domain.consumed(List.of("got p.0.0 true", "done p.0.0"));
        assertThat(afterClosingTheDomain()).containsExactly("doubled: p.0.0 was acknowledged 2 times");
    }
}
