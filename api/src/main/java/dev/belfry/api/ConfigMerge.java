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
import java.util.function.Function;

/**
 * Merges the settings: config before URI, before {@code belfry.*} properties, before
 * {@code BELFRY_*} environment. A setting that none of them gives stays null or 0.
 */
final class ConfigMerge {
    private static final Set<String> OWN = Set.of(
            "create", "capacity", "maxCapacity", "mode", "group", "allowGating", "maxGateTime", "deleteOnLastClose");

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
        StringBuilder variable = new StringBuilder("BELFRY_");
        for (int i = 0; i < name.length(); i++) {
            if (i > 0 && isUpper(name.charAt(i)) && !isUpper(name.charAt(i - 1))) variable.append('_');
            variable.append(name.charAt(i));
        }
        return variable.toString().toUpperCase(Locale.ROOT);
    }

    private static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    private Set<String> known() {
        Set<String> known = new LinkedHashSet<>(OWN);
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
            set(name, value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage() + ", in " + source, e);
        }
    }

    /** A switch, no table of functions: each first message would load a class for each of them. */
    private void set(String name, String value) {
        switch (name) {
            case "create" -> merged.create(choice(value));
            case "capacity" -> merged.capacity(given(Units.parseSize(value)));
            case "maxCapacity" -> merged.maxCapacity(given(Units.parseSize(value)));
            case "mode" -> merged.mode(value);
            case "group" -> merged.group(value);
            case "allowGating" -> merged.allowGating(bool(value));
            case "maxGateTime" -> merged.maxGateTime(Units.parseDuration(value));
            case "deleteOnLastClose" -> merged.deleteOnLastClose(bool(value));
            default -> merged.attribute(name, value);
        }
    }

    private void put(QueueConfig config) {
        if (config.create() != null) merged.create(config.create());
        if (config.capacity() != 0) merged.capacity(config.capacity());
        if (config.maxCapacity() != 0) merged.maxCapacity(config.maxCapacity());
        if (config.mode() != null) merged.mode(config.mode());
        if (config.group() != null) merged.group(config.group());
        if (config.allowGating() != null) merged.allowGating(config.allowGating());
        if (config.maxGateTime() != null) merged.maxGateTime(config.maxGateTime());
        if (config.deleteOnLastClose() != null) merged.deleteOnLastClose(config.deleteOnLastClose());
        for (Map.Entry<String, Object> own : config.attributes().entrySet())
            merged.attribute(own.getKey(), own.getValue());
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

    /** Zero means "not given" in QueueConfig. A text that gives zero cannot mean that, so it is refused. */
    private static long given(long size) {
        if (size == 0) throw new IllegalArgumentException("a size must be > 0, was 0");
        return size;
    }
}
