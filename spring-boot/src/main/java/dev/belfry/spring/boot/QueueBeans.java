package dev.belfry.spring.boot;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Requester;
import dev.belfry.api.TypedPublisher;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * Registers for each queue that the properties name a {@code MessageQueue}, a {@code Publisher} and a
 * {@code TypedPublisher} of whatever type is injected, with the queue's name as their qualifier.
 *
 * <p>A queue is opened before the beans that have it or a publisher of it injected. Spring destroys in
 * the reverse order, after all that has a life cycle was stopped: so they may still publish then.
 */
final class QueueBeans implements BeanDefinitionRegistryPostProcessor, EnvironmentAware {
    private BelfryProperties properties;

    @Override
    public void setEnvironment(Environment environment) {
        PropertyKeys.check((ConfigurableEnvironment) environment);
        properties = Binder.get(environment).bindOrCreate("belfry", Bindable.of(BelfryProperties.class));
    }

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
        properties.queues().forEach((name, queue) -> register(registry, name, queue));
    }

    private void register(BeanDefinitionRegistry registry, String name, BelfryProperties.Queue queue) {
        if (queue.uri() == null)
            throw new BelfryConfigurationException(
                    "The queue '" + name + "' has no uri.",
                    "Set '" + BelfryProperties.beanOf(name) + ".uri', to shm:" + name + " for example.");
        RootBeanDefinition handle = new RootBeanDefinition(MessageQueue.class, () -> opened(registry, name, queue));
        handle.setDestroyMethodName(""); // by AfterListener
        register(registry, name, "", handle);
        // The bean of another type may have this name.
        if (!registry.isBeanNameInUse(name)) registry.registerAlias(BelfryProperties.beanOf(name), name);

        PublisherSource source = new PublisherSource(name, queue.publisher(), queue.answers());
        String sourceName = BelfryProperties.beanOf(name) + ".publishers";
        RootBeanDefinition publishers = new RootBeanDefinition(PublisherSource.class, () -> source);
        publishers.setLazyInit(true);
        registry.registerBeanDefinition(sourceName, publishers);

        RootBeanDefinition publisher = new RootBeanDefinition(Publisher.class);
        publisher.setFactoryBeanName(sourceName);
        publisher.setFactoryMethodName("publisher");
        publisher.setLazyInit(true); // a program that only reads is no publisher
        register(registry, name, ".publisher", publisher);

        RootBeanDefinition typed = new RootBeanDefinition(TypedPublisher.class);
        typed.setFactoryBeanName(sourceName);
        typed.setFactoryMethodName("typed");
        typed.setAutowireMode(RootBeanDefinition.AUTOWIRE_CONSTRUCTOR); // the place
        typed.setScope(RootBeanDefinition.SCOPE_PROTOTYPE); // of the type of each place
        register(registry, name, ".typedPublisher", typed);

        if (queue.answers() == null) return;
        if (!properties.queues().containsKey(queue.answers()))
            throw new BelfryConfigurationException(
                    "The queue '" + name + "' has its answers on '" + queue.answers() + "', which is not configured.",
                    "Set '" + BelfryProperties.beanOf(queue.answers()) + ".uri', or correct '"
                            + BelfryProperties.beanOf(name) + ".answers'.");
        RootBeanDefinition requester = new RootBeanDefinition(Requester.class);
        requester.setFactoryBeanName(sourceName);
        requester.setFactoryMethodName("requester");
        requester.setAutowireMode(RootBeanDefinition.AUTOWIRE_CONSTRUCTOR); // as above
        requester.setScope(RootBeanDefinition.SCOPE_PROTOTYPE);
        requester.setDestroyMethodName(""); // by its queues
        register(registry, name, ".requester", requester);
    }

    private static MessageQueue opened(BeanDefinitionRegistry registry, String name, BelfryProperties.Queue queue) {
        MessageQueue opened = open(name, queue.uri());
        ((DefaultSingletonBeanRegistry) registry)
                .registerDisposableBean(BelfryProperties.beanOf(name), () -> AfterListener.close(opened));
        return opened;
    }

    private static MessageQueue open(String name, String uri) {
        try {
            return MessageQueues.open(uri);
        } catch (IllegalArgumentException e) {
            throw new BelfryConfigurationException(
                    "The queue '" + name + "' cannot be opened. " + BelfryConfigurationException.sentence(e),
                    "Correct '" + BelfryProperties.beanOf(name) + ".uri'.",
                    e);
        }
    }

    private static void register(
            BeanDefinitionRegistry registry, String queue, String suffix, RootBeanDefinition definition) {
        definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, queue));
        registry.registerBeanDefinition(BelfryProperties.beanOf(queue) + suffix, definition);
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
        beanFactory.registerSingleton("belfry.properties", properties);
        for (String queue : properties.queues().keySet())
            if (beanFactory.containsBeanDefinition(queue) && beanFactory.isTypeMatch(queue, MessageQueue.class))
                throw new BelfryConfigurationException(
                        "There are two queues '" + queue + "': the bean of this name, and the one of '"
                                + BelfryProperties.beanOf(queue) + ".uri'.",
                        "Give one of them another name.");
    }
}
