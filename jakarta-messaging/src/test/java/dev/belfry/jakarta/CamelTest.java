package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.component.jms.JmsConsumer;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/** Camel's component {@code jms:} over a domain, with nothing but the factory. */
@Timeout(60)
@WaitsForOthers
@Slow
class CamelTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String domain = "mem:camel" + NUMBER.incrementAndGet();
    private final BelfryConnectionFactory factory = new BelfryConnectionFactory(domain + "?linger=1s");
    private final CamelContext camel = new DefaultCamelContext();
    private final ProducerTemplate template = camel.createProducerTemplate();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private interface Route {
        ProcessorDefinition<?> to(RouteDefinition from);
    }

    CamelTest() {
        add("jms", JmsComponent.jmsComponent(factory));
    }

    private void add(String scheme, JmsComponent component) {
        component.setReceiveTimeout(100); // a route ends when this has passed
        camel.addComponent(scheme, component);
    }

    @AfterEach
    void end() {
        camel.stop();
        MessageQueues.delete(domain);
    }

    private void start(String from, Route route) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                route.to(from(from).routeId("route"));
            }
        });
        camel.start();
    }

    private void untilHeard(int n) {
        Patience.until("heard " + n, () -> heard.size() >= n);
    }

    @Test
    void shouldMoveFromQueueToQueueInOneTransaction() throws Exception {
        JmsTransactionManager transactions = new JmsTransactionManager(factory);
        camel.getRegistry().bind("transactions", transactions);
        add("tx", JmsComponent.jmsComponentTransacted(factory, transactions));
        start("tx:queue:in", from -> from.transacted().to("tx:queue:out").process(moved -> {
            String what = moved.getMessage().getBody(String.class) + " "
                    + moved.getMessage().getHeader("JMSXDeliveryCount");
            heard.add(what);
            if (what.equals("b 1")) throw new IllegalStateException("on purpose");
        }));
        for (String text : new String[] {"a", "b", "c"}) template.sendBody("jms:queue:in", text);
        untilHeard(4);
        assertThat(heard).containsExactlyInAnyOrder("a 1", "b 1", "b 2", "c 1");
        try (JMSContext context = factory.createContext()) {
            var out = context.createConsumer(context.createQueue("out"));
            List<String> moved = Stream.generate(
                            () -> out.receiveBody(String.class, Patience.limit().toMillis()))
                    .limit(3)
                    .toList();
            assertThat(moved).containsExactlyInAnyOrder("a", "b", "c"); // what was sent first was rolled back
            assertThat(out.receiveNoWait()).isNull();
            camel.stop();
            assertThat(context.createConsumer(context.createQueue("in")).receiveNoWait())
                    .isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "?replyTo=queue:answers&replyToType=Shared", "?replyTo=queue:answers&replyToType=Exclusive"})
    void shouldAnswerEachRequest(String answers) throws Exception {
        start("jms:queue:requests?concurrentConsumers=2", from -> from.transform()
                .simple("${body}!"));
        List<CompletableFuture<String>> replies = Stream.of("a", "b", "c", "d")
                .map(text -> template.asyncRequestBody("jms:queue:requests" + answers, text, String.class))
                .toList();
        assertThat(replies.stream().map(CompletableFuture::join)).containsExactly("a!", "b!", "c!", "d!");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clientId=audit&durableSubscriptionName=audit",
                "subscriptionDurable=true&subscriptionShared=true&subscriptionName=audit&concurrentConsumers=2"
            })
    void shouldMissNothingOfATopicWhileItsRouteIsStopped(String subscription) throws Exception {
        start(
                "jms:topic:news?" + subscription,
                from -> from.process(news -> heard.add(news.getMessage().getBody(String.class))));
        DefaultMessageListenerContainer container = (DefaultMessageListenerContainer)
                ((JmsConsumer) camel.getRoute("route").getConsumer()).getListenerContainer();
        Patience.until("subscribed", container::isRegisteredWithDestination);
        template.sendBody("jms:topic:news", "a");
        untilHeard(1);
        camel.getRouteController().stopRoute("route");
        template.sendBody("jms:topic:news", "b");
        assertThat(heard).containsExactly("a");
        camel.getRouteController().startRoute("route");
        template.sendBody("jms:topic:news", "c");
        untilHeard(3);
        assertThat(heard).containsExactlyInAnyOrder("a", "b", "c");
    }
}
