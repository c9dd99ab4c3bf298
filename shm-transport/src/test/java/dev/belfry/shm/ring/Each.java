package dev.belfry.shm.ring;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tests of a class as a twin runs them: each in an object of its own. */
final class Each {
    private Each() {}

    static <T> void run(Supplier<T> begin, Consumer<T> end, List<Consumer<T>> tests) {
        for (Consumer<T> test : tests) {
            T one = begin.get();
            try {
                test.accept(one);
            } finally {
                end.accept(one);
            }
        }
    }
}
