package dev.belfry.shm;

import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageView;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.InPlaceReader;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.spi.Batch;
import dev.belfry.spi.Errors;
import dev.belfry.spi.SubscriberSupport;
import java.time.Duration;

/**
 * A message's way up: read the word at the cursor; nothing there: {@link Idle}; note it in {@link
 * Progress}; hand it over; acknowledge once a batch. A subscriber that cannot be passed reads in
 * place; all others read a copy that is checked against the gate afterwards.
 */
final class ShmSubscriber extends SubscriberSupport {
    private final ShmQueue queue;
    private final Handle handle;
    private final Joined seat;
    private final Progress progress;
    private final Reader reader;
    private final InPlaceReader inPlace; // the same, or null if it can be passed
    private final Idle idle;
    private final ShmMessageView view;
    private volatile boolean released;

    /**
     * So many reads ask the VM for faults, which costs 16 bytes each: by then C2 has compiled them.
     * Until then an error of lost memory would come later than in any frame that translates it.
     */
    private int young = 20_000;

    ShmSubscriber(ShmQueue queue, SubscriberOptions options, Joined seat) {
        super(queue.name(), options);
        this.queue = queue;
        this.handle = queue.handle();
        this.seat = seat;
        this.progress = new Progress(handle, queue.subscriptions(), options, seat);
        this.reader = progress.reader();
        this.inPlace = reader instanceof InPlaceReader same ? same : null;
        this.view = new ShmMessageView(reader.record(), handle);
        this.idle = new Idle(handle, options, seat.slot(), seat.semaphore(), reader, progress::isEnded, this::isClosed);
        startAfter(reader.expected() - 1, Math.max(reader.expected() - 1, seat.readPos()));
    }

    // Read. An error of lost memory may come where no primitive and no view runs any more.

    @Override
    public Message receive(Duration timeout) {
        try {
            return super.receive(timeout);
        } catch (InternalError failure) {
            throw handle.translate(failure);
        }
    }

    @Override
    public int poll(MessageHandler handler, int limit, Duration timeout) {
        try {
            return super.poll(handler, limit, timeout);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    @Override
    protected MessageView next(long deadlineNanos) {
        try {
            progress.refuseIfEnded();
            boolean found = find(deadlineNanos);
            if (young > 0 && young-- > 0) SharedBytes.sayFaultsForSure();
            return found ? take() : null;
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    /** True: the reader stands at a record. False: the time is over, or it was closed. */
    private boolean find(long deadlineNanos) {
        while (true) {
            Reader.Found found = reader.next();
            if (found == Reader.Found.PASSED) {
                progress.jumpOrEnd();
                continue;
            }
            // Covered memory holds nothing, and has no gate: a copy is as good as the check of the
            // gate after it.
            if (found == Reader.Found.RECORD && (inPlace != null || !handle.segment.isCovered())) return true;
            handle.check();
            if (found == Reader.Found.RECORD || !idle.until(deadlineNanos)) return false;
        }
    }

    private MessageView take() {
        long position = reader.record().position();
        progress.reading(position);
        MessageView found = view.of(givenBefore(position));
        reader.advance(); // last: if something fails before, nothing was read
        return found;
    }

    /**
     * In place, new, and nothing but a body: any other record ends it, and {@link #next} reads that
     * one. All stores of a message come before its handler, so no failure leaves anything to be
     * repaired.
     */
    @Override
    protected int batch(Batch batch, MessageHandler handler, int most) {
        progress.refuseIfEnded();
        if (inPlace == null || givenBefore(inPlace.expected())) return 0;
        view.of(false);
        long at = inPlace.batchBegins();
        int n = 0;
        while (n < most) {
            long word = inPlace.word(at);
            if (!inPlace.isPlain(word)) break;
            long position = inPlace.expected();
            progress.readingNext(position);
            at = inPlace.step(at, word);
            try {
                batch.handsOver(position);
                handler.onMessage(view);
            } catch (Throwable failure) {
                batch.failed = view;
                throw failure;
            }
            n++;
            if (batch.mustStop()) break;
        }
        return n;
    }

    @Override
    protected void wake() {
        idle.wake();
    }

    // Acknowledge

    @Override
    protected void acknowledged(long position) {
        try {
            progress.acknowledge(position);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    @Override
    protected long rewind() {
        try {
            return progress.rewind();
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    // The rest

    @Override
    protected String describe() {
        return Errors.subscriberOf(handle.queueUri(), name());
    }

    @Override
    public long lag() {
        if (released) return 0;
        try {
            return Math.max(0, handle.segment.header.countAcquire() - position());
        } catch (CorruptSegmentException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    @Override
    public long lostCount() {
        return progress.lost();
    }

    @Override
    protected void release() {
        queue.forget(this);
        released = true;
        try {
            if (!handle.segment.isCovered()) queue.subscriptions().leave(seat.slot(), seat.incarnation());
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        } finally {
            handle.semaphores.discard(seat.semaphore());
        }
    }
}
