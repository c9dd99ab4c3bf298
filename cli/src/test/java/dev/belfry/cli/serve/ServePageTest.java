package dev.belfry.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServePageTest {
    @Test
    void shouldHaveTheFirstCommandOfARemedyThatEndsNothing() {
        assertThat(ServePage.command("'chmod 0600 /dev/shm/belfry.q' leaves it to its own user"))
                .isEqualTo("chmod 0600 /dev/shm/belfry.q");
        assertThat(ServePage.command("'kill 7' ends it; 'jstack 7' shows what it does."))
                .isEqualTo("jstack 7");
        assertThat(ServePage.command("Take out what is proven: 'belfry salvage file:/a \"/a b\"'."))
                .isEqualTo("belfry salvage file:/a \"/a b\"");
        assertThat(ServePage.command("Remove the other: 'rm /dev/shm/belfry.q'."))
                .isEmpty();
        for (String ends : List.of("reset q audit --to newest", "rm q", "unsubscribe q audit"))
            assertThat(ServePage.command("Or end it: 'belfry " + ends + "'.")).isEmpty();
    }
}
