package dev.belfry.shm.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.WritableBody;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.StopCharTesters;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A body as Bytes of Chronicle: no access leaves the message, and no reader writes. */
class ChronicleBytesTest {
    private static final int LENGTH = 64;
    private static final long FAR = 1L << 40;

    private MessageQueue queue;
    private Publisher publisher;
    private Subscriber subscriber;

    @BeforeEach
    void open() {
        assumeThat(System.getProperty("sun.misc.unsafe.memory.access"))
                .as("Chronicle Bytes needs Unsafe")
                .isNotEqualTo("deny");
        assertThat(RealMemory.unavailableReason()).isNull();
        queue = MessageQueues.open("shm:chronicle-bytes-"
                + ProcessHandle.current().pid() + "?capacity=64k&maxCapacity=64k&deleteOnLastClose=true");
        publisher = queue.createPublisher();
        subscriber = queue.createSubscriber();
    }

    @AfterEach
    void close() {
        if (queue != null) queue.close();
    }

    private void publish(int length) {
        ByteBuffer body = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) body.put(i, (byte) (i + 1));
        publisher.publish(body);
    }

    private void read(MessageHandler handler) {
        assertThat(subscriber.poll(handler, 1)).isOne();
    }

    @Test
    void shouldCarryWhatWasWrittenInPlace() {
        try (Claim claim = publisher.claim(LENGTH)) {
            Bytes<?> out = claim.as(Bytes.class);
            out.writeLong(42)
                    .writeInt(7)
                    .writeUtf8("héllo")
                    .write8bit("eight")
                    .writeDouble(1.5)
                    .append(12.25);
            out.write(new byte[] {1, 2, 3}).writeShort((short) 9).writeFloat(2.5f);
            claim.commit((int) out.writePosition());
        }
        read(view -> {
            Bytes<?> in = view.as(Bytes.class);
            assertThat(in.readRemaining()).isEqualTo(view.length());
            assertThat(in.readLong()).isEqualTo(42).isEqualTo(view.getLongLE(0));
            assertThat(in.readInt()).isEqualTo(7);
            assertThat(in.readUtf8()).isEqualTo("héllo");
            assertThat(in.read8bit()).isEqualTo("eight");
            assertThat(in.readDouble()).isEqualTo(1.5);
            byte[] rest = new byte[8];
            assertThat(in.read(rest)).isEqualTo(8);
            assertThat(rest).startsWith('1', '2', '.', '2', '5', 1, 2, 3);
            assertThat(in.readShort()).isEqualTo((short) 9);
            assertThat(in.readFloat()).isEqualTo(2.5f);
            assertThat(in.readRemaining()).isZero();
        });
    }

    /** Chronicle writes numbers as text by a method of the store. */
    @ParameterizedTest
    @ValueSource(doubles = {0, -0.5, 1.25, 12, 100, -1234.0625, 1e6, 1e15, 1.5e-5, 123456789.123})
    void shouldWriteNumbersAsChronicleDoes(double number) {
        String text = Bytes.allocateElasticOnHeap()
                .append(number)
                .append(7L)
                .append((float) number)
                .toString();
        try (Claim claim = publisher.claim(LENGTH)) {
            Bytes<?> out = claim.as(Bytes.class);
            out.append(number).append(7L).append((float) number);
            claim.commit((int) out.writePosition());
        }
        read(view -> assertThat(view.text()).isEqualTo(text));
    }

    @Test
    void shouldFillTheMessagesOfABatch() {
        try (Batch batch = publisher.batch(4096)) {
            WritableBody first = batch.claim(16);
            Bytes<?> one = first.as(Bytes.class);
            one.writeLong(1).writeLong(2);
            batch.claim(8).as(Bytes.class).writeLong(3);
            assertThat(one.writeRemaining()).isZero();
            batch.commit();
        }
        List<Long> read = new ArrayList<>();
        MessageHandler handler = view -> {
            for (Bytes<?> in = view.as(Bytes.class); in.readRemaining() > 0; ) read.add(in.readLong());
        };
        read(handler);
        read(handler);
        assertThat(read).containsExactly(1L, 2L, 3L);
    }

    @Test
    void shouldHaveNothingElse() {
        publish(8);
        read(view -> {
            assertThat(view.as(String.class)).isNull();
            assertThat(view.as(Bytes.class)).isNotNull();
            assertThat(view.as(BytesStore.class)).isNull();
            assertThat(view.as(ByteBuffer.class)).isNull();
        });
    }

    private static void isOutside(ThrowingCallable access) {
        assertThatThrownBy(access)
                .isInstanceOfAny(
                        IndexOutOfBoundsException.class,
                        BufferUnderflowException.class,
                        BufferOverflowException.class,
                        IllegalArgumentException.class);
    }

    /** By an address these end the JVM, or read the neighbour. */
    @ParameterizedTest
    @EnumSource(SlowSubscriber.class)
    void shouldReadNothingOutsideTheMessage(SlowSubscriber policy) {
        subscriber.close();
        subscriber = queue.createSubscriber(
                SubscriberOptions.builder().slowSubscriber(policy).build());
        publish(LENGTH);
        publish(LENGTH);
        read(view -> {
            Bytes<?> in = view.as(Bytes.class);
            for (long at : new long[] {-8, -1, LENGTH - 7, LENGTH, FAR, Long.MAX_VALUE, Long.MIN_VALUE}) {
                isOutside(() -> in.readLong(at));
                isOutside(() -> in.bytesStore().readLong(at));
                isOutside(() -> in.bytesStore().readVolatileInt(at < LENGTH && at > 0 ? LENGTH - 3 : at));
            }
            in.readPosition(LENGTH - 4);
            isOutside(in::readLong);
            isOutside(() -> in.unchecked(true).readLong(FAR));
            isOutside(() -> in.bytesStore().read(FAR, new byte[8], 0, 8));
        });
    }

    @Test
    void shouldWriteNothingOutsideTheClaim() {
        publish(LENGTH);
        try (Claim claim = publisher.claim(8)) {
            Bytes<?> out = claim.as(Bytes.class);
            for (long at : new long[] {-8, 1, 8, FAR}) {
                isOutside(() -> out.writeLong(at, 7));
                isOutside(() -> out.bytesStore().writeLong(at, 7));
            }
            isOutside(() -> out.writeUtf8("longer than eight bytes"));
            isOutside(() -> out.write(new byte[9]));
            isOutside(() -> out.bytesStore().write(4, new byte[8], 0, 8));
            claim.commit();
        }
        read(view -> assertThat(view.getByte(LENGTH - 1)).isEqualTo((byte) LENGTH));
    }

    @Test
    void shouldRefuseWhatAReaderWrites() {
        publish(LENGTH);
        byte[] before = new byte[LENGTH];
        read(view -> {
            view.copyTo(0, before, 0, LENGTH);
            List<Consumer<Bytes<?>>> writes = List.of(
                    in -> in.writeLong(0, 7),
                    in -> in.bytesStore().writeLong(0, 7),
                    in -> in.bytesStore().writeOrderedInt(0, 7),
                    in -> in.bytesStore().write(0, new byte[8], 0, 8),
                    in -> in.bytesStore().write(0, ByteBuffer.allocate(8), 0, 8),
                    in -> in.zeroOut(0, 8),
                    in -> in.move(0, 8, 8),
                    in -> in.compareAndSwapLong(0, in.readLong(0), 7),
                    in -> in.addAndGetLong(0, 7),
                    in -> in.clear().writeLong(7),
                    in -> in.clear().write8bit("hello"),
                    in -> in.clear().writeUtf8("hello"),
                    in -> in.clear().append("hello"),
                    in -> in.clear().append(1.25),
                    in -> in.clear().write(new byte[] {'A'}),
                    in -> in.unchecked(true).writeLong(0, 7));
            for (Consumer<Bytes<?>> write : writes) {
                assertThatThrownBy(() -> write.accept(view.as(Bytes.class)))
                        .satisfiesAnyOf(
                                e -> assertThat(e).isInstanceOf(ReadOnlyBufferException.class),
                                e -> assertThat(e).isInstanceOf(UnsupportedOperationException.class),
                                e -> assertThat(e).hasMessageContaining("ReadOnlyBufferException"));
                assertThat(view.bytes()).isEqualTo(before);
            }
        });
    }

    @Test
    void shouldTellNoAddress() {
        publish(LENGTH);
        read(view -> {
            Bytes<?> in = view.as(Bytes.class);
            assertThatThrownBy(() -> in.addressForRead(0)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> in.addressForWrite(0)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> in.nativeRead(0, 0, 8)).isInstanceOf(UnsupportedOperationException.class);
            assertThat(in.isDirectMemory()).isFalse();
        });
    }

    /** Chronicle has ways of its own for memory with an address; there is none here. */
    @Test
    void shouldBeCopiedByChronicleAsItIs() {
        publish(LENGTH);
        read(view -> {
            byte[] body = view.bytes();
            assertThat(view.as(Bytes.class).toByteArray()).isEqualTo(body);
            Bytes<?> other = Bytes.allocateElasticOnHeap().write(view.<Bytes<?>>as(bytesType()));
            assertThat(other.toByteArray()).isEqualTo(body);
            assertThat(view.as(Bytes.class).equals(Bytes.wrapForRead(body))).isTrue();
            assertThat(view.as(Bytes.class).parse8bit(StopCharTesters.ALL)).hasSize(LENGTH);
            assertThat(view.as(Bytes.class).subBytes(8, 8).readLong(0)).isEqualTo(view.getLongLE(8));
        });
    }

    @SuppressWarnings("unchecked")
    private static Class<Bytes<?>> bytesType() {
        return (Class<Bytes<?>>) (Class<?>) Bytes.class;
    }

    @Test
    void shouldNotReachTheNextMessageByOneThatWasLonger() {
        publish(LENGTH);
        publish(3);
        Bytes<?>[] kept = new Bytes<?>[1];
        read(view -> kept[0] = view.as(Bytes.class));
        read(view -> {
            isOutside(() -> kept[0].readLong(0));
            isOutside(() -> kept[0].readLong(56));
            assertThat(view.as(Bytes.class)).isSameAs(kept[0]);
            assertThat(kept[0].readRemaining()).isEqualTo(3);
            isOutside(() -> kept[0].readLong());
        });
    }

    @Test
    void shouldRefuseAClaimThatIsOver() {
        Bytes<?> kept;
        try (Claim claim = publisher.claim(8)) {
            kept = claim.as(Bytes.class);
            claim.commit();
            assertThatIllegalStateException().isThrownBy(() -> claim.as(Bytes.class));
        }
        assertThatIllegalStateException().isThrownBy(() -> kept.writeLong(0, 1)).withMessageContaining("committed");
        assertThatIllegalStateException().isThrownBy(() -> kept.bytesStore().readLong(0));
        Bytes<?> givenUp;
        try (Claim claim = publisher.claim(8)) {
            givenUp = claim.as(Bytes.class);
        }
        assertThatIllegalStateException().isThrownBy(() -> givenUp.readLong(0));
    }

    @Test
    void shouldRefuseAViewThatIsOver() {
        publish(LENGTH);
        Bytes<?>[] kept = new Bytes<?>[1];
        read(view -> kept[0] = view.as(Bytes.class));
        assertThatIllegalStateException()
                .isThrownBy(() -> kept[0].readLong(0))
                .withMessageContaining("after their handler returned");
        queue.close();
        assertThatIllegalStateException().isThrownBy(() -> kept[0].readLong(0));
    }

    @Test
    void shouldMakeAnotherWhenTheProgramReleasedIt() {
        publish(LENGTH);
        read(view -> {
            view.as(Bytes.class).releaseLast();
            assertThat(view.as(Bytes.class).readLong()).isEqualTo(view.getLongLE(0));
            Bytes<?> in = view.as(Bytes.class);
            in.bytesStore().release(in); // not the program's to release
            assertThat(view.as(Bytes.class).readLong()).isEqualTo(view.getLongLE(0));
        });
    }

    @Test
    void shouldBeReadByOneThreadAfterTheOther() throws InterruptedException {
        publish(LENGTH);
        publish(LENGTH);
        List<Long> read = new ArrayList<>();
        MessageHandler handler = view -> read.add(view.as(Bytes.class).readLong());
        read(handler);
        Thread other = new Thread(() -> read(handler));
        other.start();
        other.join();
        assertThat(read).hasSize(2);
    }
}
