package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Capability;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.UnsupportedCapabilityException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The texts of API.md's error table, word by word. */
@Timeout(20)
class ErrorsTest {
    @Test
    void shouldSpeakAsTheTableSays() {
        assertThat(Errors.tooLarge(20_971_520, 16_777_216, 64 << 20))
                .hasMessage("Message of 20,971,520 bytes; limit is 16,777,216 (a quarter of maxCapacity 64 MiB, "
                        + "body and properties). Raise maxCapacity when the queue is created.");
        assertThat(Errors.full("shm:prices", 64 << 20, "audit", 812, 1_204_331, 0, 31_000_000_000L, ""))
                .hasMessage("'shm:prices' is full (64 MiB): waiting for 'audit' (pid 812, lag 1,204,331, parked 31 s). "
                        + "Let it read faster, 'belfry unsubscribe shm:prices audit' if it is not needed, "
                        + "or subscribe with another policy than GATE_PUBLISHER.");
        assertThat(Errors.full("shm:prices", 64 << 20, null, 812, 1, 0, 0, ""))
                .hasMessage(
                        "'shm:prices' is full (64 MiB): waiting for an anonymous subscriber (pid 812, lag 1, parked 0 s). "
                                + "Let it read faster, or subscribe with another policy than GATE_PUBLISHER.");
        assertThat(Errors.full("shm:prices", 64 << 20, "audit", 0, 1, 0, 0, "Process 812 is stopped."))
                .hasMessageContaining("(no process attached, lag 1")
                .hasMessageEndingWith("policy than GATE_PUBLISHER. Process 812 is stopped.")
                .hasMessageContaining("Attach it, 'belfry unsubscribe shm:prices audit'");
        assertThat(Errors.full("shm:prices", 64 << 20, "two words", 0, 1, 0, 0, ""))
                .as("not what a shell would split")
                .hasMessageContaining("Attach it, unsubscribe(\"two words\")");
        assertThat(Errors.full("shm:prices", 64 << 20, "audit", 812, 7, 7, 0, ""))
                .hasMessageContaining(
                        "(pid 812, lag 7, 7 of them received and not acknowledged, parked 0 s). Let it ack"
                                + "nowledge, 'belfry unsubscribe");
        assertThat(Errors.full("shm:prices", 64 << 20, "audit", 812, 8, 4, 0, ""))
                .hasMessageContaining("(pid 812, lag 8, parked 0 s). Let it read faster,");
        assertThat(Errors.full("file:/var/lib/q", 64 << 20, "audit", 0, 1, 0, 0, ""))
                .hasMessageContaining("Attach it, 'belfry unsubscribe file:/var/lib/q audit' if");
        assertThat(Errors.full("file:/var/lib/a%20b", 64 << 20, "audit", 0, 1, 0, 0, ""))
                .hasMessageContaining("Attach it, unsubscribe(\"audit\") if");
        assertThat(Errors.full("shm:prices", 64 << 20, ""))
                .hasMessage("'shm:prices' is full (64 MiB). Publish again, with a longer timeout.");
        assertThat(Errors.heldByPublisher("shm:prices", 812, 31_000_000_000L))
                .hasMessage("'shm:prices' is held by publisher pid 812 for 31 s. Is it stopped? "
                        + "Continue or kill it then; if it holds a claim or a batch, let it commit or close that.");
        assertThat(Errors.heldByPublisher("shm:prices", 812, 31_000_000_000L, true))
                .hasMessage("'shm:prices' is held by publisher pid 812 for 31 s. Process 812 is stopped:"
                        + " 'kill -CONT 812' continues it. 'belfry doctor shm:prices' tells more.");
        assertThat(Errors.heldByPublisher("shm:prices", 812, 31_000_000_000L, false))
                .hasMessageContaining("for 31 s. If it holds a claim or a batch, let it commit or close that. 'belfry");
        assertThat(Errors.noSpace(8 << 20, "/dev/shm", 64 << 20, 1 << 20))
                .hasMessage("Cannot reserve 8 MiB in /dev/shm (64 MiB, 1 MiB free). In Docker use --shm-size; "
                        + "'belfry gc' removes left-overs.");
        assertThat(Errors.notFound(
                        "prices", "/dev/shm (device 0:27)", "Another container? Share /dev/shm or use --ipc."))
                .hasMessage(
                        "No queue 'prices' in /dev/shm (device 0:27). Another container? Share /dev/shm or use --ipc.");
        assertThat(Errors.exists("prices", "/dev/shm"))
                .hasMessage(
                        "There is a queue 'prices' in /dev/shm already. Delete it first, or open it with CREATE_OR_OPEN.");
        assertThat(Errors.accessDenied("prices", "root", 0600, 1000))
                .hasMessage("'prices' belongs to root, mode 0600; this process is uid 1000. "
                        + "Create it with mode=rw-rw---- and group=….");
        assertThat(Errors.incompatibleLayout("prices", 3, 1, 2))
                .hasMessage("'prices' has layout 3, this library reads 1-2. Upgrade, or 'belfry rm prices'.");
        assertThat(Errors.subscriptionInUse("audit", "pid 812 (java, since 10:02:11)"))
                .hasMessage("Subscription 'audit' is attached by pid 812 (java, since 10:02:11). "
                        + "One process at a time has it: close it there, or use another name.");
        assertThat(Errors.otherValue("shm:prices", "capacity", "4 MiB", "1 MiB"))
                .hasMessage("capacity 4 MiB requested, existing queue 'shm:prices' has 1 MiB. "
                        + "Leave capacity out, also in properties and environment, or delete the queue first.");
    }

