package dev.belfry.mem.twin;

import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.spi.HeapMessage;
import dev.belfry.spi.ReadableArray;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Hands everything on, except for the defect. */
final class TwinSubscriber implements Subscriber {
    private static final Duration FOREVER = Duration.ofDays(100_000);

    private final Supplier<Subscriber> source;
    private final SubscriberOptions options;
    private final TwinQueue queue;
    private final Defect defect;
    private final Deque<Message> pending = new ArrayDeque<>();
    private final AtomicInteger inside = new AtomicInteger();
    private Subscriber real;
    private ByteBuffer kept;
    private long soughtOver;

    TwinSubscriber(Supplier<Subscriber> source, SubscriberOptions options, TwinQueue queue) {
        this.source = source;
        this.options = options;
        this.queue = queue;
        defect = queue.defect;
        queue.readers.incrementAndGet();
    }

    private synchronized Subscriber real() {
        if (real == null) real = source.get();
        return real;
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public Message receive() {
        return receive(FOREVER);
    }

    @Override
    public Message receiveNoWait() {
        return receive(defect == Defect.RECEIVE_NO_WAIT_WAITS ? Duration.ofMillis(20) : Duration.ZERO);
    }

    @Override
    public Message receive(Duration timeout) {
        if (defect == Defect.INTERRUPT_STOPS_EVERYTHING
                && Thread.currentThread().isInterrupted())
            throw new dev.belfry.api.InterruptedQueueException("Interrupted, though there was no need to wait");
        inside.incrementAndGet();
        try {
            return twisted(timeout);
        } catch (dev.belfry.api.InterruptedQueueException e) {
            if (defect == Defect.SWALLOWS_THE_INTERRUPT) Thread.interrupted();
            throw e;
        } catch (QueueClosedException e) {
            if (defect == Defect.CLOSED_RECEIVE_RETURNS_NULL) return null;
            throw e;
        } catch (ConcurrentModificationException e) {
            if (defect == Defect.SECOND_THREAD_GETS_NULL) return null;
            throw e;
        } finally {
            inside.decrementAndGet();
        }
    }

    private Message twisted(Duration timeout) {
        if (!pending.isEmpty()) return pending.poll();
        Message m = real().receive(
                        defect == Defect.RECEIVE_IS_EARLY && !timeout.isZero() && timeout.toDays() < 1
                                ? timeout.dividedBy(2)
                                : timeout);
        if (m == null) return null;
        switch (defect) {
            case SKIPS_A_MESSAGE -> {
                if (m.position() == 17) return real().receive(timeout);
            }
            case DELIVERS_TWICE -> {
                if (m.position() == 17) pending.add(m);
            }
            case SWAPS_TWO_MESSAGES -> {
                Message after = m.position() == 17 ? real().receiveNoWait() : null;
                if (after != null) {
                    pending.add(m);
                    return after;
                }
            }
            case POSITIONS_HAVE_HOLES -> {
                return new HeapMessage(
                        m.position() * 2, m.timestampMillis(), m.bytes(), m.properties(), m.redelivered());
            }
            case NEVER_SAYS_REDELIVERED -> {
                return HeapMessage.copyOf(m, false);
            }
            case BATCH_LEAVES_A_HOLE -> {
                if (m.text().equals(TwinBatch.HOLE)) return real().receive(timeout);
            }
            default -> {}
        }
        return m;
    }

    @Override
    public int poll(MessageHandler handler, int limit, Duration timeout) {
        inside.incrementAndGet();
        try {
            return twisted(handler, limit, timeout);
        } catch (ConcurrentModificationException e) {
            if (defect == Defect.SECOND_THREAD_GETS_NULL) return 0;
            throw e;
        } finally {
            inside.decrementAndGet();
        }
    }

    private int twisted(MessageHandler handler, int limit, Duration timeout) {
        switch (defect) {
            case POLL_WAITS_FOR_ALL -> {
                int n = 0;
                for (int k; n < limit && (k = real().poll(handler, limit - n, timeout)) > 0; ) n += k;
                return n;
            }
            case POLL_IGNORES_ITS_LIMIT -> {
                return real().poll(handler, limit > 0 ? 1_000 : limit, timeout);
            }
            case ACKNOWLEDGES_EARLY -> {
                Message m = real().receive(timeout);
                if (m == null) return 0;
                handler.onMessage(m);
                return 1;
            }
            case SWALLOWS_THE_HANDLERS_EXCEPTION -> {
                return real().poll(
                                v -> {
                                    try {
                                        handler.onMessage(v);
                                    } catch (RuntimeException e) {
                                        return;
                                    }
                                },
                                limit,
                                timeout);
            }
            case VIEW_KEEPS_ITS_BUFFER, VIEW_IS_WRITABLE -> {
                return real().poll(v -> handler.onMessage(new TwinView(v)), limit, timeout);
            }
            default -> {
                return real().poll(handler, limit, timeout);
            }
        }
    }

    @Override
    public void setListener(MessageListener listener) {
        if (defect == Defect.LISTENER_SKIPS_A_MESSAGE)
            real().setListener(m -> {
                if (m.position() != 17) listener.onMessage(m);
            });
        else real().setListener(listener);
    }

    @Override
    public void acknowledge() {
        while (defect == Defect.ACKNOWLEDGES_THE_WHOLE_BATCH && real().receiveNoWait() != null) continue;
        if (defect != Defect.ACKNOWLEDGE_DOES_NOTHING) real().acknowledge();
    }

    @Override
    public void acknowledge(long position) {
        if (defect != Defect.ACKNOWLEDGE_DOES_NOTHING) real().acknowledge(position);
    }

    @Override
    public void recover() {
        if (defect != Defect.RECOVER_DOES_NOTHING) real().recover();
    }

    @Override
    public void seek(StartAt start) {
        long before = position();
        switch (defect) {
            case SEEK_GOES_FORWARD_ONLY -> {
                long to = start.position().orElse(start.equals(StartAt.NOW) ? Long.MAX_VALUE : 1);
                if (to > before) real().seek(start);
            }
            case SEEK_LOSES_NOTHING -> {
                soughtOver -= real().lostCount();
                real().seek(start);
                soughtOver += real().lostCount();
            }
            case SEEK_TO_A_TIME_IS_TO_THE_OLDEST, SEEK_TO_A_TIME_IS_NEVER_REFUSED ->
                real().seek(start.timeMillis().isPresent() ? StartAt.OLDEST_RETAINED : start);
            default -> real().seek(start);
        }
    }

    @Override
    public long position() {
        return real().position();
    }

    @Override
    public long lag() {
        return real().lag();
    }

    @Override
    public long lostCount() {
        return defect == Defect.LOST_IS_NOT_COUNTED ? 0 : real().lostCount() - soughtOver;
    }

    @Override
    public SubscriberState state() {
        SubscriberState state = real().state();
        return defect == Defect.STOPPED_FORGETS_WHY && state instanceof SubscriberState.Stopped stopped
                ? new SubscriberState.Stopped(null, stopped.position())
                : state;
    }

    @Override
    public void close() {
        if (defect == Defect.CLOSE_DOES_NOT_WAKE && inside.get() > 0) return;
        queue.readers.decrementAndGet();
        if (defect == Defect.CLOSE_DOES_NOT_WAIT_FOR_HANDLERS) {
            Thread thread = new Thread(real()::close);
            thread.setDaemon(true);
            thread.start();
        } else real().close();
    }

    /** With the two defects that a view can have. */
    private final class TwinView extends ReadableArray implements MessageView {
        private final MessageView view;

        TwinView(MessageView view) {
            this.view = view;
        }

        @Override
        public long position() {
            return view.position();
        }

        @Override
        public long timestampMillis() {
            return view.timestampMillis();
        }

        @Override
        protected byte[] array() {
            return view.bytes();
        }

        @Override
        public ByteBuffer buffer() {
            if (defect == Defect.VIEW_IS_WRITABLE) return ByteBuffer.wrap(view.bytes());
            if (kept == null) kept = view.buffer();
            return kept;
        }

        @Override
        public byte[] bytes() {
            return view.bytes();
        }

        @Override
        public String text() {
            return view.text();
        }

        @Override
        public MessageProperties properties() {
            return view.properties();
        }

        @Override
        public boolean redelivered() {
            return view.redelivered();
        }

        @Override
        public Message copy() {
            return view.copy();
        }
    }
}
