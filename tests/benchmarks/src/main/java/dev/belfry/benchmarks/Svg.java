package dev.belfry.benchmarks;

import java.util.Locale;

/**
 * A picture on a card of its own, dark where the reader's pages are. Every run writes the same
 * bytes for the same figures.
 */
final class Svg {
    static final int WIDTH = 860;

    private static final String STYLE = """
            text { font-family: system-ui, -apple-system, "Segoe UI", "Liberation Sans", Helvetica, Arial, sans-serif; font-size: 13px; fill: #1e293b }
            .title { font-size: 17px; font-weight: 600 }
            .panel { font-weight: 600 }
            .quiet { fill: #64748b; font-size: 12px }
            .card { fill: #ffffff; stroke: #e2e8f0 }
            .grid { stroke: #e2e8f0; stroke-width: 1 }
            .mark { stroke-width: 2; fill-opacity: 1 }
            .path { stroke-width: 2; stroke-linejoin: round }
            .thin { stroke-width: 1.4; stroke-opacity: .65 }
            .open { fill-opacity: 0; stroke-width: 1.6 }
            .belfry { fill: #2563eb; stroke: #2563eb } .aeron { fill: #d97706; stroke: #d97706 } .C { fill: #64748b; stroke: #64748b }
            .chronicle { fill: #0d9488; stroke: #0d9488 } .agrona { fill: #9333ea; stroke: #9333ea } .artemis { fill: #be123c; stroke: #be123c }
            polyline.path { fill: none }
            text.label { stroke: none }
            @media (prefers-color-scheme: dark) {
              text { fill: #e2e8f0 }
              .quiet { fill: #94a3b8 }
              .card { fill: #0f172a; stroke: #334155 }
              .grid { stroke: #273449 }
              .belfry { fill: #60a5fa; stroke: #60a5fa } .aeron { fill: #fbbf24; stroke: #fbbf24 } .C { fill: #94a3b8; stroke: #94a3b8 }
              .chronicle { fill: #2dd4bf; stroke: #2dd4bf } .agrona { fill: #c084fc; stroke: #c084fc } .artemis { fill: #fb7185; stroke: #fb7185 }
            }
            """;

    private final StringBuilder body = new StringBuilder();

    void line(String style, double x1, double y1, double x2, double y2) {
        add("<line class='%s' x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f'/>", style, x1, y1, x2, y2);
    }

    void dot(String style, double x, double y, double radius) {
        add("<circle class='%s' cx='%.1f' cy='%.1f' r='%.1f'/>", style, x, y, radius);
    }

    /** Dashes: like {@code 6 4}; none if empty. */
    void path(String style, String dashes, double[] xs, double[] ys) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < xs.length; i++) points.append(String.format(Locale.ROOT, "%.1f,%.1f ", xs[i], ys[i]));
        add(
                "<polyline class='path %s' stroke-dasharray='%s' points='%s'/>",
                style, dashes.isEmpty() ? "none" : dashes, points.toString().strip());
    }

    /** Anchor: start, middle or end. Its baseline is a little lower than y: y is the middle of its small letters. */
    void text(String style, String anchor, double x, double y, String text) {
        add(
                "<text class='%s' text-anchor='%s' x='%.1f' y='%.1f'>%s</text>",
                style, anchor, x, y + 4, text.replace("&", "&amp;").replace("<", "&lt;"));
    }

    private void add(String pattern, Object... values) {
        body.append("  ").append(String.format(Locale.ROOT, pattern, values)).append('\n');
    }

    /** What the contestant's first word says: its colour. */
    static String colour(String contestant) {
        return contestant.split(" ")[0];
    }

    /** A product's name as people write it; a function's stays as it is. */
    static String named(String contestant) {
        return contestant.matches("[a-z]+( .*)?")
                ? contestant.substring(0, 1).toUpperCase(Locale.ROOT) + contestant.substring(1)
                : contestant;
    }

    String finish(String title, int height) {
        return """
                <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %1$d %2$d' width='%1$d' height='%2$d' role='img' aria-label='%3$s'>
                  <style>
                %4$s  </style>
                  <rect class='card' x='.5' y='.5' width='%5$d' height='%6$d' rx='10'/>
                %7$s</svg>
                """.formatted(WIDTH, height, title, STYLE.indent(4), WIDTH - 1, height - 1, body);
    }
}
