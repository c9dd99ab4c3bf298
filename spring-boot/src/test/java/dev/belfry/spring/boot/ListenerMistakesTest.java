package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mistakes that are easily made in what runs listeners: the test that each names notices it, and says so. */
@Timeout(120)
@Slow
@OneJdk
@ByTurns
@WaitsForOthers
class ListenerMistakesTest {
    private static final String PATIENCE = "belfry.patience";
    private static String before;

    /** What does not come is noticed, too. */
    @BeforeAll
    static void waitLess() {
        before = System.getProperty(PATIENCE);
        System.setProperty(PATIENCE, "8s");
    }

    @AfterAll
    static void waitAsBefore() {
        if (before == null) System.clearProperty(PATIENCE);
        else System.setProperty(PATIENCE, before);
    }

    private static final String STOP = "ControlTest#shouldStopAndStartAListenerByItsId";
    private static final String WAIT = "ControlTest#shouldWaitForTheMessageInItsMethodWhenItIsStopped";
    private static final String AGAIN = "ControlTest#shouldStartAListenerAgainThatHasFailed";
    private static final String ANSWER = "ControlTest#shouldAnswerByWhatAListenerReturns";
    private static final String SINGLE = "ControlTest#shouldTakeSinglePropertiesAndThePosition";
    private static final String LIST = "ListenersTest#shouldReadAListByTheTypeOfItsParameter";
    private static final String MAPPER = "ListenersTest#shouldTakeTheMapperOfBootWhereItIsAskedFor";

    /** Where, which statement, what instead; the test, and what its failure says, if that is the same each time. */
    enum Mistake {
        STOPPED_AND_STILL_READING("Listeners", "one.close(); one.awaitEnd();", "", STOP, ""),
        STOPPED_BY_ANOTHER_THREAD(
                "Listeners",
                "one.close(); one.awaitEnd();",
                "new Thread(one::close).start();",
                WAIT,
                "it is stopped after []"),
        STOPPED_IN_THE_MONITOR(
                "Listeners",
                "one.close(); one.awaitEnd();",
                "synchronized (this) { one.close(); }",
                WAIT,
                "it is stopped after []"),
        HOLDS_UP_NOBODY(
                "Listeners",
                "state == State.RUNNING ? null : HeldUp.by(queue(queue, method), name)",
                "null",
                STOP,
                "the publishers of"),
        NOT_STARTED_AGAIN("Listeners", "try { start(method); } finally {", "try {} finally {", STOP, "heard are"),
        FAILED_AND_NOT_STARTED_AGAIN(
                "Listeners",
                "before == null || before.state() instanceof SubscriberState.Stopped",
                "before == null",
                AGAIN,
                "RUNNING"),
        FAILED_AND_CALLED_STOPPED("Listeners", "state = State.FAILED;", "", AGAIN, "it has failed"),
        STARTS_ALL_BY_ITSELF(
                "Listeners", "if (startsByItself(method)) start(method);", "start(method);", STOP, "STOPPED"),
        TWO_OF_ONE_ID(
                "Listeners",
                "if (id != null && id.equals(id(other)))",
                "if (id != null && id == null)",
                "ControlTest#shouldRefuseTwoListenersOfOneId",
                "fail"),
        ASYNCHRONOUS(
                "Listeners",
                "if (AnnotatedElementUtils.hasAnnotation(method, Async.class)",
                "if (method == null",
                "ControlTest#shouldRefuseAnAsynchronousListener",
                "fail"),
        ENDPOINT_STOPS_WHAT_IT_STARTS(
                "BelfryEndpointAutoConfiguration",
                "action == Action.START ? listeners.start(id) : listeners.stop(id)",
                "action == Action.STOP ? listeners.start(id) : listeners.stop(id)",
                STOP,
                "STOPPED"),
        ENDPOINT_FAILS_OF_ITSELF(
                "BelfryEndpointAutoConfiguration",
                "throw new InvalidEndpointRequestException(e.getMessage(), e.getMessage());",
                "throw e;",
                STOP,
                "InvalidEndpointRequestException"),
        NO_ANSWER("RunningListener", "return returned[0];", "return null;", ANSWER, "receipt of pears"),
        ANSWERED_WITHOUT_A_SPAN(
                "RunningListener",
                "answers.options, this::call);",
                "answers.options, (value, message) -> method.call(value, message, subscriber));",
                ANSWER,
                "observed"),
        MISSING_IS_ZERO(
                "ListenerMethod",
                "if (!parameter.getType().isPrimitive()) return null;",
                "if (!parameter.getType().isPrimitive()) return null; if (true) return 0;",
                SINGLE,
                "none 0 null 1"),
        POSITION_OF_THE_NEXT(
                "ListenerMethod", "return message.position();", "return message.position() + 1;", SINGLE, "17 null 3"),
        WITHOUT_ITS_PROXY(
                "ListenerMethod",
                "return method.invoke(bean, given);",
                "return method.invoke("
                        + "org.springframework.aop.framework.AopProxyUtils.getSingletonTarget(bean), given);",
                "ControlTest#shouldRetryAsSpringsAnnotationSays",
                "heard are"),
        LIST_OF_WHATEVER(
                "CodecChoice", "return resolved(type);", "return type.resolve(Object.class);", LIST, "what=pears"),
        VARIABLES_UNBOUND("CodecChoice", "return resolved(type);", "return type.getType();", LIST, "what=pears"),
        NEVER_THE_MAPPER_OF_BOOT(
                "CodecChoice",
                "json().mapper() == BelfryProperties.Mapper.OWN",
                "json().mapper() != null",
                MAPPER,
                "Order[id=0"),
        THE_MAPPER_OF_BOOT_IF_THERE(
                "CodecChoice",
                "json().mapper() == BelfryProperties.Mapper.OWN",
                "json().mapper() == BelfryProperties.Mapper.OWN"
                        + " && beans.getBeanProvider(JsonMapper.class).getIfUnique() == null",
                MAPPER,
                "Order[id=0"),
        OWN_WHERE_BOOT_HAS_NONE(
                "CodecChoice",
                "if (mapper != null) return JsonCodec.of(reference, mapper);",
                "return mapper != null ? JsonCodec.of(reference, mapper) : JsonCodec.of(reference);",
                MAPPER,
                "fail");

