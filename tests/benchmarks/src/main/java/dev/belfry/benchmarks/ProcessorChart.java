package dev.belfry.benchmarks;

import java.util.List;
import java.util.Locale;

/** What a message's way takes, over what waiting for it costs. */
final class ProcessorChart implements Charts.Chart {
    private static final int LEFT = 70;
    private static final int RIGHT = Svg.WIDTH - 150;
    private static final int HEIGHT = 300;

    @Override
    public String name() {
        return "processors";
    }

    @Override
    public String title() {
        return "Latency and what it costs, receiver asleep between messages";
    }

    @Override
    public String subtitle() {
        return "One way, 256 B, at a rate. Dot: median, with lowest and highest round; ring: 99 %. To the left and down is better.";
    }

    @Override
    public List<String> scenarios() {
        return List.of("paced 1000", "paced 20000");
    }

    @Override
    public int draw(Svg svg, Recording recording, List<String> scenarios, int top) {
        List<Result> all = recording.results().stream()
                .filter(r -> scenarios.contains(r.scenario()) && !r.isRatio())
                .toList();
        List<Double> reach =
                Charts.reach(all.stream().filter(r -> r.figure().equals("p50")).toList());
        all.stream().filter(r -> r.figure().equals("p99")).forEach(r -> reach.add(r.median()));
        LogScale y = LogScale.over(reach, top + HEIGHT, top);
        double most = all.stream()
                .filter(r -> r.figure().equals("all"))
                .mapToDouble(Result::high)
                .max()
                .orElseThrow();
        double step = most > 1 ? 0.25 : most > 0.4 ? 0.1 : 0.05;
        int steps = (int) Math.ceil(most / step);
        for (double tick : y.ticks()) {
            svg.line("grid", LEFT, y.at(tick), RIGHT, y.at(tick));
            svg.text("quiet", "end", LEFT - 10, y.at(tick), LogScale.label(tick) + " µs");
        }
        for (int i = 0; i <= steps; i++) {
            double x = LEFT + (RIGHT - LEFT) * (double) i / steps;
            svg.line("grid", x, y.end(), x, y.begin());
            svg.text("quiet", "middle", x, y.begin() + 18, String.format(Locale.ROOT, "%.2f", i * step));
        }
        svg.text("quiet", "middle", (LEFT + RIGHT) / 2.0, y.begin() + 40, "cores, of all processes together");
        for (String scenario : scenarios)
            for (String contestant : recording.contestants(scenario))
                point(svg, recording, scenario, contestant, steps * step, y);
        return top + HEIGHT + 64;
    }

    private static void point(
            Svg svg, Recording recording, String scenario, String contestant, double most, LogScale y) {
        Result cores = recording.find(scenario, contestant, "all").orElseThrow();
        Result p50 = recording.find(scenario, contestant, "p50").orElseThrow();
        double p99 =
                y.at(recording.find(scenario, contestant, "p99").orElseThrow().median());
        double scale = (RIGHT - LEFT) / most;
        double x = LEFT + cores.median() * scale;
        double at = y.at(p50.median());
        String colour = Svg.colour(contestant);
        svg.line("mark " + colour, LEFT + cores.low() * scale, at, LEFT + cores.high() * scale, at);
        svg.line("mark " + colour, x, y.at(p50.low()), x, y.at(p50.high()));
        svg.line("thin " + colour, x, at, x, Math.min(at, p99 + 3));
        svg.dot("open " + colour, x, p99, 3);
        svg.dot("mark " + colour, x, at, 4.5);
        String rate = String.format(Locale.ROOT, "%,d/s", Long.parseLong(scenario.split(" ")[1]));
        svg.text("label", "start", x + 10, at - 12, Svg.named(contestant) + ", " + rate);
    }
}
