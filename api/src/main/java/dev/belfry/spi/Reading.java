package dev.belfry.spi;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageView;
import dev.belfry.api.SubscriberOptions;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/**
 * A subscriber's calls that read, inside: which message is in hand, and when it is done with. What
 * a call has in hand when it fails comes first in the next one.
 */
final class Reading {
    /** The transport's {@link SubscriberSupport#batch}. */
    interface FastWay {
        int handOver(Batch batch, MessageHandler handler, int most);
    }

    private final Use use;
    private final SubscriberOptions options;
    private final HandedOver handedOver;
    private final Batch batch;
    private final LongFunction<MessageView> next;
    private final FastWay fastWay;
    private final LongConsumer acknowledged;
    private MessageView inHand; // found, and not done with
    private Message heard; // what the listener was given of it
    private long finished; // the last one whose handler returned
    private boolean anyFinished; // and is not acknowledged yet

    Reading(
            Use use,
            SubscriberOptions options,
            HandedOver handedOver,
            LongFunction<MessageView> next,
            FastWay fastWay,
            LongConsumer acknowledged) {
        this.use = use;
        this.options = options;
        this.handedOver = handedOver;
        this.batch = handedOver.batch;
        this.next = next;
        this.fastWay = fastWay;
        this.acknowledged = acknowledged;
    }

    Message receive(long deadline) {
        MessageView view = first(deadline);
        if (view == null) return null;
        Message message = view.copy();
        // until all is done that may fail: what this call does not return the next one does
        inHand = message;
        finished(message.position());
        storeFinished();
        letGo();
        batch.handsOver(message.position());
        inHand = null;
        return message;
    }

    int poll(MessageHandler handler, int limit, long deadline) {
        for (int n = 0; ; ) {
            n += handOverBatch(handler, limit - n);
            if (n == limit || n > 0 && use.isClosed()) return n;
            MessageView view = first(n == 0 ? deadline : Deadlines.PAST);
            if (view == null) return n;
            handOver(handler, view);
            if (++n == limit || use.isClosed()) return n;
        }
    }

    private int handOverBatch(MessageHandler handler, int most) {
        settle();
        if (inHand != null || use.isClosed()) return 0;
        long before = batch.position();
        try {
            return fastWay.handOver(batch, handler, most);
        } finally {
            long last = batch.failed == null ? batch.position() : batch.failed.position() - 1;
            if (last > before) finished(last);
        }
    }

    private void handOver(MessageHandler handler, MessageView view) {
        long position = view.position();
        batch.handsOver(position);
        handler.onMessage(view);
        inHand = null;
        finished(position);
    }

    /** Returns when closed; throws what the listener threw too often, or what next threw. */
    void hear(MessageListener listener) throws Exception {
        long failing = 0;
        int failures = 0;
        for (MessageView view; (view = first(Deadlines.FOREVER)) != null; ) {
            long position = view.position();
            heard = view.copy(); // each time: the listener may have written into the one before
            letGo();
            batch.handsOver(position);
            try {
                listener.onMessage(heard);
            } catch (Throwable e) {
                if (position != failing) failures = 0;
                failing = position;
                if (use.isClosed() || ++failures > options.maxRedeliveries()) throw e;
                continue;
            }
            if (position == failing) failures = 0;
            inHand = null;
            heard = null;
            finished(position);
            storeFinished();
            if (use.isClosed()) return;
        }
    }

    /** What is in hand, or the next message; null if the time is over, or closed. */
    private MessageView first(long deadline) {
        settle();
        if (inHand != null) return again(inHand);
        while (!use.isClosed()) {
            inHand = next.apply(deadline);
            if (inHand != null) return inHand instanceof Message m ? HeapMessage.viewOf(m) : inHand;
            if (Deadlines.passed(deadline)) return null;
        }
        return null;
    }

    /** A copy; the view itself where there is no memory for one. */
    private MessageView again(MessageView view) {
        boolean redelivered = view.redelivered() || handedOver.givenBefore(view.position());
        try {
            return HeapMessage.viewOf(view.copy(), redelivered);
        } catch (OutOfMemoryError noRoom) {
            return HeapMessage.viewOf(view, redelivered);
        }
    }

    private void settle() {
        takeFailed();
        inHand = handedOver.begin(inHand, heard);
    }

    private void letGo() {
        takeFailed();
        inHand = handedOver.end(inHand, heard);
    }

    private void takeFailed() {
        if (batch.failed == null) return;
        inHand = batch.failed;
        batch.failed = null;
    }

    private void finished(long position) {
        finished = position;
        anyFinished = true;
    }

    private void storeFinished() {
        if (!anyFinished) return;
        if (options.ackMode() != AckMode.CLIENT) acknowledged.accept(finished);
        // after it, which may fail: publishers may wait for it though nothing else comes
        anyFinished = false;
    }

    void end() {
        try {
            storeFinished();
        } finally {
            letGo();
        }
    }

    /** What is in hand comes again by itself, or never. */
    void forget() {
        inHand = null;
        batch.failed = null;
    }
}
