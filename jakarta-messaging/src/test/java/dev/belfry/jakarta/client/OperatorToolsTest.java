package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.message.TrustedClasses;
import dev.belfry.spi.DomainTools.Contents;
import dev.belfry.spi.DomainTools.Entry;
import dev.belfry.spi.DomainTools.Hold;
import dev.belfry.spi.DomainTools.Kind;
import dev.belfry.spi.DomainTools.Source;
import dev.belfry.spi.DomainTools.Trouble;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TextMessage;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The actions of operators where they fail. */
@OneJdk
class OperatorToolsTest extends DomainTest {
    private static final String TEXT = "x".repeat(1_900);
    private static final MessageCodec CODEC =
            new MessageCodec((kind, name) -> new BelfryQueue(name), TrustedClasses.of(TrustedClasses.JDK_VALUES));

    private int fill(BelfrySession session, String queue) {
        int[] sent = {0};
        assertThatThrownBy(() -> {
                    for (; ; sent[0]++) send(session, queue, TEXT);
                })
                .isInstanceOf(ResourceAllocationException.class);
        return sent[0];
    }

    /** One is moved first; then several in one large transaction, for which a full domain has no room. */
    @Slow
    @Test
    void shouldLeaveWhatItCannotMoveAsItWas() throws JMSException {
        BelfrySession session = auto(connect("capacity=64k", "maxCapacity=64k", "sendTimeout=0s"));
        int sent = fill(session, "q");
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        assertThatThrownBy(() -> new OperatorTools()
                        .take(
                                domain,
                                MessageQueues.open(URI.create(domain), config),
                                Source.queue("q"),
                                null,
                                "other",
                                Long.MAX_VALUE))
                .isInstanceOfSatisfying(MessageQueueException.class, full -> assertThat(full.code())
                        .isEqualTo(QueueFullException.CODE))
                .hasMessageEndingWith(" Before that, 1 of them were done; the others are as they were.");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        for (int i = 1; i < sent; i++) {
            TextMessage message = next(consumer);
            assertThat(count(message)).as("deliveries of message " + i).isOne();
        }
        assertThat(drain(session.createConsumer(queue("other")))).hasSize(1);
    }

    @Test
    void shouldSayWhatAMemberHoldsAndThatADeliveryIsAnother() throws JMSException {
        BelfrySession session = client(connect());
        send(session, "q", "one", "two");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        next(consumer);
        String first = hold().delivery();
        assertThat(hold().what()).endsWith(" of 'q'").contains(" holds ");
        assertThat(hold().delivery()).as("the same in two looks").isEqualTo(first);
        session.recover();
        next(consumer);
        String again = hold().delivery();
        assertThat(again).isNotEqualTo(first);
        next(consumer).acknowledge();
        assertThat(holds()).isEmpty();
    }

    private Hold hold() {
        assertThat(holds()).hasSize(1);
        return holds().get(0);
    }

    @Test
    void shouldSayThatItFillsFromHalfOfWhatSendersMayFillUntilItIsFull() throws JMSException {
        BelfrySession session = auto(connect("capacity=64k", "maxCapacity=64k", "sendTimeout=0s"));
        assertThat(contents().mostBytes()).isEqualTo(48 << 10);
        while (contents().bytes() < 24 << 10) {
            assertThat(contents().troubles()).isEmpty();
            send(session, "q", TEXT);
        }
        long sent = contents().messages();
        assertThat(sent * TEXT.length()).isBetween(20_000L, 25_000L);
        assertThat(contents().troubles())
                .singleElement()
                .satisfies(one -> assertThat(one.kind()).isEqualTo(Kind.FILLING))
                .satisfies(one -> assertThat(one.queue()).isEqualTo("q"))
                .satisfies(
                        one -> assertThat(one.what())
                                .matches(
                                        "it is filling: messages take 5\\d % of the 48 KiB that senders may fill. Most is in 'q', "
                                                + sent
                                                + " messages, consumed by nobody. At the rate at which these came it is full in .*s"));
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(contents().troubles()).singleElement().satisfies(one -> assertThat(one.what())
                .contains("consumed by ")
                .doesNotContain("nobody", "At the rate"));
        fill(session, "q");
        assertThat(contents().troubles()).extracting(Trouble::kind).containsExactly(Kind.FULL);
        assertThat(drain(consumer)).hasSizeGreaterThan(20);
        assertThat(contents().troubles()).isEmpty();
        assertThat(contents().bytes()).isZero();
    }

    /** They are counted with more than they take in the log, so that what counts may be more than there is room. */
    @Test
    void shouldSayOfSmallMessagesOfCommitsHowFullItIsAndWhenAtMost() throws JMSException {
        BelfrySession session = transacted(connect("capacity=64k", "maxCapacity=64k", "sendTimeout=0s"));
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        while (!kinds.contains(Kind.FULL)) {
            for (int i = 0; i < 40; i++) send(session, "q", "");
            session.commit();
            for (Trouble one : contents().troubles()) {
                kinds.add(one.kind());
                assertThat(one.what()).doesNotContain(" -").doesNotContainPattern(" 1(?!00 )\\d\\d % of the");
            }
        }
        assertThat(contents().bytes())
                .as("as it is counted")
                .isGreaterThan(contents().mostBytes());
    }

    /** Else it would bring again what the one before has brought. */
    @Slow
    @Test
    void shouldKnowHowFarAMoveCameAlsoWhileTheLogIsHeld() throws Exception {
        connect("capacity=64k");
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        Function<String, Entry> entries = origin ->
                new OperatorTools().entry(domain, MessageQueues.open(URI.create(domain), config), "q", origin);
        try (Entry first = entries.apply("a")) {
            first.put(List.of(), 7);
        }
        Domain member = new Domain(domain, MessageQueues.open(URI.create(domain), config));
        try (MessageQueue other = MessageQueues.open(URI.create(domain), config)) {
            CompletableFuture<Entry> second;
            try (Claim held = other.unwrap(Log.class).claim(100, Reserve.NONE, Duration.ZERO)) {
                assertThat(held).isNotNull();
                second = CompletableFuture.supplyAsync(() -> new Entrance(member, CODEC, "q", "a"));
                assertThatThrownBy(() -> second.get(3, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            }
            try (Entry known = second.get()) {
                assertThat(known.place()).isEqualTo(7);
            }
        }
    }

    private List<Hold> holds() {
        return contents().holds();
    }

    private Contents contents() {
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        try (MessageQueue log = MessageQueues.open(URI.create(domain), config)) {
            return new OperatorTools().contents(domain, log.unwrap(Log.class), Long.MAX_VALUE);
        }
    }
}
