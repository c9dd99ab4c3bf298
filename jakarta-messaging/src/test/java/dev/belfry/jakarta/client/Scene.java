package dev.belfry.jakarta.client;

import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.message.BelfryTextMessage;
import dev.belfry.testing.Patience;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** An object of one of the interfaces in one state, for a single call of a method: of a connection of its own. */
final class Scene implements AutoCloseable {
    /** As {@code states.txt} calls and explains them. */
    enum State {
        OPEN,
        STOPPED,
        CLOSED,
        ABOVE,
        LISTENER,
        CALLBACK,
        QUEUES,
        TOPICS,
        THREAD
    }

    private static final Map<String, Integer> MODES = Map.of(
            "commit", Session.SESSION_TRANSACTED,
            "rollback", Session.SESSION_TRANSACTED,
            "recover", Session.CLIENT_ACKNOWLEDGE,
            "acknowledge", Session.CLIENT_ACKNOWLEDGE);

    private final Class<?> type;
    private final Method method;
    private final State state;
    private final String name;
    private final Session outside;
    private final JMSContext context;
    private final BelfryConnection connection;
    private final int mode;
    private BelfrySession session;
    private Thread beside;

    /** {@code name}: of all that is its own. {@code outside}: of another connection. */
    Scene(BelfryConnectionFactory factory, Session outside, String name, Class<?> type, Method method, State state)
            throws JMSException {
        this.type = type;
        this.method = method;
        this.state = state;
        this.name = name;
        this.outside = outside;
        mode = MODES.getOrDefault(method.getName(), Session.AUTO_ACKNOWLEDGE);
        context = type.getSimpleName().startsWith("JMS") ? factory.createContext(mode) : null;
        connection = context == null ? connection(factory) : null;
        boolean durable =
                method.getName().contains("Durable") || method.getName().equals("unsubscribe");
        if (durable && context != null) context.setClientID(name);
        if (durable && connection != null) connection.setClientID(name);
    }

    private BelfryConnection connection(BelfryConnectionFactory factory) throws JMSException {
        if (isFor("Queue") || state == State.QUEUES) return (BelfryConnection) factory.createQueueConnection("a", "b");
        if (isFor("Topic") || state == State.TOPICS) return (BelfryConnection) factory.createTopicConnection("a", "b");
        return (BelfryConnection) factory.createConnection();
    }

    /** QueueBrowser is of any session. */
    private boolean isFor(String kind) {
        return type.getSimpleName().startsWith(kind) && type != QueueBrowser.class;
    }

    /** Made when it is needed, as setClientID must come before it. */
    private BelfrySession session() throws JMSException {
        if (context != null) return ((BelfryContext) Proxy.getInvocationHandler(context)).session();
        if (session != null) return session;
        boolean transacted = mode == Session.SESSION_TRANSACTED;
        if (isFor("Queue") || state == State.QUEUES)
            session = (BelfrySession) connection.createQueueSession(transacted, mode);
        else if (isFor("Topic") || state == State.TOPICS)
            session = (BelfrySession) connection.createTopicSession(transacted, mode);
        else session = connection.createSession(mode);
        return session;
    }

    private void start() throws JMSException {
        if (context == null) connection.start();
        else context.start();
    }

    private Queue queue() {
        return new BelfryQueue(name);
    }

    private Topic topic() {
        return new BelfryTopic(name);
    }

    /** Where the messages are that it receives. */
    private Destination source() {
        return isFor("Topic") ? topic() : queue();
    }

    private Object target() throws JMSException {
        boolean names =
                method.getParameterCount() > 0 && Destination.class.isAssignableFrom(method.getParameterTypes()[0]);
        return switch (type.getSimpleName()) {
            case "Connection", "QueueConnection", "TopicConnection" -> connection;
            case "Session", "QueueSession", "TopicSession" -> session();
            case "MessageProducer", "QueueSender", "TopicPublisher" ->
                session().createProducer(names ? null : source());
            case "MessageConsumer" -> session().createConsumer(queue());
            case "QueueReceiver" -> session().createReceiver(queue());
            case "TopicSubscriber" -> session().createSubscriber(topic());
            case "QueueBrowser" -> session().createBrowser(queue());
            case "TemporaryQueue" -> session().createTemporaryQueue();
            case "TemporaryTopic" -> session().createTemporaryTopic();
            case "JMSContext" -> context;
            case "JMSProducer" -> context.createProducer().setProperty(name, "1");
            case "JMSConsumer" -> context.createConsumer(queue());
            default -> throw new AssertionError("No object of " + type + " is made. Make one here.");
        };
    }

    // ---- the state

    /** What {@code call} returns, in this state. */
    String in(CallOf call) throws Exception {
        boolean fresh = method.getName().equals("setClientID") && state == State.OPEN;
        Object target = target();
        if (!fresh) start();
        if (method.getName().equals("unsubscribe") && state != State.QUEUES)
            session().createDurableConsumer(topic(), name).close();
        if (method.getName().startsWith("receive") && state != State.LISTENER) put(source());
        return switch (state) {
            case OPEN, QUEUES, TOPICS -> call.on(target, arguments());
            case STOPPED -> {
                if (context == null) connection.stop();
                else context.stop();
                yield endingAWait(() -> call.on(target, arguments()));
            }
            case CLOSED -> {
                if (target instanceof TemporaryQueue temporary) temporary.delete();
                else if (target instanceof TemporaryTopic temporary) temporary.delete();
                else ((AutoCloseable) target).close();
                yield call.on(target, arguments());
            }
            case ABOVE -> {
                above(target).close();
                yield call.on(target, arguments());
            }
            case LISTENER -> inAListener(target, () -> call.on(target, arguments()));
            case CALLBACK -> inACallback(target, () -> call.on(target, arguments()));
            case THREAD -> besideAReceive(() -> call.on(target, arguments()));
        };
    }

