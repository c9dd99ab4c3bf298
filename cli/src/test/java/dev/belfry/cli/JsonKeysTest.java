package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pins the keys of all JSON, and their types: programs of users read them. A key is added by a line in json-keys.txt,
 * which target/json-keys.txt has ready; one that goes, or changes its type, needs another number of the format.
 */
@Timeout(180)
@Tag("Waits")
@OneJdk
@Slow
class JsonKeysTest {
    private static final String NULL = "null";

    /** The types of each path, and of each key. */
    private final Map<String, Set<String>> paths = new TreeMap<>();

    private final Map<String, Set<String>> keys = new TreeMap<>();

    @TempDir
    Path temporary;

    @Test
    void shouldKeepEachKeyAndItsType() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            aQueue(sandbox);
            aDomain(sandbox);
            files(sandbox);
            aDomainOnDisk(sandbox);
            theMachine(sandbox);
        }
        assertThat(keys).allSatisfy((key, types) -> assertThat(types).as(key).hasSize(1));
        Files.write(Path.of("target/json-keys.txt"), lines());
        requirePinned(Files.readAllLines(Path.of("src/test/resources/json-keys.txt")));
    }

    private void requirePinned(List<String> pinned) {
        assertThat(lines().stream().filter(line -> line.endsWith(" " + NULL)).map(JsonKeysTest::path))
                .allSatisfy(
                        path -> assertThat(pinned).anyMatch(line -> path(line).equals(path)));
        assertThat(lines().stream().filter(line -> !line.endsWith(" " + NULL)).toList())
                .isEqualTo(pinned.stream().filter(line -> !isNull(path(line))).toList());
    }

    /** A null says nothing of the type. */
    @Test
    void shouldNoticeAKeyThatHasAnotherNameOrTypeOrIsNew() {
        tell("it", "{\"format\":1,\"name\":\"q\",\"since\":null}");
        String format = "it format number";
        requirePinned(List.of(format, "it name string", "it since number"));
        for (List<String> pinned : List.of(
                List.of(format, "it title string", "it since number"),
                List.of(format, "it name number", "it since number"),
                List.of(format, "it name string"),
                List.of(format, "it since number"),
                List.of(format, "it gone string", "it name string", "it since number")))
            assertThatThrownBy(() -> requirePinned(pinned)).as("%s", pinned).isInstanceOf(AssertionError.class);
    }

    private void aQueue(Sandbox sandbox) throws IOException {
        for (String text : List.of("one", "two", "three"))
            tell(sandbox, "pub", "--timestamps", "-P", "colour=green", "q", text);
        Path binary = Files.write(temporary.resolve("binary"), new byte[] {-1});
        sandbox.belfry("pub", "--file", binary.toString(), "q");
        tell(sandbox, "sub", "--name", "audit", "--from", "oldest", "--count", "1", "q");
        tell(sandbox, "tail", "--from", "oldest", "q");
        tell(sandbox, "reset", "q", "audit", "--to", "newest", "--dry-run");
        tell(sandbox, "skip", "q", "audit", "--dry-run");
        tell(sandbox, "subs", "q");
        sandbox.belfry("sub", "--name", "slow", "--timeout", "0s", "full?capacity=4k&maxCapacity=4k");
        ChildJvm waiting = sandbox.startBelfry("pub", "--size", "200", "--count", "100", "full");
        Patience.until(
                "it waits", waiting, () -> sandbox.belfry("ls", "full").out().contains(" has waited "));
        Files.write(sandbox.file("belfry.damaged"), new byte[100]);
        sandbox.actor("hold", "shm:left?deleteOnLastClose=true").kill();
        for (String command : List.of("ls", "health", "check", "doctor")) tell(sandbox, command);
        for (String queue : List.of("q", "full")) tell(sandbox, "info", queue);
        tell(sandbox, "top", "--count", "1");
        for (String path : List.of("page", "queues", "queues/full", "health", "health/q", "doctor", "doctor/q"))
            tell("serve /api/" + path, sandbox.belfry("GET", "/api/" + path).out());
        tell(sandbox, "gc");
        tell(sandbox, "unsubscribe", "q", "audit", "--dry-run");
        tell(sandbox, "unsubscribe", "q", "audit");
        tell(sandbox, "bridge", "--timeout", "200ms", "q", "copy");
        tell(sandbox, "requeue", "q", "--to", "copy");
        tell(sandbox, "rm", "--force", "q");
        waiting.kill();
    }

    private void aDomain(Sandbox sandbox) {
        sandbox.start(Sandbox.java(Sender.class, "send", "shm:shop")).awaitExit();
        for (String command : List.of("ls", "info", "top --count 1")) tell(sandbox, (command + " shop").split(" "));
        tell(sandbox, "jms", "ls", "shop");
        tell(sandbox, "jms", "browse", "shop", "orders");
        for (String path : List.of("page", "domains/shop", "domains/shop/orders"))
            tell("serve /api/" + path, sandbox.belfry("GET", "/api/" + path).out());
        tell(sandbox, "jms", "purge", "shop", "orders", "--dry-run");
        tell(sandbox, "jms", "move", "shop", "orders", "later", "--count", "1");
        tell(sandbox, "jms", "purge", "shop", "later");
        tell(sandbox, "jms", "unsubscribe", "shop", "all", "--force");
        sandbox.start(Sandbox.java(Sender.class, "dead", "shm:shop?maxDeliveries=1"))
                .expect("ready");
        tell(sandbox, "jms", "requeue", "shop", "DLQ");
        sandbox.start(Sandbox.java(Sender.class, "half", "shm:fills?capacity=64k&maxCapacity=64k"))
                .expect("ready"); // when that is full, is known
        for (String command : List.of("ls", "info", "top --count 1")) tell(sandbox, (command + " fills").split(" "));
        tell(sandbox, "jms", "ls", "fills");
        tell(
                "serve /api/domains/shop",
                sandbox.belfry("GET", "/api/domains/fills").out());
    }

    /** A part of its queue is on the disk; then it is gone. */
    private void aDomainOnDisk(Sandbox sandbox) throws IOException {
        Path spool = Files.createDirectory(temporary.toRealPath().resolve("spool"));
        String uri = "shm:paged?capacity=1m&maxCapacity=1m&overflow=file:" + spool + "%3FanyFileSystem=true";
        sandbox.start(Sandbox.java(Orders.class, "send", uri, "1500")).awaitExit();
        tell(sandbox, "jms", "ls", "paged");
        sandbox.belfry("rm", "--force", "paged");
        try (Stream<Path> companion = Files.list(spool)) {
            String from = "file:" + companion.findFirst().orElseThrow() + "?anyFileSystem=true";
            tell(sandbox, "jms", "recover", from, "shop");
        }
    }

    private void files(Sandbox sandbox) throws IOException {
        Path directory = temporary.toRealPath().resolve("kept");
        String uri = "file:" + directory + "?anyFileSystem=true&keep=all";
        for (String text : List.of("first", "second", "third")) sandbox.belfry("pub", uri, text);
        ChildJvm holder = sandbox.actor("hold", uri);
        Patience.until(
                "its keeper notes since when", holder, () -> sandbox.belfry("info", "--json", directory.toString())
                        .out()
                        .contains("keptSince"));
        tell(sandbox, "info", directory.toString());
        holder.kill();
        tell(sandbox, "info", directory.toString());
        tell(sandbox, "keep", directory.toString());
        tell(sandbox, "backup", directory.toString(), directory + "-backup");
        Path log = directory.resolve("log.0000000000000000");
        byte[] all = Files.readAllBytes(log);
        all[new String(all, StandardCharsets.ISO_8859_1).indexOf("second")] = 77;
        Files.write(log, all);
        tell(sandbox, "salvage", directory.toString(), "file:" + directory + "-salvaged?anyFileSystem=true");
    }

    private void theMachine(Sandbox sandbox) {
        tell(sandbox, "bench", "--seconds", "0.05");
        tell(sandbox, "completion");
        tell(sandbox, "man");
        tell("a failure", sandbox.belfry("info", "none", "--json").err());
    }

    private void tell(Sandbox sandbox, String... command) {
        String[] all = new String[command.length + 1];
        System.arraycopy(command, 0, all, 0, command.length);
        all[command.length] = "--json";
        Result result = sandbox.belfry(all);
        assertThat(result.out()).as("%s: %s", List.of(command), result).isNotEmpty();
        tell(command[0].equals("jms") ? "jms " + command[1] : command[0], result.out());
    }

    private void tell(String command, String answer) {
        for (String line : answer.split("\n")) {
            assertThat(line).as(command).startsWith("{\"format\":1,");
            look(command + " ", JsonText.parse(line));
        }
    }

    private void look(String path, Object json) {
        if (json instanceof Collection<?> list) list.forEach(each -> look(path + "[]", each));
        else if (json instanceof Map<?, ?> map)
            map.forEach((key, value) -> {
                String its = path.endsWith(" ") ? path + key : path + "." + key;
                paths.computeIfAbsent(its, first -> new TreeSet<>()).add(type(value));
                if (value != null)
                    keys.computeIfAbsent((String) key, first -> new TreeSet<>()).add(type(value));
                look(its, value);
            });
    }

    private static String type(Object value) {
        return value == null
                ? NULL
                : value instanceof Number
                        ? "number"
                        : value instanceof Boolean
                                ? "boolean"
                                : value instanceof String ? "string" : value instanceof Map ? "object" : "list";
    }

    /** A null is of the type of the others there; where all are null it is not known. The page is its own affair. */
    private List<String> lines() {
        return paths.entrySet().stream()
                .filter(each -> !each.getKey().startsWith("serve /api/page "))
                .map(each -> each.getKey() + " " + String.join("|", known(each.getValue())))
                .toList();
    }

    private static Set<String> known(Set<String> types) {
        Set<String> known = new TreeSet<>(types);
        if (known.size() > 1) known.remove(NULL);
        return known;
    }

    /** Whether all were null this time. */
    private boolean isNull(String path) {
        return Set.of(NULL).equals(paths.get(path));
    }

    private static String path(String line) {
        return line.substring(0, line.lastIndexOf(' '));
    }
}
