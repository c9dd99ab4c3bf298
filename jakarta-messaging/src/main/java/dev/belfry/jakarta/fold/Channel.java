package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.DestinationId;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The live messages of one destination, each once, and the views of it. */
public final class Channel {
    /** The priorities of messages, and more than there may be. */
    public static final int PRIORITIES = 16;

    private static final int PER_MESSAGE = 16;

    public final long destination;
    private final MessageMap all;
    private final List<Channel> moved;
    private boolean hasMoved;
    private final Lane[] lanes = new Lane[PRIORITIES];
    private final TreeMap<Long, Subscription> subscriptions = new TreeMap<>();
    public final QueueView queue; // null if it is a topic
    private long highest = -1;
    private long newest = -1;
    private int size;
    private long bytes;
    private int expiring;

    Channel(long destination, MessageMap all, List<Channel> moved) {
        this.destination = destination;
        this.all = all;
        this.moved = moved;
        queue = DestinationId.isQueue(destination) ? new QueueView(this) : null;
    }

    /** How many messages some view needs. */
    public int size() {
        return size;
    }

    /** The bytes that they occupy in the log, roughly. */
    public long bytes() {
        return bytes;
    }

    /** Whether one of them expires at some time. */
    public boolean mayExpire() {
        return expiring > 0;
    }

    /** Whether one of them has a higher priority; -1: whether there is any. */
    public boolean hasAbove(int priority) {
        for (int above = priority + 1; above < PRIORITIES; above++)
            if (lanes[above] != null && !lanes[above].isEmpty()) return true;
        return false;
    }

    /** The queue, or the subscriptions in the order of their ids. */
    public Collection<? extends View> views() {
        return queue != null ? List.of(queue) : subscriptions.values();
    }

    /** In the order of their ids. */
    public Collection<Subscription> subscriptions() {
        return subscriptions.values();
    }

    void add(Subscription view) {
        subscriptions.put(view.id(), view);
        reaches(Math.max(view.id(), view.cursor()));
    }

    /** Some view does not want messages up to here. */
    void reaches(long mid) {
        highest = Math.max(highest, mid);
    }

    /** The view ends: what only it needed is gone. */
    void end(Subscription view) {
        forEach(-1, m -> {
            if (view.of(m) != null) oneLess(m);
            return true;
        });
        subscriptions.remove(view.id());
    }

    /** Adds it where a view needs it; false: none does. */
    boolean add(Message m) {
        m.needed = wanting(m.mid);
        if (m.needed == 0) return false;
        m.channel = this;
        m.live = true;
        Lane lane = lanes[m.priority()];
        if (lane == null) lane = lanes[m.priority()] = new Lane();
        lane.add(m);
        all.put(m);
        size++;
        weigh(m, 1);
        moves();
        if (m.mid < newest) freed(m);
        newest = Math.max(newest, m.mid);
        return true;
    }

    /** One of its views has got a message, or has one back. */
    void moves() {
        if (!hasMoved) moved.add(this);
        hasMoved = true;
    }

    /** Asks again from now on. */
    void stays() {
        hasMoved = false;
    }

    private void freed(Message m) {
        if (queue != null) queue.freed(m);
        for (Subscription view : subscriptions.values()) view.freed(m);
    }

    private void weigh(Message m, int sign) {
        int weight = sign * (m.length() + PER_MESSAGE);
        bytes += weight;
        all.bytes += weight;
        if (m.expiry() != 0) expiring += sign;
    }

    /** Before a live message gets another statement; then it is {@link #restate}d. */
    void restating(Message m) {
        weigh(m, -1);
    }

    /** It is available in each view that wants it, whatever it was before. */
    boolean restate(Message m) {
        for (Subscription view : subscriptions.values()) view.restated(m.mid);
        if (!m.live) return add(m);
        weigh(m, 1);
        boolean differed = queue == null || m.delivery != Delivery.AVAILABLE;
        m.delivery = Delivery.AVAILABLE;
        m.needed = wanting(m.mid);
        if (m.needed == 0) remove(m);
        else if (differed) freed(m);
        return m.live;
    }

    /** Mids above this were never here. */
    public long newest() {
        return newest;
    }

    private int wanting(long mid) {
        if (queue != null) return 1;
        if (mid > highest) return subscriptions.size();
        int n = 0;
        for (Subscription view : subscriptions.values()) if (view.wants(mid)) n++;
        return n;
    }

    void oneLess(Message m) {
        if (--m.needed == 0) remove(m);
    }

    void remove(Message m) {
        weigh(m, -1);
        m.live = false;
        m.delivery = null;
        lanes[m.priority()].removed();
        all.remove(m.mid);
        if (queue == null) for (Subscription view : subscriptions.values()) view.exceptions.remove(m.mid);
        size--;
    }

    void clear() {
        forEach(-1, m -> {
            remove(m);
            return true;
        });
    }

    /**
     * The live messages after this mid, in the order of delivery, while {@code each} returns true.
     * It may remove, not add, not ask for others.
     */
    void forEach(long after, Predicate<Message> each) {
        for (int priority = PRIORITIES - 1; priority >= 0 && forEach(priority, after, each); priority--) continue;
    }

    /** Visits the messages of one priority; false: {@code each} has ended it. */
    public boolean forEach(int priority, long after, Predicate<Message> each) {
        Lane lane = lanes[priority];
        if (lane == null) return true;
        for (int i = lane.firstAfter(after); i < lane.end(); i++) {
            Message m = lane.live(i);
            if (m != null && !each.test(m)) return false;
        }
        return true;
    }

    /** Visits the messages of one priority from the newest on, while {@code each} returns true. It changes nothing. */
    public void forEachFromNewest(int priority, Predicate<Message> each) {
        Lane lane = lanes[priority];
        if (lane == null) return;
        int first = lane.firstAfter(-1);
        for (int i = lane.end() - 1; i >= first; i--) {
            Message m = lane.live(i);
            if (m != null && !each.test(m)) return;
        }
    }

    /** Those after this mid and not beyond {@code last}; {@code each} may remove its own. */
    void forEachUpTo(long after, long last, Consumer<Message> each) {
        for (Lane lane : lanes) {
            if (lane == null) continue;
            for (int i = lane.firstAfter(after); i < lane.end(); i++) {
                Message m = lane.live(i);
                if (m == null) continue;
                if (m.mid > last) break;
                each.accept(m);
            }
        }
    }

    /** The lowest mid after {@code after} that this view needs, or {@code none}. */
    long lowest(View view, long after, long none) {
        long lowest = none;
        for (Lane lane : lanes) {
            if (lane == null) continue;
            for (int i = lane.firstAfter(after); i < lane.end(); i++) {
                Message m = lane.live(i);
                if (m == null || view.of(m) == null) continue;
                lowest = Math.min(lowest, m.mid);
                break;
            }
        }
        return lowest;
    }
}
