package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.belfry.api.MessageQueues;
import dev.belfry.cli.Sandbox.Result;
import dev.belfry.kafka.Broker;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commands that show and remove a topic of Apache Kafka, with a real broker and without any. */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class KafkaCommandTest {
    private static final String NOBODY = "127.0.0.1:1";

    private static String uri(String queue) {
        return "kafka:" + queue + "?bootstrap=" + Broker.shared().bootstrap();
    }

    /** The next run of a test finds none. */
    @AfterEach
    void removeQueues() {
        for (String queue : List.of("orders", "tailed", "old", "wide", "moved")) MessageQueues.delete(uri(queue));
    }

    /** Whose messages are "order 1" and so on. */
    private static String published(Sandbox sandbox, String queue, int count) {
        String lines = IntStream.rangeClosed(1, count)
                .mapToObj(n -> "order " + n + "\n")
                .collect(Collectors.joining());
        Result published = sandbox.belfryWithInput(lines, "pub", uri(queue));
        assertThat(published.code()).as(published.toString()).isZero();
        return uri(queue);
    }

    private static String lines(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(n -> n + " order " + n + "\n")
                .collect(Collectors.joining());
    }

    @Test
    @SuppressWarnings("unchecked")
    void shouldShowATopicItsOffsetsAndItsGroups() {
        try (Sandbox sandbox = new Sandbox()) {
            String uri = published(sandbox, "orders", 12);
            assertThat(sandbox.belfry("subs", uri)).isEqualTo(new Result(0, "", "No subscriptions.\n"));
            sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "5", uri);
            ChildJvm reader = sandbox.startBelfry("sub", "--name", "billing", "--from", "oldest", uri);
            reader.expect("1 order 1");
            Pattern done = Pattern.compile("(?m)^ *" + reader.pid() + " +12 +0 +0 +billing *$");
            Patience.until(
                    "all are acknowledged",
                    () -> done.matcher(sandbox.belfry("subs", uri).out()).find());

            String bootstrap = Broker.shared().bootstrap();
            String info = sandbox.belfry("info", uri).out().replaceAll(" +", " ");
            assertThat(info)
                    .startsWith("kafka:orders ")
                    .contains(
                            "\n topic belfry.orders\n cluster " + bootstrap + "\n partitions 1\n leader broker 1 at "
                                    + bootstrap + "\n replicas 1\n replicasInSync 1\n minInsyncReplicas 1\n"
                                    + " retentionMillis none\n retentionBytes none\n",
                            "\n beginOffset 0\n endOffset 12\n",
                            "\n group belfry.orders/audit no process attached\n",
                            "\n group belfry.orders/billing pid " + reader.pid() + " at 127.0.0.1\n",
                            "\nHistory: 12 messages can be read, 1 to 12\nSubscriptions\n",
                            " - 5 7 0 audit no process attached\n")
                    .doesNotContain("Regions", "Counters");
            Map<String, Object> json =
                    (Map<String, Object>) sandbox.belfry("info", "--json", uri).json();
            assertThat((Map<String, Object>) json.get("properties"))
                    .containsEntry("topic", "belfry.orders")
                    .containsEntry("endOffset", 12L);
            assertThat(sandbox.belfry("subs", "--json", uri).list("subscribers"))
                    .extracting(s -> s.get("name"), s -> s.get("lag"))
                    .containsExactly(tuple("audit", 7L), tuple("billing", 0L));
            assertThat(sandbox.belfry("unsubscribe", "--detach", uri, "billing").out())
                    .isEqualTo("detached billing\n");
            reader.terminate();
            reader.awaitExit();
            assertThat(sandbox.belfry("unsubscribe", "--detach", uri, "billing").err())
                    .isEqualTo("belfry: no process is attached to 'billing'\n");
            assertThat(sandbox.belfry("unsubscribe", uri, "billing").out()).isEqualTo("unsubscribed billing\n");
            assertThat(sandbox.belfry("unsubscribe", uri, "billing").err())
                    .contains("has no subscription 'billing': 'belfry subs \"" + uri + "\"' lists them");
        }
    }

    @Test
    void shouldTakeMessagesOutOfADomainAndBringThemBack() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.start(Sandbox.java(Orders.class, "send", "shm:shop", "100")).awaitExit();
            String uri = uri("moved");
            assertThat(sandbox.belfry("jms", "move", "shop", "orders", uri))
                    .isEqualTo(new Result(0, "moved 100 of orders to " + uri + "\n", ""));
            assertThat(sandbox.belfry("jms", "move", "shop", uri, "again"))
                    .isEqualTo(new Result(0, "moved 100 of " + uri + " to again\n", ""));
            assertThat(sandbox.belfry("jms", "move", "shop", uri, "again").out())
                    .startsWith("moved 0 of");
            ChildJvm all = sandbox.start(Sandbox.java(Orders.class, "receive", "shm:shop", "again"));
            assertThat(all.rest()).hasSize(101).contains("1", "55", "100");
        }
    }

    @Test
    void shouldTailFromAnyMessageOfATopic() {
        try (Sandbox sandbox = new Sandbox()) {
            String uri = published(sandbox, "tailed", 12);
            assertThat(sandbox.belfry("tail", uri)).isEqualTo(new Result(0, lines(3, 12), ""));
            assertThat(sandbox.belfry("tail", "--from", "oldest", uri).out()).isEqualTo(lines(1, 12));
            assertThat(sandbox.belfry("tail", "--from", "11", uri).out()).isEqualTo(lines(11, 12));
            assertThat(sandbox.belfry("tail", "--from", "oldest", "--count", "2", uri)
                            .out())
                    .isEqualTo(lines(1, 2));
            assertThat(sandbox.belfry("tail", "--from", "now", uri)).isEqualTo(new Result(0, "", ""));
            assertThat(sandbox.belfry("tail", "--from", "14", uri).code()).isNotZero();
            ChildJvm following = sandbox.startBelfry("tail", "-f", "--from", "12", uri);
            following.expect("12 order 12");
            published(sandbox, "tailed", 1);
            following.expect("13 order 1");
            assertThat(sandbox.belfry("subs", uri).err()).isEqualTo("No subscriptions.\n");
        }
    }

    @Test
    void shouldRemoveATopicOnlyOnceItsNameWasTyped() {
        try (Sandbox sandbox = new Sandbox()) {
            String uri = published(sandbox, "old", 3);
            sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "1", uri);
            Result careless = sandbox.belfry("rm", uri);
            assertThat(careless)
                    .isEqualTo(new Result(
                            1,
                            "",
                            "belfry: kafka:old stays: programs of other machines may use it; 'belfry rm --force \""
                                    + uri + "\"' asks for its topic's name, and removes it for all of them\n"));
            String question = "This removes topic belfry.old for all machines, with 3 message(s) and the subscriptions"
                    + " [audit]. Type its name: ";
            for (String typed : List.of("", "\n", "old\n", "belfry.new\n")) {
                Result refused = sandbox.belfryWithInput(typed, "rm", "--force", uri);
                assertThat(refused.code()).as(refused.toString()).isEqualTo(1);
                assertThat(refused.err())
                        .isEqualTo(
                                question + "belfry: kafka:old stays: its topic is belfry.old, and what was typed is '"
                                        + typed.strip() + "'\n");
            }
            assertThat(sandbox.belfry("tail", uri).out()).isEqualTo(lines(1, 3));
            assertThat(sandbox.belfryWithInput("belfry.old\n", "rm", "--force", uri))
                    .isEqualTo(new Result(0, "removed kafka:old\n", question));
            for (String command : List.of("info", "subs", "tail")) {
                Result gone = sandbox.belfry((command + " " + uri).split(" "));
                assertThat(gone.code()).as(command).isEqualTo(1);
                assertThat(gone.err()).contains("No queue 'old' in the cluster").hasLineCount(1);
            }
            assertThat(sandbox.belfry("rm", "--force", uri))
                    .isEqualTo(new Result(0, "there is no queue 'kafka:old'\n", ""));
        }
    }

    @Test
    void shouldEndAtTheTimeoutWhereNobodyAnswers() {
        try (Sandbox sandbox = new Sandbox()) {
            String uri = "kafka:orders?bootstrap=" + NOBODY;
            for (String command : List.of("info", "subs", "tail", "rm --force", "unsubscribe", "sub")) {
                String words = command + " --timeout 1s " + uri + (command.equals("unsubscribe") ? " audit" : "");
                Result given = sandbox.belfry(words.split(" "));
                assertThat(given.code()).as(command).isEqualTo(1);
                assertThat(given.err())
                        .isEqualTo("belfry: " + (command.startsWith("rm") ? "kafka:orders stays: " : "")
                                + "'kafka:orders' could not be opened within 1 s: does the broker run that its URI"
                                + " names?\n");
            }
        }
    }

    @Test
    void shouldSayWhyABridgeHasEndedWhoseTopicWasDeleted() {
        try (Sandbox sandbox = new Sandbox()) {
            String uri = published(sandbox, "old", 1);
            ChildJvm bridge = sandbox.startBelfry("bridge", "--interval", "100ms", uri, "copy");
            Patience.until("it forwards", () -> bridge.output().contains(" 1 forwarded"));
            MessageQueues.delete(uri);
            assertThat(bridge.awaitExit()).isEqualTo(1);
            assertThat(bridge.errors().lines().reduce((a, b) -> b).orElseThrow())
                    .isEqualTo("belfry: Queue 'kafka:old' was deleted, and this handle has ended with it."
                            + " Open or create it again.");
        }
    }

    /** Of both ends, and with nothing to carry. */
    @Test
    void shouldShowWhenTheBrokerOfABridgeIsAway() {
        try (Sandbox sandbox = new Sandbox();
                Broker broker = Broker.started()) {
            String uri = "kafka:idle?bootstrap=" + broker.bootstrap();
            sandbox.belfry("pub", "a", "one");
            ChildJvm there = sandbox.startBelfry("bridge", "--interval", "100ms", "a", uri);
            ChildJvm back = sandbox.startBelfry("bridge", "--interval", "100ms", uri, "b");
            for (ChildJvm bridge : List.of(there, back))
                Patience.until("it forwards", bridge, () -> bridge.output().contains("forwarding, 1 forwarded"));
            List<Integer> before =
                    List.of(there.output().length(), back.output().length());
            broker.kill();
            for (ChildJvm bridge : List.of(there, back)) {
                Patience.until("it waits", bridge, () -> bridge.output().contains("waiting to retry, 1 forwarded"));
                Patience.until("it says why", bridge, () -> bridge.errors()
                        .contains("goes on trying: 'kafka:idle': no answer from " + broker.bootstrap()));
                String since = bridge.output().substring(before.get(bridge == there ? 0 : 1));
                assertThat(since).doesNotContain("waiting for room");
            }
            broker.start();
            sandbox.belfry("pub", "a", "two");
            for (ChildJvm bridge : List.of(there, back)) {
                Patience.until("it says so", bridge, () -> bridge.errors().contains(": connected, after "));
                Patience.until("it goes on", bridge, () -> bridge.output().contains("forwarding, 2 forwarded"));
            }
        }
    }

    @Test
    void shouldSayWhatIsNoQueue() throws Exception {
        try (Sandbox sandbox = new Sandbox();
                Admin admin =
                        Admin.create(Map.of("bootstrap.servers", Broker.shared().bootstrap()))) {
            admin.createTopics(List.of(new NewTopic("belfry.wide", Optional.of(3), Optional.empty())))
                    .all()
                    .get();
            for (String command : List.of("info", "subs", "tail", "rm --force")) {
                Result refused = sandbox.belfry((command + " " + uri("wide")).split(" "));
                assertThat(refused.code()).as(command).isEqualTo(1);
                assertThat(refused.err())
                        .contains("'kafka:wide' is a topic of 3 partitions")
                        .hasLineCount(1);
                Result nameless = sandbox.belfry((command + " kafka:orders").split(" "));
                assertThat(nameless.code()).as(command).isEqualTo(2);
                assertThat(nameless.err())
                        .contains("'kafka:orders' names no broker")
                        .hasLineCount(1);
            }
            for (String command : List.of("doctor", "top --count 1")) {
                Result refused = sandbox.belfry((command + " " + uri("wide")).split(" "));
                assertThat(refused.code()).as(command).isEqualTo(2);
                assertThat(refused.err())
                        .contains("'kafka:' queues cannot be read from outside: 'belfry info', 'subs' and 'tail'");
            }
        }
    }
}
