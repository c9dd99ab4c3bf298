package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What the interfaces do by themselves. */
class BatchTest {
    private static final MessageProperties PROPERTIES =
            MessageProperties.builder().put("a", 1).build();

    @Test
    void shouldAddBytesTextsAndBuffersInOneWay() {
        Recording batch = new Recording();
        batch.add(new byte[] {65});
        batch.add("ä");
        batch.add(ByteBuffer.wrap(new byte[] {66, 67}));
        batch.add(new byte[] {68}, PROPERTIES);
        batch.add("e", PROPERTIES);
        assertThat(batch.added).containsExactly("A []", "ä []", "BC []", "D [a]", "e [a]");
        assertThat(batch.fits(7)).isTrue();
        assertThat(batch.fits(8)).isFalse();
    }

    @Test
    void shouldRefuseWhatIsNull() {
        Recording batch = new Recording();
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(() -> batch.add((byte[]) null), () -> batch.add((byte[]) null, PROPERTIES)))
            assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessage("body");
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(() -> batch.add((String) null), () -> batch.add((String) null, PROPERTIES)))
            assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessage("text");
    }

    @Test
    void shouldRefuseBatchesOfATransportThatIsOlderThanThey() {
        Publisher old = new OptionsTest.NoPublisher();
        assertThatThrownBy(() -> old.batch(100))
                .isInstanceOf(UnsupportedCapabilityException.class)
                .hasMessage(
                        "This transport cannot do BATCH (wanted by batch). It can: see capabilities() of the queue");
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> old.tryBatch(100, Duration.ZERO), () -> old.sizeInBatch(1), () -> old.sizeInBatch(1, PROPERTIES)))
            assertThatThrownBy(call).isInstanceOf(UnsupportedCapabilityException.class);
    }

    private static final class Recording implements Batch {
        final List<String> added = new ArrayList<>();

        @Override
        public void add(ByteBuffer body, MessageProperties properties) {
            added.add(StandardCharsets.UTF_8.decode(body) + " " + properties.names());
        }

        @Override
        public WritableBody claim(int length) {
            throw new AssertionError();
        }

        @Override
        public void shorten(int length) {
            throw new AssertionError();
        }

        @Override
        public boolean fits(int length, MessageProperties properties) {
            return properties.names().isEmpty() && length < 8;
        }

        @Override
        public int count() {
            throw new AssertionError();
        }

        @Override
        public long commit() {
            throw new AssertionError();
        }

        @Override
        public void close() {}
    }
}
