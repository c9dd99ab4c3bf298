package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Answer;
import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.fold.Registry;
import dev.belfry.jakarta.fold.Subscription;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Op;

/**
 * A subscription that a consumer is to have.
 *
 * @param flags {@link #DURABLE}, {@link #SHARED}, {@link #NO_LOCAL}
 * @param clientId null: none
 * @param name null: it is neither durable nor shared
 * @param selector null: all
 */
public record Wish(long topic, String topicName, int flags, String clientId, String name, String selector) {
    public static final int DURABLE = Op.DURABLE;
    public static final int SHARED = Op.SHARED;
    public static final int NO_LOCAL = Op.NO_LOCAL;

    public boolean isDurable() {
        return (flags & DURABLE) != 0;
    }

    boolean isShared() {
        return (flags & SHARED) != 0;
    }

    public boolean isNoLocal() {
        return (flags & NO_LOCAL) != 0;
    }

    /** For a durable subscription that is there, as it is; null: there is none. */
    static Wish of(Registry registry, String clientId, String name) {
        Subscription one = registry.find(clientId, name, true);
        if (one == null) return null;
        long topic = one.channel.destination;
        return new Wish(topic, registry.name(topic), one.flags, clientId, name, one.selector);
    }

    /** The one of that name; null: there is none. */
    Subscription find(Registry registry) {
        return isExclusive() ? null : registry.find(clientId, name, isDurable());
    }

    boolean isExclusive() {
        return !isDurable() && !isShared();
    }

    boolean isFor(Subscription one) {
        return one.isLike(topic, flags, selector);
    }

    /** Whether it is to be attached to, and not made. */
    boolean isThere(Registry registry) {
        Subscription found = find(registry);
        return found != null && found.isShared() == isShared() && isFor(found);
    }

    /** After the answer to the SUBSCRIBE at this position was passed. */
    Answer outcome(Registry registry, long position, long member) {
        Subscription made = registry.subscription(Mids.of(position, 1));
        if (made != null) return new Answer(Outcome.CREATED, made.id());
        if (DestinationId.isTemporary(topic) && registry.owner(topic) == 0) return new Answer(Outcome.INVALID, -1);
        Subscription found = find(registry);
        if (found != null && found.isShared() != isShared()) return new Answer(Outcome.MISMATCH, found.id());
        boolean has = found != null && isFor(found) && found.attached().contains(member);
        return new Answer(has ? Outcome.ATTACHED : Outcome.IN_USE, has ? found.id() : -1);
    }
}
