package dev.belfry.spi;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * {@code scheme:name?k=v&k=v}, the one parser for all transports. Values are percent-decoded as
 * UTF-8, and no name comes twice. The name of a {@code file:} queue is the absolute path of its directory, decoded.
 * @since 0.1
 */
public record QueueUri(String scheme, String name, Map<String, String> parameters) {
    private static final int MAX_NAME = 200;
    private static final String FILE = "file";
    private static final int MAX_PATH = 4000;
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");
    private static final Pattern SECRET =
            Pattern.compile("password|secret|token|credential|jaas|keystore", Pattern.CASE_INSENSITIVE);
    private static final Set<String> OF_BROKERS =
            Set.of("tcp", "ssl", "nio", "vm", "failover", "amqp", "amqps", "http", "https", "ws", "stomp", "mqtt");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

    public QueueUri {
        Objects.requireNonNull(scheme, "scheme");
        checkName(scheme, Objects.requireNonNull(name, "name"));
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(Objects.requireNonNull(parameters, "parameters")));
    }

    /** Accepts {@code scheme:///name} too. */
    public static QueueUri parse(URI uri) {
        return parse(Objects.requireNonNull(uri, "uri").toString());
    }

    /** Does the same as {@link #parse(URI)}, with our own error texts also for what {@link URI} would not accept. */
    public static QueueUri parse(String uri) {
        Objects.requireNonNull(uri, "uri");
        int colon = uri.indexOf(':');
        if (colon < 0 || !SCHEME.matcher(uri.substring(0, colon)).matches())
            throw new IllegalArgumentException(
                    "'" + shown(uri) + "' does not begin with a transport's scheme, as 'shm:prices' does");
        if (uri.indexOf('#') >= 0)
            throw new IllegalArgumentException("'" + shown(uri) + "' has a fragment ('#'): leave it out");
        String scheme = uri.substring(0, colon).toLowerCase(Locale.ROOT);
        String rest = uri.substring(colon + 1);
        if (rest.startsWith("///")) rest = rest.substring(scheme.equals(FILE) ? 2 : 3);
        int query = rest.indexOf('?');
        String name = query < 0 ? rest : rest.substring(0, query);
        return new QueueUri(
                scheme,
                scheme.equals(FILE) ? decode(name, uri).replaceAll("(?<=.)/+$", "") : name,
                query < 0 ? Map.of() : parameters(rest.substring(query + 1), uri));
    }

    private static Map<String, String> parameters(String query, String uri) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (query.isEmpty()) return parameters;
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1)
                throw new IllegalArgumentException(
                        "Parameter '" + part(pair, uri) + "' in '" + shown(uri) + "' is not of the form name=value");
            String name = pair.substring(0, equals);
            String value = decode(pair.substring(equals + 1), uri);
            if (!(name + value).equals(Units.printable(name + value))) // it would appear in the log
            throw new IllegalArgumentException("Parameter '" + Units.printable(name) + "' in '" + shown(uri)
                    + "' contains a control character: '" + part(value, uri) + "'");
            if (parameters.put(name, value) != null)
                throw new IllegalArgumentException(
                        "Parameter '" + Units.printable(name) + "' is given twice in '" + shown(uri) + "'");
        }
        return parameters;
    }

    private static String decode(String value, String uri) {
        if (value.indexOf('%') < 0) return value;
        byte[] raw = value.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(raw.length);
        for (int i = 0; i < raw.length; i++) {
            int high = raw[i] == '%' && i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(raw[i + 2], 16) : -1;
            if (raw[i] == '%' && low < 0) throw badEncoding(value, uri, null);
            decoded.put(raw[i] == '%' ? (byte) (high << 4 | low) : raw[i]);
            if (raw[i] == '%') i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            throw badEncoding(value, uri, e);
        }
    }

    private static IllegalArgumentException badEncoding(String value, String uri, Throwable cause) {
        return new IllegalArgumentException(
                "Value '" + part(value, uri) + "' in '" + shown(uri) + "' is not percent-encoded UTF-8", cause);
    }

    /**
     * Makes a text that a message or a log may show: no control characters, and no parameters if one of them is
     * a secret by its name.
     */
    public static String shown(String uri) {
        int query = uri.indexOf('?');
        return Units.printable(hasSecret(uri) ? uri.substring(0, query) + "?..." : uri);
    }

    private static String part(String part, String uri) {
        return hasSecret(uri) ? "..." : Units.printable(part);
    }

    private static boolean hasSecret(String uri) {
        int query = uri.indexOf('?');
        return query >= 0 && SECRET.matcher(uri).region(query, uri.length()).find();
    }

    /** As the C library takes it, whatever its locale: no other characters than those of ASCII. */
    private static void checkPath(String path) {
        if (path.isEmpty() || path.charAt(0) != '/' || path.startsWith("//") || path.equals("/"))
            throw new IllegalArgumentException("'" + FILE + ":" + Units.printable(path)
                    + "' is not a queue: write the absolute path of its directory, as in 'file:/var/lib/shop'");
        if (path.length() > MAX_PATH)
            throw new IllegalArgumentException("The path '" + Units.printable(path.substring(0, 20)) + "...' has "
                    + Units.number(path.length()) + " characters; the limit is " + Units.number(MAX_PATH));
        if (!path.chars().allMatch(c -> c >= ' ' && c < 0x7f))
            throw new IllegalArgumentException("The path '" + Units.printable(path)
                    + "' may contain only characters of ASCII, and no control characters");
    }

    /** Those characters of a path that a URI may not have, or means something by. */
    private static String encoded(String path) {
        StringBuilder encoded = new StringBuilder();
        for (char c : path.toCharArray()) {
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (plain || "/._-~+,@=:".indexOf(c) >= 0) encoded.append(c);
            else encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return encoded.toString();
    }

    private static void checkName(String scheme, String name) {
        if (scheme.equals(FILE)) {
            checkPath(name);
            return;
        }
        if (name.isEmpty())
            throw new IllegalArgumentException("Queue name is empty: write it after the scheme, as in 'shm:prices'");
        if (name.length() > MAX_NAME)
            throw new IllegalArgumentException("Queue name '" + Units.printable(name.substring(0, 20)) + "...' has "
                    + Units.number(name.length()) + " characters; the limit is " + MAX_NAME);
        if (!NAME.matcher(name).matches())
            throw new IllegalArgumentException("Queue name '" + Units.printable(name)
                    + "' may contain only A-Z a-z 0-9 . _ - and not begin with a dot" + why(scheme, name));
    }

    private static String why(String scheme, String name) {
        if (OF_BROKERS.contains(scheme))
            return "; '" + scheme + ":' is how one reaches a broker, and Belfry has none: say 'shm:' and a name, as in"
                    + " 'shm:prices'";
        String bare = name.replaceAll("^//|/+$", "");
        if (name.startsWith("//") && NAME.matcher(bare).matches())
            return "; did you mean '" + scheme + ":" + bare + "'?";
        if (name.indexOf('\0') >= 0 || name.contains("%00")) return "; this one contains NUL";
        if (name.indexOf('/') >= 0) return ""; // the rule and the name are enough
        if (name.startsWith("..")) return "; this one begins with two, as a path to a parent directory does";
        return name.startsWith(".") ? "; this one begins with one" : "";
    }

    /** {@code scheme:name}, without parameters. */
    public URI toUri() {
        return URI.create(toString());
    }

    /** {@code scheme:name}, as error texts name a queue. */
    @Override
    public String toString() {
        return scheme + ":" + (scheme.equals(FILE) ? encoded(name) : name);
    }
}
