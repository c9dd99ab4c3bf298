package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.jakarta.soak.MortalTransport;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueUri;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a JVM that lingers in two domains. */
class DomainsTest {
    private static final List<String> NAMES = List.of("DomainsTest1", "DomainsTest2");

    @AfterEach
    void delete() {
        MortalTransport.beforeAppend = () -> {};
        for (String name : NAMES) MessageQueues.delete("mem:" + name);
    }

    /** A member that lingers after its last connection, then one that has some. */
    @ParameterizedTest
    @ValueSource(strings = {"mem", "shm"})
    void shouldEnterTheDomainThatHasTheNameNow(String scheme) {
        Domains here = new Domains();
        Domains there = new Domains();
        QueueUri uri =
                QueueUri.parse(scheme + ":DomainsTest" + ProcessHandle.current().pid());
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        Domain lingers = here.use(uri, config);
        here.left(lingers, Duration.ofMinutes(10), Duration.ZERO);
        assertThat(here.use(uri, config)).isSameAs(lingers);
        here.left(lingers, Duration.ofMinutes(10), Duration.ZERO);
        assertThat(MessageQueues.delete(uri.toString())).isTrue();
        Domain second = here.use(uri, config);
        assertThatThrownBy(() -> lingers.withState(state -> 0)).isInstanceOf(QueueClosedException.class);
        Domain other = there.use(uri, config);
        assertThat(other.shortId()).isEqualTo(second.shortId()).isNotEqualTo(lingers.shortId());
        there.left(other, Duration.ZERO, Duration.ZERO);
        assertThat(MessageQueues.delete(uri.toString())).isTrue();
        Domain third = here.use(uri, config);
        assertThat(third.shortId()).isNotEqualTo(second.shortId());
        assertThat(second.<Integer>withState(state -> state.size()))
                .as("it is in use")
                .isZero();
        here.left(second, Duration.ofMinutes(10), Duration.ZERO);
        assertThatThrownBy(() -> second.withState(state -> 0)).isInstanceOf(QueueClosedException.class);
        here.left(third, Duration.ZERO, Duration.ZERO);
        MessageQueues.delete(uri.toString());
    }

    @Test
    void shouldLeaveAllAtTheExitThoughOneFails() {
        Domains domains = new Domains();
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        List<Domain> both = new ArrayList<>();
        for (String name : NAMES) {
            Domain one = domains.use(QueueUri.parse("mortal:mem." + name), config);
            one.claim("id" + name, Limit.of(Duration.ofSeconds(20)));
            domains.left(one, Duration.ofMinutes(10), Duration.ZERO);
            both.add(one);
        }
        AtomicBoolean failed = new AtomicBoolean();
        MortalTransport.beforeAppend = () -> {
            if (failed.compareAndSet(false, true))
                throw new InternalError("a fault occurred in an unsafe memory access operation");
        };
        domains.leaveAtExit();
        assertThat(failed).isTrue();
        for (Domain one : both)
            assertThatThrownBy(() -> one.withState(state -> 0)).isInstanceOf(QueueClosedException.class);
    }
}
