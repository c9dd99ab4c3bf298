package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSException;
import java.lang.reflect.Method;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The simplified interface of a later version of Jakarta Messaging: it has methods that this provider has not. */
class FacadeTest {
    public interface Later {
        String known(int number);

        String refused();

        String unknown();

        default String composed(int number) {
            return "composed of " + known(number);
        }
    }

    public static final class Behind extends Facade {
        Behind(Map<Method, Method> twins) {
            super(twins);
        }

        public String known(int number) {
            return "known " + number;
        }

        public String refused() throws JMSException {
            throw Jms.closed("Context");
        }

        @Override
        Object behind(Class<?> type) {
            return this;
        }

        @Override
        Object returned(Class<?> wanted, Object result, Object proxy) {
            return result;
        }
    }

    private final Later later = new Behind(Facade.twins(Later.class, Behind.class)).as(Later.class);

    @Test
    void shouldAnswerWhatItHasATwinFor() {
        assertThat(later.known(3)).isEqualTo("known 3");
        assertThatThrownBy(later::refused).isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Test
    void shouldAnswerADefaultMethodOfALaterVersion() {
        assertThat(later.composed(3)).isEqualTo("composed of known 3");
    }

    @Test
    void shouldRefuseAnotherMethodOfALaterVersion() {
        assertThatThrownBy(later::unknown)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("Later.unknown")
                .hasMessageContaining("3.1");
    }
}
