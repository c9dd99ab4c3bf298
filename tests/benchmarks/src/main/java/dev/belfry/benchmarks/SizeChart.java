package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Throughput over the messages' length, a line for each contestant and size of its ring. */
final class SizeChart implements Charts.Chart {
    private static final int[] LENGTHS = {32, 256, 1024, 16384};
    private static final String SCENARIO = "throughput shared";
    private static final int HEIGHT = 330;
    private static final int LEFT = 64;
    private static final int PLOT = 580;

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public String title() {
        return "Throughput, one sender to one receiver; others may publish, too";
    }

    @Override
    public String subtitle() {
        return "Million messages a second, both processes spinning unless said otherwise. Median of the rounds, lowest and highest.";
    }

    @Override
    public List<String> scenarios() {
        return IntStream.of(LENGTHS).mapToObj(length -> SCENARIO + " " + length).toList();
    }

    @Override
    public int draw(Svg svg, Recording recording, List<String> scenarios, int top) {
        List<Result> all = recording.results().stream()
                .filter(r -> scenarios.contains(r.scenario()) && !r.isRatio())
                .toList();
        LogScale y = LogScale.over(Charts.reach(all), top + 4 + HEIGHT, top + 4);
        for (double tick : y.ticks()) {
            svg.line("grid", LEFT, y.at(tick), LEFT + PLOT, y.at(tick));
            svg.text("quiet", "end", LEFT - 8, y.at(tick), LogScale.label(tick));
        }
        for (int i = 0; i < LENGTHS.length; i++)
            svg.text("quiet", "middle", x(LEFT, i), y.begin() + 18, Charts.bytes(LENGTHS[i]));
        Map<String, Integer> ofColour = new HashMap<>();
        List<Label> labels = new ArrayList<>();
        List<String> contestants =
                all.stream().map(Result::contestant).distinct().toList();
        for (int i = 0; i < contestants.size(); i++) {
            String contestant = contestants.get(i);
            int before = ofColour.merge(Svg.colour(contestant), 1, Integer::sum) - 1;
            double shift = (i - (contestants.size() - 1) / 2.0) * 3;
            labels.add(series(
                    svg,
                    all,
                    contestant,
                    LEFT + shift,
                    y,
                    List.of("", "7 4", "2 3").get(before % 3)));
        }
        place(svg, labels, LEFT + PLOT + 2);
        return top + 4 + HEIGHT + 40;
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
