package dev.belfry.spring;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.ConnectionFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The connection factory of a domain, from which Boot makes its JmsTemplate and the containers of listeners. */
@AutoConfiguration(
        after = BelfryAutoConfiguration.class,
        beforeName = "org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration")
@ConditionalOnProperty("belfry.jms.domain")
class BelfryJmsAutoConfiguration {
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({BelfryConnectionFactory.class, ConnectionFactory.class})
    static class Provider {
        @Bean
        @ConditionalOnMissingBean(ConnectionFactory.class)
        BelfryConnectionFactory belfryConnectionFactory(BelfryProperties properties) {
            try {
                return new BelfryConnectionFactory(properties.jms().domain());
            } catch (IllegalArgumentException e) {
                throw new BelfryConfigurationException(
                        "There is no domain by 'belfry.jms.domain': " + BelfryConfigurationException.sentence(e),
                        "Correct this property.",
                        e);
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingClass("dev.belfry.jakarta.BelfryConnectionFactory")
    static class NoProvider {
        NoProvider(Environment environment) {
            throw new BelfryConfigurationException(
                    "The property 'belfry.jms.domain' is '" + environment.getProperty("belfry.jms.domain")
                            + "', but the provider of Jakarta Messaging is not on the class path.",
                    "Add dev.belfry:belfry-jakarta-messaging, or leave the property out.");
        }
    }
}
