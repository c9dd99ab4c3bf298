package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Codec;
import dev.belfry.api.Create;
import dev.belfry.api.LatestValues;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.OnFailure;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueStats;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.Replier;
import dev.belfry.api.ReplyHandler;
import dev.belfry.api.Requester;
import dev.belfry.api.SizedCodec;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberLoop;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Subscribers;
import dev.belfry.api.TypedHandler;
import dev.belfry.api.TypedListener;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.api.WritableBody;
import dev.belfry.spi.QueueFigures;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every public method of {@code dev.belfry.api} has a row: in the table of {@link ApiStates}, if it
 * does different things at different times; else here, with what it does to good arguments; or
 * there is a reason why it needs none. Hostile arguments are refused by an exception of the API, or
 * taken.
 */
@Tag("T11")
class ApiRowsTest {
    /**
     * Values and their builders, which have no states. ok: returns; this: returns the builder
     * itself; null, 0, false: returns that. Several rows of one method in one line.
     */
    private static final String VALUES = """
            MessageProperties            empty():ok builder():ok decode(ByteBuffer):ok encode():ok encodedLength():ok names():ok get(String):null getString(String,String):text
                getBoolean(String,boolean):true getInt(String,int):1 getLong(String,long):1 getDouble(String,double):1.0
                equals(Object):false hashCode():ok toString():ok
            MessageProperties$Builder    put(String,boolean):this put(String,byte):this put(String,short):this put(String,int):this
                put(String,long):this put(String,float):this put(String,double):this put(String,String):this putObject(String,Object):this
                putReceived(String,Object):this putAll(MessageProperties):this
                build():ok
            PublisherOptions             defaults():ok builder():ok exclusive():false timeout():ok spin():null timestamps():false
            PublisherOptions$Builder     exclusive(boolean):this timeout(Duration):this spin(Duration):this timestamps(boolean):this build():ok
            SubscriberOptions            defaults():ok builder():ok observer(StartAt):ok name():null startAt():ok ackMode():AUTO
                slowSubscriber():GATE_PUBLISHER afterOverrun():OLDEST onOverrun():null spin():null threadFactory():null maxRedeliveries():3 retryDelay():PT0S
                onError():null onFailure():Stop[]
            SubscriberOptions$Builder    name(String):this startAt(StartAt):this ackMode(AckMode):this slowSubscriber(SlowSubscriber):this
                afterOverrun(AfterOverrun):this onOverrun(LongConsumer):this
                spin(Duration):this threadFactory(ThreadFactory):this maxRedeliveries(int):this retryDelay(Duration):this
                onError(Consumer):this onFailure(OnFailure):this build():ok
            OnFailure                    stop():Stop[] skip():Skip[] moveTo(String):ok moveTo(URI,QueueConfig):ok
            QueueConfig                  defaults():ok builder():ok create():null capacity():0 maxCapacity():0 mode():null group():null
                allowGating():null maxGateTime():null deleteOnLastClose():null attributes():ok
            QueueConfig$Builder          create(Create):this capacity(long):this maxCapacity(long):this mode(String):this group(String):this
                allowGating(Boolean):this maxGateTime(Duration):this deleteOnLastClose(Boolean):this attribute(String,Object):this build():ok
            StartAt                      at(long):ok time(Instant):ok position():ok timeMillis():ok equals(Object):false hashCode():ok toString():ok
            Codecs                       text():ok bytes():ok
            QueueHealth                  new(Supplier,long,Duration):ok check():ok
            """;

    private static final String BY_THE_COMPILER = "written by the compiler";
    private static final String BY_THE_USER = "written by the user: F58";
    private static final String CALLS_ANOTHER =
            "it calls that of the publisher or subscriber that it has: TypedQueuesTest";
    private static final String OF_THOSE_THAT_EXTEND_IT = "its methods are rows of the types that extend it";
    private static final String CARRIES_A_TEXT = "an exception carries what it was given: ErrorsTest, ErrorTextsTest";
    private static final String GIVES_WHAT_IT_WAS_GIVEN =
            "a record gives what it was given; what it refuses: its own test";

    private static final Set<Class<?>> BY_USERS = Set.of(
            MessageHandler.class,
            MessageListener.class,
            TypedHandler.class,
            TypedListener.class,
            Codec.class,
            SizedCodec.class,
            ReplyHandler.class,
            LatestValues.Listener.class,
            Subscribers.Handler.class);

