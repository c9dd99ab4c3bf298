package dev.belfry.spi;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and durations as people write and read them: {@code 64m}, {@code 30s}; "64 MiB", "31 s", "1,204,331". */
public final class Units {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kmg]?)", Pattern.CASE_INSENSITIVE);
    private static final Pattern DURATION =
            Pattern.compile("(\\d{1,18})(ns|us|ms|s|min|h|d)", Pattern.CASE_INSENSITIVE);
    private static final String[] NAMES = {" bytes", " KiB", " MiB", " GiB"};

    private Units() {}

    /** Bytes, or {@code 4k}, {@code 64m}, {@code 1g}, in steps of 1024. */
    public static long parseSize(String text) {
        Matcher m = SIZE.matcher(text);
        if (m.matches()) {
            int shift =
                    m.group(2).isEmpty() ? 0 : 10 * ("kmg".indexOf(m.group(2).toLowerCase(Locale.ROOT)) + 1);
            long value = Long.parseLong(m.group(1));
            if (value <= Long.MAX_VALUE >> shift) return value << shift;
        }
        throw new IllegalArgumentException("'" + text + "' is not a size such as 65536, 4k, 64m or 1g");
    }

    /** {@code 250ms}, {@code 30s}, {@code 5min}; also ns, us, h and d. */
    public static Duration parseDuration(String text) {
        Matcher m = DURATION.matcher(text);
        if (!m.matches())
            throw new IllegalArgumentException("'" + text + "' is not a duration such as 250ms, 30s or 5min");
        long value = Long.parseLong(m.group(1));
        return switch (m.group(2).toLowerCase(Locale.ROOT)) {
            case "ns" -> Duration.ofNanos(value);
            case "us" -> Duration.ofSeconds(value / 1_000_000, value % 1_000_000 * 1_000);
            case "ms" -> Duration.ofMillis(value);
            case "s" -> Duration.ofSeconds(value);
            default -> {
                long seconds =
                        "min".equalsIgnoreCase(m.group(2)) ? 60 : "h".equalsIgnoreCase(m.group(2)) ? 3600 : 86_400;
                yield Duration.ofSeconds(Math.min(value, Long.MAX_VALUE / seconds) * seconds);
            }
        };
    }

    /** "64 MiB" where it comes out even, else "1,000 bytes". */
    public static String size(long bytes) {
        int unit = 0;
        while (unit < 3 && bytes >= 1024 && bytes % 1024 == 0) {
            bytes /= 1024;
            unit++;
        }
        return number(bytes) + NAMES[unit];
    }

    /** "31 s", "250 ms", or "for ever". */
    public static String duration(long nanos) {
        if (nanos >= Deadlines.FOREVER_NANOS) return "for ever";
        long millis = Math.max(0, nanos) / 1_000_000;
        return millis < 10_000 && millis % 1_000 != 0 ? number(millis) + " ms" : number(millis / 1_000) + " s";
    }

    /** With thousands separators, the same in every locale. */
    public static String number(long value) {
        StringBuilder text = new StringBuilder(Long.toString(value));
        for (int i = text.length() - 3; i > (value < 0 ? 1 : 0); i -= 3) text.insert(i, ',');
        return text.toString();
    }
}
