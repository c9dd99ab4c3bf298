package dev.belfry.benchmarks;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.WritableBody;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code claim}, {@code publish} or batches, exclusive or shared. */
final class BelfryProduct implements Product {
    enum Way {
        CLAIM,
        PUBLISH,
        BATCH_16,
        BATCH_32
    }

    private final Way way;
    private final boolean exclusive;
    private final Duration spin; // null: the default
    private final String parameters;
    private final List<MessageQueue> queues = new ArrayList<>();

    /** Without parameters its queues have the default ones. */
    BelfryProduct(Way way, boolean exclusive, Duration spin, String parameters) {
        this.way = way;
        this.exclusive = exclusive;
        this.spin = spin;
        this.parameters = parameters.isEmpty() ? "" : "&" + parameters;
    }

    private MessageQueue queue(String channel) {
        MessageQueue queue = MessageQueues.open("shm:" + channel + "?deleteOnLastClose=true" + parameters);
        queues.add(queue);
        return queue;
    }

    @Override
    public Sender sender(String channel, int length) {
        Publisher publisher = queue(channel)
                .createPublisher(PublisherOptions.builder().exclusive(exclusive).build());
        byte[] filling = Message.filling(length);
        return switch (way) {
            case CLAIM -> claiming(publisher, filling, length);
            case PUBLISH -> publishing(publisher, filling, length);
            case BATCH_16 -> inBatches(publisher, filling, length, 16);
            case BATCH_32 -> inBatches(publisher, filling, length, 32);
        };
    }

    private static Sender claiming(Publisher publisher, byte[] filling, int length) {
        return (sequence, due, now) -> {
            try (Claim claim = publisher.claim(length)) {
                fill(claim, filling, sequence, due, now, length);
                claim.commit();
            }
        };
    }

    private static Sender publishing(Publisher publisher, byte[] filling, int length) {
        ByteBuffer body =
                ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder()).put(filling);
        return (sequence, due, now) -> {
            words(body, sequence, due, now, length);
            publisher.publish(body.clear());
        };
    }

    /** The message that ends a round ends its batch, too. */
    private static Sender inBatches(Publisher publisher, byte[] filling, int length, int most) {
        int bytes = most * publisher.sizeInBatch(length);
        return new Sender() {
            private Batch batch;

            @Override
            public void send(long sequence, long due, long now) {
                if (batch == null) batch = publisher.batch(bytes);
                fill(batch.claim(length), filling, sequence, due, now, length);
                if (batch.count() < most && (sequence & Message.END) != Message.END) return;
                batch.commit();
                batch.close();
                batch = null;
            }
        };
    }

    private static void fill(WritableBody body, byte[] filling, long sequence, long due, long now, int length) {
        body.putLongLE(0, sequence);
        body.putLongLE(Message.DUE, due);
        body.putLongLE(Message.SENT, now);
        body.putLongLE(length - 8, sequence);
        if (length > Message.SHORTEST) body.copyFrom(Message.FILLING, filling, Message.FILLING, length - 32);
    }

    private static void words(ByteBuffer body, long sequence, long due, long now, int length) {
        body.putLong(0, sequence);
        body.putLong(Message.DUE, due);
        body.putLong(Message.SENT, now);
        body.putLong(length - 8, sequence);
    }

    @Override
    public Receiver receiver(String channel) {
        SubscriberOptions.Builder options = SubscriberOptions.builder();
        if (spin != null) options.spin(spin);
        Subscriber subscriber = queue(channel).createSubscriber(options.build());
        return new Receiver() {
            private Inbox inbox;

            @Override
            public void receive(Inbox into) {
                inbox = into;
                subscriber.poll(this::accept, 1024, Duration.ofSeconds(1));
            }

            private void accept(MessageView view) {
                int bytes = view.length();
                if (inbox.accept(
                        view.getLongLE(0),
                        view.getLongLE(Message.DUE),
                        view.getLongLE(Message.SENT),
                        view.getLongLE(bytes - 8),
                        bytes)) for (int i = Message.FILLING; i < bytes - 8; i++) inbox.acceptByte(i, view.getByte(i));
            }
        };
    }

    @Override
    public void close() {
        queues.forEach(MessageQueue::close);
    }
}
