package dev.belfry.shm.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way to memory that this JVM has does the same. */
class RawMemoryTest {
    private static final int LENGTH = 512;

    private final ByteBuffer bytes = ByteBuffer.allocateDirect(LENGTH).order(ByteOrder.nativeOrder());

    /** The second where this JVM has it. */
    static Stream<RawMemory> ways() {
        if (!Foreign.IS_THERE) return Stream.of(new ChronicleMemory());
        RawMemory foreign = ForeignMemory.create();
        RawMemory chronicle = new ChronicleMemory();
        return chronicle.unavailableReason() == null ? Stream.of(chronicle, foreign) : Stream.of(foreign);
    }

    @Test
    void shouldRunTheWayThatTheRunAsksFor() {
        boolean denied = "deny".equals(System.getProperty("sun.misc.unsafe.memory.access"));
        String asked = System.getProperty("belfry.memory", denied ? "ffm" : "chronicle");
        assertThat(RealMemory.MEMORY.getClass().getSimpleName())
                .isEqualTo(asked.equals("ffm") ? "ForeignMemory" : "ChronicleMemory");
        assertThat(RealMemory.unavailableReason()).isNull();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldReadAndWriteAtAnyPlace(RawMemory memory) {
        long begin = memory.addressOf(bytes);
        for (int at = 0; at < 16; at++) {
            memory.putLong(begin + at, 0x0102030405060708L);
            assertThat(bytes.getLong(at)).isEqualTo(0x0102030405060708L);
            assertThat(memory.getLong(begin + at)).isEqualTo(0x0102030405060708L);
            assertThat(memory.getLongAcquire(begin + at)).isEqualTo(0x0102030405060708L);
            memory.putInt(begin + at, 0x11121314);
            assertThat(bytes.getInt(at)).isEqualTo(0x11121314);
            assertThat(memory.getInt(begin + at)).isEqualTo(0x11121314);
            assertThat(memory.getIntAcquire(begin + at)).isEqualTo(0x11121314);
            memory.putShort(begin + at, (short) 0x2122);
            assertThat(bytes.getShort(at)).isEqualTo((short) 0x2122);
            assertThat(memory.getShort(begin + at)).isEqualTo((short) 0x2122);
            memory.putByte(begin + at, (byte) 0x31);
            assertThat(bytes.get(at)).isEqualTo((byte) 0x31);
            assertThat(memory.getByte(begin + at)).isEqualTo((byte) 0x31);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldStoreAndSwapWords(RawMemory memory) {
        long begin = memory.addressOf(bytes);
        memory.putLongRelease(begin + 8, -5);
        assertThat(memory.compareAndSetLong(begin + 8, -4, 7)).isFalse();
        assertThat(bytes.getLong(8)).isEqualTo(-5);
        assertThat(memory.compareAndSetLong(begin + 8, -5, 7)).isTrue();
        assertThat(bytes.getLong(8)).isEqualTo(7);
        memory.putIntRelease(begin + 20, -5);
        assertThat(memory.compareAndSetInt(begin + 20, -4, 7)).isFalse();
        assertThat(bytes.getInt(20)).isEqualTo(-5);
        assertThat(memory.compareAndSetInt(begin + 20, -5, 7)).isTrue();
        assertThat(bytes.getLong(16)).isEqualTo(7L << 32);
    }

    /** Of any length and order, on the heap and off it, writable or not; and not one byte more. */
    @ParameterizedTest
    @MethodSource("ways")
    void shouldCopyFromAnyBuffer(RawMemory memory) {
        byte[] pattern = new byte[300];
        for (int i = 0; i < pattern.length; i++) pattern[i] = (byte) (i * 7 + 1);
        ByteBuffer direct = ByteBuffer.allocateDirect(300).put(pattern).clear();
        List<UnaryOperator<ByteBuffer>> kinds = List.of(
                buffer -> buffer.duplicate().order(ByteOrder.BIG_ENDIAN),
                buffer -> buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN),
                ByteBuffer::asReadOnlyBuffer);
        for (ByteBuffer source : List.of(ByteBuffer.wrap(pattern), direct))
            for (UnaryOperator<ByteBuffer> kind : kinds)
                for (int length = 0; length <= 270; length++) assertCopied(memory, kind.apply(source), length, pattern);
    }

    private void assertCopied(RawMemory memory, ByteBuffer source, int length, byte[] pattern) {
        for (int i = 0; i < LENGTH; i++) bytes.put(i, (byte) 0);
        memory.copy(source, 3, length, memory.addressOf(bytes) + 5, bytes, 5);
        byte[] expected = new byte[LENGTH];
        System.arraycopy(pattern, 3, expected, 5, length);
        byte[] actual = new byte[LENGTH];
        bytes.get(0, actual);
        if (!Arrays.equals(actual, expected))
            assertThat(actual).as(source + ", " + length).isEqualTo(expected);
        assertThat(source.position()).isZero();
    }

    /** Also after it has met one: from then on it may ask another way. */
    @ParameterizedTest
    @MethodSource("ways")
    void shouldKnowABufferOfAFile(RawMemory memory, @TempDir Path folder) throws IOException {
        ByteBuffer heap = ByteBuffer.allocate(8);
        ByteBuffer part = bytes.slice(8, 8).asReadOnlyBuffer();
        Path file = Files.write(folder.resolve("file"), new byte[16]);
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 16);
            for (int again = 0; again < 2; again++) {
                assertThat(List.of(heap, bytes, part)).noneMatch(memory::isOfAFile);
                assertThat(List.of(
                                mapped, mapped.slice(8, 8), mapped.duplicate().position(16)))
                        .allMatch(memory::isOfAFile);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldCopyFromAddressToAddress(RawMemory memory) {
        ByteBuffer target = ByteBuffer.allocateDirect(100);
        bytes.put(50, "message".getBytes());
        memory.copy(memory.addressOf(bytes) + 50, memory.addressOf(target) + 1, 7);
        byte[] copied = new byte[9];
        target.get(0, copied);
        assertThat(copied).isEqualTo("\0message\0".getBytes());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldShowMemoryAsABuffer(RawMemory memory) {
        ByteBuffer view = memory.view(memory.addressOf(bytes), LENGTH);
        bytes.putLong(LENGTH - 8, 42);
        assertThat(view.getLong(LENGTH - 8)).isEqualTo(42);
        assertThat(view.capacity()).isEqualTo(LENGTH);
        assertThat(memory.addressOf(view.position(3))).isEqualTo(memory.addressOf(bytes));
        assertThat(memory.view(memory.addressOf(bytes), 3L << 30).capacity())
                .isGreaterThanOrEqualTo(Integer.MAX_VALUE - 8); // never touched
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldCopyArraysBothWays(RawMemory memory) {
        long begin = memory.addressOf(bytes);
        byte[] source = new byte[300];
        for (int i = 0; i < source.length; i++) source[i] = (byte) (i * 7 + 1);
        for (int length : new int[] {0, 1, 8, 31, 256}) {
            for (int i = 0; i < LENGTH; i++) bytes.put(i, (byte) 0);
            memory.copy(source, 3, length, begin + 5, bytes, 5);
            byte[] target = new byte[length + 2];
            memory.copy(begin + 5, bytes, 5, target, 1, length);
            assertThat(Arrays.copyOfRange(target, 1, 1 + length)).isEqualTo(Arrays.copyOfRange(source, 3, 3 + length));
            assertThat(List.of(target[0], target[length + 1], bytes.get(4), bytes.get(5 + length)))
                    .containsOnly((byte) 0);
        }
        assertThatThrownBy(() -> memory.copy(source, 299, 2, begin, bytes, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.copy(begin, bytes, 0, source, -1, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
