package dev.belfry.spring.boot;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueHealth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** The health of each queue, where the program has Boot's. */
@AutoConfiguration(after = BelfryAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnEnabledHealthIndicator("belfry")
@Conditional(OnQueues.class)
class BelfryHealthAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean(name = "belfryHealthContributor")
    CompositeHealthContributor belfryHealthContributor(ListableBeanFactory beans, BelfryProperties properties) {
        Map<String, MessageQueue> queues = new TreeMap<>();
        properties
                .queues()
                .keySet()
                .forEach(name -> queues.put(name, beans.getBean(BelfryProperties.beanOf(name), MessageQueue.class)));
        return CompositeHealthContributor.fromMap(queues, queue -> new QueueIndicator(queue, properties.health()));
    }

    /** Up while messages are delivered, also late ones; then the details have the reasons. */
    static final class QueueIndicator implements HealthIndicator {
        private static final int MOST_REASONS = 10;

        private final QueueHealth health;

        QueueIndicator(MessageQueue queue, BelfryProperties.Health limits) {
            health = new QueueHealth(queue::stats, limits.maxLag(), limits.stuckAfter());
        }

        @Override
        public Health health() {
            return of(health.check());
        }

        static Health of(QueueHealth.Report report) {
            Status status = report.status() == QueueHealth.Status.STUCK ? Status.DOWN : Status.UP;
            Health.Builder built =
                    Health.status(status).withDetail("queue", report.status().name());
            if (!report.reasons().isEmpty()) built.withDetail("reasons", few(report.reasons()));
            return built.build();
        }

        /** The worst come first; a queue may have a thousand subscriptions that nobody reads. */
        private static List<String> few(List<String> reasons) {
            if (reasons.size() <= MOST_REASONS) return reasons;
            List<String> few = new ArrayList<>(reasons.subList(0, MOST_REASONS));
            few.add("and " + (reasons.size() - MOST_REASONS) + " more: 'belfry doctor' tells them");
            return few;
        }
    }
}
