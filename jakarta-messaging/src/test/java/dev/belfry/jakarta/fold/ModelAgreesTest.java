package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/**
 * This fold and the model's, another program in another language, agree on random histories with
 * deaths, stops and restating: on the state after each record, and on what a late member reads.
 */
@OneJdk
class ModelAgreesTest {
    private static final Path MODEL =
            Path.of("..", "tests", "models", "jakarta").toAbsolutePath();

    @Slow
    @Test
    void shouldAgreeWithWhatTheModelComputedOnce() throws IOException {
        Path file = Path.of("src/test/resources/dev/belfry/jakarta/fold/histories.txt");
        List<History> all = History.parse(Files.readAllLines(file));
        assertThat(all).hasSizeGreaterThan(5);
        for (History history : all) check(history);
    }

    @Slow
    @Seeded({1, 2})
    void shouldAgreeWithTheModelWhereItCanRun(long seed) throws IOException, InterruptedException {
        assertThat(MODEL).isDirectory();
        long small = seed % 1_000_000_000;
        List<String> command =
                List.of("python3", "histories.py", small + "", "400", "8192", small + 1 + "", "200", "4096");
        Process model;
        try {
            model = new ProcessBuilder(command)
                    .directory(MODEL.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "needs python3");
            return;
        }
        List<String> lines;
        try (var out = model.inputReader(StandardCharsets.UTF_8)) {
            lines = new ArrayList<>(out.lines().toList());
        }
        assertThat(model.waitFor()).isZero();
        for (History history : History.parse(lines)) check(history);
    }

    private static void check(History history) {
        HeapLog log = history.log;
        List<String> digests = new ArrayList<>(List.of(""));
        List<Long> holds = new ArrayList<>(List.of(1L));
        State state = new State(HeapLog.FIRST);
        for (long p = HeapLog.FIRST; p <= log.newest(); p++) {
            assertThat(state.apply(p, p, log.record(p))).isEqualTo(Verdict.WHOLE);
            String lines = String.join("\n", Digest.lines(state));
            if (p == log.newest()) assertThat(lines).as(history.name).isEqualTo(String.join("\n", history.last));
            assertThat(checksum(lines))
                    .as("%s, after record %d: %s", history.name, p, lines)
                    .isEqualTo(history.checksums.get((int) p - 1));
            digests.add(Digest.of(state));
            holds.add(state.hold());
        }
        for (int p = HeapLog.FIRST; p <= log.newest(); p++) {
            int at = p;
            List<Long> set = new ArrayList<>(log.marks.stream()
                    .filter(m -> m.at() <= at)
                    .map(HeapLog.Moved::mark)
                    .toList());
            for (long from : List.of(holds.get(p), set.get(p % set.size())))
                assertThat(Digest.of(log.bootstrap(from, p)))
                        .as("%s, bootstrap from %d at %d", history.name, from, p)
                        .isEqualTo(digests.get(p));
        }
    }

    private static long checksum(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }
}
