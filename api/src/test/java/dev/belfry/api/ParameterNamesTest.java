package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Parameter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An editor shows what a parameter means, not its number. */
class ParameterNamesTest {
    @Test
    void shouldBeInTheClassFiles() {
        assertThat(Stream.of(MessageQueue.class, Publisher.class, Subscriber.class, Codec.class)
                        .flatMap(type -> Stream.of(type.getMethods()))
                        .flatMap(method -> Stream.of(method.getParameters())))
                .isNotEmpty()
                .allMatch(Parameter::isNamePresent);
    }
}
