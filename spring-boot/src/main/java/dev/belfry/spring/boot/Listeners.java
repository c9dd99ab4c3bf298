package dev.belfry.spring.boot;

import dev.belfry.api.Codec;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.NoProviderException;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Suggestions;
import dev.belfry.spi.Units;
import io.micrometer.observation.ObservationRegistry;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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
import org.springframework.scheduling.annotation.Async;
import org.springframework.util.ClassUtils;

/**
 * Finds the methods with {@link BelfryListener}, and runs them. They start after all else and stop
 * before all else, so that what they use is there while they run.
 */
final class Listeners
        implements BelfryListeners,
                BeanPostProcessor,
                BeanFactoryAware,
                SmartLifecycle,
                ApplicationListener<ContextRefreshedEvent> {
    private final List<ListenerMethod> methods = new ArrayList<>();
    private final Map<ListenerMethod, RunningListener> running = new LinkedHashMap<>();
    private final Map<ListenerMethod, RunningListener> leaving = new LinkedHashMap<>(); // stopped; may still be inside
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
        for (Method method : found.keySet())
            if (AnnotatedElementUtils.hasAnnotation(method, Async.class)
                    || AnnotatedElementUtils.hasAnnotation(type, Async.class))
                throw new BelfryConfigurationException(
                        "The listener " + type.getName() + "." + method.getName() + " is @Async: its call would return"
                                + " at once, and its message count as delivered, also if it fails then.",
                        "Leave @Async out: a listener has a thread of its own. To share work among threads, use"
                                + " Jakarta Messaging and @JmsListener.");
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
        String id = id(method);
        for (ListenerMethod other : methods)
            if (id != null && id.equals(id(other)))
                throw new BelfryConfigurationException(
                        "Two listeners have the id '" + id + "': " + other + " and " + method + ".",
                        "Give each an id of its own, or none.");
        if (started && startsByItself(method)) start(method);
        methods.add(method);
    }

    /** Answers null if the annotation gives none. */
    private String id(ListenerMethod method) {
        String id = resolved(method.annotation.id());
        return id.isEmpty() ? null : id;
    }

    private boolean startsByItself(ListenerMethod method) {
        String text = resolved(method.annotation.autoStartup());
        if (text.equals("true") || text.equals("false")) return text.equals("true");
        throw new BelfryConfigurationException(
                "The listener " + method + " has the autoStartup '" + text + "'.", "It is true or false.");
    }

    private ListenerMethod ofId(String id) {
        List<String> ids = new ArrayList<>();
        for (ListenerMethod method : methods) {
            if (id(method) == null) continue;
            if (id(method).equals(id)) return method;
            ids.add(id(method));
        }
        throw new IllegalArgumentException("There is no listener of the id '" + id + "'. There are " + ids
                + "; another one gets it by @BelfryListener(id = ...).");
    }

    @Override
    public synchronized List<Listener> all() {
        return methods.stream().map(this::shown).toList();
    }

    @Override
    public synchronized Listener start(String id) {
        ListenerMethod method = ofId(id);
        if (!started)
            throw new IllegalStateException("The application does not run, so '" + id + "' does not start. Start it.");
        RunningListener before = running.get(method);
        if (before == null || before.state() instanceof SubscriberState.Stopped) {
            RunningListener left = leaving.get(method);
            if (left != null && left.isInside())
                throw new IllegalStateException("'" + id + "' does not start: " + notEnded(left)
                        + ". Start it once the thread has: it is in its method, or waits for a disk.");
            running.remove(method);
            try {
                start(method);
            } finally {
                if (before != null) running.putIfAbsent(method, before); // it has failed as before
            }
        }
        return shown(method);
    }

    /** Closed outside the monitor: its method may ask here meanwhile. */
    @Override
    public Listener stop(String id) {
        ListenerMethod method;
        RunningListener one;
        synchronized (this) {
            method = ofId(id);
            one = running.remove(method);
            if (one != null) leaving.put(method, one);
        }
        if (one != null) {
            one.close();
            one.awaitEnd();
        }
        synchronized (this) {
            return shown(method);
        }
    }

    private static String notEnded(RunningListener one) {
        return "it was stopped, and its thread has not ended; its last message is " + Units.number(one.position());
    }

    private Listener shown(ListenerMethod method) {
        RunningListener one = running.get(method);
        RunningListener left = leaving.get(method);
        SubscriberState now = one == null ? new SubscriberState.Closed() : one.state();
        State state = State.STOPPED;
        String reason = left != null && left.isInside() ? notEnded(left) : "it was stopped, or not started";
        if (now instanceof SubscriberState.Running) {
            state = State.RUNNING;
            reason = null;
        } else if (now instanceof SubscriberState.Stopped at) {
            state = State.FAILED;
            reason = "at message " + at.position() + ": " + Units.printable(String.valueOf(at.reason()));
        }
        String queue = resolved(method.annotation.queue());
        String name = options(queue, method).build().name();
        return new Listener(
                id(method),
                method.toString(),
                queue,
                name,
                state,
                reason,
                state == State.RUNNING ? null : HeldUp.by(queue(queue, method), name));
    }

    @Override
    public synchronized void start() {
        started = true;
        try {
            for (ListenerMethod method : List.copyOf(methods)) if (startsByItself(method)) start(method);
            if (!methods.isEmpty()) keepAlive();
        } catch (Throwable e) {
            for (RunningListener one : running.values()) closeAfter(e, one);
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
        String queue = resolved(method.annotation.queue());
        MessageQueue handle = queue(queue, method);
        SubscriberOptions.Builder options = options(queue, method);
        String name = built(options, queue, method).name();
        for (RunningListener other : running.values())
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
        RunningListener.Answers answers = answers(method);
        try {
            next.start(codec, options.threadFactory(next).build(), answers);
        } catch (IllegalArgumentException | NoProviderException e) { // of the queue to which it moves messages
            throw new BelfryConfigurationException(
                    "The listener " + method + " cannot start: " + BelfryConfigurationException.sentence(e),
                    "Correct its annotation, or the properties below '" + BelfryProperties.beanOf(queue)
                            + ".subscriber'.",
                    e);
        }
        running.put(method, next);
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
        String name = resolved(method.annotation.name());
        if (!name.isEmpty()) options.name(name);
        if (method.ack() != null) options.ackMode(method.ack());
        String onFailure = resolved(method.annotation.onFailure());
        if (onFailure.isEmpty()) onFailure = defaults.onFailure();
        if (onFailure != null) options.onFailure(FailureChoice.of(onFailure, method));
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

    /** Answers null if the method takes no value. */
    @SuppressWarnings("unchecked") // its method takes what the codec makes, or the call throws
    private Codec<Object> codec(ListenerMethod method) {
        if (method.payload() == null) return null;
        Class<?> type = method.annotation.codec();
        if (type == Codec.class) return (Codec<Object>) CodecChoice.of(method.payload(), beans, method);
        Object bean = beans.getBeanProvider(type).getIfAvailable();
        return (Codec<Object>) (bean != null ? bean : ((AutowireCapableBeanFactory) beans).createBean(type));
    }

    /** Answers null if the method returns nothing. */
    @SuppressWarnings("unchecked") // of the type that it returns
    private RunningListener.Answers answers(ListenerMethod method) {
        if (method.answer == null) return null;
        String name = resolved(method.annotation.answers());
        MessageQueue queue = queue(name, method);
        BelfryProperties.Queue settings = configured().get(name);
        return new RunningListener.Answers(
                queue,
                (Codec<Object>) CodecChoice.of(method.answer, beans, method),
                settings == null
                        ? PublisherOptions.defaults()
                        : settings.publisher().options());
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
            ending = Stream.concat(running.values().stream(), leaving.values().stream())
                    .toList();
            running.clear();
            leaving.clear();
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
