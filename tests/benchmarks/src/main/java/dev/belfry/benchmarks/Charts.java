package dev.belfry.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code Charts DIRECTORY FILE...}: pictures of what each file has, named after its JDK. */
final class Charts {
    private Charts() {}

    public static void main(String[] arguments) throws IOException {
        for (int i = 1; i < arguments.length; i++) {
            Recording recording = Recording.read(Path.of(arguments[i]));
            for (Chart chart : List.of(
                    new SizeChart(), RowChart.productsAndShapes(), RowChart.roundTrips(), new ProcessorChart())) {
                List<String> there = chart.scenarios().stream()
                        .filter(s -> !recording.contestants(s).isEmpty())
                        .toList();
                if (there.isEmpty()) continue;
                Path file = Path.of(arguments[0], "benchmark-" + chart.name() + "-jdk" + recording.jdk() + ".svg");
                Files.writeString(file, draw(chart, recording, there));
                System.out.println(file);
            }
        }
    }

    private static String draw(Chart chart, Recording recording, List<String> scenarios) {
        Svg svg = new Svg();
        svg.text("title", "start", 24, 32, chart.title());
        svg.text("quiet", "start", 24, 54, chart.subtitle());
        int y = chart.draw(svg, recording, scenarios, 80);
        svg.text("quiet", "start", 24, y + 14, conditions(recording));
        return svg.finish(chart.title(), y + 38);
    }

    private static String conditions(Recording recording) {
        return String.join(
                " · ",
                recording.run("cores") + " cores of " + recording.run("cpu"),
                "JDK " + recording.run("jdk").replaceAll(".* ", "").replaceAll("[+-].*", ""),
                recording.run("kernel").replaceAll("-.*", ""),
                recording.run("date").replaceAll("T.*", ""),
                recording.run("commit"),
                recording.run("command"));
    }

    interface Chart {
        String name();

        String title();

        String subtitle();

        List<String> scenarios();

        /** From this height on; returns where it ended. */
        int draw(Svg svg, Recording recording, List<String> scenarios, int top);
    }

    /** Of a length: {@code 32 B}, {@code 16 KiB}. */
    static String bytes(int length) {
        return length < 1024 ? length + " B" : length / 1024 + " KiB";
    }

    /** What a scale must reach. */
    static List<Double> reach(List<Result> results) {
        List<Double> all = new ArrayList<>();
        for (Result result : results) {
            all.add(result.low());
            all.add(result.high());
        }
        return all;
    }
}
