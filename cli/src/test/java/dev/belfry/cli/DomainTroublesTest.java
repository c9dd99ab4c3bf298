package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What goes wrong in a domain of Jakarta Messaging, planted from outside: {@code ls}, {@code top}, {@code doctor} and
 * health say the same of it, and what {@code doctor} says mends it.
 */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class DomainTroublesTest {
    private static ChildJvm member(Sandbox sandbox, String what, String parameters) {
        ChildJvm member = sandbox.start(Sandbox.java(Sender.class, what, "shm:shop" + parameters));
        member.expect("ready");
        return member;
    }

    /** The row of the domain, its columns in order. */
    private static String row(Sandbox sandbox) {
        List<String> lines = sandbox.belfry("ls").out().lines().toList();
        assertThat(lines.get(0))
                .matches("QUEUE +KIND +QUEUES +MESSAGES +SIZE +MAX +PUBS +SUBS +MSG/S +BYTES/S +LAG +HEALTH");
        return lines.get(1).replaceAll(" +", " ");
    }

    private static Map<String, Object> json(Sandbox sandbox) {
        return sandbox.belfry("ls", "--json").list("queues").get(0);
    }

    /** A figure of the domain, as its own command has it. */
    private static Object figure(Sandbox sandbox, String key) {
        Map<?, ?> answer =
                (Map<?, ?>) sandbox.belfry("jms", "ls", "--json", "shop").json();
        return ((Map<?, ?>) answer.get("domain")).get(key);
    }

    private static void assertFound(Sandbox sandbox, String check, String health, String what) {
        assertThat(row(sandbox)).endsWith(" " + health);
        assertThat(sandbox.belfry("ls").out()).contains("! shm:shop: " + what);
        assertThat(sandbox.belfry("top", "--count", "1", "shop").out()).contains("! shm:shop: " + what);
        assertThat(json(sandbox)).containsEntry("health", health);
        RemedyTest.assertOneAnswer(sandbox);
        assertThat((List<?>) json(sandbox).get("reasons"))
                .anySatisfy(reason -> assertThat((String) reason).startsWith(what));
        assertThat(RemedyTest.findings(sandbox, check))
                .singleElement()
                .satisfies(f -> assertThat((String) f.get("what")).startsWith(what));
    }

    private static String what(Sandbox sandbox) {
        return (String) RemedyTest.findings(sandbox, "stopped-consumer").get(0).get("what");
    }

    /** Of a domain nothing can be passed over, and such a record is no damage; the first one is where a mark is. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldTellOfARecordOfALaterRelease(int position) throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            member(sandbox, "hold", "?prefetch=1");
            ByteBuffer bytes = ByteBuffer.wrap(sandbox.bytes("shop")).order(ByteOrder.LITTLE_ENDIAN);
            int first = bytes.capacity() - (4 << 20); // its ring
            int at = position == 1 ? first : first + (int) bytes.getLong(first);
            RemedyTest.patch(sandbox, "shop", at, bytes.getLong(at) | 4L << 36);
            assertThat(RemedyTest.findings(sandbox, "version")).singleElement().satisfies(f -> assertThat(f)
                    .containsEntry(
                            "what",
                            "it has a record that a newer version wrote, at position " + position + ": its flags are 5")
                    .containsEntry(
                            "remedy", "Use the command of the later release: this one can neither read nor write it."));
            assertThat(sandbox.belfry("health", "shop").out())
                    .startsWith("version  shm:shop: it has a record")
                    .doesNotContain("salvage", "skip");
        }
    }

    @Test
    void shouldShowADomainAndAStoppedConsumerWithItsMessages() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = member(sandbox, "hold", "?prefetch=1");
            assertThat(row(sandbox)).matches("shm:shop domain 1 8 4 MiB 256 MiB 1 1 - [0-9.]+ \\w+ - ok");
            assertThat(json(sandbox)).containsEntry("kind", "domain");
            assertThat(json(sandbox).get("domain"))
                    .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
                    .containsAllEntriesOf(Map.of(
                            "queueCount", 1L, "messages", 8L, "held", 5L, "consumerCount", 1L, "deadLetters", 0L))
                    .containsEntry("mostBytes", 192L << 20)
                    .containsKey("bytes");
            assertThat(sandbox.belfry("info", "shop").out())
                    .contains("Domain: queues 1, messages 8 (held 5, dead letters 0), consumers 1;")
                    .doesNotContain("can be read")
                    .containsPattern("Domain: .*; the last publish was .* ago");
            assertThat(RemedyTest.findings(sandbox, "stopped-consumer")).isEmpty();
            holder.pause();
            Patience.until("it is stopped", () -> !RemedyTest.findings(sandbox, "stopped-consumer")
                    .isEmpty());
            assertFound(sandbox, "stopped-consumer", "stuck", "pid " + holder.pid() + " (Sender, since ");
            assertThat(what(sandbox)).contains(") is stopped and holds 5 messages of 'orders'");
            assertThat(sandbox.belfry("doctor", "shop").code()).isEqualTo(1);
            List<String> commands = RemedyTest.commands(RemedyTest.remedy(sandbox, "stopped-consumer"));
            assertThat(commands).containsExactly("kill -CONT " + holder.pid(), "kill -KILL " + holder.pid());
            RemedyTest.run(sandbox, commands.get(0));
            assertThat(RemedyTest.findings(sandbox, "stopped-consumer")).isEmpty();
            holder.pause();
            RemedyTest.run(sandbox, commands.get(1));
            Patience.until("it has ended", () -> !holder.isAlive());
            assertThat(row(sandbox)).contains("domain 1 8 4 MiB 256 MiB 0 0 - ").endsWith(" ok");
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    /** It holds none, and nobody else will get them. */
    @Test
    void shouldNameAStoppedSubscriberWhoseMessagesWait() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm subscriber = member(sandbox, "listen", "");
            assertThat(row(sandbox)).endsWith(" ok");
            subscriber.pause();
            Patience.until("it is stopped", () -> row(sandbox).endsWith(" stuck"));
            assertFound(sandbox, "stopped-consumer", "stuck", "pid " + subscriber.pid() + " (Sender, since ");
            assertThat(what(sandbox)).contains(") is stopped and keeps 2 messages of a subscription to topic 'news'");
            String remedy = RemedyTest.remedy(sandbox, "stopped-consumer");
            assertThat(remedy).contains("a plain subscription then ends with its messages");
            List<String> commands = RemedyTest.commands(remedy);
            assertThat(commands).containsExactly("kill -CONT " + subscriber.pid(), "kill -KILL " + subscriber.pid());
            RemedyTest.run(sandbox, commands.get(1));
            Patience.until("it has ended", () -> !subscriber.isAlive());
            assertThat(RemedyTest.findings(sandbox, "stopped-consumer")).isEmpty();
        }
    }

    @Test
    void shouldNameDeadLettersAndSendThemAgain() {
        try (Sandbox sandbox = new Sandbox()) {
            member(sandbox, "dead", "?maxDeliveries=1");
            assertFound(sandbox, "dead-letters", "lagging", "3 dead letters in 'DLQ', of 'orders'");
            assertThat(json(sandbox).get("domain")).asString().contains("deadLetters=3", "messages=4");
            assertThat(sandbox.belfry("doctor", "shop").code()).isZero();
            List<String> commands = RemedyTest.commands(RemedyTest.remedy(sandbox, "dead-letters"));
            assertThat(commands)
                    .containsExactly(
                            "belfry jms browse shop DLQ", "belfry jms requeue shop DLQ", "belfry jms purge shop DLQ");
            assertThat(RemedyTest.run(sandbox, commands.get(0)).out())
                    .contains("JMS_BELFRY_Reason=delivered too often");
            assertThat(RemedyTest.run(sandbox, commands.get(1)).out()).isEqualTo("moved 3 of DLQ to orders\n");
            assertThat(RemedyTest.findings(sandbox, "dead-letters"))
                    .as("where they came from they are none")
                    .isEmpty();
            assertThat(row(sandbox)).endsWith(" ok");
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    @Test
    void shouldNameAMessageThatIsDeliveredAgainAndAgain() {
        try (Sandbox sandbox = new Sandbox()) {
            member(sandbox, "poison", "?maxDeliveries=0");
            Result browsed = sandbox.belfry("jms", "browse", "shop", "orders");
            String id = browsed.out().split(" ")[0];
            assertFound(sandbox, "poison", "lagging", "message " + id + " of 'orders' was delivered 12 times");
            assertThat(RemedyTest.follow(sandbox, RemedyTest.remedy(sandbox, "poison")))
                    .isEqualTo(browsed);
        }
    }

    /** Before it is full, and nothing waits. */
    @Test
    void shouldNameADomainThatFills() {
        try (Sandbox sandbox = new Sandbox()) {
            member(sandbox, "half", "?capacity=64k&maxCapacity=64k");
            assertFound(sandbox, "filling", "lagging", "it is filling: messages take 5");
            assertThat((String) RemedyTest.findings(sandbox, "filling").get(0).get("what"))
                    .containsPattern("Most is in 'orders', 25 messages, consumed by nobody. At the rate .* full in ");
            assertThat(sandbox.belfry("jms", "ls", "shop").err()).startsWith("! shm:shop: it is filling: ");
            assertThat(figure(sandbox, "mostBytes")).isEqualTo(48L << 10);
            assertThat((long) figure(sandbox, "bytes")).isBetween(24L << 10, 48L << 10);
            assertThat((long) figure(sandbox, "fullInSeconds")).isNotNegative();
            assertThat(sandbox.belfry("doctor", "shop").code()).isZero();
            List<String> commands = RemedyTest.commands(RemedyTest.remedy(sandbox, "filling"));
            assertThat(commands).containsExactly("belfry jms purge shop orders", "belfry jms ls shop");
            RemedyTest.run(sandbox, commands.get(0));
            assertThat(figure(sandbox, "bytes")).isEqualTo(0L);
            assertThat(figure(sandbox, "fullInSeconds")).isNull();
            assertThat(RemedyTest.findings(sandbox, "filling")).isEmpty();
            assertThat(row(sandbox)).endsWith(" ok");
        }
    }

    /** A wait of several sends, each of which times out, is one. */
    @Test
    void shouldNameAFullDomainAndWhoWaits() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm sender = member(sandbox, "fill", "?capacity=64k&maxCapacity=64k&sendTimeout=600ms");
            Patience.until("it is logged", () -> sender.errors().contains(" A call has waited for room for 1"));
            assertThat(sender.errors())
                    .contains("Domain 'shm:shop' is full (64 KiB); a quarter stays free for those that receive."
                            + " Largest: 'orders' with ");
            assertFound(sandbox, "waiting", "stuck", "pid " + sender.pid() + " (Sender) has waited ");
            assertFound(sandbox, "full-domain", "stuck", "it is full: ");
            assertThat((String)
                            RemedyTest.findings(sandbox, "full-domain").get(0).get("what"))
                    .containsPattern("Most is in 'orders', \\d+ messages, consumed by nobody");
            assertThat(RemedyTest.follow(sandbox, RemedyTest.remedy(sandbox, "waiting"))
                            .out())
                    .contains("orders");
            assertThat(sandbox.belfry("doctor", "shop").code()).isEqualTo(1);
            List<String> commands = RemedyTest.commands(RemedyTest.remedy(sandbox, "full-domain"));
            assertThat(commands).containsExactly("belfry jms purge shop orders", "belfry jms ls shop");
            sender.pause(); // or it fills the room again, before it is seen
            RemedyTest.run(sandbox, commands.get(0));
            assertThat(RemedyTest.findings(sandbox, "full-domain")).isEmpty();
            sender.proceed();
            Patience.until("its end is logged", () -> sender.errors()
                    .contains("'shm:shop': the wait for room is over, after "));
        }
    }
}
