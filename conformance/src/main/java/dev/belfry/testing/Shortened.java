package dev.belfry.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A failing sequence of operations, of which each has a meaning in every state, made short. */
public final class Shortened {
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Shortened() {}

    /** Leaves out half, a quarter, an eighth ... for as long as it still fails. */
    public static <T> List<T> of(List<T> failing, Predicate<List<T>> fails) {
        long start = System.nanoTime();
        List<T> shortest = failing;
        for (int size = shortest.size() / 2; size >= 1; size /= 2)
            for (int from = 0; from < shortest.size(); ) {
                if (System.nanoTime() - start > MOST_NANOS) return shortest;
                List<T> fewer = new ArrayList<>(shortest);
                fewer.subList(from, Math.min(from + size, fewer.size())).clear();
                if (fails.test(fewer)) shortest = fewer;
                else from += size;
            }
        return shortest;
    }
}
