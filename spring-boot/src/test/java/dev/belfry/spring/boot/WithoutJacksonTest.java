package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Codec;
import dev.belfry.api.Codecs;
import dev.belfry.api.Publisher;
import dev.belfry.api.ReadableBody;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** An application whose class path has neither belfry-jackson nor Jackson: JSON is for records alone. */
@WaitsForOthers
@Slow
class WithoutJacksonTest {
    private static final String[] SETTINGS = {
        "--belfry.queues.orders.uri=mem:orders", "--spring.main.web-application-type=none"
    };
    private static final CountDownLatch HEARD = new CountDownLatch(3);

    record Price(String of) {}

    static final class PriceCodec implements Codec<Price> {
        @Override
        public byte[] encode(Price value) {
            return Codecs.text().encode(value.of());
        }

        @Override
        public Price decode(ReadableBody body) {
            return new Price(Codecs.text().decode(body));
        }
    }

    @EnableAutoConfiguration
    static class Plain {
        public static void main(String[] args) throws InterruptedException {
            try (ConfigurableApplicationContext plain = SpringApplication.run(Plain.class, SETTINGS)) {
                plain.getBean(Publisher.class).publish("pears");
                HEARD.await();
            }
        }

        @Bean
        Codec<Price> prices() {
            return new PriceCodec();
        }

        @BelfryListener(queue = "orders")
        void text(String text) {
            hear("text " + text);
        }

        @BelfryListener(queue = "orders")
        void bytes(byte[] bytes) {
            hear("bytes " + bytes.length);
        }

        @BelfryListener(queue = "orders")
        void price(Price price) {
            hear(price.toString());
        }

        private static void hear(String what) {
            System.out.println("heard " + what);
            HEARD.countDown();
        }
    }

    @EnableAutoConfiguration
    static class Records {
        public static void main(String[] args) {
            SpringApplication.run(Records.class, SETTINGS);
        }

        @BelfryListener(queue = "orders")
        void price(Price price) {}
    }

    private static ChildJvm start(Class<?> application) {
        String without = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("jackson"))
                .collect(Collectors.joining(File.pathSeparator));
        return JavaCommand.of(application)
                .classPath(without)
                .flags(JavaCommand.QUICK)
                .start();
    }

    @Test
    void shouldHearTextBytesAndWhatACodecReadsWhenJacksonIsMissing() {
        try (ChildJvm application = start(Plain.class)) {
            application.awaitEnd();
            assertThat(application.output()).contains("heard text pears", "heard bytes 5", "heard Price[of=pears]");
        }
    }

    @Test
    void shouldNameTheModuleForJsonWhenARecordHasNoCodec() {
        try (ChildJvm application = start(Records.class)) {
            assertThat(application.awaitExit()).isEqualTo(1);
            assertThat(application.output() + application.errors())
                    .contains("There is no codec of " + Price.class.getName())
                    .contains("Add dev.belfry:belfry-jackson to the class path, or declare a bean of the type Codec<");
        }
    }
}
