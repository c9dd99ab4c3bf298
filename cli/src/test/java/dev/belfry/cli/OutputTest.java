package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is to be read or written and cannot be: nothing is acknowledged that nobody saw, and nobody
 * waits for one that has gone.
 */
@Timeout(180)
@Tag("Waits")
@Slow
class OutputTest {
    @TempDir
    Path files;

    /** As a shell runs it, for what only a shell can do; {@code belfry} stands for the command. */
    static ChildJvm shell(Sandbox sandbox, String script) {
        String command = Sandbox.java(Belfry.class).words().stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        return sandbox.start(List.of("bash", "-c", script.replace("belfry ", command + " ")));
    }

    /** Where nothing stands for anything. */
    static Result inShell(Sandbox sandbox, String script) {
        return Sandbox.finish(sandbox.start(List.of("bash", "-c", script)), "");
    }

    static Result run(Sandbox sandbox, String script) {
        return Sandbox.finish(shell(sandbox, script), "");
    }

    @Test
    void shouldAcknowledgeNothingThatCouldNotBeWritten() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("a\nb\nc\n", "pub", "q");
            String sub = "belfry sub --name audit --from oldest --timeout 3s q";
            Result full = run(sandbox, sub + " >/dev/full");
            assertThat(full.code()).isEqualTo(1);
            assertThat(full.err()).isEqualTo("belfry: cannot write the output: No space left on device\n");
            assertThat(run(sandbox, sub).out()).isEqualTo("1 a\n2 b\n3 c\n");
            assertThat(run(sandbox, sub).out()).isEmpty();
            assertThat(run(sandbox, "belfry ls --json >/dev/full").code()).isEqualTo(1);
        }
    }

    /** Of a stream that never pauses. */
    @Test
    void shouldEndWhenNobodyReadsItAnyMore() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.startBelfry("pub", "--size", "20", "--count", "1000000000", "q?capacity=64k&maxCapacity=64k");
            Patience.until("it exists", () -> sandbox.files().contains("belfry.q"));
            assertThat(run(sandbox, "belfry tail -f q | head -n 1").out()).hasLineCount(1);
            assertThat(run(sandbox, "belfry sub q | head -n 1").out()).hasLineCount(1);
        }
    }

    /** Of one in which nothing comes any more: there is nothing to write, which would tell. */
    @Test
    void shouldEndWhenNobodyReadsItAnyMoreThoughNothingComes() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            for (String reading : List.of("tail -f", "sub --from oldest")) {
                Result result = run(sandbox, "belfry " + reading + " q | head -n 1; echo ${PIPESTATUS[0]}");
                assertThat(result).isEqualTo(new Result(0, "1 x\n0\n", ""));
            }
            Result handedOn = run(sandbox, "belfry sub --from oldest --timeout 3s q | (sleep 1; cat)");
            assertThat(handedOn.out()).isEqualTo("1 x\n");
        }
    }

    @Test
    void shouldMissNothingHoweverOftenItIsTerminated() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "audit", "--timeout", "0s", "q?capacity=256k&maxCapacity=256k");
            sandbox.startBelfry("pub", "--size", "20", "--count", "1000000000", "q");
            List<Long> positions = new ArrayList<>();
            for (int i = 0; i < Depth.pick(2, 2, 20); i++) {
                Path printed = files.resolve("printed" + i);
                ChildJvm reading = shell(sandbox, "exec belfry sub --name audit q >" + printed);
                Patience.until("it prints", () -> printed.toFile().length() > 100_000);
                reading.terminate();
                Sandbox.finish(reading, "");
                String whole = Files.readString(printed);
                whole.substring(0, whole.lastIndexOf('\n')) // the last may have been torn apart
                        .lines()
                        .forEach(line -> positions.add(Long.parseLong(line.substring(0, line.indexOf(' ')))));
            }
            assertThat(positions.stream().distinct().sorted())
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, positions.get(positions.size() - 1))
                            .boxed()
                            .toList());
        }
    }

    @Test
    void shouldPublishByteForByte() throws IOException {
        Path bytes = files.resolve("bytes");
        Files.write(bytes, "caf\u00e9\na\rb\r\n\nend".getBytes(StandardCharsets.ISO_8859_1));
        try (Sandbox sandbox = new Sandbox()) {
            Result result = run(sandbox, "belfry pub q <" + bytes);
            assertThat(result.err()).startsWith("belfry: published 4 in ");
            assertThat(sandbox.belfry("tail", "--format", "hex", "q").out())
                    .contains("63 61 66 e9 ", "61 0d 62 0d ", "3 0 bytes", "65 6e 64 ");
        }
    }

    @Test
    void shouldSayWhatCannotBeRead() {
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(run(sandbox, "belfry pub q <&-"))
                    .isEqualTo(
                            new Result(1, "", "belfry: the standard input is closed: give TEXT, --file or --size\n"));
            assertThat(run(sandbox, "belfry pub q </tmp"))
                    .isEqualTo(new Result(1, "", "belfry: cannot read the standard input: Is a directory\n"));
            Result tooMuch = sandbox.freshBelfry("pub", "--size", "256m", "q?maxCapacity=1g");
            assertThat(tooMuch.code()).isEqualTo(1);
            assertThat(tooMuch.err()).startsWith("belfry: ").contains("-Xmx").hasLineCount(1);
        }
    }

    @Test
    void shouldSayHowManyWentInBeforeItFailed() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "slow", "--timeout", "0s", "q?capacity=4k&maxCapacity=4k");
            String lines = ("x".repeat(200) + "\n").repeat(100);
            Result result = sandbox.belfryWithInput(lines, "pub", "--timeout", "3s", "q");
            assertThat(result.code()).isEqualTo(1);
            Matcher published = Pattern.compile("\"newestPosition\":(\\d+)")
                    .matcher(sandbox.belfry("info", "--json", "q").out());
            assertThat(published.find()).isTrue();
            assertThat(Long.parseLong(published.group(1))).isBetween(1L, 99L);
            assertThat(result.err().lines().filter(line -> !line.contains(" WARN 'shm:q' is full (4 KiB): ")))
                    .hasSize(2)
                    .first(InstanceOfAssertFactories.STRING)
                    .startsWith("belfry: published " + published.group(1) + " in ");
        }
    }

    /** By the kernel's locks, though it cannot be looked at. */
    @Test
    void shouldNotRemoveWhatSomebodyHasOpenHoweverItLooks() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("hold", "shm:q?capacity=64k&maxCapacity=64k");
            byte[] newer = sandbox.bytes("q");
            newer[8] = 99; // the layout's version
            Files.write(sandbox.file("belfry.q"), newer, StandardOpenOption.WRITE);
            Result refused = sandbox.belfry("rm", "q");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err())
                    .isEqualTo("belfry: shm:q stays: attached are processes that cannot be named;"
                            + " 'belfry rm --force shm:q' removes it anyway\n");
            holder.kill();
            assertThat(sandbox.belfry("rm", "q")).isEqualTo(new Result(0, "removed shm:q\n", ""));
        }
    }

    @Test
    void shouldRemoveNothingWhereANameIsWrong() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "q", "x");
            assertThat(sandbox.belfry("rm", "q", "bad name").code()).isEqualTo(2);
            assertThat(sandbox.files()).containsExactly("belfry.q");
        }
    }
}
