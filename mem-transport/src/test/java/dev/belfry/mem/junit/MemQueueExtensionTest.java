package dev.belfry.mem.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(MemQueueExtension.class)
class MemQueueExtensionTest {
    private static final Set<String> URIS = new LinkedHashSet<>();

    private MessageQueue before;

    @BeforeEach
    void shouldGetTheSameQueueBeforeTheTest(MessageQueue queue) {
        before = queue;
    }

    @RepeatedTest(2)
    void shouldHaveAQueueOfItsOwn(MessageQueue queue) {
        assertThat(queue).isSameAs(before);
        URIS.add(queue.uri().toString());
        try (MessageQueue again = MessageQueues.open(queue.uri().toString());
                Publisher out = again.createPublisher()) {
            assertThat(out.publish("1")).isOne();
        }
    }

    @AfterAll
    static void shouldLeaveNothing() {
        assertThat(URIS).hasSize(2);
        for (String uri : URIS) assertThat(MessageQueues.delete(uri)).isFalse();
    }
}
