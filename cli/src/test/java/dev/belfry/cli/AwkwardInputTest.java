package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.cli.text.Json;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes of values, locales and machines that are not as they should be: a sentence, and nothing half done. */
@Timeout(180)
@Tag("Waits")
@OneJdk
class AwkwardInputTest {
    @TempDir
    Path files;

    @ParameterizedTest
    @CsvSource({
        "pub --size 4g q, 2, --size must be at most 256m",
        "bench --size 1g, 2, --size must be at most 256m",
        "pub --file / q, 1, cannot read /",
        "pub --file /no/such q, 1, there is no file",
    })
    void shouldSayWhatIsWrong(String command, int code, String said) {
        try (Sandbox sandbox = new Sandbox()) {
            Result result = sandbox.belfry(command.split(" "));
            assertThat(result.code()).isEqualTo(code);
            assertThat(result.err()).startsWith("belfry: ").contains(said).hasLineCount(1);
            assertThat(sandbox.files()).isEmpty();
        }
    }

    @Test
    void shouldTakeALongTimeForForEver() {
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(sandbox.belfry("ls", "--interval", "99999999999999999s"))
                    .isEqualTo(new Result(0, "", "No queues in /dev/shm.\n"));
            sandbox.belfry("pub", "q", "x");
            assertThat(sandbox.belfry("top", "--count", "1", "--interval", "999999999999999999d")
                            .code())
                    .isZero();
            assertThat(sandbox.belfry("sub", "--from", "oldest", "--count", "1", "--timeout", "99999999999d", "q")
                            .out())
                    .isEqualTo("1 x\n");
        }
    }

    @Test
    void shouldFailInJsonWhereItIsAsked() {
        try (Sandbox sandbox = new Sandbox()) {
            for (String[] wrong : new String[][] {
                {"ls", "--json", "--nonsense"}, {"info", "--json", "q"}, {"rm", "--json", "q"}, {"lss", "--json"}
            }) {
                Result failed = sandbox.belfry(wrong);
                assertThat(failed.code()).isNotZero();
                assertThat(JsonText.parse(failed.err()))
                        .asInstanceOf(InstanceOfAssertFactories.MAP)
                        .containsOnlyKeys("format", "error");
            }
        }
    }

    @Test
    void shouldPublishWhatWasSaid() throws IOException {
        Files.writeString(files.resolve("everyone"), "--help");
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(sandbox.belfry("pub", "q", "@" + files.resolve("everyone"))
                            .code())
                    .isZero();
            JavaCommand posix = Sandbox.java(Belfry.class, "pub", "q", "f\u00fcr")
                    .through(List.of("env", "-u", "LANG", "LC_ALL=POSIX"));
            Result refused = Sandbox.finish(sandbox.start(posix), "");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err()).startsWith("belfry: this locale (").contains("LC_ALL=C.UTF-8");
            assertThat(sandbox.belfry("tail", "--format", "lines", "q").out())
                    .isEqualTo("@" + files.resolve("everyone") + "\n");
        }
    }

    @Test
    void shouldLetNoMessageSteerTheTerminal() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("a\u009b31mred\u001b[0m", "pub", "q");
            assertThat(sandbox.belfry("tail", "q").out()).isEqualTo("1 a?31mred?[0m\n");
        }
    }

    @Test
    void shouldWriteJsonThatIsJson() {
        assertThat(Json.of(Json.object("f", Float.NaN, "d", Double.NEGATIVE_INFINITY, "g", 1.5f)))
                .isEqualTo("{\"format\":1,\"f\":null,\"d\":null,\"g\":1.5}");
    }

    @Test
    void shouldExplainAMachineOnWhichNothingWorks() {
        try (Sandbox sandbox = new Sandbox()) {
            JavaCommand command = Sandbox.java(Belfry.class, "doctor", "--json")
                    .flags(List.of("-Djna.nounpack=true", "-Djna.nosys=true", "-Djna.noclasspath=true"));
            Result doctor = Sandbox.finish(sandbox.start(command), "");
            assertThat(doctor.code()).isEqualTo(1);
            assertThat(doctor.list("findings")).singleElement().satisfies(finding -> {
                assertThat(finding).containsEntry("check", "transport").containsEntry("level", "problem");
                assertThat((String) finding.get("what")).contains("jna.tmpdir");
            });
        }
    }

    /** The repair of one finding removes the queue, and with it what the other was about. */
    @Test
    void shouldCountAsFixedWhatAnotherRepairHasMended() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm dead = sandbox.actor("claim", "shm:q?deleteOnLastClose=true");
            dead.kill();
            Result fixed = sandbox.belfry("doctor", "--fix", "--json", "q");
            assertThat(fixed.code()).as(fixed.toString()).isZero();
            assertThat(sandbox.files()).isEmpty();
        }
    }

    @Test
    @Slow
    void shouldGoOnWhereOneCannotBeRemoved() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to be somebody else");
        try (Sandbox sandbox = new Sandbox("size=256m,mode=1777")) {
            for (String queue : List.of("a-theirs", "b-ours")) {
                ChildJvm dead = sandbox.actor("hold", "shm:" + queue + "?deleteOnLastClose=true&mode=rw-rw-rw-");
                dead.kill();
            }
            Files.setAttribute(sandbox.file("belfry.b-ours"), "unix:uid", 65534);
            JavaCommand gc = new OtherUser(files).belfry("gc", "--json");
            Result result = Sandbox.finish(sandbox.start(gc), "");
            assertThat(result.code()).as(result.toString()).isEqualTo(1);
            List<Map<String, Object>> all = result.list("leftOvers");
            assertThat(all).anySatisfy(item -> assertThat(item)
                    .containsEntry("subject", "shm:a-theirs")
                    .containsEntry("done", false)
                    .containsKey("failure"));
            assertThat(sandbox.files()).contains("belfry.a-theirs").doesNotContain("belfry.b-ours");

            Result opened = Sandbox.finish(sandbox.start(new OtherUser(files).belfry("pub", "a-theirs", "x")), "");
            assertThat(opened.code()).isEqualTo(1);
            assertThat(opened.err())
                    .contains("left behind by processes that were killed", "only uid 0 or root may remove it");
        }
    }
}
