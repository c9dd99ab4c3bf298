package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Throughput over the messages' length, a panel for each way to publish. */
final class SizeChart implements Charts.Chart {
    private static final int[] LENGTHS = {32, 256, 1024, 16384};
    private static final List<String> PANELS = List.of("throughput exclusive", "throughput shared");
    private static final int HEIGHT = 330;
    private static final int PLOT = 206;

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public String title() {
        return "Throughput, one sender to one receiver";
    }

    @Override
    public String subtitle() {
        return "Million messages a second, both processes spinning unless said otherwise. Median of the rounds, lowest and highest.";
    }

    @Override
    public List<String> scenarios() {
        List<String> all = new ArrayList<>();
        for (String panel : PANELS) for (int length : LENGTHS) all.add(panel + " " + length);
        return all;
    }

    @Override
    public int draw(Svg svg, Recording recording, List<String> scenarios, int top) {
        List<Result> all = recording.results().stream()
                .filter(r -> scenarios.contains(r.scenario()) && !r.isRatio())
                .toList();
        LogScale y = LogScale.over(Charts.reach(all), top + 24 + HEIGHT, top + 24);
        int left = 64;
        for (String panel : PANELS) {
            panel(svg, all.stream().filter(r -> r.scenario().startsWith(panel)).toList(), panel, left, y);
            left += 414;
        }
        return top + 24 + HEIGHT + 40;
    }

    private static void panel(Svg svg, List<Result> results, String panel, int left, LogScale y) {
        svg.text(
                "panel",
                "start",
                left,
                y.end() - 20,
                panel.equals(PANELS.get(0)) ? "exclusive publisher" : "shared publisher");
        for (double tick : y.ticks()) {
            svg.line("grid", left, y.at(tick), left + PLOT, y.at(tick));
            svg.text("quiet", "end", left - 8, y.at(tick), LogScale.label(tick));
        }
        for (int i = 0; i < LENGTHS.length; i++)
            svg.text("quiet", "middle", x(left, i), y.begin() + 18, Charts.bytes(LENGTHS[i]));
        Map<String, Integer> ofColour = new HashMap<>();
        List<Label> labels = new ArrayList<>();
        List<String> contestants =
                results.stream().map(Result::contestant).distinct().toList();
        for (int i = 0; i < contestants.size(); i++) {
            String contestant = contestants.get(i);
            int before = ofColour.merge(Svg.colour(contestant), 1, Integer::sum) - 1;
            double shift = (i - (contestants.size() - 1) / 2.0) * 3;
            labels.add(series(
                    svg,
                    results,
                    contestant,
                    left + shift,
                    y,
                    List.of("", "7 4", "2 3").get(before % 3)));
        }
        place(svg, labels, left + PLOT + 2);
    }

    private static double x(double left, int index) {
        return left + 20 + index * (PLOT - 40) / (LENGTHS.length - 1.0);
    }

    private record Label(String contestant, String dashes, double y) {}

    private static Label series(
            Svg svg, List<Result> results, String contestant, double left, LogScale y, String dashes) {
        List<double[]> points = new ArrayList<>();
        String colour = Svg.colour(contestant);
        for (int i = 0; i < LENGTHS.length; i++)
            for (Result r : results)
                if (r.contestant().equals(contestant) && r.scenario().endsWith(" " + LENGTHS[i])) {
                    points.add(new double[] {x(left, i), y.at(r.median())});
                    svg.line("thin " + colour, x(left, i), y.at(r.low()), x(left, i), y.at(r.high()));
                    svg.dot("mark " + colour, x(left, i), y.at(r.median()), 2.5);
                }
        double[] xs = points.stream().mapToDouble(p -> p[0]).toArray();
        double[] ys = points.stream().mapToDouble(p -> p[1]).toArray();
        svg.path(colour, dashes, xs, ys);
        return new Label(contestant, dashes, ys[ys.length - 1]);
    }

    /** At the lines' ends, moved apart where they would cover each other. */
    private static void place(Svg svg, List<Label> labels, double x) {
        labels.sort(Comparator.comparing(Label::y));
        double[] at = labels.stream().mapToDouble(Label::y).toArray();
        for (int pass = 0; pass < 50; pass++)
            for (int i = 1; i < at.length; i++) {
                double overlap = 15 - (at[i] - at[i - 1]);
                if (overlap > 0) {
                    at[i] += overlap / 2;
                    at[i - 1] -= overlap / 2;
                }
            }
        for (int i = 0; i < at.length; i++) {
            Label label = labels.get(i);
            String colour = Svg.colour(label.contestant());
            svg.path(colour, label.dashes(), new double[] {x, x + 20}, new double[] {at[i], at[i]});
            svg.text("label " + colour, "start", x + 25, at[i], Svg.named(label.contestant()));
        }
    }
}
