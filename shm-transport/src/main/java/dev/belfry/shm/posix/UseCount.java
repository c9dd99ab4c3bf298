package dev.belfry.shm.posix;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many calls are inside a thing that can be closed, so that it is freed once, and never under one of them.
 *
 * <p>A descriptor freed while another thread is about to use its number makes that thread lock or map somebody else's
 * file; a semaphore closed under a post is a SIGSEGV. So {@code close} only forbids entry, and the last one out frees.
 */
final class UseCount {
    private static final int CLOSED = Integer.MIN_VALUE;

    private final AtomicInteger state = new AtomicInteger();

    /** False once closed: there is nothing left to use. Whoever got true calls {@link #exit}. */
    boolean enter() {
        for (; ; ) {
            int seen = state.get();
            if (seen < 0) return false;
            if (state.compareAndSet(seen, seen + 1)) return true;
        }
    }

    /** True: the caller was the last one inside of something closed, and frees it. */
    boolean exit() {
        return state.decrementAndGet() == CLOSED;
    }

    /** True: nobody is inside, the caller frees it. Only the first close can be told so. */
    boolean close() {
        for (; ; ) {
            int seen = state.get();
            if (seen < 0) return false;
            if (state.compareAndSet(seen, seen | CLOSED)) return seen == 0;
        }
    }
}
