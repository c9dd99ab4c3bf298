package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class QueueSupportTest {
    private final List<String> released = Collections.synchronizedList(new ArrayList<>());

    @Test
    void shouldCloseTheOthersWhereOneCannot() {
        Toys toys = new Toys();
        for (String name : List.of("a", "lost", "b", "lost too"))
            toys.createSubscriber(SubscriberOptions.builder().name(name).build());
        assertThatThrownBy(toys::close)
                .isInstanceOf(ConnectionLostException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(released).containsExactlyInAnyOrder("a", "b", "the queue");
        toys.close();
        assertThat(released).hasSize(3);
    }

    /**
     * They are told first, and then waited for together: one after the other each would be given up
     * after five seconds.
     */
    @Test
    void shouldTellAllBeforeItWaitsForAnyHandler() throws Exception {
        Toys toys = new Toys();
        CountDownLatch handling = new CountDownLatch(2);
        Thread closing = Thread.currentThread();
        AtomicBoolean waitsForTheFirst = new AtomicBoolean();
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++)
            readers.add((Reader) toys.createSubscriber(
                    SubscriberOptions.builder().name("reader" + i).build()));
        for (Reader reader : readers) {
            reader.setListener(message -> {
                handling.countDown();
                while (!reader.isToldToClose()) Thread.onSpinWait();
                for (boolean waits = false; !readers.stream().allMatch(Reader::isToldToClose); ) {
                    if (waits) waitsForTheFirst.set(true);
                    waits = closing.getState() == Thread.State.TIMED_WAITING; // before the question is asked again
                }
            });
        }
        handling.await();
        toys.close();
        assertThat(waitsForTheFirst)
                .as("it waits for a handler before it has told all")
                .isFalse();
        assertThat(released).hasSize(3).endsWith("the queue");
    }

    private final class Toys extends QueueSupport {
        Toys() {
            super(QueueUri.parse("toy:toys"), Set.of(Capability.NAMED));
        }

        @Override
        protected Publisher publisher(PublisherOptions options) {
            throw new AssertionError();
        }

        @Override
        protected Subscriber subscriber(SubscriberOptions options) {
            return new Reader(options);
        }

        @Override
        protected void release() {
            released.add("the queue");
        }
    }

    private final class Reader extends SubscriberSupport {
        private long position;

        Reader(SubscriberOptions options) {
            super("toys", "toys", options);
        }

        @Override
        protected MessageView next(long deadlineNanos) {
            return new HeapMessage(++position, 0, new byte[0], MessageProperties.empty(), false);
        }

        boolean isToldToClose() {
            return isClosed();
        }

        @Override
        protected void acknowledged(long position) {}

        @Override
        protected void rewind() {}

        @Override
        protected void wake() {}

        @Override
        protected void release() {
            if (name().startsWith("lost")) throw new ConnectionLostException(name());
            released.add(name());
        }

        @Override
        public long lag() {
            return 0;
        }

        @Override
        public long lostCount() {
            return 0;
        }
    }
}
