package dev.belfry.spring.boot;

import dev.belfry.api.QueueHealth;
import dev.belfry.jakarta.BelfryConnectionFactory;
import java.util.function.Supplier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** The health of the domain of Jakarta Messaging, where the program has Boot's. */
@AutoConfiguration(after = BelfryJmsAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, BelfryConnectionFactory.class})
@ConditionalOnEnabledHealthIndicator("belfry")
@ConditionalOnBean(BelfryConnectionFactory.class)
class BelfryJmsHealthAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean(name = {"belfryJmsHealthIndicator", "belfryJmsHealthContributor"})
    HealthIndicator belfryJmsHealthIndicator(BelfryConnectionFactory factory, BelfryProperties properties) {
        Supplier<QueueHealth.Report> health = factory.health(properties.health().stuckAfter());
        return () -> BelfryHealthAutoConfiguration.QueueIndicator.of(health.get());
    }
}
