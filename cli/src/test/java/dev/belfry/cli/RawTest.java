package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that are no text come out as they went in. */
@Timeout(180)
@Tag("Waits")
@Slow
@OneJdk
class RawTest {
    @TempDir
    Path files;

    private Path random(String name, int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return Files.write(files.resolve(name), bytes);
    }

    @Test
    void shouldCarryAnyBytesAsTheyAre() throws IOException {
        Path in = random("in", 3000);
        Path out = files.resolve("out");
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(OutputTest.run(sandbox, "belfry pub --format raw q <" + in)
                            .code())
                    .isZero();
            assertThat(OutputTest.run(sandbox, "belfry tail --format raw q >" + out)
                            .code())
                    .isZero();
            assertThat(out).hasSameBinaryContentAs(in);
            OutputTest.run(sandbox, "belfry sub --format raw --from oldest --count 1 q >" + out);
            assertThat(out).hasSameBinaryContentAs(in);
        }
    }

    @Test
    void shouldCarryManyMessagesInFrames() throws IOException {
        Path first = random("first", 700);
        Path second = random("second", 3000);
        Path frames = files.resolve("frames");
        Path copied = files.resolve("copied");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "--file", first.toString());
            sandbox.belfry("pub", "q", "");
            sandbox.belfry("pub", "q", "--file", second.toString());
            OutputTest.run(sandbox, "belfry tail --format framed q >" + frames);
            assertThat(Files.readAllBytes(frames))
                    .hasSize(4 + 700 + 4 + 4 + 3000)
                    .startsWith(0, 0, 0x02, 0xbc);
            Result pub = OutputTest.run(sandbox, "belfry pub --format framed copy <" + frames);
            assertThat(pub.err()).startsWith("belfry: published 3 in ");
            OutputTest.run(sandbox, "belfry sub --format framed --from oldest --count 3 copy >" + copied);
            assertThat(copied).hasSameBinaryContentAs(frames);
        }
    }

    @Test
    void shouldSayWhereTheFramesEnd() throws IOException {
        Path frames = Files.write(files.resolve("frames"), new byte[] {0, 0, 0, 1, 'a', 0, 0, 0, 5, 'b'});
        Path noFrames = Files.writeString(files.resolve("text"), "some text");
        try (Sandbox sandbox = new Sandbox()) {
            Result torn = OutputTest.run(sandbox, "belfry pub --format framed q <" + frames);
            assertThat(torn.code()).isEqualTo(1);
            assertThat(torn.err())
                    .startsWith("belfry: published 1 in ")
                    .endsWith("belfry: the standard input ends inside a message: 1 of 5 bytes\n");
            Result text = OutputTest.run(sandbox, "belfry pub --format framed q <" + noFrames);
            assertThat(text.code()).isEqualTo(1);
            assertThat(text.err()).startsWith("belfry: the standard input is not framed: a length of 1,936,682,341");
            assertThat(sandbox.belfry("pub", "--format", "raw", "q", "x").code())
                    .isEqualTo(2);
        }
    }
}
