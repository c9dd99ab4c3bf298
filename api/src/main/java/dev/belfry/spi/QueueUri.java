package dev.belfry.spi;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code scheme:name?k=v&k=v}, the one parser for everybody: values percent-decoded as UTF-8, no name twice. */
public record QueueUri(String scheme, String name, Map<String, String> parameters) {
    public QueueUri {
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"))
            throw new IllegalArgumentException(
                    "Queue name '" + name + "' may contain only A-Z a-z 0-9 . _ - and not begin with a dot");
        parameters = Map.copyOf(parameters);
    }

    /** Accepts {@code scheme:///name} too. */
    public static QueueUri parse(URI uri) {
        // sketch: split by hand (URI.getQuery() is null for an opaque URI); decode and duplicate check to be written
        String rest = uri.getRawSchemeSpecificPart().replaceFirst("^///", "");
        int q = rest.indexOf('?');
        Map<String, String> parameters = new LinkedHashMap<>();
        if (q >= 0)
            for (String pair : rest.substring(q + 1).split("&")) {
                int e = pair.indexOf('=');
                if (e < 1)
                    throw new IllegalArgumentException(
                            "Parameter '" + pair + "' in '" + uri + "' is not of the form name=value");
                parameters.put(pair.substring(0, e), pair.substring(e + 1));
            }
        return new QueueUri(uri.getScheme(), q < 0 ? rest : rest.substring(0, q), parameters);
    }

    /** {@code scheme:name}, without parameters. */
    public URI toUri() {
        return URI.create(scheme + ":" + name);
    }
}
