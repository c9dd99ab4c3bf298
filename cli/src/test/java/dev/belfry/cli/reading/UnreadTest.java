package dev.belfry.cli.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Subscriber;
import dev.belfry.cli.text.Exit;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UnreadTest {
    private final MessageQueue queue =
            MessageQueues.open("shm:unread-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true");
    private final Subscriber in = queue.createSubscriber();
    private int late = 2; // so many reads end before the disk has answered

    @BeforeEach
    void publish() {
        queue.createPublisher().publish("there");
    }

    @AfterEach
    void close() {
        queue.close();
    }

    private Unread unread(Duration patience) {
        Object slow =
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Subscriber.class}, (p, m, with) -> {
                    boolean isLate = m.getName().matches("receive|poll") && late-- > 0;
                    return !isLate ? m.invoke(in, with) : m.getReturnType() == int.class ? 0 : null;
                });
        return new Unread((Subscriber) slow, true, patience);
    }

    @Test
    void shouldWaitForWhatIsThere() {
        assertThat(unread(Duration.ofSeconds(30)).next().text()).isEqualTo("there");
        assertThat(unread(Duration.ofSeconds(30)).next()).isNull();
    }

    @Test
    void shouldPassOverWhatIsThere() {
        assertThat(unread(Duration.ofSeconds(30)).pass(5)).isEqualTo(1);
    }

    @Test
    void shouldSayThatADiskGivesNoAnswer() {
        assertThatThrownBy(() -> unread(Duration.ZERO).next())
                .isInstanceOf(Exit.Problem.class)
                .hasMessageContaining("message 1 ")
                .hasMessageContaining("its disk hangs, or is slow");
        assertThat(in.receiveNoWait().text()).isEqualTo("there");
    }
}