    private static final String OF_REQUESTS = "what it does needs two queues and another side: RequestReplyTest";
    private static final String OF_A_QUEUE = "it asks a queue, and there is none here: NameRemovedTest";
    private static final String OF_MANY = "what it does needs messages: LatestSuite, SubscribersSuite";
    private static final Set<Class<?>> MANY = Set.of(LatestValues.class, Subscribers.class, SubscriberLoop.class);
    private static final Set<Class<?>> REQUESTS = Set.of(Requester.class, Requester.Pending.class, Replier.class);

    /** Null: it needs a row. */
    private static String reasonForNone(Class<?> type, Executable method) {
        if (type.isEnum()) return BY_THE_COMPILER;
        if (type.isRecord() || type == QueueStats.class || type == SubscriberStats.class)
            return GIVES_WHAT_IT_WAS_GIVEN;
        if (BY_USERS.contains(type)) return BY_THE_USER;
        if (REQUESTS.contains(type)) return OF_REQUESTS;
        if (MANY.contains(type)) return OF_MANY;
        if (List.of(method.getParameterTypes()).contains(MessageQueue.class)) return OF_A_QUEUE;
        if (type == TypedPublisher.class || type == TypedSubscriber.class) return CALLS_ANOTHER;
        if (type == ReadableBody.class || type == WritableBody.class) return OF_THOSE_THAT_EXTEND_IT;
        if (MessageQueueException.class.isAssignableFrom(type)) return CARRIES_A_TEXT;
        return null;
    }

    @Test
    void shouldHaveARowOrAReasonForEachPublicMethod() throws Exception {
        Set<String> missing = new TreeSet<>();
        Set<String> known = new TreeSet<>();
        Set<String> reasons = new TreeSet<>();
        int rows = 0;
        for (Class<?> type : publicTypes()) {
            if (ApiStates.TYPES.contains(type)) {
                rows += ApiStates.cells(type).size(); // complains itself
                known.add(type.getName());
                continue;
            }
            Map<String, String> values = values(type);
            if (!values.isEmpty()) known.add(type.getName());
            for (Executable method : executables(type)) {
                String reason = reasonForNone(type, method);
                if (reason != null) reasons.add(reason);
                else if (values.remove(signature(method)) == null) missing.add(simple(type) + "." + signature(method));
                else rows++;
            }
            values.keySet().forEach(row -> missing.add("no such method: " + simple(type) + "." + row));
        }
        assertThat(missing).as("methods without a row, rows without a method").isEmpty();
        assertThat(known)
                .containsAll(ApiStates.TYPES.stream().map(Class::getName).toList());
        assertThat(reasons).as("reasons that are still needed").hasSize(9);
        System.out.printf("%d rows for the public methods of dev.belfry.api%n", rows);
    }

    @Test
    void shouldDoWhatTheRowSays() throws Exception {
        List<String> complaints = new ArrayList<>();
        for (Class<?> type : publicTypes()) {
            Map<String, String> values = values(type);
            for (Executable method : executables(type)) {
                String expected = values.get(signature(method));
                if (expected == null) continue;
                Object on = instance(type);
                Object result = call(method, on, arguments(method));
                boolean right = expected.equals("ok") && result != null
                        || expected.equals("this") && result == on
                        || expected.equals(String.valueOf(result));
                if (!right) complaints.add(simple(type) + "." + signature(method) + " returned " + result);
            }
        }
        assertThat(complaints).isEmpty();
    }

    /** A builder may say so when it builds. */
    @Test
    void shouldRefuseHostileArgumentsInWordsOfTheApi() throws Exception {
        List<String> complaints = new ArrayList<>();
        for (Class<?> type : publicTypes()) {
            Map<String, String> values = values(type);
            for (Executable method : executables(type))
                for (int i = 0; values.containsKey(signature(method)) && i < method.getParameterCount(); i++)
                    for (Object hostile : hostile(method.getParameterTypes()[i])) {
                        Object[] arguments = arguments(method);
                        arguments[i] = hostile;
                        Object result = call(method, instance(type), arguments);
                        if (result != null && simple(result.getClass()).endsWith("$Builder"))
                            result = call(result.getClass().getMethod("build"), result);
                        if (result instanceof Thrown thrown && !ApiStates.isOfTheApi(thrown.cause))
                            complaints.add(simple(type) + "." + signature(method) + " with " + hostile + " " + thrown);
                    }
        }
        assertThat(complaints).isEmpty();
    }

    private static List<Object> hostile(Class<?> type) {
        List<Object> hostile = new ArrayList<>(ApiStatesSuite.hostile(type));
        if (type == Instant.class) hostile.addAll(List.of(Instant.MIN, Instant.MAX));
        if (type == Duration.class) hostile.add(ChronoUnit.FOREVER.getDuration());
        return hostile;
    }

    // What there is

