package dev.belfry.shm.posix;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many calls are inside an object that can be closed, so that it is freed once, and never under one of them.
 *
 * <p>If a descriptor is freed while another thread is about to use its number, that thread locks or maps another file;
 * a semaphore closed under a post is a SIGSEGV. So {@code close} only forbids entry, and the last call inside frees.
 */
public final class UseCount {
    private static final int CLOSED = Integer.MIN_VALUE;

    private final AtomicInteger state = new AtomicInteger();

    /** False once closed: there is nothing left to use. After true the caller must call {@link #exit}. */
    public boolean enter() {
        for (; ; ) {
            int seen = state.get();
            if (seen < 0) return false;
            if (state.compareAndSet(seen, seen + 1)) return true;
        }
    }

    /** Whether a call is inside now, closed or not. */
    public boolean isInside() {
        return (state.get() & ~CLOSED) != 0;
    }

    /** True: the caller was the last one inside a closed object, and frees it. */
    public boolean exit() {
        return state.decrementAndGet() == CLOSED;
    }

    /** True: no call is inside, and the caller frees it. Only the first close can get that answer. */
    public boolean close() {
        for (; ; ) {
            int seen = state.get();
            if (seen < 0) return false;
            if (state.compareAndSet(seen, seen | CLOSED)) return seen == 0;
        }
    }
}
