package dev.belfry.spring.boot;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.NoProviderException;
import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jms.autoconfigure.JmsProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.jms.connection.CachingConnectionFactory;

/** The connection factory of a domain, from which Boot makes its JmsTemplate and the containers of listeners. */
@AutoConfiguration(
        after = BelfryAutoConfiguration.class,
        beforeName = "org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration")
@ConditionalOnProperty("belfry.jms.domain")
class BelfryJmsAutoConfiguration {
    @Configuration(proxyBeanMethods = false)
    @Order(1)
    @ConditionalOnClass({BelfryConnectionFactory.class, ConnectionFactory.class})
    static class Provider {
        @Bean
        @ConditionalOnMissingBean(ConnectionFactory.class)
        BelfryConnectionFactory belfryConnectionFactory(BelfryProperties properties) {
            try {
                BelfryConnectionFactory factory =
                        new BelfryConnectionFactory(properties.jms().domain());
                refusePlainQueue(factory);
                return factory;
            } catch (IllegalArgumentException | IncompatibleQueueException | NoProviderException e) {
                throw new BelfryConfigurationException(
                        "There is no domain by 'belfry.jms.domain': " + BelfryConfigurationException.sentence(e),
                        "Correct this property.",
                        e);
            }
        }

        /** A container of listeners would try it for ever. It also tries again after whatever else is wrong. */
        private static void refusePlainQueue(BelfryConnectionFactory factory) {
            try {
                factory.createConnection().close();
            } catch (JMSException e) {
                if (e.getCause() instanceof IncompatibleQueueException wrong) throw wrong;
                if (e.getCause() instanceof NoProviderException none) throw none;
            }
        }
    }

    /** As for Boot's own providers. Its containers of listeners take the factory inside. */
    @Configuration(proxyBeanMethods = false)
    @Order(2) // its condition sees what is registered before
    @ConditionalOnClass({CachingConnectionFactory.class, JmsProperties.class})
    @ConditionalOnBean(name = "belfryConnectionFactory")
    @ConditionalOnProperty(name = "spring.jms.cache.enabled", matchIfMissing = true)
    @EnableConfigurationProperties(JmsProperties.class)
    static class Cache {
        @Bean
        @Primary
        CachingConnectionFactory jmsConnectionFactory(
                @Qualifier("belfryConnectionFactory") ConnectionFactory inside, JmsProperties properties) {
            CachingConnectionFactory factory = new CachingConnectionFactory(inside);
            factory.setCacheConsumers(properties.getCache().isConsumers());
            factory.setCacheProducers(properties.getCache().isProducers());
            factory.setSessionCacheSize(properties.getCache().getSessionCacheSize());
            return factory;
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
