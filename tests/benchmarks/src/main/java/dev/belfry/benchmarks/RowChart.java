package dev.belfry.benchmarks;

import java.util.List;
import java.util.Optional;

/**
 * A row for each contestant, a panel for each scenario: a dot for the figure, a line from lowest to
 * highest, rings for what more is shown of it.
 */
record RowChart(
        String name,
        String title,
        String subtitle,
        String unit,
        List<String> figures,
        List<String> scenarios,
        List<String> headings)
        implements Charts.Chart {
    private static final int ROW = 22;
    private static final int LEFT = 190;
    private static final int RIGHT = 660;

    static RowChart productsAndShapes() {
        return new RowChart(
                "shapes",
                "Throughput of other shapes and other products",
                "Million messages a second to each receiver. Median of the rounds, lowest and highest.",
                "M/s",
                List.of("throughput"),
                List.of("one to three 256", "four to one 256", "others 256", "others 1024"),
                List.of(
                        "one sender to three receivers, 256 B: four processes",
                        "four senders to one receiver, 256 B: five processes",
                        "one to one, 256 B",
                        "one to one, 1 KiB"));
    }

    static RowChart roundTrips() {
        return new RowChart(
                "round-trip",
                "Round trip of 32 bytes between two processes",
                "Dot: median, with lowest and highest round. Rings: 90, 99 and 99.9 % of the trips.",
                "µs",
                List.of("p50", "p90", "p99", "p99.9"),
                List.of("round trip spinning", "round trip sleeping"),
                List.of("both sides spin", "both sides sleep until there is something"));
    }

    @Override
    public int draw(Svg svg, Recording recording, List<String> there, int top) {
        int y = top;
        for (String scenario : there) {
            svg.text("panel", "start", 24, y, headings.get(scenarios.indexOf(scenario)));
            y = panel(svg, recording, scenario, y + 24);
        }
        return y;
    }

    private int panel(Svg svg, Recording recording, String scenario, int top) {
        List<Result> shown = recording.results().stream()
                .filter(r -> r.scenario().equals(scenario) && figures.contains(r.figure()) && !r.isRatio())
                .toList();
        List<Result> more =
                shown.stream().filter(r -> !r.figure().equals(figures.get(0))).toList();
        List<Double> reach = Charts.reach(
                shown.stream().filter(r -> r.figure().equals(figures.get(0))).toList());
        more.forEach(r -> reach.add(r.median()));
        LogScale x = LogScale.over(reach, LEFT, RIGHT);
        List<String> contestants = recording.contestants(scenario);
        int bottom = top + contestants.size() * ROW;
        for (double tick : x.ticks()) {
            svg.line("grid", x.at(tick), top - 10, x.at(tick), bottom - 8);
            svg.text("quiet", "middle", x.at(tick), bottom + 4, LogScale.label(tick));
        }
        svg.text("quiet", "end", Svg.WIDTH - 24, bottom + 4, unit);
        for (int i = 0; i < contestants.size(); i++)
            row(svg, recording, scenario, contestants.get(i), x, top + i * ROW);
        return bottom + 44;
    }

    private void row(Svg svg, Recording recording, String scenario, String contestant, LogScale x, int y) {
        Result main = recording.find(scenario, contestant, figures.get(0)).orElseThrow();
        String colour = Svg.colour(contestant);
        svg.text("label", "end", LEFT - 14, y, Svg.named(contestant));
        double from = x.at(main.median());
        for (String figure : figures.subList(1, figures.size())) {
            Optional<Result> next = recording.find(scenario, contestant, figure);
            if (next.isEmpty()) continue;
            double to = x.at(next.get().median());
            svg.line("thin " + colour, from + 3, y, Math.max(from, to - 3), y);
            svg.dot("open " + colour, to, y, 3);
            from = to;
        }
        svg.line("mark " + colour, x.at(main.low()), y, x.at(main.high()), y);
        for (double end : new double[] {main.low(), main.high()})
            svg.line("mark " + colour, x.at(end), y - 4, x.at(end), y + 4);
        svg.dot("mark " + colour, x.at(main.median()), y, 4);
        svg.text("label", "end", Svg.WIDTH - 24, y, value(recording, scenario, contestant, main));
    }

    private String value(Recording recording, String scenario, String contestant, Result main) {
        if (figures.size() == 1) return Report.digits(main.median());
        return recording
                .find(scenario, contestant, "p99")
                .map(p99 -> Report.digits(main.median()) + ", 99 %: " + Report.digits(p99.median()))
                .orElse(Report.digits(main.median()));
    }
}
