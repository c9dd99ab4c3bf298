package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Bytes;
import dev.belfry.testing.OneJdk;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Parts of a commit that are seen, told again, or not. */
@OneJdk
class LargeCommitsTest {
    private static final long OWNER = 2;
    private static final long T = Domain.topicId("t");
    private static final long U = Domain.topicId("u");

    private final LargeCommits commits = new LargeCommits(T);
    private long position;

    private void stage(long transaction, int first, long... destinations) {
        RecordWriter writer = new RecordWriter().begin(9).stage(OWNER, transaction, first);
        for (long destination : destinations) {
            Envelope message = new Envelope();
            message.destination = destination;
            writer.staged(message.bytes());
        }
        RecordReader record = new RecordReader();
        record.open(Bytes.of(writer.close().end()), ++position);
        assertThat(record.next()).isTrue();
        commits.stage(record, position, 8 * position);
    }

    private List<Integer> applied(long transaction, int n) {
        List<LargeCommits.One> all = commits.applied(OWNER, transaction, n);
        return all == null ? null : all.stream().map(LargeCommits.One::index).toList();
    }

    @Test
    void shouldKnowACommitOnlyIfItSawAllItsParts() {
        stage(1, 0, T, U);
        stage(1, 2, T);
        assertThat(applied(1, 3)).containsExactly(0, 2);
        assertThat(applied(1, 3)).as("once").isNull();
        stage(2, 0, T);
        assertThat(applied(2, 2)).as("without its end").isNull();
        stage(3, 1, T);
        assertThat(applied(3, 2)).as("without its beginning").isNull();
        stage(4, 0, T);
        stage(4, 2, T);
        assertThat(applied(4, 3)).as("with a gap").isNull();
        stage(5, 0, T, T);
        stage(5, 1, T);
        assertThat(applied(5, 2)).as("parts overlap").isNull();
    }

    @Test
    void shouldReadAPartWhereItWasToldLast() {
        stage(1, 0, U, T);
        stage(1, 0, U, T);
        assertThat(commits.applied(OWNER, 1, 2))
                .singleElement()
                .extracting(LargeCommits.One::position)
                .isEqualTo(2L);
    }

    @Test
    void shouldForgetWhatEnds() {
        stage(1, 0, T);
        stage(2, 0, T);
        stage(3, 0, T);
        commits.forget(OWNER, 1);
        assertThat(applied(1, 1)).isNull();
        assertThat(applied(2, 1)).hasSize(1);
        commits.leave(OWNER);
        assertThat(applied(3, 1)).isNull();
    }

    /** The fold knows the rest. */
    @Test
    void shouldForgetAllThatIsTooMuch() {
        int n = 1_000;
        long[] all = new long[n];
        Arrays.fill(all, T);
        for (int i = 0; i < 65; i++) stage(1, i * n, all);
        assertThat(applied(1, 65 * n)).hasSize(65 * n);
        for (int i = 0; i < 65; i++) stage(2, i * n, all);
        stage(3, 0, all);
        assertThat(applied(2, 65 * n)).isNull();
        assertThat(applied(3, n)).hasSize(n);
    }
}
