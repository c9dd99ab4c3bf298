package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.BootstrapResolutionException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Without a broker: what ends a question, and whether that was an answer. */
class PulseTest {
    private final KafkaFutureImpl<Boolean> question = new KafkaFutureImpl<>();
    private final Pulse pulse = new Pulse(() -> question, () -> null);

    static Stream<KafkaException> silence() {
        return Stream.of(
                new TimeoutException("no answer"),
                new DisconnectException("cut"),
                new BootstrapResolutionException("no such name"));
    }

    @ParameterizedTest
    @MethodSource("silence")
    void shouldTakeNoFailureToReachABrokerForItsAnswer(KafkaException failure) {
        pulse.noAnswer();
        assertThat(pulse.next()).isSameAs(question);
        question.completeExceptionally(failure);
        assertThat(pulse.silentNanos()).isGreaterThanOrEqualTo(Pulse.PATIENCE_NANOS);
    }

    @Test
    void shouldTakeARefusalForAnAnswer() {
        pulse.noAnswer();
        assertThat(pulse.next()).isSameAs(question);
        question.completeExceptionally(new NotControllerException("ask another"));
        assertThat(pulse.silentNanos()).isZero();
    }
}
