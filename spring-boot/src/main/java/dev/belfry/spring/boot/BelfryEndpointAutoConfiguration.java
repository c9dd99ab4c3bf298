package dev.belfry.spring.boot;

import java.util.List;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** The listeners as an endpoint of the actuator, where the program has it and exposes it. */
@AutoConfiguration(after = BelfryAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
class BelfryEndpointAutoConfiguration {
    @Bean
    @ConditionalOnAvailableEndpoint(endpoint = ListenersEndpoint.class)
    ListenersEndpoint belfryListenersEndpoint(BelfryListeners listeners) {
        return new ListenersEndpoint(listeners);
    }

    /** {@code POST belfry/ID} with {@code {"action": "stop"}}. */
    @Endpoint(id = "belfry")
    static class ListenersEndpoint {
        /** A change of one listener. */
        enum Action {
            START,
            STOP
        }

        private final BelfryListeners listeners;

        ListenersEndpoint(BelfryListeners listeners) {
            this.listeners = listeners;
        }

        @ReadOperation
        List<BelfryListeners.Listener> listeners() {
            return listeners.all();
        }

        @WriteOperation
        BelfryListeners.Listener change(@Selector String id, Action action) {
            try {
                return action == Action.START ? listeners.start(id) : listeners.stop(id);
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new InvalidEndpointRequestException(e.getMessage(), e.getMessage());
            }
        }
    }
}
