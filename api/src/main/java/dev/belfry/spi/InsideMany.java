package dev.belfry.spi;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * For a {@link SharedSleep}: the members that its thread may read. A removal waits until it is outside.
 *
 * @param <M> the form in which that sleep keeps a member
 */
public final class InsideMany<M> {
    private final Supplier<? extends List<M>> members;
    private List<M> inside = List.of(); // guarded by this

    /**
     * {@code members}: asked under the monitor of this, so that the thread is inside one that is being removed only if
     * {@link #awaitOutside} sees it. A list that nobody changes.
     */
    public InsideMany(Supplier<? extends List<M>> members) {
        this.members = Objects.requireNonNull(members, "members");
    }

    /** From now on the thread may read these. Pair with ends. */
    public synchronized List<M> begins() {
        return inside = members.get();
    }

    /** It leaves these, and reads none any more, whatever fails: the first failure is thrown when all is done. */
    public void ends(List<M> entered, Consumer<? super M> leave) {
        Throwable failure = null;
        for (M each : entered)
            try {
                leave.accept(each);
            } catch (Throwable e) { // it keeps no other from being left, and no remover waiting
                if (failure == null) failure = e;
                else Errors.suppress(failure, e);
            }
        synchronized (this) {
            inside = List.of();
            notifyAll();
        }
        if (failure instanceof Error error) throw error;
        if (failure != null) throw (RuntimeException) failure;
    }

    /** Called when it is no member any more. An interrupt does not end it, and stays. */
    public synchronized void awaitOutside(Predicate<? super M> removed) {
        boolean interrupted = false;
        while (inside.stream().anyMatch(removed))
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
