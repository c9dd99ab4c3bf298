package dev.belfry.spring.boot;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.micrometer.BelfryMetrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.config.MeterFilter;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The meters of each queue, also of the beans of the program, and of the domain, in each registry of Boot. */
@AutoConfiguration(after = {BelfryAutoConfiguration.class, BelfryJmsAutoConfiguration.class})
@ConditionalOnClass({BelfryMetrics.class, MeterRegistry.class})
class BelfryMetricsAutoConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(BelfryMetricsAutoConfiguration.class);

    @Bean
    static QueueNames belfryQueueNames() {
        return new QueueNames();
    }

    @Bean
    @ConditionalOnMissingBean(name = "belfryMeters")
    MeterBinder belfryMeters(ObjectProvider<MessageQueue> queues, ListableBeanFactory beans, QueueNames names) {
        beans.getBeansOfType(MessageQueue.class).forEach(names::put);
        return new QueueMeters(queues.orderedStream().toList());
    }

    /**
     * Adds the name of a queue in the application, as its observations have it. Meters of one name need tags of the
     * same keys: those of other queues and of domains get it, too.
     */
    static final class QueueNames implements MeterFilter {
        private static final String NAME = "messaging.belfry.queue";

        private final Map<String, String> names = new ConcurrentHashMap<>(); // of the application, by URI

        void put(String bean, MessageQueue queue) {
            names.put(queue.uri().toString(), bean.replace(BelfryProperties.beanOf(""), ""));
        }

        @Override
        public Meter.Id map(Meter.Id id) {
            String transport = id.getTag("messaging.belfry.transport");
            if (transport == null || id.getTag(NAME) != null) return id;
            String uri = transport + ":" + id.getTag("messaging.destination.name");
            return id.withTag(Tag.of(NAME, names.getOrDefault(uri, "none")));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(BelfryConnectionFactory.class)
    @ConditionalOnBean(name = "belfryConnectionFactory")
    @ConditionalOnProperty("belfry.jms.domain") // else the bean is the program's
    static class OfTheDomain {
        /** The meters of its log, which was made with the factory. */
        @Bean
        @ConditionalOnMissingBean(name = "belfryJmsMeters")
        MeterBinder belfryJmsMeters(
                @Qualifier("belfryConnectionFactory") BelfryConnectionFactory factory, BelfryProperties properties) {
            String domain = properties.jms().domain().replaceFirst("\\?.*", ""); // its settings may be secret
            MessageQueue log;
            try { // only the factory creates it, with them
                log = MessageQueues.open(domain + "?queueKind=domain&create=OPEN_EXISTING");
            } catch (MessageQueueException e) { // as the factory: a program that connects is told, and may try again
                LOG.warn("The domain '{}' has no meters: {}", domain, e.getMessage());
                return registry -> {};
            }
            return new QueueMeters(List.of(log)) {
                @Override
                public void close() {
                    super.close();
                    log.close();
                }
            };
        }
    }

    /** Spring closes it before the queues: a registry may outlive this application. */
    private static class QueueMeters implements MeterBinder, AutoCloseable {
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
