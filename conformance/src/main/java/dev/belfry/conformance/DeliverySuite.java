package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Payload;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 1-6: everything arrives, once, whole, and in the same order everywhere. */
public abstract class DeliverySuite extends ConformanceSuite {
    protected DeliverySuite() {}

    /** The messages of each of four publishers: fewer where each publish waits for a broker. */
    protected int each() {
        return 2_500;
    }

    @Test
    void b01TwoSubscribersGetAllMessagesInTheSameOrder() {
        MessageQueue queue = open();
        Subscriber first = queue.createSubscriber();
        Subscriber second = open().createSubscriber();
        List<String> sent = publish(queue.createPublisher(), "message ", 1_000);
        assertThat(texts(first, 1_000)).isEqualTo(sent);
        assertThat(texts(second, 1_000)).isEqualTo(sent);
        assertNothingComes(first);
        assertNothingComes(second);
    }

    @WaitsForOthers
    @Test
    void b01ReceivePollAndListenerGetTheSame() {
        MessageQueue queue = open();
        Subscriber receiving = queue.createSubscriber();
        Subscriber polling = queue.createSubscriber();
        Subscriber listening = queue.createSubscriber();
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        listening.setListener(m -> heard.add(m.text()));
        List<String> sent = publish(queue.createPublisher(), "message ", 500);
        List<String> polled = new ArrayList<>();
        while (polled.size() < 500)
            assertThat(polling.poll(v -> polled.add(v.text()), 7, Patience.limit()))
                    .isBetween(1, 7);
        assertThat(texts(receiving, 500)).isEqualTo(sent);
        assertThat(polled).isEqualTo(sent);
        Patience.until("the listener has heard all", () -> heard.size() >= 500);
        assertThat(heard).isEqualTo(sent);
    }

    @WaitsForOthers
    @Test
    @Tag("POSITIONS")
    void b02FourPublishersMakeOneDenseOrder() {
        MessageQueue queue = open();
        List<Subscriber> subscribers = List.of(queue.createSubscriber(), open().createSubscriber());
        Map<Long, Payload> published = new ConcurrentHashMap<>();
        List<Call<Void>> publishers = new ArrayList<>();
        for (int id = 0; id < 4; id++) {
            int own = id;
            Publisher publisher = open().createPublisher();
            publishers.add(run(() -> {
                for (long serial = 1; serial <= each(); serial++) {
                    Payload payload = new Payload(own, serial);
                    published.put(publisher.publish(payload.bytes()), payload);
                }
            }));
        }
        List<Call<List<Message>>> readers =
                subscribers.stream().map(s -> call(() -> next(s, 4 * each()))).toList();
        publishers.forEach(Call::result);
        assertThat(published).as("positions given out").hasSize(4 * each());
        for (Call<List<Message>> reader : readers) {
            List<Message> messages = reader.result();
            assertThat(messages.stream().map(Message::position).toList())
                    .isEqualTo(LongStream.rangeClosed(1, 4 * each()).boxed().toList());
            for (Message m : messages) assertThat(Payload.of(m.bytes())).isEqualTo(published.get(m.position()));
        }
        subscribers.forEach(ConformanceSuite::assertNothingComes);
    }

    @WaitsForOthers
    @Test
    void b03EachPublishersOrderIsKept() {
        MessageQueue queue = open();
        List<Subscriber> subscribers = List.of(queue.createSubscriber(), queue.createSubscriber());
        Publisher shared = queue.createPublisher(); // threads 2 and 3
        List<Call<Void>> publishers = new ArrayList<>();
        for (int id = 0; id < 4; id++) {
            int own = id;
            Publisher publisher = id < 2 ? queue.createPublisher() : shared;
            publishers.add(run(() -> {
                for (long serial = 1; serial <= each(); serial++) publisher.publish(new Payload(own, serial).bytes());
            }));
        }
        List<Call<Void>> readers = subscribers.stream()
                .map(s -> run(() -> {
                    Map<Integer, Long> last = new HashMap<>();
                    for (int i = 0; i < 4 * each(); i++) {
                        Payload payload = Payload.of(next(s).bytes());
                        assertThat(payload.serial())
                                .isEqualTo(last.merge(payload.publisher(), 1L, Long::sum)
                                        .longValue());
                    }
                }))
                .toList();
        publishers.forEach(Call::result);
        readers.forEach(Call::result);
    }

