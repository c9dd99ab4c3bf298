package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.Codec;
import dev.belfry.api.CodecException;
import dev.belfry.api.Codecs;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.Requester;
import dev.belfry.api.SizedCodec;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.api.TypedHandler;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.api.WritableBody;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values instead of bytes: encoded and decoded in place, and nothing is lost where that fails. */
@Timeout(120)
@WaitsForOthers
class TypedQueuesTest {
    @RegisterExtension
    final Stage stage = new Stage();

    private MessageQueue queue;

    private void open(String scheme) {
        queue = MessageQueues.open(
                scheme + ":" + stage.name() + "?capacity=64k&maxCapacity=64k&deleteOnLastClose=true");
    }

    @AfterEach
    void close() {
        if (queue != null) queue.close();
    }

    /** An instrument and a price; a price of 13 is refused by both sides, one of -1 and -2 by encode's lies. */
    record Quote(long instrument, double price) {
        static final double UNLUCKY = 13;
    }

    private static class Quotes implements SizedCodec<Quote> {
        @Override
        public int length(Quote quote) {
            return 16;
        }

        @Override
        public int encode(Quote quote, WritableBody body) {
            body.putLong(0, quote.instrument);
            body.putDouble(8, quote.price);
            return 16;
        }

        @Override
        public Quote decode(ReadableBody body) {
            if (body.getDouble(8) == Quote.UNLUCKY) throw new IllegalStateException("a secret");
            return new Quote(body.getLong(0), body.getDouble(8));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    @SuppressWarnings("try")
    void shouldGiveEachVerbTheValues(String scheme) {
        open(scheme);
        List<Object> heard = new CopyOnWriteArrayList<>();
        try (TypedPublisher<Quote> out = queue.createPublisher(new Quotes(), PublisherOptions.defaults());
                TypedSubscriber<Quote> in = queue.createSubscriber(new Quotes());
                TypedSubscriber<Quote> listening = queue.createSubscriber(new Quotes())) {
            listening.setListener((quote, message) -> heard.add(message.position() + " " + quote));
            MessageProperties properties =
                    MessageProperties.builder().put("source", "feed").build();
            assertThat(out.publish(new Quote(1, 1.5))).isEqualTo(1);
            assertThat(out.publish(new Quote(2, 2.5), properties)).isEqualTo(2);
            assertThat(out.offer(new Quote(3, 3.5), Duration.ZERO)).isEqualTo(3);
            assertThat(out.offer(new Quote(4, 4.5), properties, Duration.ZERO)).isEqualTo(4);

            assertThat(in.receive()).isEqualTo(new Quote(1, 1.5));
            assertThat(in.position()).isEqualTo(1);
            assertThat(in.lag()).isEqualTo(3);
            assertThat(in.receiveNoWait()).isEqualTo(new Quote(2, 2.5));
            List<Object> polled = new ArrayList<>();
            TypedHandler<Object> handler = (quote, view) -> polled.addAll(
                    List.of(quote, view.position(), view.properties().getString("source", "none")));
            assertThat(in.poll(handler, 10)).isEqualTo(2);
            assertThat(polled).containsExactly(new Quote(3, 3.5), 3L, "none", new Quote(4, 4.5), 4L, "feed");
            assertThat(in.receive(Duration.ZERO)).isNull();
            assertThat(in.poll(handler, 10, Duration.ofNanos(1))).isZero();
            assertThat(out.awaitAcknowledged(4, 2, Patience.limit())).isTrue();
            assertThat(heard).hasSize(4).contains("4 " + new Quote(4, 4.5));
            assertThat(List.of(in.lostCount(), in.state())).containsExactly(0L, new SubscriberState.Running());
            assertThat(in.name()).isNull();
            assertThat(out).hasToString(out.publisher() + ", by TypedQueuesTest$Quotes");
            assertThat(in).hasToString(in.subscriber() + ", by TypedQueuesTest$Quotes");
            in.close();
            assertThatThrownBy(in::receive).isInstanceOf(QueueClosedException.class);
            out.close();
            assertThatThrownBy(() -> out.publish(new Quote(5, 5))).isInstanceOf(QueueClosedException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldAcknowledgeAndRecoverAsTheSubscriberDoes(String scheme) {
        open(scheme);
        SubscriberOptions options =
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build();
        try (TypedPublisher<String> out = queue.createPublisher(Codecs.text());
                TypedSubscriber<String> in = queue.createSubscriber(Codecs.text(), options)) {
            for (String text : List.of("a", "ü", "€")) out.publish(text);
            assertThat(List.of(in.receive(), in.receive())).containsExactly("a", "ü");
            in.acknowledge(1);
            in.recover();
            assertThat(List.of(in.receive(), in.receive())).containsExactly("ü", "€");
            in.acknowledge();
            in.recover();
            assertThat(in.receiveNoWait()).isNull();
        }
    }

    /** Texts and bytes are those of the untyped methods. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldReadAndWriteTextsAndBytesAsTheUntypedDo(String scheme) {
        open(scheme);
        try (TypedPublisher<String> texts = queue.createPublisher(Codecs.text());
                TypedPublisher<byte[]> bytes = queue.createPublisher(Codecs.bytes());
                TypedSubscriber<byte[]> in = queue.createSubscriber(Codecs.bytes());
                Subscriber untyped = queue.createSubscriber()) {
            texts.publish("grün");
            bytes.publish(new byte[] {1, 2, 3});
            bytes.publish(new byte[0]);
            assertThat(untyped.receive().text()).isEqualTo("grün");
            assertThat(untyped.receive().bytes()).containsExactly(1, 2, 3);
            assertThat(in.receive()).isEqualTo("grün".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(in.receive()).containsExactly(1, 2, 3);
            assertThat(in.receive()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldGoBackAndForwardAsTheSubscriberDoes(String scheme) {
        open(scheme);
        try (TypedPublisher<String> out = queue.createPublisher(Codecs.text());
                TypedSubscriber<String> in = queue.createSubscriber(Codecs.text())) {
            for (String one : List.of("one", "two", "three")) out.publish(one);
            assertThat(in.receive()).isEqualTo("one");
            in.seek(StartAt.at(3));
            assertThat(in.receive()).isEqualTo("three");
            in.seek(StartAt.OLDEST_RETAINED);
            assertThat(in.receive()).isEqualTo("one");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldSendAContentTypeOnlyIfTheCodecNamesOne(String scheme) {
        open(scheme);
        Codec<Quote> named = new Quotes() {
            @Override
            public String contentType() {
                return "application/quote";
            }
        };
        MessageProperties own =
                MessageProperties.builder().put("contentType", "mine").build();
        MessageProperties other = MessageProperties.builder().put("n", 7).build();
        try (TypedPublisher<Quote> plain = queue.createPublisher(new Quotes());
                TypedPublisher<Quote> out = queue.createPublisher(named);
                Subscriber in = queue.createSubscriber()) {
            plain.publish(new Quote(1, 1));
            out.publish(new Quote(2, 2));
            out.publish(new Quote(3, 3), other);
            out.offer(new Quote(4, 4), own, Duration.ZERO);
            assertThat(in.receive().properties().names()).isEmpty();
            assertThat(in.receive().properties().get(TypedPublisher.CONTENT_TYPE))
                    .isEqualTo("application/quote");
            MessageProperties both = in.receive().properties();
            assertThat(both.names()).containsExactly("n", "contentType");
            assertThat(both.getInt("n", 0)).isEqualTo(7);
            assertThat(in.receive().properties()).isEqualTo(own);
        }
    }

    // What fails

    /** In every way of reading it comes again, though a named subscription ended in between. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldLoseNothingWhenAMessageDoesNotDecode(String scheme) {
        open(scheme);
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        List<Quote> polled = new ArrayList<>();
        try (TypedPublisher<Quote> out = queue.createPublisher(new Quotes())) {
            queue.createSubscriber(audit).close();
            out.publish(new Quote(1, 1));
            out.publish(new Quote(2, Quote.UNLUCKY));
            out.publish(new Quote(3, 3));
            try (TypedSubscriber<Quote> in = queue.createSubscriber(new Quotes(), audit)) {
                assertThat(in.receive()).isEqualTo(new Quote(1, 1));
                for (int i = 0; i < 2; i++) {
                    doesNotDecode(() -> in.receive(), "TypedQueuesTest$Quotes");
                    doesNotDecode(() -> in.poll((quote, view) -> polled.add(quote), 10), "TypedQueuesTest$Quotes");
                    assertThat(in.position()).isEqualTo(1);
                }
            }
            AtomicReference<Throwable> told = new AtomicReference<>();
            SubscriberOptions listens = SubscriberOptions.builder()
                    .name("audit")
                    .maxRedeliveries(1)
                    .onError(told::set)
                    .build();
            try (TypedSubscriber<Quote> in = queue.createSubscriber(new Quotes(), listens)) {
                in.setListener((quote, message) -> polled.add(quote));
                Patience.until("it gives up", () -> told.get() != null);
                doesNotDecode(
                        () -> {
                            throw told.get();
                        },
                        "TypedQueuesTest$Quotes");
                assertThat(in.state()).isEqualTo(new SubscriberState.Stopped(told.get(), 2));
            }
            assertThat(polled).isEmpty();
            Quotes corrected = new Quotes() {
                @Override
                public Quote decode(ReadableBody body) {
                    return new Quote(body.getLong(0), body.getDouble(8));
                }
            };
            try (TypedSubscriber<Quote> in = queue.createSubscriber(corrected, audit)) {
                assertThat(List.of(in.receive(), in.receive()))
                        .containsExactly(new Quote(2, Quote.UNLUCKY), new Quote(3, 3));
            }
            queue.unsubscribe("audit");
        }
    }

    private static void doesNotDecode(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String codec) {
        assertThatThrownBy(call)
                .isInstanceOf(CodecException.class)
                .hasMessageMatching("Message 2 of '(shm|mem):\\S+' \\(16 bytes\\) does not decode: \\Q" + codec
                        + " threw a java.lang.IllegalStateException, which is the cause. It comes again: correct the"
                        + " codec, or take it undecoded: subscriber().receive().\\E")
                .hasCauseInstanceOf(IllegalStateException.class)
                .extracting(e -> ((CodecException) e).code())
                .isEqualTo("BELFRY-116");
    }

    @Test
    void shouldPassOverAMessageByTheUntypedSubscriber() {
        open("mem");
        try (TypedPublisher<Quote> out = queue.createPublisher(new Quotes());
                TypedSubscriber<Quote> in = queue.createSubscriber(new Quotes())) {
            out.publish(new Quote(1, Quote.UNLUCKY));
            out.publish(new Quote(2, 2));
            assertThatThrownBy(in::receive).isInstanceOf(CodecException.class);
            assertThat(in.subscriber().receive().getLong(0)).isEqualTo(1);
            assertThat(in.receive()).isEqualTo(new Quote(2, 2));
        }
    }

    @Test
    void shouldLetAListenersPolicyDecide() {
        open("shm");
        List<Quote> heard = new CopyOnWriteArrayList<>();
        SubscriberOptions skips = SubscriberOptions.builder()
                .maxRedeliveries(0)
                .onFailure(OnFailure.skip())
                .build();
        try (TypedPublisher<Quote> out = queue.createPublisher(new Quotes());
                TypedSubscriber<Quote> in = queue.createSubscriber(new Quotes(), skips)) {
            in.setListener((quote, message) -> heard.add(quote));
            out.publish(new Quote(1, Quote.UNLUCKY));
            out.publish(new Quote(2, 2));
            Patience.until("the next one is heard", () -> heard.size() == 1);
            assertThat(heard).containsExactly(new Quote(2, 2));
        }
    }

    private static final class Trees implements Codec<String> {
        @Override
        public byte[] encode(String value) {
            throw new CodecException("'" + value + "' is not a tree.");
        }

        @Override
        public String decode(ReadableBody body) {
            if (body.length() == 0) return null;
            throw new CodecException("No tree has " + body.length() + " leaves.");
        }
    }

    /** What the codec itself says, and what the message says of its type, is in the text; no strange letters are. */
    @Test
    void shouldSayWhatTheCodecSays() {
        open("mem");
        Codec<String> codec = new Trees();
        try (TypedPublisher<String> out = queue.createPublisher(codec);
                TypedSubscriber<String> in = queue.createSubscriber(codec)) {
            assertThatThrownBy(() -> out.publish("moss"))
                    .isInstanceOf(CodecException.class)
                    .hasMessage("Nothing was published to '" + queue.uri() + "': for a java.lang.String"
                            + " TypedQueuesTest$Trees: 'moss' is not a tree. Correct the value or the codec.");
            out.publisher()
                    .publish(
                            "abc",
                            MessageProperties.builder()
                                    .put("contentType", "a\nb")
                                    .build());
            assertThatThrownBy(in::receive)
                    .hasMessageContaining("(3 bytes, contentType a?b) does not decode: ")
                    .hasMessageContaining(": No tree has 3 leaves. It comes again");
            in.subscriber().receive();
            out.publisher().publish("");
            assertThatThrownBy(in::receive).hasMessageContaining(" returned null. It comes again");
        }
    }

    /** Encode fails or lies: each says so, publishes nothing and keeps no lock. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldPublishNothingWhenACodecFailsOrLies(String scheme) {
        open(scheme);
        record Lie(int length, int returned, int writes, String text) {}
        SizedCodec<Lie> codec = new SizedCodec<>() {
            @Override
            public int length(Lie lie) {
                if (lie.length == 99) throw new IllegalStateException();
                return lie.length;
            }

            @Override
            public int encode(Lie lie, WritableBody body) {
                for (int i = 0; i < lie.writes; i++) body.putByte(i, (byte) 1);
                return lie.returned;
            }

            @Override
            public Lie decode(ReadableBody body) {
                return null;
            }
        };
        List<Lie> lies = List.of(
                new Lie(99, 0, 0, " threw a java.lang.IllegalStateException in length(), which is the cause."),
                new Lie(-5, 0, 0, " has the length() -5. Let it return 0 or more."),
                new Lie(8, 9, 8, " returned 9 bytes, of the 8 of its length(). Let length() return at least what"),
                new Lie(8, -1, 8, " returned -1 bytes, of the 8 of its length()."),
                new Lie(
                        8,
                        8,
                        7,
                        " returned 8 bytes and wrote 7 of them; the others would be those of an older message."),
                new Lie(8, 8, 9, "IndexOutOfBoundsException in the 8 bytes of its length(), which is the cause."));
        MessageProperties properties =
                MessageProperties.builder().put("by", "an array").build();
        try (TypedPublisher<Lie> out = queue.createPublisher(codec);
                Subscriber in = queue.createSubscriber(SubscriberOptions.builder()
                        .startAt(StartAt.OLDEST_RETAINED)
                        .slowSubscriber(SlowSubscriber.OVERRUN)
                        .build());
                Publisher other = queue.createPublisher(
                        PublisherOptions.builder().timeout(Patience.limit()).build())) {
            for (Lie lie : lies)
                for (MessageProperties with : List.of(MessageProperties.empty(), properties)) {
                    assertThatThrownBy(() -> out.publish(lie, with))
                            .as("%s %s", lie, with)
                            .isInstanceOf(CodecException.class)
                            .hasMessageStartingWith("Nothing was published to '" + queue.uri() + "': for a ")
                            .hasMessageContaining(lie.text.replace("IndexOutOfBounds", ""));
                    other.publish("goes on");
                }
            assertThatThrownBy(() -> out.publish(new Lie(1 << 20, 1, 1, "")))
                    .isInstanceOf(MessageTooLargeException.class);
            out.publish(new Lie(8, 3, 3, "an upper bound"));
            out.publish(new Lie(8, 3, 3, "an upper bound"), properties);
            for (int i = 0; i < 2 * lies.size(); i++)
                assertThat(in.receive().text()).isEqualTo("goes on");
            for (int i = 0; i < 2; i++) assertThat(in.receive().bytes()).containsExactly(1, 1, 1);
            assertThat(in.receiveNoWait()).isNull();
        }
    }

    /** An array of that length would be the end of many a heap. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldMakeNoBodyThatIsTooLong(String scheme) {
        open(scheme);
        SizedCodec<Quote> codec = new Quotes() {
            @Override
            public int length(Quote quote) {
                return Integer.MAX_VALUE;
            }
        };
        MessageProperties properties = MessageProperties.builder().put("n", 1).build();
        try (MessageQueue answers = MessageQueues.open(scheme + ":" + stage.name() + "?deleteOnLastClose=true");
                TypedPublisher<Quote> out = queue.createPublisher(codec);
                Requester<Quote, Quote> requester = Requester.of(queue, codec, answers, codec)) {
            Quote quote = new Quote(1, 1);
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> out.publish(quote),
                    () -> out.publish(quote, properties),
                    () -> out.offer(quote, Duration.ZERO),
                    () -> requester.send(quote)))
                assertThatThrownBy(call)
                        .isInstanceOf(MessageTooLargeException.class)
                        .hasMessageStartingWith("Message of 2,147,483,647 bytes; limit is ");
        }
    }

    /** A close in the middle of encode is no failure of the codec, and publishes nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldLeaveTheQueuesOwnFailuresAsTheyAre(String scheme) {
        open(scheme);
        AtomicReference<AutoCloseable> closing = new AtomicReference<>();
        SizedCodec<Quote> codec = new Quotes() {
            @Override
            public int encode(Quote quote, WritableBody body) {
                try {
                    closing.get().close();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                return super.encode(quote, body);
            }
        };
        try (TypedPublisher<Quote> out = queue.createPublisher(codec);
                Subscriber in = queue.createSubscriber()) {
            closing.set(out);
            assertThatThrownBy(() -> out.publish(new Quote(1, 1))).isInstanceOf(QueueClosedException.class);
            assertThat(in.receiveNoWait()).isNull();
            closing.set(() -> {});
            assertThat(queue.createPublisher(codec).publish(new Quote(2, 2))).isEqualTo(1);
        }
    }

    @Test
    void shouldCloseThePublisherOfACodecWithoutAContentTypeThatCanTravel() {
        open("shm");
        Codec<Quote> codec = new Quotes() {
            @Override
            public String contentType() {
                return "x".repeat(70_000);
            }
        };
        assertThatThrownBy(() -> queue.createPublisher(
                        codec, PublisherOptions.builder().exclusive(true).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit is 65,536");
        queue.createPublisher(PublisherOptions.builder().exclusive(true).build())
                .close();
    }

    // What it costs

    /** A codec whose value is a view of the body: neither side makes an object of its own. */
    private static final class Flyweight implements SizedCodec<Flyweight> {
        private ReadableBody body;
        private long instrument;

        @Override
        public int length(Flyweight value) {
            return 16;
        }

        @Override
        public int encode(Flyweight value, WritableBody into) {
            into.putLong(0, value.instrument);
            into.putDouble(8, 1.25);
            return 16;
        }

        @Override
        public Flyweight decode(ReadableBody from) {
            body = from;
            return this;
        }
    }

    /** In poll it is the place itself, in receive a copy that stays. */
    @Test
    void shouldLetAFlyweightOfAReceivedMessageStayValid() {
        open("shm");
        try (TypedPublisher<Flyweight> out = queue.createPublisher(new Flyweight());
                TypedSubscriber<Flyweight> in = queue.createSubscriber(new Flyweight())) {
            Flyweight sent = new Flyweight();
            sent.instrument = 42;
            out.publish(sent);
            ReadableBody kept = in.receive().body;
            for (int i = 0; i < 10_000; i++) {
                sent.instrument = i;
                out.publish(sent);
                in.receive();
            }
            assertThat(kept.getLong(0)).isEqualTo(42);
        }
    }

    /** Counted in the thread itself: with a flyweight the typed methods add nothing to claim, commit and poll. */
    @Test
    void shouldMakeNoGarbageOfItsOwn() {
        open("shm");
        long[] sum = {0};
        TypedHandler<Flyweight> typed = (value, view) -> sum[0] += value.body.getLong(0);
        MessageHandler untyped = view -> sum[0] += view.getLong(0);
        Flyweight sent = new Flyweight();
        sent.instrument = 1;
        try (TypedPublisher<Flyweight> out = queue.createPublisher(new Flyweight());
                TypedSubscriber<Flyweight> in = queue.createSubscriber(new Flyweight())) {
            long plain = leastAllocated(() -> {
                for (int i = 0; i < 100; i++)
                    try (Claim claim = out.publisher().claim(16)) {
                        sent.encode(sent, claim);
                        claim.commit();
                    }
                in.subscriber().poll(untyped, 100);
            });
            long ofOurs = leastAllocated(() -> {
                for (int i = 0; i < 100; i++) out.publish(sent);
                in.poll(typed, 100);
            });
            System.out.printf("%,d bytes in 10,000 typed messages, %,d in untyped ones%n", ofOurs, plain);
            assertThat(ofOurs - plain).as("bytes of 10,000 messages").isLessThan(1_000);
        }
        assertThat(sum[0]).isEqualTo(2 * 10 * 10_000);
    }

    /** Of 10,000 messages, 100 at a time. */
    private static long leastAllocated(Runnable hundred) {
        long least = Long.MAX_VALUE;
        for (int stretch = 0; stretch < 10; stretch++) {
            long before = allocated();
            for (int round = 0; round < 100; round++) hundred.run();
            least = Math.min(least, allocated() - before);
        }
        return least;
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}
