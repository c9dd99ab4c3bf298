package dev.belfry.jakarta.fold;

/** A queue: each message is in it once, and has its state itself. */
final class QueueView extends View {
    QueueView(Channel channel) {
        super(channel);
    }

    @Override
    public long id() {
        return channel.destination;
    }

    @Override
    public Delivery of(Message m) {
        return m.delivery;
    }

    @Override
    void set(Message m, Delivery delivery) {
        m.delivery = delivery;
    }

    @Override
    void end(Message m) {
        channel.remove(m);
    }

    @Override
    public long done() {
        return -1;
    }
}