    @Test
    void shouldNameSubjectReasonAndNextStepElsewhere() {
        assertThat(Errors.publisherInUse("shm:prices", true, "pid 812"))
                .hasMessage("'shm:prices' has a publisher: pid 812. Close it first, or ask for a shared one.");
        assertThat(Errors.publisherInUse("shm:prices", false, "pid 812"))
                .hasMessage("'shm:prices' has an exclusive publisher: pid 812. Close it first.");
        assertThat(Errors.stepInProgress("shm:prices", "pid 812"))
                .hasMessage("pid 812 has held the administrative lock of 'shm:prices' for 10 s. Is it stopped? "
                        + "Continue or kill it then, and try again.");
        assertThat(Errors.closed("Publisher of 'shm:prices'"))
                .hasMessage("Publisher of 'shm:prices' is closed. Open or create it again.");
        assertThat(Errors.interrupted("space in 'shm:prices'"))
                .hasMessage("Interrupted while waiting for space in 'shm:prices'; nothing was published or taken, "
                        + "and the thread's interrupt flag is still set.");
        assertThat(Errors.disconnected("shm:prices", "audit", 1234, 5678, "the queue was full (64 MiB)"))
                .hasMessage("Subscriber 'audit' of 'shm:prices' was disconnected at position 1,234, lag 5,678: "
                        + "the queue was full (64 MiB). It stays ended until 'belfry unsubscribe shm:prices audit';"
                        + " then subscribe again.");
        assertThat(Errors.disconnected("shm:prices", null, 1, 2, "x"))
                .hasMessage("Anonymous subscriber of 'shm:prices' was disconnected at position 1, lag 2: x. "
                        + "Subscribe again, read faster, or create the queue with a larger maxCapacity.");
        assertThat(Errors.disconnected("file:/prices", null, 1, 2, "x")).hasMessageEndingWith("a larger maxSize.");
        assertThat(Errors.largerOne("file:/prices", AfterOverrun.NEWEST)).endsWith("a larger capacity");
        Exception cause = new Exception();
        assertThat(Errors.corrupted("prices", "record length 17 at position 812", cause))
                .hasMessage("'prices' is damaged: record length 17 at position 812. This handle is unusable; "
                        + "run 'belfry doctor --deep prices'.")
                .hasCause(cause);
        assertThat(Errors.connectionLost("jms:prices", "broker gone", cause))
                .hasMessage("'jms:prices' lost its connection: broker gone. A publish in progress may or may not have "
                        + "happened; open it again.");
        assertThat(Errors.gatingRefused("shm:prices"))
                .hasMessage("'shm:prices' was created with allowGating=false: slowSubscriber must be OVERRUN or "
                        + "DISCONNECT, was GATE_PUBLISHER");
        assertThat(Errors.startsInFuture("shm:prices", 12, 9))
                .hasMessage("position must be <= 10 (newest of 'shm:prices' plus 1), was 12");
        assertThat(Errors.hasNoTimestamp("shm:prices", 1_017, StartAt.time(Instant.EPOCH)))
                .hasMessage("Message 1,017 of 'shm:prices' has no timestamp, so time(1970-01-01T00:00:00Z) cannot be"
                        + " found: its publisher writes none. Set timestamps in PublisherOptions, or begin at a position"
                        + " or at StartAt.OLDEST_RETAINED.");
        assertThat(Errors.cannotUnwrap("shm:prices", String.class))
                .hasMessage("'shm:prices' has no java.lang.String to unwrap");
        assertThat(Errors.nestedClaim("shm:prices"))
                .hasMessage(
                        "This thread holds an open claim on 'shm:prices': commit or close it before it publishes or "
                                + "claims again");
    }

