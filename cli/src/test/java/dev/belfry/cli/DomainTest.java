package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Of Jakarta Messaging. */
@Timeout(180)
@Tag("Waits")
class DomainTest {
    private static void run(Sandbox sandbox, String what, String domain) {
        ChildJvm sender = sandbox.start(Sandbox.java(Sender.class, what, domain));
        sender.expect("ready");
        sender.awaitExit();
    }

    @Test
    void shouldRemoveNoDomainWithUnreadMessagesUnlessForced() {
        try (Sandbox sandbox = new Sandbox()) {
            run(sandbox, "send", "shm:shop");
            Result refused = sandbox.belfry("rm", "shop");
            assertThat(refused)
                    .isEqualTo(new Result(
                            1,
                            "",
                            "belfry: shm:shop stays: unread messages would be lost, 3 of 'orders', 1 of 'audit', 1 of 'all of news';"
                                    + " 'belfry rm --force shm:shop' removes it anyway\n"));
            assertThat(sandbox.belfry("rm", "shop")).isEqualTo(refused); // it has taken nothing
            assertThat(sandbox.belfry("rm", "--force", "shop").out()).isEqualTo("removed shm:shop\n");
            sandbox.belfry("gc");
            assertThat(sandbox.files()).isEmpty();
        }
    }

    @Slow
    @Test
    void shouldRemoveADomainThatHasBeenRead() {
        try (Sandbox sandbox = new Sandbox()) {
            run(sandbox, "send", "shm:shop");
            run(sandbox, "drain", "shm:shop");
            assertThat(sandbox.belfry("rm", "shop")).isEqualTo(new Result(0, "removed shm:shop\n", ""));
        }
    }

    @Slow
    @Test
    void shouldShowMoveAndPurgeWhatIsKeptForASubscription() {
        try (Sandbox sandbox = new Sandbox()) {
            run(sandbox, "send", "shm:shop");
            run(sandbox, "send", "shm:shop");
            assertThat(sandbox.belfry("jms", "browse", "shop", "all", "--subscription", "--selector", "JMSPriority = 4")
                            .out())
                    .hasLineCount(2)
                    .contains("priority 4  one\n");
            assertThat(sandbox.belfry("jms", "move", "shop", "all", "later", "--subscription", "--count", "1"))
                    .isEqualTo(new Result(0, "moved 1 of all to later\n", ""));
            assertThat(sandbox.belfry("jms", "browse", "shop", "later").out()).endsWith("priority 4  one\n");
            assertThat(sandbox.belfry("jms", "purge", "shop", "all", "--subscription", "--selector", "a = 1"))
                    .isEqualTo(new Result(2, "", "belfry: --selector is for a queue: a subscription has its own\n"));
            for (int i = 0; i < 2; i++)
                assertThat(sandbox.belfry("jms", "purge", "shop", "all", "--subscription", "--dry-run"))
                        .as("it has taken nothing")
                        .isEqualTo(new Result(0, "would purge 1 of all\n", ""));
            assertThat(sandbox.belfry("jms", "purge", "shop", "all", "--subscription")
                            .out())
                    .isEqualTo("purged 1 of all\n");
            assertThat(sandbox.belfry("jms", "browse", "shop", "all", "--subscription"))
                    .isEqualTo(new Result(0, "", ""));
            assertThat(sandbox.belfry("jms", "ls", "shop").out()).contains("durable shared, all");
            assertThat(sandbox.belfry("jms", "purge", "shop", "none", "--subscription")
                            .err())
                    .contains("has no durable subscription 'none'");
        }
    }

    @Slow
    @Test
    void shouldEndADurableSubscriptionThatNobodyUses() {
        try (Sandbox sandbox = new Sandbox()) {
            run(sandbox, "send", "shm:shop");
            Result none = sandbox.belfry("jms", "unsubscribe", "shop", "none");
            assertThat(none.code()).isEqualTo(1);
            assertThat(none.err())
                    .isEqualTo("belfry: 'shm:shop' has no durable subscription 'none': 'belfry jms ls shop'"
                            + " lists them\n");
            Result unread = sandbox.belfry("jms", "unsubscribe", "shop", "all");
            assertThat(unread.code()).isEqualTo(1);
            assertThat(unread.err())
                    .isEqualTo("belfry: 'all' stays: 1 unread message(s) of 'news' would be lost; --force"
                            + " ends it all the same\n");
            assertThat(sandbox.belfry("jms", "ls", "shop").out()).contains("durable shared, all");
            assertThat(sandbox.belfry("jms", "unsubscribe", "shop", "all", "--client", "x")
                            .code())
                    .isEqualTo(1);
            assertThat(sandbox.belfry("jms", "unsubscribe", "shop", "all", "--force"))
                    .isEqualTo(new Result(0, "unsubscribed all\n", ""));
            assertThat(sandbox.belfry("jms", "ls", "shop").out()).doesNotContain("durable shared, all");
        }
    }

