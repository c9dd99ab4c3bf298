package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A body may be a mapped file of the user's, which is cut short: what throws has not published. */
@Timeout(60)
class CutBodyTest {
    private static final int PAGE = 4096;

    /** Calls after which a publish is compiled: the interpreter tells each fault at once. */
    private static final int WARM = 30_000;

    @TempDir
    Path temporary;

    /** A way by which a body gets into the ring; each commits. */
    private enum Way {
        PUBLISH(Publisher::publish),
        BATCH((publisher, body) -> {
            try (Batch batch = publisher.batch(publisher.sizeInBatch(body.remaining()))) {
                batch.add(body);
                batch.commit();
            }
        }),
        BATCH_IN_PLACE((publisher, body) -> {
            try (Batch batch = publisher.batch(publisher.sizeInBatch(body.remaining()))) {
                batch.claim(body.remaining()).copyFrom(0, body);
                batch.commit();
            }
        }),
        CLAIM((publisher, body) -> {
            try (Claim claim = publisher.claim(body.remaining())) {
                claim.copyFrom(0, body);
                claim.commit();
            }
        });

        final BiConsumer<Publisher, ByteBuffer> sends;

        Way(BiConsumer<Publisher, ByteBuffer> sends) {
            this.sends = sends;
        }
    }

    static Stream<Arguments> bodies() {
        return Stream.of(32, 100, 1000)
                .flatMap(length -> Stream.concat(
                        Stream.of(Way.values())
                                .map(way -> Arguments.of(way, length, UnaryOperator.<ByteBuffer>identity())),
                        Stream.<UnaryOperator<ByteBuffer>>of(ByteBuffer::slice, ByteBuffer::asReadOnlyBuffer)
                                .map(view -> Arguments.of(Way.PUBLISH, length, view))));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void shouldNotBePublished(Way way, int length, UnaryOperator<ByteBuffer> view) throws IOException {
        String uri = "shm:cut-body-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        try (RandomAccessFile file =
                        new RandomAccessFile(temporary.resolve("bodies").toFile(), "rw");
                MessageQueue queue = MessageQueues.open(uri)) {
            file.setLength(2 * PAGE);
            MappedByteBuffer mapped = file.getChannel().map(MapMode.READ_ONLY, 0, 2 * PAGE);
            ByteBuffer body = view.apply(mapped.position(PAGE).limit(PAGE + length));
            Publisher publisher = queue.createPublisher();
            for (int i = 0; i < WARM; i++) way.sends.accept(publisher, body.duplicate());
            file.setLength(PAGE);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> way.sends.accept(publisher, body.duplicate()))
                        .isInstanceOf(InternalError.class);
                assertThat(queue.stats().newestPosition()).isEqualTo(WARM);
            }
            assertThat(publisher.publish("sound")).isEqualTo(WARM + 1);
        }
    }
}
