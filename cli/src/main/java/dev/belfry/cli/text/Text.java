package dev.belfry.cli.text;

import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Units;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** Numbers and words for people. Control characters and markup are removed from what a queue or a process supplies. */
public final class Text {
    private static final int WIDEST = 40;
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    private Text() {}

    /** Colours only on a terminal that has some. */
    public static Ansi ansi() {
        return "dumb".equals(System.getenv("TERM")) ? Ansi.OFF : Ansi.AUTO;
    }

    public static String paint(String markup) {
        return ansi().string(markup);
    }

    /** "812", "12.3 k", "4.5 M". */
    public static String rate(double perSecond) {
        if (perSecond < 1000) return String.format(Locale.ROOT, "%.0f", perSecond);
        if (perSecond < 1_000_000) return String.format(Locale.ROOT, "%.1f k", perSecond / 1000);
        return String.format(Locale.ROOT, "%.1f M", perSecond / 1_000_000);
    }

    public static String number(long value) {
        return Units.number(value);
    }

    /** "64 MiB", "1.4 MiB". */
    public static String size(double bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB"};
        int unit = 0;
        for (; bytes >= 1024 && unit < 3; unit++) bytes /= 1024;
        boolean whole = bytes == Math.rint(bytes) || bytes >= 100;
        return String.format(Locale.ROOT, whole ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    }

    /** Tells a limit; {@code bytes} is null where there is none. */
    public static String most(Long bytes) {
        return bytes == null ? "none" : size(bytes);
    }

    /** Shortens a name for a cell of a table: a long one keeps both ends. */
    public static String brief(String name) {
        if (name.codePointCount(0, name.length()) <= WIDEST) return name;
        int head = name.offsetByCodePoints(0, WIDEST / 2);
        int tail = name.offsetByCodePoints(name.length(), -(WIDEST / 2 - 1));
        return name.substring(0, head) + "\u2026" + name.substring(tail);
    }

    public static String clean(String text) {
        return text == null ? "" : Units.printable(text).replace("@|", "@ |").replace("|@", "| @");
    }

    /** A constant's name as people write it. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** "gate", "disconnect", "overrun". */
    public static String policy(SlowSubscriber policy) {
        return switch (policy) {
            case GATE_PUBLISHER -> "gate";
            case DISCONNECT -> "disconnect";
            case OVERRUN -> "overrun";
        };
    }

    public static String nameOf(SubscriberStats subscriber) {
        return subscriber.name() != null ? clean(subscriber.name()) : "(anonymous)";
    }

    public static String level(Finding.Level level) {
        if (level.isProblem()) return "@|bold,red PROBLEM|@";
        return level == Finding.Level.OK ? "@|green ok|@" : "@|yellow note|@";
    }

    /** A dash below a second: a queue that is read and written has always some such message. */
    public static String age(long nanos) {
        return nanos < 1_000_000_000L ? "-" : Units.duration(nanos);
    }

    /** Tells the time, always with seconds. */
    public static String clock() {
        return CLOCK.format(LocalTime.now());
    }

    /** Draws in ten characters how much of the whole it is. */
    public static String bar(double part, double whole) {
        int filled = whole <= 0 || part <= 0 ? 0 : (int) Math.max(1, Math.min(10, Math.round(10 * part / whole)));
        String colour = filled < 5 ? "green" : filled < 9 ? "yellow" : "red";
        return "[@|" + colour + " " + (filled == 0 ? " " : "#".repeat(filled)) + "|@"
                + " ".repeat(10 - Math.max(1, filled)) + "]";
    }
}
