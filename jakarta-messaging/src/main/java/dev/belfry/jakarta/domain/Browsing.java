package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.selector.Selector;
import java.util.stream.LongStream;

/**
 * The messages that a queue has at one instant, in the order of delivery: those that are not delivered in this JVM,
 * due, and not expired. It holds none: what is gone when its turn comes is left out. One thread.
 */
public final class Browsing {
    private final Domain domain;
    private final long queue;
    private final Selector selector;
    private final FlatMessage flat;
    private final long[] mids;
    private int next;

    /** @param count how often it was delivered */
    public record Browsed(byte[] bytes, long author, int count) {}

    Browsing(Domain domain, long queue, Selector selector) {
        this.domain = domain;
        this.queue = queue;
        this.selector = selector;
        flat = new FlatMessage(domain.shortId);
        mids = domain.withState(this::present);
    }

    private long[] present(State state) {
        LongStream.Builder found = LongStream.builder();
        View view = state.view(queue);
        long now = System.currentTimeMillis();
        if (view != null)
            view.forEach(m -> {
                if (isDue(m, view.of(m), now) && !domain.holdings.isDelivered(view, m)) found.add(m.mid());
                return true;
            });
        return found.build().toArray();
    }

    private static boolean isDue(Message m, Delivery delivery, long now) {
        return Math.max(delivery.notBefore(), m.deliveryTime()) <= now && (m.expiry() == 0 || m.expiry() > now);
    }

    /** Null: there are no more. */
    public Browsed next() {
        while (next < mids.length) {
            Browsed one = read(mids[next++]);
            if (one != null && isSelected(one)) return one;
        }
        return null;
    }

    /** Null: it is gone. */
    private Browsed read(long mid) {
        return domain.withState(state -> {
            byte[] bytes = domain.folded().bytes(mid);
            if (bytes == null) return null;
            Message m = domain.folded().state().message(mid);
            Delivery delivery = domain.folded().state().view(queue).of(m);
            if (!isDue(m, delivery, System.currentTimeMillis())) return null; // it may have expired meanwhile
            return new Browsed(bytes, m.author(), delivery.count());
        });
    }

    private boolean isSelected(Browsed one) {
        if (selector.selectsAll()) return true;
        return flat.wrap(one.bytes(), 0, one.bytes().length, one.author()) && selector.matches(flat);
    }
}
