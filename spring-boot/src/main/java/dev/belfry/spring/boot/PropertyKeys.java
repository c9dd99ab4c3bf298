package dev.belfry.spring.boot;

import dev.belfry.spi.Suggestions;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Refuses keys below {@code belfry} that nothing reads: as a rule they are typing errors. */
final class PropertyKeys {
    private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("belfry");

    private PropertyKeys() {}

    static void check(ConfigurableEnvironment environment) {
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment))
            if (source instanceof IterableConfigurationPropertySource all) check(all);
    }

    private static void check(IterableConfigurationPropertySource source) {
        String kind = source.getUnderlyingSource() instanceof PropertySource<?> of ? of.getName() : "";
        // BELFRY_QUEUES_A_B_URI may mean several keys.
        if (kind.equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)) return;
        boolean ofTheJvm = kind.equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
        for (ConfigurationPropertyName key : (Iterable<ConfigurationPropertyName>) source.stream()::iterator) {
            if (!ROOT.isAncestorOf(key)) continue;
            // Others there are those of the api and its transports: belfry.maxCapacity, belfry.memory.
            if (ofTheJvm && children(BelfryProperties.class).get(uniform(key, 1)) == null) continue;
            check(key, Origin.from(source.getConfigurationProperty(key)));
        }
    }

    private static void check(ConfigurationPropertyName key, Origin origin) {
        Class<?> parent = BelfryProperties.class;
        for (int i = 1; i < key.getNumberOfElements(); i++) {
            Map<String, RecordComponent> known = children(parent);
            RecordComponent next = known.get(uniform(key, i));
            if (next == null) throw unknown(key, i, known, origin);
            parent = next.getType();
            if (parent != Map.class) continue;
            parent = BelfryProperties.Queue.class;
            i++; // the queue's name
        }
        if (parent.isRecord())
            throw new BelfryConfigurationException(
                    "The property '" + key + "'" + in(origin) + " takes no value.",
                    "Known below it: " + String.join(", ", names(children(parent))) + ".");
    }

    private static BelfryConfigurationException unknown(
            ConfigurationPropertyName key, int at, Map<String, RecordComponent> known, Origin origin) {
        ConfigurationPropertyName parent = key.chop(at);
        List<String> names = names(known);
        String nearest = Suggestions.nearest(key.getElement(at, Form.DASHED), names);
        String action = nearest != null
                ? "Did you mean '" + parent.append(nearest) + "'?"
                : names.isEmpty()
                        ? "'" + parent + "' is a value."
                        : "Known below '" + parent + "': " + String.join(", ", names)
                                + ". Settings of a transport are parameters of the uri, as in shm:orders?capacity=4m.";
        return new BelfryConfigurationException("The property '" + key + "'" + in(origin) + " is not known.", action);
    }

    private static String in(Origin origin) {
        return origin == null ? "" : " (" + origin + ")";
    }

    private static List<String> names(Map<String, RecordComponent> known) {
        return known.values().stream().map(one -> dashed(one.getName())).toList();
    }

    /** By the uniform form of their names; none of a value. */
    private static Map<String, RecordComponent> children(Class<?> type) {
        Map<String, RecordComponent> children = new TreeMap<>();
        if (!type.isRecord()) return children;
        for (RecordComponent one : type.getRecordComponents())
            children.put(one.getName().toLowerCase(Locale.ROOT), one);
        return children;
    }

    private static String uniform(ConfigurationPropertyName key, int at) {
        return key.getElement(at, Form.UNIFORM);
    }

    /** {@code ackMode} is {@code ack-mode}. */
    private static String dashed(String name) {
        return name.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }
}
