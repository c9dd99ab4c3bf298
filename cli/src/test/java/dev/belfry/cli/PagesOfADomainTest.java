package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a domain has on the disk is not destroyed by a tool, nor by what a tool says. */
@Timeout(180)
@Tag("Waits")
@OneJdk
class PagesOfADomainTest {
    private final Sandbox sandbox = new Sandbox();

    @TempDir
    Path temporary;

    private Path directory;
    private String uri;

    @BeforeEach
    void name() throws IOException {
        directory = temporary.toRealPath().resolve("companion");
        uri = "file:" + directory;
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    /** Of three messages; the process has it open, and attaches to their place when it is told. */
    private ChildJvm companion() {
        return sandbox.actor("pages", uri + "?anyFileSystem=true&keep=needed");
    }

    private Result succeeds(String... command) {
        Result result = sandbox.belfry(command);
        assertThat(result.code()).as("%s: %s", List.of(command), result).isZero();
        return result;
    }

    private Result fails(int code, String... command) {
        Result result = sandbox.belfry(command);
        assertThat(result.code()).as("%s: %s", List.of(command), result).isEqualTo(code);
        return result;
    }

    @Test
    void shouldBeWellWhenNobodyIsAttachedToTheirPlace() {
        ChildJvm companion = companion();
        assertWell();
        companion.kill();
        assertWell();
    }

    private void assertWell() {
        assertThat(succeeds("health", uri).out()).isEqualTo("ok       " + uri + "\n");
        String limits = "check --lag 0 --age 1ms --lost 0";
        succeeds((limits + " " + uri).split(" "));
        for (String command :
                List.of("doctor " + uri, "ls " + uri, "info " + uri, "GET /api/page", "GET /api/doctor")) {
            Result result = sandbox.belfry(command.split(" "));
            assertThat(result.out() + result.err()).as(command).isNotEmpty().doesNotContain("unsubscribe");
        }
        assertThat(succeeds("ls", "--json", uri).list("queues")).singleElement().satisfies(one -> assertThat(one)
                .containsEntry("unattended", List.of()));
    }

    @Test
    void shouldTellWhichStoppedProcessHoldsTheirPlace() {
        ChildJvm holder = companion();
        holder.tell("attach");
        holder.expect("ready");
        holder.pause();
        Patience.until("it is told", () -> sandbox.belfry("doctor", uri).out().contains("[stopped-subscriber]"));
        assertThat(sandbox.belfry("doctor", uri).out())
                .contains("pid " + holder.pid() + " is stopped, and holds the place of a domain's messages")
                .contains("'kill -CONT " + holder.pid() + "'")
                .doesNotContain("unsubscribe");
    }

    /** One that is open, then one that is not. */
    @Test
    void shouldStayUnlessItIsForced() {
        ChildJvm companion = companion();
        assertStays();
        companion.kill();
        String lost = "it has messages of a domain of Jakarta Messaging, which would be lost (lag 3)";
        assertThat(fails(1, "rm", uri).err())
                .isEqualTo(
                        "belfry: " + uri + " stays: " + lost + "; 'belfry rm --force " + uri + "' removes it anyway\n");
        assertStays();
    }

    private void assertStays() {
        String lost = "belfry: nothing was changed in '" + uri + "': it has messages of a domain of Jakarta Messaging,"
                + " which would be lost (lag 3). Let consumers of that domain receive them; --force does it anyway\n";
        for (String command : List.of("unsubscribe", "skip", "reset --to newest", "reset --to oldest"))
            assertThat(fails(1, (command + " " + uri + " jms-overflow").split(" "))
                            .err())
                    .as(command)
                    .isEqualTo(lost);
        assertThat(fails(1, "unsubscribe", uri, "--match", "*").err())
                .isEqualTo("belfry: no subscription without a process fits '*'\n");
        assertThat(fails(1, "keep", uri, "7d").err())
                .contains("opens it only while it keeps what it keeps now; --force changes that anyway");
        assertThat(succeeds("keep", uri).out()).isEqualTo(uri + " keeps needed\n");
        for (String command : List.of("sub --name jms-overflow " + uri, "bridge --name jms-overflow " + uri + " q"))
            assertThat(fails(2, command.split(" ")).err())
                    .contains("--name must not be 'jms-overflow', which is the place of a domain's messages");
        assertThat(succeeds("skip", uri, "jms-overflow", "--dry-run").out()).isEqualTo("1 page 1\n");
        assertThat(succeeds("subs", uri).out()).contains("jms-overflow");
    }

    @Test
    void shouldGoWhenItIsForced() {
        companion().kill();
        succeeds("skip", uri, "jms-overflow", "--force");
        succeeds("reset", uri, "jms-overflow", "--to", "newest", "--force");
        succeeds("unsubscribe", uri, "jms-overflow", "--force");
        assertThat(succeeds("subs", uri).out()).isEmpty();
        companion().kill();
        succeeds("keep", uri, "7d", "--force");
        succeeds("rm", uri, "--force");
        assertThat(directory).doesNotExist();
    }

    /** So many orders, most of them on the disk; no process is in the domain any more. */
    private void sends(String domain, int orders) {
        ChildJvm sender = sandbox.start(Sandbox.java(Orders.class, "send", domain, "" + orders));
        sender.expect("sent");
        sender.awaitExit();
    }

    @Test
    void shouldBeCountedAndGoWithTheirDomain() {
        sends(uri + "?overflow=on&maxCapacity=1m&anyFileSystem=true", 3_000);
        assertThat(fails(1, "rm", uri).err())
                .isEqualTo("belfry: " + uri + " stays: unread messages would be lost, 3,000 of 'orders'; 'belfry rm"
                        + " --force " + uri + "' removes it anyway\n");
        assertThat(directory.resolve("overflow")).isDirectory();
        assertThat(succeeds("rm", "--force", uri).err()).isEmpty();
        assertThat(directory).doesNotExist();
    }

    @Test
    void shouldStayAndBeToldWhereTheirDomainWasInMemory() throws IOException {
        sends("shm:shop?overflow=file:" + directory.getParent() + "%3FanyFileSystem%3Dtrue&maxCapacity=1m", 3_000);
        assertThat(fails(1, "rm", "shop").err()).contains("would be lost, 3,000 of 'orders'");
        String said = succeeds("rm", "--force", "shop").err();
        Matcher told = Pattern.compile("belfry: shm:shop had messages in (file:\\S+), which stay there for no domain:"
                        + " 'belfry (rm --force /\\S+)' removes them\n")
                .matcher(said);
        assertThat(told.matches()).as(said).isTrue();
        assertThat(succeeds("subs", told.group(1)).out()).contains("jms-overflow");
        succeeds(told.group(2).split(" "));
        assertThat(directory.getParent()).isEmptyDirectory();
    }

    private List<Map<String, Object>> told(String subject) {
        return sandbox.belfry("doctor", "--json").list("findings").stream()
                .filter(one ->
                        one.get("check").equals("pages") && one.get("subject").equals(subject))
                .toList();
    }

    /** Of a domain in memory; its companion's directory. */
    private Path companionOf(String domain) throws IOException {
        Path spool = Files.createDirectory(directory.resolveSibling("spool-" + domain));
        sends("shm:" + domain + "?overflow=file:" + spool + "%3FanyFileSystem%3Dtrue&maxCapacity=1m", 3_000);
        try (Stream<Path> all = Files.list(spool)) {
            return all.findFirst().orElseThrow();
        }
    }

    @Test
    void shouldBeComparedWithTheDomainThatHasThem() throws IOException {
        Path companion = companionOf("shop");
        assertThat(told("shm:shop")).singleElement().satisfies(one -> assertThat(one)
                .containsEntry("level", "ok")
                .extracting("what")
                .asString()
                .matches("[0-9,]+ of its messages are in file:" + companion));
        String path = companion.toString();
        succeeds("reset", path, "jms-overflow", "--to", "newest", "--force");
        String remedy = problem("shop", "on, and files that are needed may go: its place is [0-9]+");
        assertThat(remedy).matches("'belfry reset --force " + path + " jms-overflow --to 1' moves it back\\.");
        RemedyTest.run(sandbox, RemedyTest.commands(remedy).get(0));
        assertThat(told("shm:shop")).singleElement().satisfies(one -> assertThat(one)
                .containsEntry("level", "ok"));
        succeeds("unsubscribe", path, "jms-overflow", "--force");
        problem("shop", "on, and files that are needed may go: its place is gone");
        Path aside = companion.resolveSibling("aside");
        Files.move(companion, aside);
        problem("shop", "which is not there: a consumer that comes to them gets an exception");
        sandbox.belfry("pub", "file:" + companion + "?anyFileSystem=true", "x");
        problem("shop", "and that has 1 to 1: it was put back from a copy, made again, or emptied");
    }

    /** Returns its remedy. */
    private String problem(String domain, String what) {
        List<Map<String, Object>> told = told("shm:" + domain);
        assertThat(told).as(what).hasSize(1);
        assertThat(told.get(0)).containsEntry("level", "problem");
        assertThat((String) told.get(0).get("what")).matches("[0-9,]+ of its messages are in file:.*" + what);
        return (String) told.get(0).get("remedy");
    }

    /** Not while a domain of that directory lives. */
    @Test
    void shouldBeToldWhenTheyAreOfADomainThatIsGone() throws IOException {
        Path companion = companionOf("shop");
        assertThat(told("file:" + companion)).isEmpty();
        succeeds("rm", "--force", "shop");
        assertThat(told("file:" + companion)).singleElement().satisfies(one -> assertThat(one)
                .containsEntry("level", "note")
                .extracting("what")
                .asString()
                .contains("it has messages of a domain in memory that is gone"));
        sends("shm:shop?overflow=file:" + companion.getParent() + "%3FanyFileSystem%3Dtrue&maxCapacity=1m", 3_000);
        assertThat(told("shm:shop")).singleElement().satisfies(one -> assertThat(one)
                .containsEntry("level", "ok"));
        List<Map<String, Object>> earlier = told("file:" + companion);
        assertThat(earlier).hasSize(1);
        RemedyTest.run(
                sandbox,
                RemedyTest.commands((String) earlier.get(0).get("remedy")).get(1));
        assertThat(companion).doesNotExist();
        assertThat(told("shm:shop")).singleElement().satisfies(one -> assertThat(one)
                .containsEntry("level", "ok"));
    }
}
