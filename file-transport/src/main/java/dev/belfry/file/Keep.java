package dev.belfry.file;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.belfry.spi.Units;

/**
 * The part of its history that a queue keeps though no place needs it: as young as {@code millis}, and at most {@code
 * bytes} of the log; 0: that is not given. With neither, only what is needed is kept.
 */
record Keep(String text, long millis, long bytes) {
    static final Keep NEEDED = new Keep("needed", 0, 0);
    static final Keep ALL = new Keep("all", Long.MAX_VALUE, Long.MAX_VALUE);

    private static final int LONGEST = 64;

    static Keep parse(String text) {
        if (text.equals(NEEDED.text)) return NEEDED;
        if (text.equals(ALL.text)) return ALL;
        long millis = 0;
        long bytes = 0;
        for (String part : text.split(",", -1)) {
            if (part.matches("[0-9]+m"))
                throw new IllegalArgumentException("keep: '" + part + "' may be minutes or MiB: write " + part
                        + "in or " + part.replace('m', 'M') + "; was '" + text + "'");
            boolean isSize = part.matches("[0-9]+[kKMgG]");
            boolean isAge = !isSize && part.matches("[0-9]+[a-zA-Z]+");
            long value = isSize ? Units.parseSize(part) : isAge ? MILLISECONDS.convert(Units.parseDuration(part)) : 0;
            boolean isGivenTwice = (isSize ? bytes : millis) != 0;
            if (value == 0 || isGivenTwice || text.length() > LONGEST)
                throw new IllegalArgumentException(
                        "keep must be 'needed', 'all', a duration such as 30d or 90min, a size such as"
                                + " 500M or 5g, or both, as 30d,5g; each with its unit, and more than 0; was '" + text
                                + "'");
            if (isSize) bytes = value;
            else millis = value;
        }
        return new Keep(text, millis, bytes);
    }

    boolean isAll() {
        return bytes == Long.MAX_VALUE;
    }

    @Override
    public String toString() {
        return text;
    }
}
