package shop;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.jackson.JsonCodec;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.micrometer.BelfryMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.jms.core.JmsTemplate;

/** Publishes ten messages, reads them, orders the last one; prints that order and what the meters counted. */
@SpringBootApplication
public class Shop {
    public static void main(String[] args) {
        SpringApplication.run(Shop.class, args).close();
    }

    record Tick(int number) {}

    @Bean
    MessageQueue prices(@Value("${prices}") String uri) {
        return MessageQueues.open(uri);
    }

    @Bean
    BelfryMetrics meters(MessageQueue prices) {
        return new BelfryMetrics(prices);
    }

    @Bean
    ConnectionFactory orders(@Value("${orders}") String domain) {
        return new BelfryConnectionFactory(domain);
    }

    @Bean
    CommandLineRunner program(MessageQueue prices, JmsTemplate orders, MeterRegistry registry) {
        return args -> {
            var ticks = JsonCodec.of(Tick.class);
            var fromTheOldest = SubscriberOptions.builder().startAt(StartAt.OLDEST_RETAINED).build();
            try (var out = prices.createPublisher(ticks);
                    var in = prices.createSubscriber(ticks, fromTheOldest)) {
                for (int i = 0; i < 10; i++) out.publish(new Tick(i));
                for (int i = 0; i < 9; i++) in.receive(Duration.ofMinutes(5));
                orders.convertAndSend("apples", "tick " + in.receive(Duration.ofMinutes(5)).number());
            }
            while (sent(registry) < 10) Thread.sleep(50);
            System.out.println("ordered " + orders.receiveAndConvert("apples") + " of " + sent(registry));
        };
    }

    /** What the meters say, which ask the queue once a second. */
    static long sent(MeterRegistry registry) {
        return (long) registry.get("messaging.client.sent.messages").functionCounter().count();
    }
}
