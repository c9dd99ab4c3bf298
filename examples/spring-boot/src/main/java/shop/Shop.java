package shop;

import jakarta.jms.ConnectionFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.jms.autoconfigure.DefaultJmsListenerContainerFactoryConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Profile;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Two applications in one program, chosen by a profile: a till, and any number of packers. */
@SpringBootApplication
@EnableScheduling
public class Shop {
    public static void main(String[] args) {
        SpringApplication.run(Shop.class, args);
    }

    /** For listeners of topics; Boot's own factory is for those of queues. */
    @Bean
    DefaultJmsListenerContainerFactory topics(
            DefaultJmsListenerContainerFactoryConfigurer boot, ConnectionFactory domain) {
        var topics = new DefaultJmsListenerContainerFactory();
        boot.configure(topics, domain);
        topics.setPubSubDomain(true);
        return topics;
    }

    @Component
    @Profile("till")
    static class Till {
        private final JmsTemplate queues;
        private final JmsTemplate topics;
        private int sold;

        Till(JmsTemplate queues, ConnectionFactory domain) {
            this.queues = queues;
            topics = new JmsTemplate(domain);
            topics.setPubSubDomain(true);
        }

        @Scheduled(fixedRate = 200)
        void sell() {
            queues.convertAndSend("orders", "order " + ++sold);
            System.out.println("sold order " + sold);
            if (sold % 5 == 0) topics.convertAndSend("news", sold + " are sold");
        }
    }

    @Component
    @Profile("packer")
    static class Packer {
        /** The packers share the orders. One that throws, or dies before it returns, comes again. */
        @JmsListener(destination = "orders")
        void pack(String order) {
            System.out.println("packed " + order);
        }

        /** Each packer reads all news. */
        @JmsListener(destination = "news", containerFactory = "topics")
        void read(String news) {
            System.out.println("read: " + news);
        }
    }
}
