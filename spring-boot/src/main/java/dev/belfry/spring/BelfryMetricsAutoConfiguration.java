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
    /** A queue that is two beans, a traced one for example, is bound once. */
    @Bean
    @ConditionalOnMissingBean(name = "belfryMeters")
    MeterBinder belfryMeters(ObjectProvider<MessageQueue> queues) {
        Map<URI, MessageQueue> each = new LinkedHashMap<>();
        queues.orderedStream().forEach(queue -> each.putIfAbsent(queue.uri(), queue));
        List<BelfryMetrics> meters =
                each.values().stream().map(BelfryMetrics::new).toList();
        return registry -> meters.forEach(one -> one.bindTo(registry));
    }
}