    interface CallOf {
        String on(Object target, Object[] arguments) throws Exception;
    }

    private AutoCloseable above(Object target) {
        if (context != null) return context;
        boolean ofSession = target instanceof MessageProducer
                || target instanceof MessageConsumer
                || target instanceof QueueBrowser;
        return ofSession ? session : connection;
    }

    private void put(Destination destination) throws JMSException {
        MessageProducer producer = outside.createProducer(destination);
        producer.send(outside.createTextMessage("x"));
        producer.close();
    }

    private String inAListener(Object target, Callable<String> call) throws Exception {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        MessageListener listener = once(call, outcome)::accept;
        if (target instanceof MessageConsumer consumer) consumer.setMessageListener(listener);
        else if (target instanceof JMSConsumer consumer) consumer.setMessageListener(listener);
        else session().createConsumer(source()).setMessageListener(listener);
        put(source());
        return outcome.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
    }

    private String inACallback(Object target, Callable<String> call) throws Exception {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Once once = once(call, outcome);
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                once.accept(message);
            }

            @Override
            public void onException(Message message, Exception e) {
                outcome.completeExceptionally(e);
            }
        };
        Message message = new BelfryTextMessage();
        if (target instanceof JMSProducer producer) producer.setAsync(listener).send(elsewhere(), message);
        else if (target instanceof MessageProducer producer && producer.getDestination() != null)
            producer.send(message, listener);
        else if (target instanceof MessageProducer producer) producer.send(elsewhere(), message, listener);
        else session().createProducer(elsewhere()).send(message, listener);
        return outcome.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
    }

    private Destination elsewhere() {
        return isFor("Topic") ? new BelfryTopic(name + "-else") : new BelfryQueue(name + "-else");
    }

    private interface Once {
        void accept(Message message);
    }

    private static Once once(Callable<String> call, CompletableFuture<String> outcome) {
        AtomicBoolean first = new AtomicBoolean(true);
        return message -> {
            if (!first.getAndSet(false)) return;
            try {
                outcome.complete(call.call());
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        };
    }

    private String besideAReceive(Callable<String> call) throws Exception {
        MessageConsumer idle = session().createConsumer(elsewhere());
        beside = new Thread(() -> {
            try {
                idle.receive();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        beside.start();
        untilItWaits(beside);
        return call.call();
    }

    /** If the call waits, its connection is closed. */
    private String endingAWait(Callable<String> call) throws Exception {
        if (!method.getName().startsWith("receive")) return call.call();
        CompletableFuture<String> outcome = new CompletableFuture<>();
        beside = new Thread(() -> once(call, outcome).accept(null));
        beside.start();
        untilItWaits(beside);
        close();
        return outcome.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void untilItWaits(Thread thread) {
        Patience.until("the call waits, or returns", () -> switch (thread.getState()) {
            case WAITING, TIMED_WAITING, TERMINATED -> true;
            default -> false;
        });
    }

    // ---- arguments

    private Object[] arguments() {
        Object[] arguments = new Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) arguments[i] = argument(method.getParameterTypes()[i], i);
        return arguments;
    }

    private Object argument(Class<?> wanted, int index) {
        if (wanted == String.class) return text(index);
        if (wanted == boolean.class) return false;
        if (wanted == byte.class) return (byte) 1;
        if (wanted == short.class) return (short) 1;
        if (wanted == int.class) return 1;
        if (wanted == long.class)
            return state == State.STOPPED ? 1L : Patience.limit().toMillis();
        if (wanted == float.class) return 1f;
        if (wanted == double.class) return 1d;
        if (wanted == byte[].class) return new byte[2];
        if (wanted == Class.class) return String.class;
        if (wanted == Object.class || wanted == Serializable.class) return "1";
        if (wanted == Map.class) return Map.of("a", 1);
        if (wanted == Topic.class) return topic();
        if (wanted == Queue.class) return queue();
        if (wanted == Destination.class) return destination();
        if (wanted == Message.class) return new BelfryTextMessage();
        if (wanted == MessageListener.class) return (MessageListener) m -> {};
        if (wanted == ExceptionListener.class) return (ExceptionListener) e -> {};
        if (wanted == CompletionListener.class) return new Unheard();
        return null; // of a container
    }

    /** Of the other kind, where there are two. */
    private Destination destination() {
        return state == State.QUEUES ? topic() : queue();
    }

    private String text(int index) {
        boolean filtered = method.getName().matches("create(Consumer|Receiver|Subscriber|Browser)");
        return index > 1 || index == 1 && filtered ? "n = 1" : name;
    }

    private static final class Unheard implements CompletionListener {
        @Override
        public void onCompletion(Message message) {}

        @Override
        public void onException(Message message, Exception e) {}
    }

    @Override
    public void close() throws JMSException {
        if (context != null) {
            context.close();
            return;
        }
        connection.close();
    }

    /** After the close: the thread that was in a call has come out of it. */
    void join() throws InterruptedException {
        if (beside != null) beside.join();
    }
}