    /** What the process that died has in its hands is its own until a member comes. */
    @Slow
    @Test
    void shouldShowWhatIsInADomain() {
        try (Sandbox sandbox = new Sandbox()) {
            run(sandbox, "send", "shm:shop");
            assertThat(sandbox.belfry("jms", "ls", "shop")
                            .out()
                            .replaceAll(" +", " ")
                            .replaceAll("temporary-\\S+", "temporary-X")
                            .replaceAll("[0-9]+ s ", "0 s ")
                            .lines())
                    .containsExactly(
                            "DESTINATION KIND SUBSCRIPTION MESSAGES HELD OLDEST CONSUMERS",
                            "audit queue - 1 0 0 s none",
                            "news topic durable shared, all 1 0 0 s none",
                            "orders queue - 3 1 0 s a process that has ended holds 1",
                            "temporary-X temporary queue - 1 0 0 s a process that has ended");
            String ls = sandbox.belfry("jms", "ls", "shop", "--json").out();
            assertThat(ls)
                    .contains("\"destination\":\"orders\"", "\"messages\":3", "\"alive\":false", "\"held\":1")
                    .contains("\"subscription\":\"all\"", "\"expired\":1");
            String[] browsed =
                    sandbox.belfry("jms", "browse", "shop", "orders").out().split("\n");
            assertThat(browsed).hasSize(3);
            assertThat(browsed[0]).startsWith("ID:").endsWith("priority 4  held by a process that has ended  order 2");
            assertThat(browsed[2]).endsWith("priority 4  order 4");
            assertThat(sandbox.belfry("jms", "browse", "shop", "orders", "--count", "1", "--json")
                            .out())
                    .contains("\"text\":\"order 2\"");
            assertThat(sandbox.belfry("jms", "browse", "shop", "orders", "--selector", "JMSPriority > 5")
                            .out())
                    .isEmpty();
        }
    }

    @Test
    void shouldCheckTheLagAndTheAgeOfADomain() {
        try (Sandbox sandbox = new Sandbox()) {
            run(sandbox, "send", "shm:shop");
            Result lag = sandbox.belfry("check", "--lag", "2", "shop");
            assertThat(lag.code()).as(lag.toString()).isEqualTo(1);
            assertThat(lag.out()).contains("lag 3, above the limit of 2");
            assertThat(sandbox.belfry("check", "--lag", "3", "shop").code()).isZero();
            Result age = sandbox.belfry("check", "--age", "1ms", "shop");
            assertThat(age.code()).as(age.toString()).isEqualTo(1);
            assertThat(age.out()).containsPattern("the oldest message is .* old, above the limit of 1ms");
            assertThat(sandbox.belfry("check", "--age", "10m", "shop").code()).isZero();
        }
    }

    @Slow
    @Test
    void shouldMoveAndPurgeWhatIsInAQueue() {
        try (Sandbox sandbox = new Sandbox()) {
            run(sandbox, "send", "shm:shop");
            assertThat(sandbox.belfry("jms", "move", "shop", "orders", "later", "--count", "2"))
                    .isEqualTo(new Result(0, "moved 2 of orders to later\n", ""));
            assertThat(sandbox.belfry("jms", "browse", "shop", "later").out())
                    .contains("order 2\n") // the dead process has left
                    .contains("order 3\n");
            assertThat(sandbox.belfry("jms", "purge", "shop", "later").out()).isEqualTo("purged 2 of later\n");
            assertThat(sandbox.belfry("jms", "browse", "shop", "orders").out()).endsWith("order 4\n");
            assertThat(sandbox.belfry("jms", "requeue", "shop", "orders"))
                    .isEqualTo(new Result(
                            1,
                            "",
                            "belfry: 1 of orders stay: they came from no queue. 'belfry jms move' moves them to one.\n"
                                    + "belfry: 'orders' has no message that came from a queue\n"));
            Result wrong = sandbox.belfry("jms", "purge", "shop", "odrers");
            assertThat(wrong.code()).isEqualTo(1);
            assertThat(wrong.err())
                    .isEqualTo(
                            "belfry: 'shm:shop' has no queue 'odrers' with messages or consumers; it has audit, orders\n");
            assertThat(sandbox.belfry("jms", "purge", "shop", "orders", "--selector", "a ==")
                            .code())
                    .isEqualTo(2);
            assertThat(sandbox.belfry("jms", "browse", "shop", "orders", "--count", "x")
                            .err())
                    .contains("'x' is not a whole number");
            assertThat(sandbox.belfry("jms").code()).isEqualTo(2);
        }
    }
}
