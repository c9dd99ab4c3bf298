package dev.belfry.jakarta.client;

import dev.belfry.api.QueueConfig;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.message.TrustedClasses;
import dev.belfry.jakarta.overflow.Binding;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Suggestions;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A factory's settings, read: setter before URI before {@code belfry.jakarta.NAME} before {@code BELFRY_JAKARTA_NAME}.
 * {@code log}: of a domain that is created now. {@code asked}: without defaults, for one that is there.
 */
public record Settings(
        QueueUri uri,
        QueueConfig log,
        QueueConfig asked,
        String clientId,
        int prefetch,
        Duration sendTimeout,
        int maxDeliveries,
        String deadLetterQueue,
        Duration redeliveryDelay,
        int dupsOkBatch,
        Duration linger,
        boolean endIfDeleted,
        TrustedClasses trusted,
        String user,
        String password,
        String users,
        String overflow) {
    private static final String PROPERTY = "belfry.jakarta.";
    private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();
    private static final Set<String> OF_THE_LOG = Set.of("capacity", "maxCapacity", "mode", "group");
    /** Settings of a log that lies in files; others refuse them. */
    private static final Set<String> OF_FILES = Set.of("sync", "flush", "anyFileSystem");

    private static final Set<String> OPTIONAL =
            Set.of("clientID", "trustedClasses", "user", "password", "users", "overflow");

    private static final String[] PROPERTIES;

    static {
        DEFAULTS.put("prefetch", "32");
        DEFAULTS.put("sendTimeout", "30s");
        DEFAULTS.put("maxDeliveries", "10");
        DEFAULTS.put("deadLetterQueue", "DLQ");
        DEFAULTS.put("redeliveryDelay", "0s");
        DEFAULTS.put("dupsOkBatch", "64");
        DEFAULTS.put("linger", "10s");
        DEFAULTS.put("endIfDeleted", "true");
        DEFAULTS.put("capacity", "4m");
        DEFAULTS.put("maxCapacity", "256m");
        PROPERTIES = names().stream().map(name -> PROPERTY + name).toArray(String[]::new);
    }

    /** No parameter, of which some are secret. */
    @Override
    public String toString() {
        return "Settings of '" + uri + "'";
    }

    /** {@code set}: what the setters of the factory were given, by name. */
    public static Settings of(String text, Map<String, String> set) {
        QueueUri uri = uri(text);
        if (uri.scheme().equals("kafka")) throw Domains.noLog(uri, null); // its parameters would be refused first
        set.keySet().forEach(name -> check(name, uri));
        uri.parameters().keySet().forEach(name -> check(name, uri));
        Values v = new Values(uri, set);
        long maxCapacity = v.read("maxCapacity", Units::parseSize);
        long capacity = Math.min(maxCapacity, v.read("capacity", Units::parseSize));
        if (maxCapacity < 64 << 10)
            throw new IllegalArgumentException("maxCapacity of '" + uri + "' is " + Units.size(maxCapacity)
                    + "; a domain needs at least 64 KiB. Raise it.");
        String mode = v.get("mode");
        String group = v.get("group");
        boolean others = group != null || mode != null && (Units.mode(mode) & 077) != 0;
        String trusted = v.get("trustedClasses");
        if (trusted == null) trusted = others ? TrustedClasses.JDK_VALUES : TrustedClasses.ALL;
        return new Settings(
                uri,
                log(v).maxCapacity(maxCapacity).capacity(capacity).build(),
                log(v).maxCapacity(v.isGiven("maxCapacity") ? maxCapacity : 0)
                        .capacity(v.isGiven("capacity") ? capacity : 0)
                        .build(),
                v.get("clientID"),
                v.atLeast("prefetch", 1),
                v.read("sendTimeout", Units::parseDuration),
                v.atLeast("maxDeliveries", 0),
                v.get("deadLetterQueue"),
                v.read("redeliveryDelay", Units::parseDuration),
                v.atLeast("dupsOkBatch", 1),
                v.read("linger", Units::parseDuration),
                v.read("endIfDeleted", Values::truth),
                TrustedClasses.of(trusted),
                v.get("user"),
                v.get("password"),
                v.get("users"),
                overflow(uri, v.get("overflow")));
    }

    /** Tells the place on the disk, or null if the factory has none. */
    private static String overflow(QueueUri domain, String given) {
        return given == null ? null : Binding.create(domain, given).told();
    }

    private static QueueConfig.Builder log(Values v) {
        QueueConfig.Builder log = QueueConfig.builder()
                .attribute(Log.KIND, Log.DOMAIN)
                .mode(v.get("mode"))
                .group(v.get("group"));
        for (String name : OF_FILES) if (v.isGiven(name)) log.attribute(name, v.get(name));
        return log;
    }

    /** No text shows a value: it may be a secret, also where its name is misspelt. */
    private static QueueUri uri(String text) {
        int query = text.indexOf('?');
        if (query < 0) return QueueUri.parse(text);
        QueueUri bare = QueueUri.parse(text.substring(0, query));
        try {
            return QueueUri.parse(text);
        } catch (IllegalArgumentException e) { // no cause: its text has the values
            throw new IllegalArgumentException("Parameter" + wrong(bare, text.substring(query + 1)) + " of '" + bare
                    + "' cannot be read; each is name=value, given once, without '#' and control characters."
                    + " Correct it, with %XX for what is special.");
        }
    }

    /** Its number, if it is wrong by itself. */
    private static String wrong(QueueUri bare, String query) {
        String[] pairs = query.split("&", -1);
        for (int i = 0; i < pairs.length; i++) {
            try {
                QueueUri.parse(bare + "?" + pairs[i]);
            } catch (IllegalArgumentException e) {
                return " " + (i + 1);
            }
        }
        return "";
    }

    /** The values of the system properties, null where one is not set: other values give other settings. */
    public static List<String> properties() {
        List<String> values = new ArrayList<>(PROPERTIES.length);
        for (String property : PROPERTIES) values.add(System.getProperty(property));
        return values;
    }

    private static Set<String> names() {
        Set<String> known = new TreeSet<>(DEFAULTS.keySet());
        known.addAll(OF_THE_LOG);
        known.addAll(OF_FILES);
        known.addAll(OPTIONAL);
        return known;
    }

    private static void check(String name, QueueUri of) {
        Set<String> known = names();
        if (known.contains(name)) return;
        String nearest = Suggestions.nearest(name, known);
        throw new IllegalArgumentException("Setting '" + name + "' of '" + of + "' is not known; "
                + (nearest == null ? "known are " + known : "did you mean '" + nearest + "'?"));
    }

    private record Values(QueueUri uri, Map<String, String> set) {
        private String given(String name) {
            if (set.get(name) != null) return set.get(name);
            if (uri.parameters().get(name) != null) return uri.parameters().get(name);
            String property = System.getProperty(PROPERTY + name);
            if (property != null) return property;
            String words = name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
            return System.getenv("BELFRY_JAKARTA_" + words);
        }

        String get(String name) {
            String given = given(name);
            return given != null ? given : DEFAULTS.get(name);
        }

        boolean isGiven(String name) {
            return given(name) != null;
        }

        <T> T read(String name, java.util.function.Function<String, T> parser) {
            try {
                return parser.apply(get(name));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(name + " of '" + uri + "': " + e.getMessage() + ".", e);
            }
        }

        int atLeast(String name, int least) {
            int value = read(name, Values::number);
            if (value < least)
                throw new IllegalArgumentException(
                        name + " of '" + uri + "' is " + value + "; it must be at least " + least + ". Raise it.");
            return value;
        }

        private static boolean truth(String text) {
            if (text.equals("true") || text.equals("false")) return text.equals("true");
            throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        }

        private static int number(String text) {
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'" + text + "' is no number", e);
            }
        }
    }
}