    @Test
    void shouldSayWhatABatchCannotDo() {
        assertThat(Errors.nestedBatch("shm:prices"))
                .hasMessage("This thread has an open batch on 'shm:prices': add to it, or commit or close it before it "
                        + "publishes or claims again");
        assertThat(Errors.batchTooLarge(20_000_000, 16 << 20, 64 << 20))
                .hasMessage("Batch of 20,000,000 bytes; limit is 16,777,216 (a quarter of maxCapacity 64 MiB). "
                        + "Use several batches, or raise maxCapacity when the queue is created.");
        assertThat(Errors.doesNotFitIntoBatch("shm:prices", 112, 64, 4096))
                .hasMessage("The message takes 112 bytes, this batch on 'shm:prices' has 64 of 4,096 left. "
                        + "Commit it and begin another, or begin it with more bytes.");
        assertThat(Errors.batchHasMost("shm:prices"))
                .hasMessage("This batch on 'shm:prices' has 1,048,576 messages; limit is the same. "
                        + "Commit it and begin another.");
    }

    @Test
    void shouldCheckArgumentsInTheSameWords() {
        assertThatIllegalArgumentException().isThrownBy(() -> Checks.limit(0)).withMessage("limit must be > 0, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checks.length(-1, 10))
                .withMessage("length must be 0 to 10, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checks.awaitAcknowledged(0, 1))
                .withMessage("position must be >= 1, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checks.awaitAcknowledged(1, 0))
                .withMessage("minSubscribers must be >= 1, was 0");
    }

    @Test
    void shouldSayWhatATransportCan() {
        Set<Capability> jms = EnumSet.of(Capability.NAMED, Capability.CLIENT_ACK);
        SubscriberOptions overrun = SubscriberOptions.builder()
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .build();
        assertThatThrownBy(() -> Capabilities.require("jms", jms, overrun))
                .isInstanceOf(UnsupportedCapabilityException.class)
                .hasMessage("jms: cannot do OVERRUN (wanted by slowSubscriber). It can: NAMED, CLIENT_ACK");
        assertThatThrownBy(() -> Capabilities.require("toy", Set.of(), overrun))
                .hasMessage(
                        "toy: cannot do OVERRUN (wanted by slowSubscriber). It can: nothing beyond publish and receive");
    }

    @Test
    void shouldNameTheAlternativeOfWhatIsMissing() {
        Set<Capability> none = Set.of(Capability.NAMED);
        assertThatThrownBy(() -> Capabilities.require("kafka", none, Capability.CLAIM, "claim"))
                .hasMessage("kafka: cannot do CLAIM (wanted by claim). It can: NAMED. Use publish");
        assertThatThrownBy(() -> Capabilities.require(
                        "kafka",
                        none,
                        QueueConfig.builder().deleteOnLastClose(true).build()))
                .hasMessage("kafka: cannot do MEMBERS (wanted by deleteOnLastClose). It can: NAMED."
                        + " Delete the queue by MessageQueues.delete");
    }

    @Test
    void shouldRefuseEachOptionThatNeedsWhatIsMissing() {
        refused(Capability.NAMED, SubscriberOptions.builder().name("audit"));
        refused(Capability.HISTORY, SubscriberOptions.builder().startAt(StartAt.OLDEST_RETAINED));
        refused(Capability.POSITIONS, SubscriberOptions.builder().startAt(StartAt.at(1)));
        refused(Capability.HISTORY_BY_TIME, SubscriberOptions.builder().startAt(StartAt.time(Instant.EPOCH)));
        refused(Capability.CLIENT_ACK, SubscriberOptions.builder().ackMode(AckMode.CLIENT));
        refused(Capability.OVERRUN, SubscriberOptions.builder().slowSubscriber(SlowSubscriber.OVERRUN));
        refused(Capability.DISCONNECT, SubscriberOptions.builder().slowSubscriber(SlowSubscriber.DISCONNECT));
        refused(Capability.EXCLUSIVE, PublisherOptions.builder().exclusive(true));
        refused(Capability.TIME_LIMITS, PublisherOptions.builder().timeout(Duration.ZERO));
        assertThatCode(() -> {
                    Capabilities.require("toy", Set.of(), SubscriberOptions.defaults());
                    Capabilities.require("toy", Set.of(), PublisherOptions.defaults());
                })
                .doesNotThrowAnyException();
    }

    private static void refused(Capability missing, SubscriberOptions.Builder options) {
        Set<Capability> others = EnumSet.complementOf(EnumSet.of(missing));
        assertThatThrownBy(() -> Capabilities.require("toy", others, options.build()))
                .hasMessageStartingWith("toy: cannot do " + missing + " (wanted by ");
        assertThatCode(() -> Capabilities.require("toy", EnumSet.allOf(Capability.class), options.build()))
                .doesNotThrowAnyException();
    }

    private static void refused(Capability missing, PublisherOptions.Builder options) {
        assertThatThrownBy(
                        () -> Capabilities.require("toy", EnumSet.complementOf(EnumSet.of(missing)), options.build()))
                .hasMessageStartingWith("toy: cannot do " + missing + " (wanted by ");
    }
}
