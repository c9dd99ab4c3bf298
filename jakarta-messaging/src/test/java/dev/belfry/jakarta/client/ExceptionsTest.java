package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InUseException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueFullException;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.ResourceAllocationRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the layers below throw, as the exceptions of Jakarta Messaging: the type, the number, the cause. */
class ExceptionsTest extends DomainTest {
    private static final int NOBODY = 65534;

    @Override
    String scheme() {
        return "shm";
    }

    /** As a program's listener may: an exception cannot be beside itself. */
    @Test
    void shouldTellOfTheFirstFailureThoughTheNextThrowsTheSame() {
        JMSException thrown = new JMSException("once");
        JMSException first = Jms.attempt(null, () -> {
            throw thrown;
        });
        JMSException both = Jms.attempt(first, () -> {
            throw thrown;
        });
        assertThat(both).isSameAs(thrown).hasNoSuppressedExceptions();
    }

    static Stream<Arguments> exceptions() {
        return Stream.of(
                Arguments.of(
                        new QueueAccessDeniedException("t"),
                        JMSSecurityException.class,
                        JMSSecurityRuntimeException.class),
                Arguments.of(
                        new InsufficientResourcesException("t"),
                        ResourceAllocationException.class,
                        ResourceAllocationRuntimeException.class),
                Arguments.of(
                        new QueueFullException("t"),
                        ResourceAllocationException.class,
                        ResourceAllocationRuntimeException.class),
                Arguments.of(
                        new MessageTooLargeException("t"),
                        ResourceAllocationException.class,
                        ResourceAllocationRuntimeException.class),
                Arguments.of(
                        new QueueClosedException("t"), IllegalStateException.class, IllegalStateRuntimeException.class),
                Arguments.of(new QueueCorruptedException("t"), JMSException.class, JMSRuntimeException.class),
                Arguments.of(new InUseException("t"), JMSException.class, JMSRuntimeException.class));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void shouldBeOfTheTypeThatFits(
            MessageQueueException cause,
            Class<? extends JMSException> checked,
            Class<? extends JMSRuntimeException> unchecked) {
        JMSException e = Jms.exception(cause);
        assertThat(e).isExactlyInstanceOf(checked).hasMessage("t").hasCause(cause);
        assertThat(e.getErrorCode()).isEqualTo(cause.code());
        assertThat(e.getLinkedException()).isSameAs(cause);
        JMSRuntimeException twin = Jms.runtime(e);
        assertThat(twin).isExactlyInstanceOf(unchecked).hasMessage("t").hasCause(e);
        assertThat(twin.getErrorCode()).isEqualTo(cause.code());
    }

    /** What ends one session's listeners is told to its connection alone. */
    @Test
    void shouldKnowWhatEndsTheWholeMember() {
        assertThat(Listening.isOfTheMember(new QueueCorruptedException("t"))).isTrue();
        assertThat(Listening.isOfTheMember(new java.lang.IllegalStateException("t")))
                .isFalse();
    }

    @Test
    void shouldSayThatADomainMayNotBeOpened() throws Exception {
        connect().close();
        Path file = Path.of("/dev/shm", "belfry." + domain.substring(domain.indexOf(':') + 1));
        Object owner = Files.getAttribute(file, "unix:uid");
        if (owner.equals(0)) Files.setAttribute(file, "unix:uid", NOBODY);
        else Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        try {
            assertThatThrownBy(this::connect)
                    .isExactlyInstanceOf(JMSSecurityException.class)
                    .hasCauseInstanceOf(QueueAccessDeniedException.class);
        } finally {
            if (owner.equals(0)) Files.setAttribute(file, "unix:uid", owner);
            else Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }
}
