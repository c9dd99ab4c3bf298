package dev.belfry.jakarta.jndi;

import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.client.BelfryQueue;
import dev.belfry.jakarta.client.BelfryTopic;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Suggestions;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.NamingException;

/**
 * Properties, read: what each name is bound to. A value that is wrong is found by {@link #lookup}, and
 * is in no other name's way. Nothing of a value that may be secret is in a text.
 */
final class Names {
    private static final String FACTORY = "connectionFactory";
    private static final String QUEUE = "queue";
    private static final String TOPIC = "topic";
    private static final List<String> KINDS = List.of(FACTORY, QUEUE, TOPIC);

    private final TreeMap<String, Object> bindings = new TreeMap<>();
    private final TreeMap<String, String> keys = new TreeMap<>();

    private Names() {}

    static TreeMap<String, Object> read(Hashtable<?, ?> environment) throws NamingException {
        TreeMap<String, Object> all = new TreeMap<>();
        Object file = environment.get(Context.PROVIDER_URL);
        if (file != null) {
            Properties more = load(file.toString());
            for (String key : more.stringPropertyNames()) {
                if (!key.startsWith("java.") && !KINDS.contains(kind(key))) throw unknown(key);
                all.put(key, more.getProperty(key));
            }
        }
        environment.forEach((key, value) -> {
            if (key instanceof String text) all.put(text, value);
        });
        Names names = new Names();
        for (Map.Entry<String, Object> one : all.entrySet()) names.add(one.getKey(), one.getValue());
        return names.bindings;
    }

    private static Properties load(String file) throws NamingException {
        Properties read = new Properties();
        try (Reader in =
                Files.newBufferedReader(file.startsWith("file:") ? Path.of(URI.create(file)) : Path.of(file))) {
            read.load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigurationException( // without a cause, which would show the whole name
                    "BELFRY-204: File '" + QueueUri.shown(file) + "' cannot be read ("
                            + e.getClass().getSimpleName() + "); java.naming.provider.url names a file of properties."
                            + " Correct the path, or leave it out.");
        }
        return read;
    }

    private static String kind(String key) {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }

    /** Keys of other providers are none of ours, unless they are nearly ours. */
    private void add(String key, Object value) throws NamingException {
        String kind = kind(key);
        if (kind.length() == key.length()) return;
        if (!KINDS.contains(kind)) {
            if (Suggestions.nearest(kind, KINDS) != null) throw unknown(key);
            return;
        }
        String name = key.substring(kind.length() + 1);
        if (name.isEmpty() || name.startsWith("/") || name.endsWith("/"))
            throw new ConfigurationException("BELFRY-202: Key '" + key + "' has "
                    + (name.isEmpty() ? "no name" : "the name '" + name + "'")
                    + "; it needs one that neither begins nor ends with '/'. Write " + kind + ".NAME.");
        String other = keys.put(name, key);
        if (other != null)
            throw new ConfigurationException("BELFRY-202: Name '" + name + "' has two keys, '" + other + "' and '" + key
                    + "'; it can be bound once. Rename one.");
        bindings.put(name, bound(key, kind, value));
    }

    /** Why nothing is bound where an object of this class would be. */
    private record Wrong(Class<?> of, String text, Exception cause) {}

    /** The object of one of the bindings. */
    static Object lookup(Object bound) throws NamingException {
        if (!(bound instanceof Wrong wrong)) return bound;
        ConfigurationException e = new ConfigurationException(wrong.text);
        if (wrong.cause != null) e.initCause(wrong.cause);
        throw e;
    }

    /** The class of one of the bindings, or the one that it would have. */
    static String className(Object bound) {
        return (bound instanceof Wrong wrong ? wrong.of : bound.getClass()).getName();
    }

    private static Object bound(String key, String kind, Object value) {
        if (!(value instanceof String given) || given.isBlank())
            return new Wrong(
                    of(kind),
                    "BELFRY-201: Value of '" + key + "' is " + (value instanceof String ? "empty" : "no text")
                            + "; it must be "
                            + (kind.equals(FACTORY) ? "the URI of a domain, such as mem:orders" : "a name")
                            + ". Correct it.",
                    null);
        String text = given.trim();
        if (kind.equals(QUEUE)) return new BelfryQueue(text);
        if (kind.equals(TOPIC)) return new BelfryTopic(text);
        try {
            return new BelfryConnectionFactory(text);
        } catch (IllegalArgumentException e) {
            return new Wrong(
                    of(kind),
                    "BELFRY-201: Value of '" + key + "' is no URI of a domain: " + sentence(e)
                            + " Correct it, as in mem:orders?prefetch=16.",
                    e);
        }
    }

    private static Class<?> of(String kind) {
        return switch (kind) {
            case QUEUE -> BelfryQueue.class;
            case TOPIC -> BelfryTopic.class;
            default -> BelfryConnectionFactory.class;
        };
    }

    static String sentence(Exception e) {
        String text = e.getMessage();
        return text.endsWith(".") || text.endsWith("?") ? text : text + ".";
    }

    private static ConfigurationException unknown(String key) {
        String nearest = Suggestions.nearest(kind(key), KINDS);
        return new ConfigurationException("BELFRY-202: Key '" + key + "' is not known; keys are connectionFactory.NAME,"
                + " queue.NAME and topic.NAME. "
                + (nearest == null
                        ? "Leave it out."
                        : "Did you mean '" + nearest + key.substring(kind(key).length()) + "'?"));
    }
}
