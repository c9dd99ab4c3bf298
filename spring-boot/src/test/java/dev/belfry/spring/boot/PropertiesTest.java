package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PropertiesTest {
    private final Applications applications = new Applications();

    @Configuration
    static class Nothing {}

    @AfterEach
    void removeQueues() {
        applications.removeQueues();
    }

    private void failing(String property, String text) {
        applications
                .of(Nothing.class)
                .withPropertyValues(applications.mem("orders"), property)
                .run(Applications.failing(text));
    }

    @Test
    void shouldNameTheNearestKeyWhenOneIsNotKnown() {
        failing(
                "belfry.queues.orders.publisher.timout=5s",
                "The property 'belfry.queues.orders.publisher.timout' (\"belfry.queues.orders.publisher.timout\" from"
                        + " property source \"test\") is not known."
                        + " Did you mean 'belfry.queues.orders.publisher.timeout'?");
        failing(
                "belfry.queues.orders.subscriber.ackmod=CLIENT",
                "The property 'belfry.queues.orders.subscriber.ackmod' (\"belfry.queues.orders.subscriber.ackmod\" from"
                        + " property source \"test\") is not known."
                        + " Did you mean 'belfry.queues.orders.subscriber.ack-mode'?");
        failing(
                "belfry.queue.orders.uri=mem:orders",
                "The property 'belfry.queue.orders.uri' (\"belfry.queue.orders.uri\" from property source \"test\") is"
                        + " not known. Did you mean 'belfry.queues'?");
    }

    @Test
    void shouldSayWhatIsKnownWhenNoneIsNear() {
        failing(
                "belfry.queues.orders.concurrency=5",
                "The property 'belfry.queues.orders.concurrency' (\"belfry.queues.orders.concurrency\" from property"
                        + " source \"test\") is not known. Known below 'belfry.queues.orders': answers, publisher, subscriber,"
                        + " uri. Settings of a transport are parameters of the uri, as in shm:orders?capacity=4m.");
        failing(
                "belfry.queues.orders.uri.capacity=5",
                "The property 'belfry.queues.orders.uri.capacity' (\"belfry.queues.orders.uri.capacity\" from property"
                        + " source \"test\") is not known. 'belfry.queues.orders.uri' is a value.");
    }

    @Test
    void shouldNameWhatIsBelowAKeyWhenItTakesNoValue() {
        failing(
                "belfry.queues.prices=shm:prices",
                "The property 'belfry.queues.prices' (\"belfry.queues.prices\" from property source \"test\") takes no"
                        + " value. Known below it: answers, publisher, subscriber, uri.");
    }

    @Test
    void shouldRefuseOfTheSystemPropertiesOnlyWhatIsOurs() {
        applications
                .of(Nothing.class)
                .withPropertyValues(applications.mem("orders"))
                .withSystemProperties("belfry.maxCapacity=1m", "belfry.memory=ffm")
                .run(context -> assertThat(context).hasNotFailed());
        applications
                .of(Nothing.class)
                .withPropertyValues(applications.mem("orders"))
                .withSystemProperties("belfry.queues.orders.ur=mem:orders")
                .run(context -> assertThat(Applications.root(context))
                        .hasMessageContaining("Did you mean 'belfry.queues.orders.uri'?"));
    }

    @Test
    void shouldTakeANameWithDotsWhenItIsInBrackets() {
        applications
                .of(Nothing.class)
                .withPropertyValues("belfry.queues.[orders.of.today].uri=" + applications.uri("orders"))
                .run(context -> assertThat(context).hasBean("orders.of.today"));
    }

    /** What a program can only give as an object has no property. */
    @Test
    void shouldHaveAPropertyForEachOption() {
        assertThat(components(BelfryProperties.Publisher.class)).isEqualTo(options(PublisherOptions.class));
        Set<String> subscriber = options(SubscriberOptions.class);
        subscriber.removeAll(Set.of("onOverrun", "threadFactory", "onError"));
        assertThat(components(BelfryProperties.Subscriber.class)).isEqualTo(subscriber);
    }

    private static Set<String> components(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> options(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.getDeclaringClass() == type && !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void shouldPassEachOptionOnWhenItIsSet() {
        applications
                .of(Nothing.class)
                .withPropertyValues(
                        applications.mem("orders"),
                        "belfry.queues.orders.publisher.exclusive=true",
                        "belfry.queues.orders.publisher.timeout=5s",
                        "belfry.queues.orders.publisher.spin=0",
                        "belfry.queues.orders.publisher.timestamps=true",
                        "belfry.queues.orders.subscriber.name=billing",
                        "belfry.queues.orders.subscriber.start-at=oldest-retained",
                        "belfry.queues.orders.subscriber.ack-mode=client",
                        "belfry.queues.orders.subscriber.slow-subscriber=overrun",
                        "belfry.queues.orders.subscriber.after-overrun=newest",
                        "belfry.queues.orders.subscriber.spin=50us",
                        "belfry.queues.orders.subscriber.max-redeliveries=5",
                        "belfry.queues.orders.subscriber.retry-delay=100ms")
                .run(context -> {
                    BelfryProperties.Queue queue =
                            context.getBean(BelfryProperties.class).queues().get("orders");
                    PublisherOptions out = queue.publisher().options();
                    assertThat(out.exclusive()).isTrue();
                    assertThat(out.timeout()).hasSeconds(5);
                    assertThat(out.spin()).isZero();
                    assertThat(out.timestamps()).isTrue();
                    SubscriberOptions in = queue.subscriber().options().build();
                    assertThat(in.name()).isEqualTo("billing");
                    assertThat(in.startAt()).isEqualTo(StartAt.OLDEST_RETAINED);
                    assertThat(in.ackMode()).isEqualTo(AckMode.CLIENT);
                    assertThat(in.slowSubscriber()).isEqualTo(SlowSubscriber.OVERRUN);
                    assertThat(in.afterOverrun()).isEqualTo(AfterOverrun.NEWEST);
                    assertThat(in.spin()).isEqualTo(Duration.ofNanos(50_000));
                    assertThat(in.maxRedeliveries()).isEqualTo(5);
                    assertThat(in.retryDelay()).hasMillis(100);
                });
    }

    @Test
    void shouldHaveTheApisDefaultsWhenNothingIsSet() {
        applications
                .of(Nothing.class)
                .withPropertyValues(applications.mem("orders"))
                .run(context -> {
                    BelfryProperties.Queue queue =
                            context.getBean(BelfryProperties.class).queues().get("orders");
                    assertThat(queue.publisher().options())
                            .usingRecursiveComparison()
                            .isEqualTo(PublisherOptions.defaults());
                    assertThat(queue.subscriber().options().build())
                            .usingRecursiveComparison()
                            .isEqualTo(SubscriberOptions.defaults());
                });
    }

    /** Of what is below a map Boot's metadata has nothing by itself. */
    @Test
    void shouldDescribeEachSettingOfAQueueToEditors() throws IOException {
        String file = "/META-INF/spring/configuration-metadata/" + BelfryProperties.Queue.class.getName() + ".json";
        try (InputStream in = BelfryProperties.class.getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            Set<String> described = new TreeSet<>();
            Matcher each = Pattern.compile("\"name\": \"([^\"]+)\",\\s+\"type\": \"[^\"]+\",\\s+\"description\"")
                    .matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            while (each.find()) described.add(each.group(1).replace("-", ""));
            Set<String> settings = new TreeSet<>(Set.of("uri", "answers"));
            for (RecordComponent one : BelfryProperties.Publisher.class.getRecordComponents())
                settings.add("publisher." + one.getName().toLowerCase(Locale.ROOT));
            for (RecordComponent one : BelfryProperties.Subscriber.class.getRecordComponents())
                settings.add("subscriber." + one.getName().toLowerCase(Locale.ROOT));
            assertThat(described).isEqualTo(settings);
        }
    }

    /** Those that editors show are those that there are. */
    @Test
    void shouldShowEditorsTheDefaultsAndValues() throws IOException {
        String file = "/META-INF/spring/configuration-metadata/" + BelfryProperties.Queue.class.getName() + ".json";
        JsonNode metadata;
        try (InputStream in = BelfryProperties.class.getResourceAsStream(file)) {
            metadata = new JsonMapper().readTree(in);
        }
        List<String> defaults = new ArrayList<>(List.of(applications.mem("orders")));
        Set<String> without = new TreeSet<>();
        for (JsonNode each : metadata.get("properties")) {
            String name = each.get("name").asString();
            if (each.get("defaultValue") == null) without.add(name);
            else
                defaults.add("belfry.queues.orders." + name + "="
                        + each.get("defaultValue").asString());
        }
        assertThat(without)
                .containsExactly(
                        "answers", "publisher.spin", "publisher.timeout", "subscriber.name", "subscriber.spin", "uri");
        applications
                .of(Nothing.class)
                .withPropertyValues(defaults.toArray(String[]::new))
                .run(context -> {
                    BelfryProperties.Queue queue =
                            context.getBean(BelfryProperties.class).queues().get("orders");
                    assertThat(queue.publisher().options())
                            .usingRecursiveComparison()
                            .isEqualTo(PublisherOptions.defaults());
                    assertThat(queue.subscriber().options().build())
                            .usingRecursiveComparison()
                            .isEqualTo(SubscriberOptions.defaults());
                    assertThat(queue.subscriber().onFailure()).isEqualTo("stop");
                });
        Map<String, List<String>> values = new TreeMap<>();
        for (JsonNode hint : metadata.get("hints"))
            values.put(hint.get("name").asString(), hint.get("values").findValuesAsString("value"));
        assertThat(values)
                .containsOnlyKeys("subscriber.on-failure", "uri")
                .containsEntry("subscriber.on-failure", List.of("stop", "skip", "moveTo(shm:failed)"));
    }
}
