package dev.belfry.spi;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes, durations and permissions as people write and read them: {@code 64m}, {@code 30s},
 * {@code rw-------}; "64 MiB", "31 s", "1,204,331".
 * @since 0.1
 */
public final class Units {
    /** The largest capacity of a queue, in bytes. */
    public static final long LARGEST_CAPACITY = 1L << 30;

    private static final long SMALLEST_CAPACITY = 4L << 10;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kmg]?)", Pattern.CASE_INSENSITIVE);
    private static final Pattern DURATION =
            Pattern.compile("(\\d{1,18})(ns|us|ms|s|min|h|d)", Pattern.CASE_INSENSITIVE);
    private static final Pattern OCTAL = Pattern.compile("0?[0-7]{3}");
    private static final Pattern LETTERS = Pattern.compile("([r-][w-][x-]){3}");
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

    /**
     * A queue's capacity: rounded up to a power of two, at least 4 KiB; 0, which is "not given", stays 0.
     *
     * @param what its name, for a refusal
     */
    public static long capacity(String what, long bytes) {
        if (bytes < 0) throw new IllegalArgumentException(what + " must be > 0, was " + number(bytes));
        if (bytes > LARGEST_CAPACITY)
            throw new IllegalArgumentException(
                    what + " (" + size(bytes) + ") is larger than " + size(LARGEST_CAPACITY));
        if (bytes == 0) return 0;
        long power = Long.highestOneBit(bytes);
        return Math.max(SMALLEST_CAPACITY, power == bytes ? power : power << 1);
    }

    /** The name of a thread, or its number if it has none, as virtual ones. */
    public static String name(Thread thread) {
        return thread.getName().isEmpty() ? "#" + thread.getId() : thread.getName();
    }

    /** Permission bits: "rw-------" or "0600". */
    public static int mode(String mode) {
        if (OCTAL.matcher(mode).matches()) return useful(mode, Integer.parseInt(mode, 8));
        if (!LETTERS.matcher(mode).matches())
            throw new IllegalArgumentException("mode '" + printable(mode) + "' is not of the form rw-rw---- or 0660");
        int bits = 0;
        for (int i = 0; i < mode.length(); i++) bits = bits << 1 | (mode.charAt(i) == '-' ? 0 : 1);
        return useful(mode, bits);
    }

    /** Reading without writing is of no use. */
    private static int useful(String mode, int bits) {
        boolean owner = (bits & 0600) == 0600;
        if (owner && (bits >> 1 & 022) == (bits & 022)) return bits;
        throw new IllegalArgumentException(
                "mode '" + mode + "' lets "
                        + (owner ? "others read or write the file, but not join" : "not even its owner join")
                        + ": a subscriber stores in it how far it has read. Give both or neither: rw-------, rw-rw----, rw-rw-rw-");
    }

    /** "64 MiB" if it is a whole number of them, else "1,000 bytes". */
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

    /** Shows a number with thousands separators, the same in every locale. */
    public static String number(long value) {
        StringBuilder text = new StringBuilder(Long.toString(value));
        for (int i = text.length() - 3; i > (value < 0 ? 1 : 0); i -= 3) text.insert(i, ',');
        return text.toString();
    }

    /**
     * For error texts: control characters become question marks, so that a name cannot forge a line
     * of a log. So do those that no eye sees, or that change the order of what it sees.
     */
    public static String printable(String text) {
        return text.replaceAll("[\\p{IsControl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
    }

    /** Does the same to a stranger's text, and cuts it where it is longer. */
    public static String printable(String text, int most) {
        return printable(text.length() <= most ? text : text.substring(0, most));
    }
}