    private static List<Class<?>> publicTypes() throws Exception {
        URI code = MessageQueues.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        Path place = Path.of(code);
        if (Files.isDirectory(place)) return publicTypes(place);
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return publicTypes(jar.getPath("/"));
        }
    }

    private static List<Class<?>> publicTypes(Path classes) throws Exception {
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.list(classes.resolve("dev/belfry/api"))) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (!name.endsWith(".class") || name.equals("package-info.class")) continue;
                Class<?> type = Class.forName("dev.belfry.api." + name.substring(0, name.length() - 6));
                if (Modifier.isPublic(type.getModifiers()) && !type.isAnonymousClass()) types.add(type);
            }
        }
        assertThat(types).hasSizeGreaterThan(30);
        return types;
    }

    private static List<Executable> executables(Class<?> type) {
        List<Executable> all = new ArrayList<>(List.of(type.getConstructors()));
        for (Method method : type.getDeclaredMethods())
            if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) all.add(method);
        return all;
    }

    private static String signature(Executable method) {
        if (method instanceof Method m) return ApiStates.signature(m);
        return Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(",", "new(", ")"));
    }

    private static String simple(Class<?> type) {
        return type.getName().substring(type.getPackageName().length() + 1);
    }

    private static Map<String, String> values(Class<?> type) {
        Map<String, String> rows = new LinkedHashMap<>();
        boolean mine = false;
        for (String line : VALUES.split("\n"))
            for (String word : line.strip().split("\\s+")) {
                int colon = word.lastIndexOf(':');
                if (colon < 0) mine = word.equals(simple(type));
                else if (mine) rows.put(word.substring(0, colon), word.substring(colon + 1));
            }
        return rows;
    }

    // Calls

    private record Thrown(Throwable cause) {}

    private static Object call(Executable method, Object on, Object... arguments) throws ReflectiveOperationException {
        try {
            return method instanceof Method m
                    ? m.invoke(on, arguments)
                    : ((Constructor<?>) method).newInstance(arguments);
        } catch (InvocationTargetException e) {
            return new Thrown(e.getCause());
        }
    }

    private static Object instance(Class<?> type) throws ReflectiveOperationException {
        if (type == StartAt.class) return StartAt.at(7);
        if (type == QueueHealth.class) return new QueueHealth(ApiRowsTest::noMessages, 1, Duration.ofSeconds(1));
        if (type == MessageProperties.class)
            return MessageProperties.builder().put("other", 1).build();
        if (type.getSimpleName().equals("Builder"))
            return type.getEnclosingClass().getMethod("builder").invoke(null);
        for (Method method : type.getMethods()) if (method.getName().equals("defaults")) return method.invoke(null);
        return null;
    }

    private static QueueStats noMessages() {
        return new QueueFigures(new UUID(1, 1), 0, 0, 4096, 4096, 0, List.of(), Map.of(), List.of());
    }

    private static Object[] arguments(Executable method) {
        return Arrays.stream(method.getParameterTypes())
                .map(ApiRowsTest::argument)
                .toArray();
    }

    private static Object argument(Class<?> type) {
        if (type == String.class) return "text";
        if (type == Duration.class) return Duration.ofMillis(20);
        if (type == Instant.class) return Instant.EPOCH;
        if (type == boolean.class || type == Boolean.class) return true;
        if (type == byte.class) return (byte) 1;
        if (type == short.class) return (short) 1;
        if (type == int.class) return 1;
        if (type == long.class) return 1L;
        if (type == float.class) return 1f;
        if (type == double.class) return 1.0;
        if (type == Object.class) return "an object";
        if (type == ByteBuffer.class) return ByteBuffer.allocate(0);
        if (type == StartAt.class) return StartAt.NOW;
        if (type == AckMode.class) return AckMode.AUTO;
        if (type == SlowSubscriber.class) return SlowSubscriber.OVERRUN;
        if (type == Create.class) return Create.CREATE_NEW;
        if (type == OnFailure.class) return OnFailure.skip();
        if (type == URI.class) return URI.create("mem:failed");
        if (type == MessageProperties.class) return MessageProperties.empty();
        if (type == QueueConfig.class) return QueueConfig.defaults();
        if (type == AfterOverrun.class) return AfterOverrun.OLDEST;
        if (type == LongConsumer.class) return (LongConsumer) lost -> {};
        if (type == Consumer.class) return (Consumer<Object>) whatever -> {};
        if (type == Supplier.class) return (Supplier<Object>) ApiRowsTest::noMessages;
        if (type == ThreadFactory.class) return (ThreadFactory) Thread::new;
        throw new AssertionError("a parameter of a new type: " + type);
    }
}
