package dev.belfry.chronicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.belfry.api.CodecException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.TypedHandler;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.WaitsForOthers;
import java.lang.management.ManagementFactory;
import java.nio.BufferUnderflowException;
import java.time.Duration;
import java.util.List;
import net.openhft.chronicle.bytes.BytesIn;
import net.openhft.chronicle.bytes.BytesMarshallable;
import net.openhft.chronicle.bytes.BytesOut;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What writes and reads itself by Chronicle arrives over any transport, in place where there is a place. */
@Timeout(60)
@WaitsForOthers
class ChronicleCodecTest {
    private static final String DENIED = "sun.misc.unsafe.memory.access";
    private static final int MOST_ROUNDS = 500;
    private static final int LONGEST = 64;

    static final class Order implements BytesMarshallable {
        long number;
        double price;
        String of;

        Order() {}

        Order(long number, double price, String of) {
            this.number = number;
            this.price = price;
            this.of = of;
        }

        @Override
        public void writeMarshallable(BytesOut<?> out) {
            out.writeLong(number).writeDouble(price).writeUtf8(of);
        }

        @Override
        public void readMarshallable(BytesIn<?> in) {
            number = in.readLong();
            price = in.readDouble();
            of = in.readUtf8();
        }

        @Override
        public String toString() {
            return number + " " + price + " " + of;
        }
    }

    private static MessageQueue open(String scheme) {
        return MessageQueues.open(scheme + ":chronicle-"
                + ProcessHandle.current().pid() + "?capacity=64k&maxCapacity=64k&deleteOnLastClose=true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    @DisabledIfSystemProperty(named = DENIED, matches = "deny")
    void shouldCarryWhatWritesItself(String scheme) {
        ChronicleCodec<Order> codec = ChronicleCodec.of(LONGEST, Order::new);
        try (MessageQueue queue = open(scheme);
                TypedPublisher<Order> out = queue.createPublisher(codec);
                TypedSubscriber<Order> in = queue.createSubscriber(codec)) {
            out.publish(new Order(1, 2.5, "pears"));
            out.publish(
                    new Order(2, 3.5, null),
                    MessageProperties.builder().put("of", "nothing").build());
            out.publish(new Order(3, 4.5, ""));
            assertThat(in.receive()).hasToString("1 2.5 pears"); // of an array
            assertThat(in.poll((order, message) -> assertThat(order).hasToString("2 3.5 null"), 1))
                    .isOne();
            assertThat(in.poll(
                            (order, message) -> {
                                assertThat(order).hasToString("3 4.5 ");
                                assertThat(message.length()).isEqualTo(17);
                            },
                            1))
                    .isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    @DisabledIfSystemProperty(named = DENIED, matches = "deny")
    void shouldPublishNothingWhenTheValueIsLonger(String scheme) {
        ChronicleCodec<Order> codec = ChronicleCodec.of(LONGEST, Order::new);
        try (MessageQueue queue = open(scheme);
                TypedPublisher<Order> out = queue.createPublisher(codec);
                TypedSubscriber<Order> in = queue.createSubscriber(codec)) {
            assertThatThrownBy(() -> out.publish(new Order(1, 2.5, "x".repeat(LONGEST))))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("needs more than 64 bytes");
            assertThat(in.poll((order, message) -> {}, 1)).isZero();
            out.publish(new Order(1, 2.5, "x".repeat(LONGEST - 17)));
            assertThat(in.receive()).hasToString("1 2.5 " + "x".repeat(LONGEST - 17));
        }
    }

    /** What a stranger published is no value, and may not make the reader go on into the next message. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    @DisabledIfSystemProperty(named = DENIED, matches = "deny")
    void shouldRefuseAMessageThatIsTooShort(String scheme) {
        try (MessageQueue queue = open(scheme);
                TypedSubscriber<Order> in = queue.createSubscriber(ChronicleCodec.of(LONGEST, Order::new))) {
            queue.createPublisher().publish(new byte[12]);
            assertThatThrownBy(() -> in.poll((order, message) -> {}, 1))
                    .isInstanceOf(CodecException.class)
                    .hasRootCauseInstanceOf(BufferUnderflowException.class);
        }
    }

    private long sum;

    @Test
    @DisabledIfSystemProperty(named = DENIED, matches = "deny")
    void shouldAllocateNothingWhenValuesAreUsedAgain() {
        Order read = new Order();
        Order written = new Order(1, 2.5, null);
        ChronicleCodec<Order> codec = ChronicleCodec.of(LONGEST, () -> read);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        TypedHandler<Order> handler = (order, message) -> sum += order.number;
        int messages = 2000;
        long least = Long.MAX_VALUE;
        int rounds = 0;
        try (MessageQueue queue = open("shm");
                TypedPublisher<Order> out = queue.createPublisher(codec);
                TypedSubscriber<Order> in = queue.createSubscriber(codec)) {
            in.poll(handler, 1);
            for (;
                    rounds < MOST_ROUNDS && least >= messages;
                    rounds++) { // until the compiler has done all that it does
                long before = threads.getThreadAllocatedBytes(thread);
                for (int i = 0; i < messages; i++) {
                    out.publish(written);
                    in.poll(handler, 1);
                }
                least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
            }
        }
        assertThat(sum).isEqualTo((long) rounds * messages);
        assertThat(least).as("bytes in %s messages", messages).isLessThan(messages);
    }

    @Test
    @DisabledIfSystemProperty(named = DENIED, matches = "deny")
    void shouldRefuseALengthThatIsNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> ChronicleCodec.of(-1, Order::new));
    }

    /** Says why a codec cannot be had. */
    static final class Denied {
        public static void main(String[] args) {
            try {
                ChronicleCodec.of(LONGEST, Order::new);
            } catch (UnsupportedOperationException refused) {
                System.out.println(refused.getMessage());
            }
        }
    }

    @Test
    void shouldSayWhatToDoWhereUnsafeIsDenied() {
        assumeTrue(Runtime.version().feature() >= 23, "needs JDK 23 or later: older ones deny nothing");
        try (ChildJvm denied = JavaCommand.of(Denied.class)
                .flags(List.of("--sun-misc-unsafe-memory-access=deny"))
                .start()) {
            denied.awaitEnd(Duration.ofSeconds(50));
            assertThat(denied.output())
                    .startsWith("Chronicle Bytes cannot be used here: ")
                    .contains("start the JVM with --sun-misc-unsafe-memory-access=allow");
        }
    }
}
