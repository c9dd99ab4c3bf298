package dev.belfry.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Batch;
import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.Codecs;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Replier;
import dev.belfry.api.Requester;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.spi.ForwardingPublisher;
import dev.belfry.spi.ForwardingQueue;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What carries a trace and what does not; what spans say; that nothing which was not traced pays for it. */
@Timeout(60)
@WaitsForOthers
class BelfryTracingTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final Spans spans = new Spans();
    private MessageQueue plain;
    private MessageQueue traced;
    private String name;

    @BeforeEach
    void open() {
        name = name();
        plain = MessageQueues.open("shm:" + name + "?deleteOnLastClose=true&capacity=4k&maxCapacity=1M");
        traced = new BelfryTracing(spans.telemetry()).wrap(plain);
    }

    private static String name() {
        return "traced-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    }

    @AfterEach
    void close() {
        traced.close();
        spans.close();
        assertThatThrownBy(plain::createPublisher).isInstanceOf(QueueClosedException.class);
    }

    @Test
    void shouldSayInASpanWhatTheConventionsName() {
        try (Publisher out = traced.createPublisher();
                Subscriber in = traced.createSubscriber(
                        SubscriberOptions.builder().name("audit").build())) {
            out.publish("hello");
            in.poll(view -> {}, 1);
        }
        assertThat(attributes(span("publish")))
                .containsExactlyInAnyOrder(
                        "messaging.system=belfry",
                        "messaging.destination.name=" + name,
                        "messaging.operation.name=publish",
                        "messaging.operation.type=send",
                        "messaging.message.body.size=5",
                        "messaging.message.id=1");
        assertThat(attributes(span("process")))
                .containsExactlyInAnyOrder(
                        "messaging.system=belfry",
                        "messaging.destination.name=" + name,
                        "messaging.destination.subscription.name=audit",
                        "messaging.operation.name=process",
                        "messaging.operation.type=process",
                        "messaging.message.body.size=5",
                        "messaging.message.id=1");
    }

    @Test
    void shouldKeepThePropertiesOfTheProgramAndReplaceThoseOfAnotherTrace() {
        try (Publisher out = traced.createPublisher();
                Subscriber in = plain.createSubscriber()) {
            out.publish("a");
            Message first = in.receiveNoWait();
            assertThat(first.properties().names()).containsExactly("traceparent");
            out.publish("b", MessageProperties.builder().put("region", 7).build());
            assertThat(in.receiveNoWait().properties().getInt("region", 0)).isEqualTo(7);
            MessageProperties stale = MessageProperties.builder()
                    .put("tracestate", "vendor=1")
                    .putObject("traceparent", first.properties().getString("traceparent", null))
                    .build();
            out.publish("c", stale);
            Message third = in.receiveNoWait();
            SpanData publish = spans.ended("publish " + name).get(2);
            assertThat(third.properties().names()).containsExactly("traceparent");
            assertThat(third.properties().getString("traceparent", null))
                    .startsWith("00-" + publish.getTraceId() + "-" + publish.getSpanId() + "-");
        }
    }

    @Test
    void shouldHandOnTheStateOfATrace() {
        MessageProperties received = MessageProperties.builder()
                .put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .put("tracestate", "vendor=opaque")
                .build();
        try (Publisher out = plain.createPublisher();
                Publisher next = traced.createPublisher();
                Subscriber in = traced.createSubscriber()) {
            out.publish("a", received);
            in.poll(view -> next.publish("b"), 1);
            Message second = in.receiveNoWait();
            assertThat(second.properties().getString("tracestate", null)).isEqualTo("vendor=opaque");
        }
        SpanData process = span("process");
        assertThat(process.getParentSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(span("publish").getParentSpanId()).isEqualTo(process.getSpanId());
        assertThat(span("receive").getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void shouldLinkTheSpanAroundACallAndBeItsChildWithoutATrace() {
        try (Publisher out = traced.createPublisher();
                Publisher untraced = plain.createPublisher();
                Subscriber in = traced.createSubscriber()) {
            out.publish("traced");
            untraced.publish("not");
            Span around = spans.begin("around");
            Scope scope = around.makeCurrent();
            assertThat(in.poll(view -> {}, 2)).isEqualTo(2);
            scope.close();
            List<SpanData> both = spans.ended("process " + name);
            assertThat(both.get(0).getParentSpanId()).isEqualTo(span("publish").getSpanId());
            assertThat(both.get(0).getLinks()).hasSize(1);
            assertThat(both.get(0).getLinks().get(0).getSpanContext()).isEqualTo(around.getSpanContext());
            assertThat(both.get(1).getParentSpanId())
                    .isEqualTo(around.getSpanContext().getSpanId());
            assertThat(both.get(1).getLinks()).isEmpty();
        }
    }

    /** Another program's properties: each message arrives, in a span without a parent. */
    @Test
    void shouldPassOverWhatIsNoTrace() {
        try (Publisher out = plain.createPublisher();
                Subscriber in = traced.createSubscriber()) {
            out.publish("1", MessageProperties.builder().put("traceparent", 17).build());
            out.publish("2", MessageProperties.builder().put("traceparent", "").build());
            out.publish(
                    "3",
                    MessageProperties.builder()
                            .put("traceparent", "00-" + "0".repeat(32) + "-" + "0".repeat(16) + "-01")
                            .build());
            out.publish(
                    "4",
                    MessageProperties.builder()
                            .put("traceparent", "x".repeat(60_000))
                            .put("tracestate", false)
                            .build());
            assertThat(in.poll(view -> {}, 10)).isEqualTo(4);
        }
        assertThat(spans.ended("process " + name)).hasSize(4).allSatisfy(each -> assertThat(each.getParentSpanId())
                .isEqualTo("0000000000000000"));
    }

    @Test
    void shouldPublishWithoutATraceWhereThereIsNoRoom() {
        try (Publisher out = traced.createPublisher();
                Subscriber in = plain.createSubscriber()) {
            int most = out.maxMessageLength();
            out.publish(new byte[most - 75]);
            assertThat(in.receiveNoWait().properties().names()).isNotEmpty();
            out.publish(new byte[most - 74]);
            assertThat(in.receiveNoWait().properties().names()).isEmpty();
            MessageProperties full = MessageProperties.builder()
                    .put("a", "x".repeat(65_536 - 10))
                    .build();
            out.publish("b", full);
            assertThat(in.receiveNoWait().properties()).isEqualTo(full);
            assertThatThrownBy(() -> out.publish(new byte[most + 1])).isInstanceOf(MessageTooLargeException.class);
        }
        SpanData failed = spans.ended("publish " + name).get(3);
        assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(failed.getEvents()).hasSize(1);
        assertThat(attributes(failed)).contains("error.type=" + MessageTooLargeException.class.getName());
    }

    @Test
    void shouldMarkAnOfferThatWasRejected() {
        try (Subscriber in = traced.createSubscriber();
                Publisher out = traced.createPublisher()) {
            ByteBuffer body = ByteBuffer.wrap(new byte[200_000]);
            int offers = 1;
            while (out.offer(body.duplicate(), Duration.ZERO) != Publisher.REJECTED) offers++;
            assertThat(spans.ended("publish " + name)).hasSize(offers);
            assertThat(attributes(spans.ended().get(offers - 1))).contains("error.type=rejected");
            assertThat(in.receive(TEN_SECONDS)).isNotNull();
        }
    }

    /** A later release may reject it by another number. */
    @Test
    void shouldMarkAnOfferThatWasRejectedByAnyNegativeNumber() {
        MessageQueue full = new BelfryTracing(spans.telemetry()).wrap(new Full(plain));
        try (Publisher out = full.createPublisher()) {
            assertThat(out.offer(ByteBuffer.wrap(new byte[1]), Duration.ZERO)).isEqualTo(-2);
        }
        SpanData rejected = span("publish");
        assertThat(attributes(rejected)).contains("error.type=rejected");
        assertThat(rejected.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    private record Full(MessageQueue queue) implements ForwardingQueue {
        @Override
        public Set<Capability> capabilities() {
            return queue.capabilities();
        }

        @Override
        public Publisher createPublisher(PublisherOptions options) {
            return new Rejecting(queue.createPublisher(options));
        }

        @Override
        public Subscriber createSubscriber(SubscriberOptions options) {
            return queue.createSubscriber(options);
        }
    }

    private static final class Rejecting extends ForwardingPublisher {
        Rejecting(Publisher out) {
            super(out);
        }

        @Override
        public long publish(ByteBuffer body, MessageProperties properties) {
            return out.publish(body, properties);
        }

        @Override
        public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
            return -2;
        }
    }

    /** Codecs.text() is sized and would use a claim, which has no properties. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldTraceTypedMessages(String scheme) {
        try (MessageQueue queue = new BelfryTracing(spans.telemetry())
                        .wrap(MessageQueues.open(scheme + ":" + name() + "?deleteOnLastClose=true"));
                TypedPublisher<String> out = queue.createPublisher(Codecs.text());
                TypedSubscriber<String> in = queue.createSubscriber(Codecs.text())) {
            assertThat(queue.capabilities()).contains(Capability.CLAIM);
            out.publish("a");
            out.offer("b", TEN_SECONDS);
            out.publish("c", MessageProperties.builder().put("region", 7).build());
            assertThat(in.poll((value, view) -> {}, 2)).isEqualTo(2);
            assertThat(in.receive()).isEqualTo("c");
            String of = queue.uri().getSchemeSpecificPart();
            assertThat(spans.ended("process " + of))
                    .extracting(SpanData::getParentSpanId)
                    .containsExactlyElementsOf(spans.ended("publish " + of).stream()
                            .map(SpanData::getSpanId)
                            .toList());
        }
    }

    @Test
    void shouldLeaveClaimsAndBatchesAsTheyAre() {
        try (Publisher out = traced.createPublisher();
                Subscriber in = plain.createSubscriber()) {
            try (Claim claim = out.claim(8)) {
                claim.putLong(0, 1);
                claim.commit();
            }
            try (Batch batch = out.batch(out.sizeInBatch(1))) {
                batch.add("b");
                batch.commit();
            }
            assertThat(in.receiveNoWait().properties().names()).isEmpty();
            assertThat(in.receiveNoWait().text()).isEqualTo("b");
            assertThat(spans.ended()).isEmpty();
        }
    }

    @Test
    void shouldFollowARequestToItsAnswer() {
        MessageQueue answers = new BelfryTracing(spans.telemetry())
                .wrap(MessageQueues.open("shm:" + name() + "?deleteOnLastClose=true"));
        String back = answers.uri().getSchemeSpecificPart();
        try (answers;
                Replier<String, String> replier = Replier.of(
                        traced,
                        Codecs.text(),
                        SubscriberOptions.defaults(),
                        answers,
                        Codecs.text(),
                        (question, message) -> question + "!");
                Requester<String, String> requester = Requester.of(traced, Codecs.text(), answers, Codecs.text())) {
            assertThat(requester.request("hello", TEN_SECONDS)).isEqualTo("hello!");
            Patience.until("all four have ended", () -> spans.ended().size() == 4);
            assertThat(replier.subscriber().position()).isEqualTo(1);
            assertThat(spans.ended())
                    .extracting(SpanData::getName)
                    .containsExactlyInAnyOrder(
                            "publish " + name, "process " + name, "publish " + back, "process " + back);
            assertThat(spans.ended())
                    .extracting(SpanData::getTraceId)
                    .containsOnly(span("publish").getTraceId());
            assertThat(spans.ended("publish " + back).get(0).getParentSpanId())
                    .isEqualTo(span("process").getSpanId());
        }
    }

    @Test
    void shouldLetAMovedMessageKeepItsTrace() {
        String moved = "shm:" + name() + "?deleteOnLastClose=true";
        SubscriberOptions options = SubscriberOptions.builder()
                .maxRedeliveries(0)
                .onFailure(OnFailure.moveTo(moved))
                .build();
        try (MessageQueue graveyard = new BelfryTracing(spans.telemetry()).wrap(MessageQueues.open(moved));
                Subscriber dead = graveyard.createSubscriber();
                Subscriber in = traced.createSubscriber(options);
                Publisher out = traced.createPublisher()) {
            in.setListener(message -> {
                throw new Exception("checked, too");
            });
            out.publish("a");
            assertThat(dead.receive(TEN_SECONDS)).isNotNull();
            assertThat(span("process").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
            assertThat(spans.ended("receive " + graveyard.uri().getSchemeSpecificPart())
                            .get(0)
                            .getParentSpanId())
                    .isEqualTo(span("publish").getSpanId());
        }
    }

    /** Neither a queue that is not wrapped nor one of a program without an SDK has a byte more in it. */
    @Test
    void shouldCostNoByteWithoutTracing() {
        MessageQueue silent = new BelfryTracing(OpenTelemetry.noop()).wrap(plain);
        try (Publisher untraced = plain.createPublisher();
                Publisher noop = silent.createPublisher();
                Publisher out = traced.createPublisher();
                Subscriber in = plain.createSubscriber()) {
            long without = bytes(() -> untraced.publish("hello"));
            assertThat(bytes(() -> noop.publish("hello"))).isEqualTo(without);
            assertThat(bytes(() -> out.publish("hello"))).isGreaterThan(without);
            assertThat(in.receiveNoWait().properties()).isSameAs(MessageProperties.empty());
            assertThat(in.receiveNoWait().properties()).isSameAs(MessageProperties.empty());
        }
    }

    private long bytes(Runnable publish) {
        long before = plain.stats().counters().get("bytes");
        publish.run();
        return plain.stats().counters().get("bytes") - before;
    }

    @Test
    void shouldRefuseNulls() {
        try (Publisher out = traced.createPublisher();
                Subscriber in = traced.createSubscriber()) {
            assertThatThrownBy(() -> out.publish((ByteBuffer) null)).hasMessage("body");
            assertThatThrownBy(() -> out.publish("a".getBytes(StandardCharsets.UTF_8), null))
                    .hasMessage("properties");
            assertThatThrownBy(() -> in.poll(null, 1)).hasMessage("handler");
            assertThatThrownBy(() -> in.setListener(null)).hasMessage("listener");
            assertThat(spans.ended()).isEmpty();
        }
        assertThatThrownBy(() -> new BelfryTracing(null)).hasMessage("openTelemetry");
    }

    private SpanData span(String operation) {
        return spans.ended(operation + " " + name).get(0);
    }

    private static List<String> attributes(SpanData span) {
        return span.getAttributes().asMap().entrySet().stream()
                .map(each -> ((AttributeKey<?>) each.getKey()).getKey() + "=" + each.getValue())
                .toList();
    }

    /** After it was acknowledged, or again and again to a listener that would stop. */
    @Test
    void shouldLoseNoMessageToAProcessorOfSpansThatThrows() {
        List<SpanProcessor> all = List.of(
                throwing(new IllegalStateException("at the start"), new IllegalStateException("at the end")),
                throwing(null, new IllegalStateException("at the end")),
                throwing(new AssertionError("at the start"), null),
                throwing(null, new NoClassDefFoundError("at the end")));
        for (SpanProcessor each : all)
            try (SdkTracerProvider provider =
                            SdkTracerProvider.builder().addSpanProcessor(each).build();
                    MessageQueue queue = new BelfryTracing(OpenTelemetrySdk.builder()
                                    .setTracerProvider(provider)
                                    .build())
                            .wrap(MessageQueues.open("mem:" + name() + "?deleteOnLastClose=true"));
                    Publisher out = queue.createPublisher();
                    Subscriber in = queue.createSubscriber()) {
                for (int i = 1; i <= 2; i++) out.publish("message " + i);
                assertThat(in.receive(TEN_SECONDS).text()).isEqualTo("message 1");
                AtomicInteger handled = new AtomicInteger();
                assertThat(in.poll(view -> handled.incrementAndGet(), 10)).isOne();
                assertThat(handled).hasValue(1);
            }
    }

    /** Null: nothing. */
    private static SpanProcessor throwing(Throwable atTheStart, Throwable atTheEnd) {
        return new SpanProcessor() {
            @Override
            public void onStart(Context parent, ReadWriteSpan span) {
                BelfryTracingTest.<RuntimeException>thrown(atTheStart);
            }

            @Override
            public boolean isStartRequired() {
                return atTheStart != null;
            }

            @Override
            public void onEnd(ReadableSpan span) {
                BelfryTracingTest.<RuntimeException>thrown(atTheEnd);
            }

            @Override
            public boolean isEndRequired() {
                return atTheEnd != null;
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void thrown(Throwable it) throws T {
        throw (T) it;
    }
}
