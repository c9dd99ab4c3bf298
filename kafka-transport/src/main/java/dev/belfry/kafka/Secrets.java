package dev.belfry.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The values of settings, which are in no text. The client's texts show values, and parts of them: it cuts a line of
 * JAAS at a quote, and takes the rest for a word of its own.
 */
final class Secrets {
    /** A shorter part may be in any text. */
    private static final int LEAST = 4;

    private static final String HIDDEN = "[hidden]";

    /** Words of a line of JAAS, which stand in reasons as well: the values lie between them. */
    private static final Pattern WORDS =
            Pattern.compile("org\\.apache\\.kafka[\\w.]*|\\brequired\\b|\\b(username|password)=");

    /** Values that a reason is about. */
    private static final Set<String> PUBLIC = Set.of(
            "PLAINTEXT",
            "SSL",
            "SASL_PLAINTEXT",
            "SASL_SSL",
            "PLAIN",
            "SCRAM-SHA-256",
            "SCRAM-SHA-512",
            "OAUTHBEARER",
            "GSSAPI",
            "PKCS12",
            "true",
            "false");

    private final List<String> values;

    Secrets(Collection<String> values) {
        List<String> all = new ArrayList<>();
        for (String value : values) {
            if (PUBLIC.contains(value)) continue;
            all.addAll(List.of(WORDS.split(value)));
            if (!value.contains(" ")) all.add(value.toUpperCase(Locale.ROOT)); // names of constants are looked up so
        }
        this.values = List.copyOf(all);
    }

    /** The text without what is part of a value. */
    String hidden(String text) {
        StringBuilder shown = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int end = endOfPart(text, at);
            if (end - at < LEAST) shown.append(text.charAt(at++));
            else {
                shown.append(HIDDEN);
                at = end;
            }
        }
        return shown.toString();
    }

    /** The end of the longest part of a value that begins there. */
    private int endOfPart(String text, int from) {
        int end = from;
        for (String value : values) while (end < text.length() && value.contains(text.substring(from, end + 1))) end++;
        return end;
    }

    /** It, for the cause of an exception; null if the texts of it or its causes show a value. */
    Throwable cause(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            String text = Objects.requireNonNullElse(each.getMessage(), "");
            if (!hidden(text).equals(text) || each.getSuppressed().length > 0) return null;
        }
        return failure;
    }
}
