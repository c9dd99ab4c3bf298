package dev.belfry.spring;

import dev.belfry.api.Codec;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.NoProviderException;
import dev.belfry.api.OnFailure;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Suggestions;
import io.micrometer.observation.ObservationRegistry;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.system.JavaVersion;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;

/**
 * Finds the methods with {@link BelfryListener}, and runs them. They start after all else and stop
 * before all else, so that what they use is there while they run.
 */
final class Listeners
        implements BeanPostProcessor, BeanFactoryAware, SmartLifecycle, ApplicationListener<ContextRefreshedEvent> {
    private final List<ListenerMethod> methods = new ArrayList<>();
    private final List<RunningListener> running = new ArrayList<>();
    private ConfigurableBeanFactory beans;
    private boolean started;
    private CountDownLatch stopped = new CountDownLatch(0);

    @Override
    public void setBeanFactory(BeanFactory beans) {
        this.beans = (ConfigurableBeanFactory) beans;
    }

    static boolean hasSome(Class<?> type) {
        return !methods(type).isEmpty();
    }

    private static Map<Method, BelfryListener> methods(Class<?> type) {
        if (!AnnotationUtils.isCandidateClass(type, BelfryListener.class)) return Map.of();
        return MethodIntrospector.selectMethods(type, (MethodIntrospector.MetadataLookup<BelfryListener>)
                method -> AnnotatedElementUtils.findMergedAnnotation(method, BelfryListener.class));
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof AopInfrastructureBean) return bean; // such as the proxy of a scope
        Class<?> type = AopUtils.getTargetClass(bean);
        Map<Method, BelfryListener> found = methods(type);
        if (!found.isEmpty() && beans.containsBean(name) && !beans.isSingleton(name))
            throw new BelfryConfigurationException(
                    "The bean '" + name + "' of " + type.getName()
                            + " has listeners and is not a singleton: each instance"
                            + " would get every message, and none would end.",
                    "Put the listener into a singleton, which may use this bean.");
        found.forEach((method, annotation) -> add(
                new ListenerMethod(bean, type, AopUtils.selectInvocableMethod(method, bean.getClass()), annotation)));
        return bean;
    }

    /** It hears of the contexts below its own, too, whose beans it does not see. */
    @Override
    public void onApplicationEvent(ContextRefreshedEvent event) {
        ApplicationContext child = event.getApplicationContext();
        if (child.getAutowireCapableBeanFactory() == beans || child.getBeanNamesForType(Listeners.class).length > 0)
            return;
        for (String name : child.getBeanDefinitionNames()) {
            Class<?> type = child.getType(name, false);
            if (type != null && hasSome(ClassUtils.getUserClass(type)))
                throw new BelfryConfigurationException(
                        "The bean '" + name + "' of " + type.getName() + " has listeners, and its context is one below"
                                + " that of the queues, where nobody would start them.",
                        "Put it into the context of the queues, or give its own context @EnableAutoConfiguration.");
        }
    }

    /** A bean that is made later starts at once. */
    private synchronized void add(ListenerMethod method) {
        if (started) start(method);
        methods.add(method);
    }

    @Override
    public synchronized void start() {
        started = true;
        try {
            for (ListenerMethod method : List.copyOf(methods)) start(method);
            if (!methods.isEmpty()) keepAlive();
        } catch (RuntimeException | Error e) {
            for (RunningListener one : running) closeAfter(e, one);
            running.clear();
            throw e;
        }
    }

    private static void closeAfter(Throwable failure, RunningListener one) {
        try {
            one.close();
        } catch (RuntimeException e) {
            Errors.suppress(failure, e);
        }
    }

    /** A listener that has stopped, or has a virtual thread, would let an application without a web server end. */
    private void keepAlive() {
        CountDownLatch until = new CountDownLatch(1);
        stopped = until;
        Thread thread = new Thread(
                () -> {
                    try {
                        until.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "belfry-keep-alive");
        thread.setDaemon(false);
        thread.start();
    }

    private void start(ListenerMethod method) {
        String queue = resolved(method.annotation().queue());
        MessageQueue handle = queue(queue, method);
        SubscriberOptions.Builder options = options(queue, method);
        String name = built(options, queue, method).name();
        for (RunningListener other : running)
            if (name != null && other.reads(queue, name))
                throw new BelfryConfigurationException(
                        "Two listeners read the queue '" + queue + "' as '" + name + "': " + other + " and " + method
                                + ".",
                        "Give each a name of its own: then each gets every message. To share messages out, use"
                                + " Jakarta Messaging and @JmsListener.");
        boolean virtual = beans.getBean(BelfryProperties.class).listeners().virtualThreads()
                && JavaVersion.getJavaVersion().isEqualOrNewerThan(JavaVersion.TWENTY_ONE);
        ObservationRegistry observations = Observed.registry(beans, handle);
        RunningListener next = new RunningListener(method, queue, handle, name, virtual, observations);
        Codec<Object> codec = codec(method);
        try {
            next.start(codec, options.threadFactory(next).build());
        } catch (IllegalArgumentException | NoProviderException e) { // of the queue to which it moves messages
            throw new BelfryConfigurationException(
                    "The listener " + method + " cannot start: " + BelfryConfigurationException.sentence(e),
                    "Correct its annotation, or the properties below '" + BelfryProperties.beanOf(queue)
                            + ".subscriber'.",
                    e);
        }
        running.add(next);
    }

    private MessageQueue queue(String name, ListenerMethod method) {
        if (configured().containsKey(name)) return beans.getBean(BelfryProperties.beanOf(name), MessageQueue.class);
        if (beans.containsBean(name) && beans.isTypeMatch(name, MessageQueue.class))
            return beans.getBean(name, MessageQueue.class);
        String nearest = Suggestions.nearest(name, configured().keySet());
        throw new BelfryConfigurationException(
                "The listener " + method + " reads the queue '" + name + "', which is not configured. There are "
                        + new TreeSet<>(configured().keySet()) + ".",
                nearest != null
                        ? "Did you mean '" + nearest + "'?"
                        : "Set '" + BelfryProperties.beanOf(name) + ".uri', to shm:" + name + " for example.");
    }

    private Map<String, BelfryProperties.Queue> configured() {
        return beans.getBean(BelfryProperties.class).queues();
    }

    private SubscriberOptions.Builder options(String queue, ListenerMethod method) {
        BelfryProperties.Queue settings = configured().get(queue);
        BelfryProperties.Subscriber defaults =
                settings == null ? BelfryProperties.Subscriber.NONE : settings.subscriber();
        SubscriberOptions.Builder options = defaults.options();
        String name = resolved(method.annotation().name());
        if (!name.isEmpty()) options.name(name);
        if (method.ack() != null) options.ackMode(method.ack());
        String onFailure = resolved(method.annotation().onFailure());
        if (onFailure.isEmpty()) onFailure = defaults.onFailure();
        if (onFailure != null) options.onFailure(onFailure(onFailure, method));
        return options;
    }

    private static SubscriberOptions built(SubscriberOptions.Builder options, String queue, ListenerMethod method) {
        try {
            return options.build();
        } catch (IllegalArgumentException e) {
            throw new BelfryConfigurationException(
                    "The listener " + method + " cannot have its settings: " + BelfryConfigurationException.sentence(e),
                    "Correct its annotation, or the properties below '" + BelfryProperties.beanOf(queue)
                            + ".subscriber'.",
                    e);
        }
    }

    private static OnFailure onFailure(String text, ListenerMethod method) {
        if (text.equalsIgnoreCase("stop")) return OnFailure.stop();
        if (text.equalsIgnoreCase("skip")) return OnFailure.skip();
        if (text.startsWith("moveTo(") && text.endsWith(")")) return moveTo(text, method);
        throw new BelfryConfigurationException(
                "The listener " + method + " has the onFailure '" + text + "'.",
                "It is stop, skip, or moveTo(URI), as in moveTo(shm:failed).");
    }

    private static OnFailure moveTo(String text, ListenerMethod method) {
        try {
            return OnFailure.moveTo(text.substring("moveTo(".length(), text.length() - 1));
        } catch (IllegalArgumentException e) {
            throw new BelfryConfigurationException(
                    "The listener " + method + " has the onFailure '" + text + "': "
                            + BelfryConfigurationException.sentence(e),
                    "Give the URI of a queue, as in moveTo(shm:failed).",
                    e);
        }
    }

    /** Null: it takes no value. */
    @SuppressWarnings("unchecked") // its method takes what the codec makes, or the call throws
    private Codec<Object> codec(ListenerMethod method) {
        if (method.payload() == null) return null;
        Class<?> type = method.annotation().codec();
        if (type == Codec.class) return (Codec<Object>) CodecChoice.of(method.payload(), beans, method);
        Object bean = beans.getBeanProvider(type).getIfAvailable();
        return (Codec<Object>) (bean != null ? bean : ((AutowireCapableBeanFactory) beans).createBean(type));
    }

    private String resolved(String text) {
        return beans.resolveEmbeddedValue(text);
    }

    @Override
    public synchronized boolean isRunning() {
        return started;
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    /** All at once; Spring waits for the callback as long as {@code spring.lifecycle.timeout-per-shutdown-phase}. */
    @Override
    public void stop(Runnable callback) {
        List<RunningListener> ending;
        synchronized (this) {
            started = false;
            stopped.countDown();
            ending = List.copyOf(running);
            running.clear();
        }
        AtomicInteger left = new AtomicInteger(ending.size() + 1);
        Runnable ended = () -> {
            if (left.decrementAndGet() == 0) callback.run();
        };
        for (RunningListener one : ending) one.stop(ended);
        ended.run();
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
