package dev.belfry.benchmarks;

/**
 * One way to send messages between processes, as one process uses it. Channels are names; a product
 * makes of them what it needs.
 */
interface Product extends AutoCloseable {
    /** Of messages of this length. */
    Sender sender(String channel, int length) throws Exception;

    Receiver receiver(String channel) throws Exception;

    @Override
    default void close() {}

    /** Not for several threads. */
    interface Sender {
        /** Sends one message with these words in it, {@link Message}; waits while there is no room. */
        void send(long sequence, long due, long now);
    }

    /** Not for several threads. */
    interface Receiver {
        /** Hands over what is there; if nothing is, waits as this product waits. */
        void receive(Inbox inbox);
    }
}
