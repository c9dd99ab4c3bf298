package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * An axis on which equal ratios are equally long: from a round number below all values to one
 * above, between two places on the page.
 */
record LogScale(double from, double to, double begin, double end) {
    static LogScale over(List<Double> values, double begin, double end) {
        double low = values.stream().mapToDouble(v -> v).min().orElseThrow();
        double high = values.stream().mapToDouble(v -> v).max().orElseThrow();
        double from = Math.pow(10, Math.floor(Math.log10(low)));
        double to = Math.pow(10, Math.ceil(Math.log10(high)));
        if (from * 5 <= low) from *= 5;
        else if (from * 2 <= low) from *= 2;
        if (to / 5 >= high) to /= 5;
        else if (to / 2 >= high) to /= 2;
        return new LogScale(from, to > from ? to : from * 2, begin, end);
    }

    double at(double value) {
        return begin + (end - begin) * Math.log(value / from) / Math.log(to / from);
    }

    /** One, two, five, ten ...; over more than two decades only the tens. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        int[] steps = to / from > 1000 ? new int[] {1} : new int[] {1, 2, 5};
        for (double ten = Math.pow(10, Math.floor(Math.log10(from) + 1e-9)); ten < to * 1.001; ten *= 10)
            for (int step : steps) if (step * ten > from * 0.999 && step * ten < to * 1.001) ticks.add(step * ten);
        return ticks;
    }

    static String label(double tick) {
        return tick >= 1
                ? String.format(java.util.Locale.ROOT, "%,.0f", tick)
                : Double.toString(Math.round(tick * 1e6) / 1e6);
    }
}