    @Test
    void b04EmptyBodyAndOneByte() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publisher.publish(new byte[0]);
        publisher.publish(new byte[] {42});
        publisher.publish("");
        assertThat(next(subscriber).bytes()).isEmpty();
        assertThat(next(subscriber).bytes()).containsExactly(42);
        assertThat(next(subscriber).text()).isEmpty();
        publisher.publish(new byte[0]);
        assertThat(subscriber.poll(
                        v -> {
                            assertThat(v.buffer().remaining()).isZero();
                            assertThat(v.bytes()).isEmpty();
                        },
                        1,
                        Patience.limit()))
                .isOne();
    }

    @Test
    void b04LongestBodyPassesAndOneByteMoreIsRefused() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int max = publisher.maxMessageLength();
        assumeTrue(max <= 16 << 20, "This transport's messages may be too long to try: " + max);
        byte[] longest = random(max);
        publisher.publish(longest);
        assertThat(next(subscriber).bytes()).isEqualTo(longest);
        String text = String.format(Locale.ROOT, "Message of %,d bytes; limit is %,d", max + 1, max);
        assertThatThrownBy(() -> publisher.publish(bytes(max + 1)))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageStartingWith(text);
        assertThatThrownBy(() -> publisher.offer(bytes(max + 1), Duration.ZERO))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageStartingWith(text);
        assertNothingComes(subscriber);
        publisher.publish("still usable");
        assertThat(next(subscriber).text()).isEqualTo("still usable");
    }

    @Test
    @Tag("PROPERTIES")
    void b04PropertiesCountTowardsTheLimit() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Publisher publisher = queue.createPublisher();
        int max = publisher.maxMessageLength();
        assumeTrue(max <= 16 << 20, "This transport's messages may be too long to try: " + max);
        Subscriber subscriber = queue.createSubscriber();
        MessageProperties properties =
                MessageProperties.builder().put("a", "value").build();
        assertThatThrownBy(() -> publisher.publish(bytes(max), properties))
                .isInstanceOf(MessageTooLargeException.class);
        assertNothingComes(subscriber);
    }

    @Test
    void b05BytesOfEveryValueAndEveryLengthArriveIntact() {
        MessageQueue queue = open();
        Subscriber receiving = queue.createSubscriber();
        Subscriber polling = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        for (int length = 0; length < 300; length++) {
            byte[] body = random(length);
            publisher.publish(body);
            Message message = next(receiving);
            assertThat(message.bytes()).isEqualTo(body).isSameAs(message.bytes());
            assertThat(message.buffer()).isEqualTo(ByteBuffer.wrap(body));
            assertThat(message.copy()).isSameAs(message);
            polling.poll(
                    v -> {
                        assertThat(v.bytes()).isEqualTo(body);
                        assertThat(v.buffer()).isEqualTo(ByteBuffer.wrap(body));
                        assertThat(v.copy().bytes()).isEqualTo(body);
                    },
                    1,
                    Patience.limit());
        }
    }

    @Test
    void b05TextArrivesIntactAndMalformedTextIsReplaced() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        String text = "Gr\u00fc\u00dfe, \u4f60\u597d, \ud83d\udd14, line\nand\0nul";
        publisher.publish(text);
        publisher.publish("half a bell \ud83d");
        byte[] malformed = {'a', (byte) 0xc3, 'b', (byte) 0xff, (byte) 0xf0, (byte) 0x9f};
        publisher.publish(malformed);
        assertThat(next(subscriber).text()).isEqualTo(text);
        assertThat(next(subscriber).text()).isEqualTo("half a bell ?");
        assertThat(subscriber.poll(
                        v -> {
                            assertThat(v.bytes()).isEqualTo(malformed);
                            assertThat(v.text()).isEqualTo(new String(malformed, StandardCharsets.UTF_8));
                        },
                        1,
                        Patience.limit()))
                .isOne();
    }

    @Test
    void b05HeapDirectReadOnlyAndSlicedBuffersCarryTheSameBytes() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        byte[] body = random(100);
        for (ByteBuffer buffer : kindsOfBuffers(body)) {
            publisher.publish(buffer);
            assertThat(next(subscriber).bytes()).as("%s", buffer).isEqualTo(body);
        }
    }

    @Test
    void b06BufferIsConsumedOnSuccess() {
        MessageQueue queue = open();
        queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        List<ByteBuffer> buffers = kindsOfBuffers(random(100));
        boolean offer = false;
        for (ByteBuffer buffer : buffers) {
            int limit = buffer.limit();
            ByteOrder order = buffer.order();
            offer = !offer;
            if (offer) publisher.offer(buffer, Duration.ofSeconds(10));
            else publisher.publish(buffer);
            assertThat(buffer.position()).as("position of %s", buffer).isEqualTo(limit);
            assertThat(buffer.limit()).isEqualTo(limit);
            assertThat(buffer.order()).isEqualTo(order);
        }
    }

    @Test
    void b06BufferIsUntouchedWhenRefused() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Publisher publisher = queue.createPublisher();
        int max = publisher.maxMessageLength();
        if (max <= 16 << 20) {
            ByteBuffer tooLong = bytes(max + 10).position(3);
            assertThatThrownBy(() -> publisher.publish(tooLong)).isInstanceOf(MessageTooLargeException.class);
            assertThat(tooLong.position()).isEqualTo(3);
            assertThat(tooLong.limit()).isEqualTo(max + 10);
        }
        publisher.close();
        ByteBuffer late = bytes(100).position(3).limit(60);
        assertThatThrownBy(() -> publisher.publish(late)).isInstanceOf(QueueClosedException.class);
        assertThat(late.position()).isEqualTo(3);
        assertThat(late.limit()).isEqualTo(60);
    }

    @Test
    @Tag("GATING")
    void b06BufferIsUntouchedWhenTheQueueIsFull() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        fill(publisher, 100);
        ByteBuffer body = bytes(120).position(20);
        assertThat(publisher.offer(body, Duration.ZERO)).isEqualTo(Publisher.REJECTED);
        assertThat(publisher.offer(body, Duration.ofMillis(20))).isEqualTo(Publisher.REJECTED);
        assertThat(body.position()).isEqualTo(20);
        assertThat(body.limit()).isEqualTo(120);
        drain(subscriber);
        publisher.publish(body);
        assertThat(next(subscriber).bytes()).hasSize(100);
    }

    static byte[] random(int length) {
        byte[] body = new byte[length];
        new Random(length).nextBytes(body);
        return body;
    }

    /** The same bytes in every kind of buffer that there is. */
    private static List<ByteBuffer> kindsOfBuffers(byte[] body) {
        ByteBuffer around = bytes(body.length + 20).position(7).put(body).flip().position(7);
        ByteBuffer direct = ByteBuffer.allocateDirect(body.length + 20)
                .position(5)
                .put(body)
                .flip()
                .position(5);
        return List.of(
                ByteBuffer.wrap(body.clone()),
                around,
                around.slice(),
                around.asReadOnlyBuffer(),
                direct,
                direct.slice(),
                direct.asReadOnlyBuffer(),
                ByteBuffer.wrap(body.clone()).order(ByteOrder.LITTLE_ENDIAN),
                direct.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    }
}
