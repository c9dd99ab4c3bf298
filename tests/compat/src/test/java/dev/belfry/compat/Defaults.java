package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.jakarta.client.Settings;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueReport;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.Patched;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** Compares what holds where nothing is set with what held in 0.1.0: the file defaults.txt. */
final class Defaults implements Consumer<String> {
    /** Those of an inspector's properties that a setting decides, or that stay for good. */
    private static final List<String> KEYS = List.of(
            "mode",
            "layoutVersion",
            "kind",
            "headerLength",
            "slots",
            "handles",
            "initialCapacity",
            "allowGating",
            "maxGateNanos",
            "deleteOnLastClose",
            "maxSize",
            "keep");

    /** {@code directory}: an empty one, whose path is this JVM's alone. */
    @Override
    public void accept(String directory) {
        try {
            List<String> now = facts(Path.of(directory));
            Path root = Checkout.root().resolve("tests/compat");
            if (!Patched.PATCHED.equals(getClass().getClassLoader().getName()))
                Files.write(Files.createDirectories(root.resolve("target")).resolve("defaults.txt"), now);
            assertThat(now).isEqualTo(Files.readAllLines(root.resolve("src/test/resources/defaults.txt")));
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static List<String> facts(Path directory) throws Exception {
        List<String> all = new ArrayList<>();
        for (Object options :
                List.of(QueueConfig.defaults(), PublisherOptions.defaults(), SubscriberOptions.defaults()))
            accessors(options).forEach(all::add);
        String name = "belfry-compat-" + ProcessHandle.current().pid() + "-defaults";
        queue("shm:" + name, "", name, all);
        queue("mem:" + name, "", null, all);
        queue(
                "file:" + directory.resolve("q"),
                "?anyFileSystem=true",
                directory.resolve("q").toString(),
                all);
        for (String line : accessors(Settings.of("shm:domain", Map.of())))
            if (!line.matches("Settings\\.(uri|log|asked|trusted) .*")) all.add("jakarta " + line);
        QueueConfig log = Settings.of("shm:domain", Map.of()).log();
        all.add("jakarta capacity " + log.capacity() + ", maxCapacity " + log.maxCapacity());
        return all;
    }

    /** What each public method without parameters returns. */
    private static List<String> accessors(Object options) throws ReflectiveOperationException {
        List<String> all = new ArrayList<>();
        for (Method each : Arrays.stream(options.getClass().getDeclaredMethods())
                .filter(m -> m.getParameterCount() == 0 && Modifier.isPublic(m.getModifiers()))
                .filter(m ->
                        !Modifier.isStatic(m.getModifiers()) && !m.getName().matches("toString|hashCode"))
                .sorted(Comparator.comparing(Method::getName))
                .toList())
            all.add(options.getClass().getSimpleName() + "." + each.getName() + " " + each.invoke(options));
        return all;
    }

    /** {@code inspected}: how its inspector calls it; null: there is none. */
    private static void queue(String uri, String settings, String inspected, List<String> all) {
        String scheme = uri.substring(0, uri.indexOf(':') + 1);
        try (MessageQueue queue = MessageQueues.open(uri + settings);
                Subscriber anonymous = queue.createSubscriber();
                Subscriber named = queue.createSubscriber(
                        SubscriberOptions.builder().name("named").build())) {
            QueueStats stats = queue.stats();
            all.add(scheme + " capacity " + stats.capacity() + ", maxCapacity " + stats.maxCapacity());
            all.add(scheme + " begins at " + anonymous.position() + " and " + named.position());
            for (SubscriberStats each : stats.subscribers())
                all.add(scheme + " " + (each.name() == null ? "anonymous" : each.name()) + ": " + each.slowSubscriber()
                        + ", " + each.ackMode());
            if (scheme.equals("file:")) all.add("file: a publish returns when it is on the disk: " + isSynced(queue));
            if (inspected == null) return;
            Map<String, Object> properties = look(scheme, inspected).properties();
            for (String key : KEYS)
                if (properties.containsKey(key)) all.add(scheme + " " + key + " " + properties.get(key));
        } finally {
            MessageQueues.delete(uri + settings);
        }
    }

    private static boolean isSynced(MessageQueue queue) {
        try (Publisher publisher = queue.createPublisher()) {
            return publisher.publish("") == publisher.durablePosition();
        }
    }

    private static QueueReport look(String scheme, String queue) {
        return ServiceLoader.load(MessageQueueProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> scheme.equals(provider.scheme() + ":"))
                .findFirst()
                .flatMap(MessageQueueProvider::inspector)
                .orElseThrow()
                .look(queue);
    }
}
