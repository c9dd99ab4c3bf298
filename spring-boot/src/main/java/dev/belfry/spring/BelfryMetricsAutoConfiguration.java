package dev.belfry.spring;

import dev.belfry.api.MessageQueue;
import dev.belfry.micrometer.BelfryMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The meters of each queue, also of those that are beans of the program, in each registry of Boot. */
@AutoConfiguration(after = BelfryAutoConfiguration.class)
@ConditionalOnClass({BelfryMetrics.class, MeterRegistry.class})
class BelfryMetricsAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean(name = "belfryMeters")
    MeterBinder belfryMeters(ObjectProvider<MessageQueue> queues) {
        return new QueueMeters(queues.orderedStream().toList());
    }

    /** Spring closes it before the queues: a registry may outlive this application. */
    private static final class QueueMeters implements MeterBinder, AutoCloseable {
        private final List<BelfryMetrics> all;

        /** A queue that is two beans, a traced one for example, is bound once. */
        QueueMeters(List<MessageQueue> queues) {
            Map<URI, MessageQueue> each = new LinkedHashMap<>();
            queues.forEach(queue -> each.putIfAbsent(queue.uri(), queue));
            all = each.values().stream().map(BelfryMetrics::new).toList();
        }

        @Override
        public void bindTo(MeterRegistry registry) {
            all.forEach(one -> one.bindTo(registry));
        }

        @Override
        public void close() {
            all.forEach(BelfryMetrics::close);
        }
    }
}
