package dev.belfry.bridge;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * The position of the newest mark in a {@code file:} queue. It came after the figures were read, and lies below the
 * ring when it is its turn. By its argument, a directory, so that each read of a file may be a late one.
 */
final class LateReads implements Function<String, Long> {
    private static final String SOURCE = new UUID(0, 1).toString();
    private static final int BEFORE = 10;
    private static final int LAP = 20;
    private static final byte[] BODY = new byte[40_000]; // a read of a file has no second one

    private int published;

    @Override
    public Long apply(String directory) {
        String uri = "file:" + directory + "?capacity=256k&maxCapacity=256k&sync=os&anyFileSystem=true&keep=all";
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            publishTo(out, BEFORE);
            BooleanSupplier goesOn = () -> {
                publishTo(out, BEFORE + 1 + LAP);
                return false;
            };
            Identity source = Identity.of(queue);
            Identity marked = new Identity(List.of(new Identity.Part(SOURCE, Long.MAX_VALUE)));
            return new History(queue, goesOn).newestOf(marked).position();
        } finally {
            MessageQueues.delete(uri);
        }
    }

    /** The first of those that come later is the last with a mark. */
    private void publishTo(Publisher out, int last) {
        while (published < last) {
            published++;
            MessageProperties none = MessageProperties.empty();
            out.publish(BODY, published > BEFORE + 1 ? none : Mark.beside(none, SOURCE, published, 0));
        }
    }
}
