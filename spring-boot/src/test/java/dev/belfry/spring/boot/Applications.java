package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.core.NestedExceptionUtils;

/** Contexts of Boot with these configurations, and queues of a test's own. */
final class Applications {
    private static final String OWN = "-spring-" + ProcessHandle.current().pid();

    private final Set<String> uris = new TreeSet<>();

    ApplicationContextRunner of(Class<?>... configurations) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        PropertyPlaceholderAutoConfiguration.class,
                        ConfigurationPropertiesAutoConfiguration.class,
                        LifecycleAutoConfiguration.class,
                        BelfryAutoConfiguration.class))
                .withUserConfiguration(configurations);
    }

    String uri(String queue) {
        return uri("mem", queue);
    }

    String uri(String scheme, String queue) {
        String uri = scheme + ":" + queue + OWN;
        uris.add(uri);
        return uri;
    }

    /** The property that puts a queue of this name into the heap. */
    String mem(String queue) {
        return "belfry.queues." + queue + ".uri=" + uri(queue);
    }

    String mem(String queue, String parameters) {
        return mem(queue) + "?" + parameters;
    }

    String shm(String queue) {
        return "belfry.queues." + queue + ".uri=" + uri("shm", queue);
    }

    /** The context did not start, for this reason. */
    static ContextConsumer<AssertableApplicationContext> failing(String text) {
        return context -> assertThat(root(context))
                .isInstanceOf(BelfryConfigurationException.class)
                .hasMessage(text);
    }

    static Throwable root(AssertableApplicationContext context) {
        assertThat(context).hasFailed();
        return NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure());
    }

    void removeQueues() {
        uris.forEach(MessageQueues::delete);
    }
}
