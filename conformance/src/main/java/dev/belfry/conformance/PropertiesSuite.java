package dev.belfry.conformance;

import static dev.belfry.conformance.DeliverySuite.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 7: properties and timestamps. */
public abstract class PropertiesSuite extends ConformanceSuite {
    protected PropertiesSuite() {}

    @Test
    @Tag("PROPERTIES")
    void b07PropertiesOfAllTypesArrive() {
        MessageProperties sent = MessageProperties.builder()
                .put("yes", true)
                .put("no", false)
                .put("aByte", Byte.MIN_VALUE)
                .put("aShort", Short.MAX_VALUE)
                .put("anInt", Integer.MIN_VALUE)
                .put("aLong", Long.MAX_VALUE)
                .put("aFloat", Float.NaN)
                .put("aDouble", -0.0)
                .put("text", "Gr\u00fc\u00dfe \ud83d\udd14")
                .put("empty", "")
                .putObject("JMSType", "x")
                .put("gr\u00f6\u00dfe_1", 1.5f)
                .put("content-type.x", "y")
                .build();
        MessageQueue queue = open();
        Subscriber receiving = queue.createSubscriber();
        Subscriber polling = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        byte[] body = random(37);
        publisher.publish(ByteBuffer.wrap(body), sent);
        publisher.offer(ByteBuffer.wrap(body), sent, Duration.ofSeconds(10));
        publisher.publish("none");
        for (int i = 0; i < 2; i++) {
            Message message = next(receiving);
            assertThat(message.bytes()).isEqualTo(body);
            assertThat(message.properties()).isEqualTo(sent);
            assertThat(message.properties().names()).containsExactlyElementsOf(sent.names());
            for (String name : sent.names())
                assertThat(message.properties().get(name)).as(name).isEqualTo(sent.get(name));
        }
        List<Message> copies = new ArrayList<>();
        List<MessageProperties> seen = new ArrayList<>();
        while (copies.size() < 3)
            polling.poll(
                    v -> {
                        seen.add(v.properties());
                        copies.add(v.copy());
                    },
                    3,
                    Patience.limit());
        assertThat(seen).containsExactly(sent, sent, MessageProperties.empty());
        assertThat(copies).extracting(Message::properties).containsExactly(sent, sent, MessageProperties.empty());
        assertThat(next(receiving).properties().names()).isEmpty();
    }

    @Test
    @Tag("PROPERTIES")
    void b07TypedGettersWidenAndRefuseOtherTypes() {
        MessageProperties p = MessageProperties.builder()
                .put("b", (byte) 1)
                .put("s", (short) 2)
                .put("i", 3)
                .put("l", 4L)
                .put("f", 5.5f)
                .put("d", 6.5)
                .put("t", "7")
                .put("z", true)
                .build();
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        queue.createPublisher().publish(bytes(0), p);
        MessageProperties got = next(subscriber).properties();
        assertThat(got.getInt("b", 0)).isEqualTo(1);
        assertThat(got.getInt("s", 0)).isEqualTo(2);
        assertThat(got.getLong("i", 0)).isEqualTo(3);
        assertThat(got.getDouble("f", 0)).isEqualTo(5.5);
        assertThat(got.getDouble("l", 0)).isEqualTo(4);
        assertThat(got.getString("t", null)).isEqualTo("7");
        assertThat(got.getBoolean("z", false)).isTrue();
        assertThat(got.get("absent")).isNull();
        assertThat(got.getInt("absent", -1)).isEqualTo(-1);
        assertThat(got.getString("absent", null)).isNull();
        assertThat(got.getBoolean("absent", true)).isTrue();
        assertThat(got.getLong("absent", 9)).isEqualTo(9);
        assertThat(got.getDouble("absent", 9)).isEqualTo(9);
        assertThatThrownBy(() -> got.getInt("l", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'l'");
        assertThatThrownBy(() -> got.getInt("t", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> got.getLong("d", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> got.getString("i", "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> got.getBoolean("t", true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> got.getDouble("z", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Tag("PROPERTIES")
    void b07BadNamesAndValuesAreRefused() {
        for (String bad : List.of("", "1st", "-a", "a b", ".b", "\u20ac!", "belfry_x"))
            assertThatThrownBy(() -> MessageProperties.builder().put(bad, 1).build(), "name '%s'", bad)
                    .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MessageProperties.builder().put(null, 1).build())
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() ->
                        MessageProperties.builder().put("a", (String) null).build())
                .isInstanceOf(NullPointerException.class);
        for (Object bad : List.of('c', new byte[1], new java.math.BigDecimal(1), List.of()))
            assertThatThrownBy(
                            () -> MessageProperties.builder()
                                    .putObject("a", bad)
                                    .build(),
                            "value %s",
                            bad)
                    .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Tag("PROPERTIES")
    void b07PropertiesMayTakeSixtyFourKibibytesAndNoMore() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        MessageProperties much =
                MessageProperties.builder().put("text", "x".repeat(65_000)).build();
        publisher.publish(bytes(10), much);
        assertThat(next(subscriber).properties()).isEqualTo(much);
        ByteBuffer body = bytes(10);
        assertThatThrownBy(() -> publisher.publish(
                        body,
                        MessageProperties.builder()
                                .put("text", "x".repeat(65_537))
                                .build()))
                .isInstanceOfAny(IllegalArgumentException.class, MessageTooLargeException.class);
        assertThat(body.position()).isZero();
        assertNothingComes(subscriber);
    }

    @Test
    void b07TimestampsOnlyWhenAskedFor() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        long before = System.currentTimeMillis();
        queue.createPublisher(PublisherOptions.builder().timestamps(true).build())
                .publish("dated");
        Message dated = next(subscriber);
        assertThat(dated.text()).isEqualTo("dated");
        assertThat(dated.timestampMillis()).isBetween(before, System.currentTimeMillis());
        queue.createPublisher().publish("undated");
        if (has(Capability.POSITIONS))
            assertThat(next(subscriber).timestampMillis()).isZero();
    }
}
