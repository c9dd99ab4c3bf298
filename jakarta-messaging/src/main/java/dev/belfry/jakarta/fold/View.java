package dev.belfry.jakarta.fold;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Something to consume from: a queue, or one subscription to a topic. */
public abstract sealed class View permits QueueView, Subscription {
    public final Channel channel;
    public final List<Consumer<Message>> watchers = new ArrayList<>();

    View(Channel channel) {
        this.channel = channel;
    }

    /** The id that operations name. */
    public abstract long id();

    void freed(Message m) {
        channel.moves();
        for (Consumer<Message> one : watchers) one.accept(m);
    }

    /** Tells the delivery of a message; null: this view does not need it. */
    public abstract Delivery of(Message m);

    /** Sets the delivery of a message that this view needs. */
    abstract void set(Message m, Delivery delivery);

    /** This view needs the message no longer. */
    abstract void end(Message m);

    /** No mid up to here is needed; what is told again later is freed. */
    public abstract long done();

    /** Whether its messages are taken; else they have one consumer, which needs not. */
    public boolean isTaken() {
        return true;
    }

    /** Whether this member alone consumes it, without taking. */
    boolean isExclusiveOf(long member) {
        return false;
    }

    /**
     * The messages that the view needs, in the order of delivery: highest priority, then lowest
     * mid; while {@code each} returns true.
     */
    public void forEach(Predicate<Message> each) {
        channel.forEach(done(), m -> of(m) == null || each.test(m));
    }
}
