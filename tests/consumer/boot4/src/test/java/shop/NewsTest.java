package shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/** A listener with a durable subscription, by Boot's properties: it misses nothing while its application is down. */
class NewsTest {
    private static final BlockingQueue<String> HEARD = new LinkedBlockingQueue<>();

    @EnableAutoConfiguration
    static class Reader {
        @JmsListener(destination = "news", subscription = "daily")
        void read(String news) {
            HEARD.add(news);
        }
    }

    private static ConfigurableApplicationContext start(String more) {
        return SpringApplication.run(
                Reader.class,
                "--belfry.queues.orders.uri=mem:unused",
                "--belfry.jms.domain=mem:news",
                "--spring.jms.pub-sub-domain=true",
                "--spring.jms.client-id=reader",
                "--spring.jms.subscription-durable=true",
                more);
    }

    /** Boot does not wait for it. */
    private static void untilSubscribed(ConfigurableApplicationContext reader) throws InterruptedException {
        var listeners = reader.getBean(JmsListenerEndpointRegistry.class).getListenerContainers();
        var listener = (DefaultMessageListenerContainer) listeners.iterator().next();
        while (!listener.isRegisteredWithDestination()) Thread.sleep(10);
    }

    private static String heard() throws InterruptedException {
        return HEARD.poll(1, TimeUnit.MINUTES);
    }

    @Test
    void shouldMissNothingWhileTheApplicationIsDown() throws InterruptedException {
        try (var up = start("--spring.jms.listener.auto-startup=true")) {
            untilSubscribed(up);
        }
        try (var down = start("--spring.jms.listener.auto-startup=false")) {
            down.getBean(JmsTemplate.class).convertAndSend("news", "while it is down");
        }
        assertThat(HEARD).isEmpty();
        try (var up = start("--spring.jms.listener.auto-startup=true")) {
            assertThat(heard()).isEqualTo("while it is down");
            up.getBean(JmsTemplate.class).convertAndSend("news", "live");
            assertThat(heard()).isEqualTo("live");
        }
        assertThat(HEARD).isEmpty();
    }
}
