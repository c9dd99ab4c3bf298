package dev.belfry.api;

import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Suggestions;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Merges the settings: config before URI, before {@code belfry.*} properties, before
 * {@code BELFRY_*} environment. A setting that none of them gives stays null or 0.
 */
final class ConfigMerge {
    private static final Map<String, Setter> OWN = Map.of(
            "create", (b, v) -> b.create(choice(v)),
            "capacity", (b, v) -> b.capacity(given(Units.parseSize(v))),
            "maxCapacity", (b, v) -> b.maxCapacity(given(Units.parseSize(v))),
            "mode", QueueConfig.Builder::mode,
            "group", QueueConfig.Builder::group,
            "allowGating", (b, v) -> b.allowGating(bool(v)),
            "maxGateTime", (b, v) -> b.maxGateTime(Units.parseDuration(v)),
            "deleteOnLastClose", (b, v) -> b.deleteOnLastClose(bool(v)));

    private final String uri;
    private final Set<String> providersOwn;
    private final QueueConfig.Builder merged = QueueConfig.builder();

    private ConfigMerge(String uri, Set<String> providersOwn) {
        this.uri = uri;
        this.providersOwn = providersOwn;
    }

    /** {@code text}: the URI as the user wrote it, for messages. */
    static QueueConfig merge(String text, QueueUri uri, QueueConfig config, Set<String> providersOwn) {
        return merge(text, uri, config, providersOwn, System::getProperty, System::getenv);
    }

    static QueueConfig merge(
            String text,
            QueueUri uri,
            QueueConfig config,
            Set<String> providersOwn,
            Function<String, String> properties,
            Function<String, String> environment) {
        ConfigMerge merge = new ConfigMerge(text, providersOwn);
        merge.refuseUnknown("parameter", uri.parameters().keySet(), merge.known());
        merge.refuseUnknown("attribute", config.attributes().keySet(), providersOwn);
        for (String name : merge.known()) { // the weakest first
            merge.put(name, environment.apply(variable(name)), "environment variable " + variable(name));
            merge.put(name, properties.apply("belfry." + name), "system property belfry." + name);
            merge.put(name, uri.parameters().get(name), "'" + text + "'");
        }
        merge.put(config);
        return merge.merged.build();
    }

    /** {@code maxCapacity} is BELFRY_MAX_CAPACITY. */
    static String variable(String name) {
        return "BELFRY_" + name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
    }

    private Set<String> known() {
        Set<String> known = new LinkedHashSet<>(OWN.keySet());
        known.addAll(providersOwn);
        return known;
    }

    private void refuseUnknown(String what, Set<String> given, Set<String> known) {
        for (String name : given) {
            if (known.contains(name)) continue;
            String nearest = Suggestions.nearest(name, known);
            List<String> sorted = new ArrayList<>(known);
            sorted.sort(null);
            throw new IllegalArgumentException("Unknown " + what + " '" + name + "' in '" + uri + "'. "
                    + (nearest != null
                            ? "Did you mean '" + nearest + "'?"
                            : "Known: " + (sorted.isEmpty() ? "none" : String.join(", ", sorted))
                                    + (what.equals("parameter")
                                            ? ". Leave out the settings of a Jakarta factory"
                                            : "")));
        }
    }

    private void put(String name, String value, String source) {
        if (value == null) return;
        try {
            if (OWN.containsKey(name)) OWN.get(name).set(merged, value);
            else merged.attribute(name, value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage() + ", in " + source, e);
        }
    }

    private void put(QueueConfig config) {
        give(config.create(), merged::create);
        if (config.capacity() != 0) merged.capacity(config.capacity());
        if (config.maxCapacity() != 0) merged.maxCapacity(config.maxCapacity());
        give(config.mode(), merged::mode);
        give(config.group(), merged::group);
        give(config.allowGating(), merged::allowGating);
        give(config.maxGateTime(), merged::maxGateTime);
        give(config.deleteOnLastClose(), merged::deleteOnLastClose);
        config.attributes().forEach(merged::attribute);
    }

    private static <T> void give(T value, Consumer<T> setter) {
        if (value != null) setter.accept(value);
    }

    private static Create choice(String value) {
        for (Create create : Create.values()) if (create.name().equalsIgnoreCase(value)) return create;
        throw new IllegalArgumentException("'" + value + "' is not one of " + List.of(Create.values()));
    }

    private static boolean bool(String value) {
        if (value.equalsIgnoreCase("true")) return true;
        if (value.equalsIgnoreCase("false")) return false;
        throw new IllegalArgumentException("'" + value + "' is not true or false");
    }

    /**
     * Zero means "not given" in QueueConfig. A text that gives zero cannot mean that, so it is
     * refused.
     */
    private static long given(long size) {
        if (size == 0) throw new IllegalArgumentException("a size must be > 0, was 0");
        return size;
    }

    @FunctionalInterface
    private interface Setter {
        void set(QueueConfig.Builder builder, String value);
    }
}
