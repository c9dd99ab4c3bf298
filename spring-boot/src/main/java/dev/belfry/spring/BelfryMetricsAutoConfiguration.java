package dev.belfry.spring;

import dev.belfry.api.MessageQueue;
import dev.belfry.micrometer.BelfryMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** The meters of each queue, also of those that are beans of the program, in each registry of Boot. */
@AutoConfiguration(after = BelfryAutoConfiguration.class)
@ConditionalOnClass({BelfryMetrics.class, MeterRegistry.class})
class BelfryMetricsAutoConfiguration {
    @Bean
    MeterBinder belfryMeters(ObjectProvider<MessageQueue> queues) {
        List<BelfryMetrics> meters = queues.stream().map(BelfryMetrics::new).toList();
        return registry -> meters.forEach(one -> one.bindTo(registry));
    }
}