        private final String type;
        private final String statement;
        private final String replacement;
        private final String test;
        private final String failure;

        Mistake(String type, String statement, String replacement, String test, String failure) {
            this.type = "dev.belfry.spring.boot." + type;
            this.statement = statement;
            this.replacement = replacement;
            this.test = test;
            this.failure = failure;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeNoticed(Mistake mistake) {
        try (Patched twin = Patched.in(mistake.type, mistake.statement, mistake.replacement)) {
            assertThat(catchThrowable(() -> twin.run(OneTest.class, mistake.test)))
                    .as("%s", mistake)
                    .hasStackTraceContaining(mistake.failure);
        }
    }

    /** Class#method, as JUnit would run it. */
    static final class OneTest implements Consumer<String> {
        @Override
        public void accept(String test) {
            String[] names = test.split("#");
            try {
                Class<?> type = Class.forName("dev.belfry.spring.boot." + names[0]);
                var constructor = type.getDeclaredConstructor();
                constructor.setAccessible(true);
                Object one = constructor.newInstance();
                each(BeforeEach.class, one);
                try {
                    call(type.getDeclaredMethod(names[1]), one);
                } finally {
                    each(AfterEach.class, one);
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(test, e);
            }
        }

        private static void each(Class<? extends Annotation> kind, Object test) throws ReflectiveOperationException {
            for (Method method : Stream.of(test.getClass().getDeclaredMethods())
                    .filter(one -> one.isAnnotationPresent(kind))
                    .toList()) call(method, test);
        }

        private static void call(Method method, Object test) throws ReflectiveOperationException {
            method.setAccessible(true);
            try {
                method.invoke(test);
            } catch (InvocationTargetException e) {
                throw new AssertionError(e.getCause());
            }
        }
    }
}
