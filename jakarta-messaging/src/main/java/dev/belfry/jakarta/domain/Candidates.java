package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.Subscription;
import dev.belfry.jakarta.fold.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The messages that a consumer may take of its queue or subscription. None is asked twice without
 * success: it knows all messages of each priority up to a cursor. It remembers those that are for
 * it, and when delayed ones are due; the view tells it those that were held, or were told late. A
 * message that a subscription does not want is nobody's, and is to be dropped. With the fold lock.
 */
final class Candidates implements Consumer<Message> {
    private static final int PRIORITIES = 16;
    private static final int FEW = 1024;
    private static final int MOST_UNWANTED = 256;

    /** When it may be delivered, as that was when it was found. */
    private record Later(long time, Message message) {}

    private final Predicate<Message> matches;
    private final long[] cursors = new long[PRIORITIES];
    private final Buffer<Message> matching = new Buffer<>();
    private final Queue<Later> later =
            new PriorityQueue<>(Comparator.comparingLong(Later::time).thenComparing(Later::message));
    private final Set<Message> freed = new LinkedHashSet<>();
    final List<Message> unread = new ArrayList<>();
    /** The available messages that a subscription does not want; some first, until they are dropped. */
    final Set<Message> unwanted = new LinkedHashSet<>();

    private View view;
    /** How many were visited so far. */
    long visited;
    // The fields of one call.
    private long now;
    int left; // how many may be visited still
    private int at;
    private boolean ended;

    Candidates(Predicate<Message> matches) {
        this.matches = matches;
    }

    /** From now on of this view; null: of none. Another one than before knows nothing of what is known here. */
    void of(View other) {
        if (view == other) return;
        if (view != null) view.watchers.remove(this);
        view = other;
        Arrays.fill(cursors, view == null ? -1 : view.done());
        matching.clear();
        later.clear();
        freed.clear();
        unread.clear();
        unwanted.clear();
        if (view != null) view.watchers.add(this);
    }

    /** It is available again, or was told after later ones. */
    @Override
    public void accept(Message m) {
        if (m.mid() > cursors[m.priority()]) return; // it is to come
        if (freed.size() > FEW + 2 * view.channel.size()) freed.removeIf(one -> !one.isLive());
        freed.add(m);
    }

    /** When the first of those that are delayed is due; {@link Long#MAX_VALUE}: there is none. */
    long due() {
        Later first = later.peek();
        return first == null ? Long.MAX_VALUE : first.time;
    }

    /**
     * Visits messages that are due or have expired, of higher priorities than {@code above}, in the
     * order of delivery, while {@code each} returns true. False: it ended because {@code most} were
     * visited, or because enough is to be dropped first.
     */
    boolean forEach(int above, long time, int most, Predicate<Message> each) {
        now = time;
        left = most;
        at = 0;
        ended = false;
        unwanted.removeIf(m -> !isAvailable(m));
        takeFreed();
        takeDue();
        for (int priority = PRIORITIES - 1; priority > above && !ended && !isEnough(); priority--) {
            known(priority, each);
            if (!ended && !isEnough()) beyond(priority, each);
        }
        freed.addAll(unread);
        unread.clear();
        visited += most - left;
        return ended || !isEnough();
    }

    /** It has not asked all that it knows of: there is more to fold first, or enough was visited. */
    boolean isBehind() {
        return !freed.isEmpty();
    }

    private boolean isEnough() {
        return left == 0 || unwanted.size() >= MOST_UNWANTED;
    }

    private void takeFreed() {
        for (Iterator<Message> all = freed.iterator(); all.hasNext() && !isEnough(); left--) {
            Message m = all.next();
            all.remove();
            if (isAvailable(m) && isWanted(m)) put(m);
        }
    }

    private void takeDue() {
        for (; !isEnough() && !later.isEmpty() && later.peek().time <= now; left--) {
            Message m = later.remove().message;
            if (isAvailable(m)) put(m);
        }
    }

    private void known(int priority, Predicate<Message> each) {
        while (at < matching.size() && matching.get(at).priority() == priority) {
            if (isEnough()) return;
            left--;
            Message m = matching.get(at);
            if (!isAvailable(m)) matching.remove(at);
            else if (isLater(m)) put(matching.remove(at));
            else {
                at++;
                if (ended = !each.test(m)) return;
            }
        }
    }

    private void beyond(int priority, Predicate<Message> each) {
        view.channel.forEach(priority, cursors[priority], m -> {
            if (isEnough()) return false;
            left--;
            cursors[priority] = m.mid();
            if (!isAvailable(m) || !isWanted(m)) return true;
            put(m);
            if (isLater(m)) return true;
            at++;
            ended = !each.test(m);
            return !ended;
        });
    }

    /** Else it is gone, or the queue tells when it is available again. */
    private boolean isAvailable(Message m) {
        Delivery delivery = view.of(m);
        return delivery != null && delivery.isAvailable();
    }

    /** An expired message is wanted by each, to be dropped. */
    private boolean isWanted(Message m) {
        if (m.expiry() != 0 && m.expiry() <= now) return true;
        int before = unread.size();
        if (matches.test(m)) return true;
        if (view instanceof Subscription && unread.size() == before) unwanted.add(m);
        return false;
    }

    private long time(Message m) {
        return Math.max(view.of(m).notBefore(), m.deliveryTime());
    }

    private boolean isLater(Message m) {
        return m.isNewer() || time(m) > now;
    }

    /** One that this member cannot read is kept nowhere. */
    private void put(Message m) {
        if (!isLater(m)) matching.add(m);
        else if (!m.isNewer()) later.add(new Later(time(m), m));
    }
}
