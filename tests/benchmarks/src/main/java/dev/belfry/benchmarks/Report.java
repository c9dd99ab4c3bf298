package dev.belfry.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Results as they come: a table for whoever watches, lines of JSON for what is made of them later. */
final class Report implements AutoCloseable {
    private final PrintStream lines;

    Report(Path file, String first) throws IOException {
        lines = new PrintStream(file.toFile(), StandardCharsets.UTF_8);
        lines.println(first);
    }

    void add(List<Result> results) {
        for (Result result : results) lines.println(result.json());
        if (lines.checkError()) throw new IllegalStateException("cannot write the results");
        table(results.stream().filter(r -> !r.isRatio()).toList());
        for (Result ratio : results)
            if (ratio.isRatio())
                System.out.printf(
                        "  %s, %s: %s times (%s to %s)%n",
                        ratio.contestant(),
                        ratio.figure(),
                        digits(ratio.median()),
                        digits(ratio.low()),
                        digits(ratio.high()));
    }

    /**
     * A row for each contestant, a column for each figure: the median, of the first figure also the
     * lowest and the highest.
     */
    private static void table(List<Result> results) {
        List<String> contestants =
                results.stream().map(Result::contestant).distinct().toList();
        List<String> figures = results.stream().map(Report::heading).distinct().toList();
        int wide = contestants.stream().mapToInt(String::length).max().orElse(0);
        StringBuilder head = new StringBuilder(" ".repeat(wide + 2));
        for (String figure : figures) head.append("  ").append(cell(figure, figure, figures));
        System.out.println(head.toString().stripTrailing());
        for (String contestant : contestants) {
            StringBuilder row = new StringBuilder("  " + contestant + " ".repeat(wide - contestant.length()));
            for (String figure : figures)
                row.append("  ").append(cell(text(results, contestant, figure, figures), figure, figures));
            System.out.println(row.toString().stripTrailing());
        }
    }

    private static String heading(Result result) {
        return result.figure() + " " + result.unit();
    }

    private static String text(List<Result> results, String contestant, String figure, List<String> figures) {
        for (Result r : results)
            if (r.contestant().equals(contestant) && heading(r).equals(figure))
                return figure.equals(figures.get(0))
                        ? digits(r.median()) + " (" + digits(r.low()) + " to " + digits(r.high()) + ")"
                        : digits(r.median());
        return "-";
    }

    private static String cell(String text, String figure, List<String> figures) {
        int width = figure.equals(figures.get(0)) ? 30 : Math.max(7, figure.length());
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    /** Three of them that mean something. */
    static String digits(double value) {
        double size = Math.abs(value);
        int places = size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + places + "f", value);
    }

    @Override
    public void close() {
        lines.close();
    }
}
