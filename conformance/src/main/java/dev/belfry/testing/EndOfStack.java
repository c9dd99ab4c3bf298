package dev.belfry.testing;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** Calls that run out of stack: with one frame more each time, an Error strikes at every depth. */
public final class EndOfStack {
    private static final long STACK_BYTES = 192 << 10;

    private EndOfStack() {}

    /** As {@link #run(int, Runnable)}, after {@code before}, which has the whole stack for itself. */
    public static <T> void run(int frames, Supplier<T> before, Consumer<T> run) throws InterruptedException {
        inThread(frames, () -> {
            T made = before.get();
            down(frames, new int[] {-1}, () -> run.accept(made));
        });
    }

    /**
     * Runs it in a thread of its own, {@code frames} frames above the end of that thread's stack. Its
     * StackOverflowError or exception is expected and not thrown here. Fails if it hangs.
     */
    public static void run(int frames, Runnable run) throws InterruptedException {
        inThread(frames, () -> down(frames, new int[] {-1}, run));
    }

    private static void inThread(int frames, Runnable body) throws InterruptedException {
        Thread deep = new Thread(null, body, "deep", STACK_BYTES);
        deep.setDaemon(true);
        deep.start();
        deep.join(Patience.limit().toMillis());
        if (deep.isAlive()) throw new AssertionError("hangs, " + frames + " frames above the end of its stack");
    }

    /** To the end of the stack, and some frames back. */
    private static void down(int frames, int[] left, Runnable run) {
        try {
            down(frames, left, run);
        } catch (StackOverflowError end) {
            if (left[0] < 0) left[0] = frames;
        }
        if (left[0]-- == 0) {
            try {
                run.run();
            } catch (StackOverflowError | RuntimeException expected) {
                // the caller checks the state that it left
            }
            left[0] = -1000;
        }
    }
}
