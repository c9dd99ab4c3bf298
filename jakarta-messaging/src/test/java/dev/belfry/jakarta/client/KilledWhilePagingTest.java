package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that send and receive are killed while the backlog of their queue goes to the disk and comes back: what was
 * committed is received, none of it as new twice, none again that was done, and what is new comes in order.
 */
@Slow
@WaitsForOthers
class KilledWhilePagingTest extends DomainTest {
    private static final int MESSAGES = 4_000;
    private static final int ROUNDS = 5;

    @TempDir
    Path directory;

    private final List<ChildJvm> children = new ArrayList<>();
    private int senders;

    @Override
    String scheme() {
        return "shm";
    }

    /** Before the domain is deleted. */
    @AfterEach
    void endChildren() {
        children.forEach(ChildJvm::close);
    }

    private Path notes() {
        return directory.resolve("notes");
    }

    private ChildJvm child(String... sender) {
        String uri = domain + "?maxCapacity=1m&overflow=file:" + directory.resolve("spool") + "%3FanyFileSystem%3Dtrue";
        List<String> args = new ArrayList<>(List.of(uri, notes().toString()));
        args.addAll(List.of(sender));
        ChildJvm child = JavaCommand.of(PagingMember.class, args.toArray(String[]::new))
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .title("paging")
                .start();
        children.add(child);
        child.expect("ready");
        return child;
    }

    private ChildJvm sender() {
        return child("s" + senders++, "" + MESSAGES);
    }

    private List<String> noted(String kind) {
        try {
            if (!Files.exists(notes())) return List.of();
            return Files.readAllLines(notes()).stream()
                    .filter(line -> line.startsWith(kind))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitMore(String kind, int n) {
        int before = noted(kind).size();
        Patience.until(n + " more of " + kind, () -> noted(kind).size() >= before + n || areReceived(sent()));
    }

    @Timeout(300)
    @Seeded({1, 2})
    void shouldLoseNothingWhenMembersAreKilledWhileTheyPage(long seed) throws Exception {
        Files.createDirectories(directory.resolve("spool"));
        Random random = new Random(seed);
        ChildJvm sender = sender();
        awaitMore("sent", MESSAGES / 32);
        for (int i = 0; i < ROUNDS; i++) {
            ChildJvm receiver = child();
            awaitMore("done", 100 + random.nextInt(800));
            if (random.nextBoolean()) {
                sender.kill();
                sender = sender();
                awaitMore("sent", 1 + random.nextInt(60));
            }
            receiver.kill();
        }
        sender.expect("ended");
        assertThat(directory.resolve("spool")).isNotEmptyDirectory();
        child();
        Map<String, Integer> sent = sent();
        Patience.until("all are received", () -> areReceived(sent));
        verify();
    }

    /** Of each sender the last one that it knows to be committed. */
    private Map<String, Integer> sent() {
        Map<String, Integer> last = new HashMap<>();
        for (String line : noted("sent")) last.put(line.split(" ")[1], Integer.parseInt(line.split(" ")[2]));
        return last;
    }

    /** A receiver may have been killed between its commit and its note of that. */
    private boolean areReceived(Map<String, Integer> sent) {
        Set<String> received = new HashSet<>();
        for (String kind : List.of("got ", "again "))
            for (String line : noted(kind)) received.add(line.substring(kind.length()));
        for (Map.Entry<String, Integer> one : sent.entrySet())
            for (int i = one.getValue(); i >= 0; i--) if (!received.contains(one.getKey() + " " + i)) return false;
        return true;
    }

    private void verify() {
        Map<String, Integer> newest = new HashMap<>();
        Set<String> done = new HashSet<>();
        for (String line : noted("")) {
            String[] words = line.split(" ");
            String message = words.length < 3 ? "" : words[1] + " " + words[2];
            if (words[0].equals("done")) done.add(message);
            else if (!words[0].equals("sent") && !message.isEmpty())
                assertThat(done).as("done before").doesNotContain(message);
            if (!words[0].equals("got")) continue;
            Integer before = newest.put(words[1], Integer.parseInt(words[2]));
            if (before != null) assertThat(Integer.parseInt(words[2])).as(line).isGreaterThan(before);
        }
    }
}
