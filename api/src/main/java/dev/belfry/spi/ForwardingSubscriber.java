package dev.belfry.spi;

import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberState;
import java.util.Objects;

/** A subscriber over another one, for what does something with each message. All else goes to the other one. */
public abstract class ForwardingSubscriber implements Subscriber {
    protected final Subscriber in;

    protected ForwardingSubscriber(Subscriber in) {
        this.in = Objects.requireNonNull(in, "in");
    }

    @Override
    public String name() {
        return in.name();
    }

    @Override
    public void recover() {
        in.recover();
    }

    @Override
    public long position() {
        return in.position();
    }

    @Override
    public long lag() {
        return in.lag();
    }

    @Override
    public long lostCount() {
        return in.lostCount();
    }

    @Override
    public SubscriberState state() {
        return in.state();
    }

    @Override
    public void close() {
        in.close();
    }
}
