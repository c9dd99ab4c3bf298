package dev.belfry.spring.boot;

import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

/** Queues and publishers of the properties, and the methods that listen. */
@AutoConfiguration
class BelfryAutoConfiguration {
    @Bean
    static QueueBeans belfryQueueBeans() {
        return new QueueBeans();
    }

    @Bean
    static Listeners belfryListeners() {
        return new Listeners();
    }

    /** Or nobody would make them. */
    @Bean
    static LazyInitializationExcludeFilter belfryListenersAreNotLazy() {
        return (name, definition, type) -> Listeners.hasSome(type);
    }
}
