package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.conformance.ChildJvm;
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
                            "belfry: shm:shop stays: unread messages would be lost, 3 of 'orders', 1 of 'audit';"
                                    + " 'belfry rm --force shm:shop' removes it anyway\n"));
            assertThat(sandbox.belfry("rm", "shop")).isEqualTo(refused); // it has taken nothing
            assertThat(sandbox.belfry("rm", "--force", "shop").out()).isEqualTo("removed shm:shop\n");
            sandbox.belfry("gc");
            assertThat(sandbox.files()).isEmpty();
        }
    }

    @Test
    void shouldRemoveADomainThatHasBeenRead() {
        try (Sandbox sandbox = new Sandbox()) {
            run(sandbox, "send", "shm:shop");
            run(sandbox, "drain", "shm:shop");
            assertThat(sandbox.belfry("rm", "shop")).isEqualTo(new Result(0, "removed shm:shop\n", ""));
        }
    }
}
