package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Slow;
import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.annotation.Configuration;

class FailureAnalysisTest {
    private final Applications applications = new Applications();

    @AfterEach
    void removeQueues() {
        applications.removeQueues();
    }

    @Configuration
    static class Nothing {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {
        public static void main(String[] args) {
            SpringApplication.run(Application.class, args);
        }
    }

    /** As with belfry-spring-boot, but without the starter. */
    @Test
    @Slow
    void shouldPrintWhatToAddWhenAnApplicationHasNoTransport() {
        String without = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(one -> !one.contains("-transport"))
                .collect(Collectors.joining(File.pathSeparator));
        try (ChildJvm application = JavaCommand.of(
                        Application.class,
                        "--belfry.queues.orders.uri=shm:orders",
                        "--spring.main.web-application-type=none")
                .classPath(without)
                .flags(JavaCommand.QUICK)
                .start()) {
            application.awaitExit();
            assertThat(application.errors())
                    .contains("APPLICATION FAILED TO START")
                    .contains("Description:\n\n'belfry.queues.orders' cannot be made: No provider for 'shm:' in"
                            + " 'shm:orders'.\n")
                    .contains(
                            "Action:\n\nAdd dev.belfry:belfry-shm-transport to the class path or module path. The page"
                                    + " \"Operations\" of Belfry explains BELFRY-");
        }
    }

    private static ContextConsumer<AssertableApplicationContext> analysed(String description, String action) {
        return context -> {
            assertThat(context).hasFailed();
            FailureAnalysis analysis = new BelfryFailureAnalyzer().analyze(context.getStartupFailure());
            assertThat(analysis.getDescription()).isEqualTo(description);
            assertThat(analysis.getAction()).startsWith(action);
        };
    }

    @Test
    void shouldSplitTheTextWhenAPropertyIsWrong() {
        applications
                .of(Nothing.class)
                .withPropertyValues(applications.mem("orders", "capacty=4k"))
                .run(analysed(
                        "The queue 'orders' cannot be opened. Unknown parameter 'capacty' in '"
                                + applications.uri("orders") + "?capacty=4k'. Did you mean 'capacity'?",
                        "Correct 'belfry.queues.orders.uri'."));
    }

    interface Event {}

    static class OfAnInterface {
        @BelfryListener(queue = "orders")
        void on(Event event) {}
    }

    static class Moving {
        @BelfryListener(queue = "orders", onFailure = "moveTo(nowhere:x)")
        void on(String text) {}
    }

    @Test
    void shouldSayWhatIsWrongWhereOnlyAStackTraceDid() {
        String listener = FailureAnalysisTest.class.getName() + "$";
        applications
                .of(OfAnInterface.class)
                .withPropertyValues(applications.mem("orders"))
                .run(analysed(
                        "There is no codec of " + Event.class.getName() + " for " + listener
                                + "OfAnInterface.on: Jackson cannot make a " + Event.class.getName()
                                + ", and would write only what it declares. Name the types of the messages:"
                                + " JsonCodec.oneOf.",
                        "Declare a bean of the type Codec<"));
        applications
                .of(Moving.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    FailureAnalysis analysis = new BelfryFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(analysis.getDescription())
                            .startsWith(
                                    "The listener " + listener + "Moving.on cannot start: No provider for 'nowhere:'");
                    assertThat(analysis.getAction()).startsWith("Correct its annotation, or the properties below");
                });
        applications
                .of(Nothing.class)
                .withPropertyValues(applications.mem("orders"), "belfry.queues.orders.publisher.timeout=-5s")
                .run(analysed(
                        "The publishers of the queue 'orders' cannot have their settings: timeout must be 0 or more,"
                                + " was PT-5S. With 0 a full queue is refused at once.",
                        "Correct the properties below 'belfry.queues.orders.publisher'."));
    }

    @Test
    void shouldRefuseLimitsOfTheHealthThatNothingCanMeet() {
        for (String wrong : List.of("max-lag=-1", "stuck-after=0s", "stuck-after=-1s"))
            applications
                    .of(Nothing.class)
                    .withPropertyValues(applications.mem("orders"), "belfry.health." + wrong)
                    .run(context -> {
                        assertThat(context).hasFailed();
                        FailureAnalysis analysis = new BelfryFailureAnalyzer().analyze(context.getStartupFailure());
                        assertThat(analysis.getDescription())
                                .startsWith("'belfry.health." + wrong.replaceAll("=.*", "'"));
                    });
    }

    @Test
    void shouldNameTheOtherProcessWhenASubscriptionIsInUse() {
        try (MessageQueue queue = MessageQueues.open(applications.uri("shm", "orders"))) {
            queue.createSubscriber(SubscriberOptions.builder().name("billing").build());
            applications
                    .of(ListenersTest.Named.class)
                    .withPropertyValues(applications.shm("orders"))
                    .run(context -> {
                        FailureAnalysis analysis = new BelfryFailureAnalyzer().analyze(context.getStartupFailure());
                        assertThat(analysis.getDescription())
                                .contains("'billing'")
                                .contains("pid");
                        assertThat(analysis.getAction()).contains("explains BELFRY-");
                    });
        }
    }

    /** It says what the program was about, which ours does not know. */
    @Test
    void shouldLeaveWhatTheProgramItselfThrowsToBoot() {
        Exception cause = new QueueFullException("Queue 'mem:o' is full. Read it.");
        assertThat(new BelfryFailureAnalyzer().analyze(new IllegalStateException("order 17 cannot be placed", cause)))
                .isNull();
    }

    @Test
    void shouldLeaveOtherFailuresToBoot() {
        assertThat(new BelfryFailureAnalyzer().analyze(new IllegalStateException("another")))
                .isNull();
    }
}
