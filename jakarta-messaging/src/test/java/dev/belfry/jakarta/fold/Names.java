package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.DestinationId;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Destinations by short names, as the model writes them: q…, t…, qt… and tt… for temporary ones.
 */
final class Names {
    private static final ConcurrentSkipListMap<Long, String> KNOWN = new ConcurrentSkipListMap<>();

    private Names() {}

    static long id(String name) {
        boolean temporary = name.length() > 1 && name.charAt(1) == 't';
        int kind = (name.charAt(0) == 't' ? DestinationId.TOPIC : DestinationId.QUEUE)
                + (temporary ? DestinationId.TEMPORARY_QUEUE : 0);
        long id = DestinationId.of(kind, name);
        KNOWN.put(id, name);
        return id;
    }

    static String of(long id) {
        return DestinationId.is(id) ? KNOWN.getOrDefault(id, Long.toHexString(id)) : Long.toString(id);
    }

    /** A destination's name, or a view's number. */
    static long view(String text) {
        return Character.isDigit(text.charAt(0)) ? Long.parseLong(text) : id(text);
    }
}
