package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.spi.Log;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A buffer is drained, its RETURN is told or refused, and a consumer takes at each append between: the messages come in
 * their order, as none of them was delivered before.
 */
@OneJdk
@Timeout(60)
class GivenBackInOrderTest {
    private static final int SENT = 30;

    private final String uri = "mem:GivenBack" + ProcessHandle.current().pid();
    private final AtomicInteger slices = new AtomicInteger();
    private final List<Long> got = new CopyOnWriteArrayList<>();
    private final List<HeldLog> held = new ArrayList<>();
    private final Domain member = new Domain(uri, watched(MessageQueue.class, open()));
    /** Runs before each append of a thread that is no taker. */
    private volatile Runnable atAppend = () -> {};

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=64k&maxCapacity=64k&" + Log.KIND + "=" + Log.DOMAIN);
    }

    /** The same handle, whose appends run {@link #atAppend} first. */
    private <T> T watched(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean isAppend = type == Log.class && method.getName().equals("append");
                    if (isAppend && !(Thread.currentThread() instanceof Taker)) atAppend.run();
                    try {
                        Object answer = method.invoke(real, arguments);
                        return answer instanceof Log ? watched(Log.class, answer) : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @AfterEach
    void end() {
        atAppend = () -> {};
        free();
        member.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    private synchronized void hold() {
        held.add(new HeldLog(uri));
    }

    private synchronized void free() {
        held.forEach(HeldLog::free);
        held.clear();
    }

    private LocalConsumer consume() {
        return member.consume(Domain.queueId("q"), "q", Selector.orNull(null), new Signal(), 32);
    }

    /** It has some of them in its buffer, and asks no more. */
    private LocalConsumer consumeSome() {
        for (int i = 0; i < SENT; i++) {
            Envelope message = new Envelope();
            message.destination = Domain.queueId("q");
            message.serial = member.nextSerial();
            member.send(new Sent(message.destination, "q", message.bytes()), Limit.AT_ONCE);
        }
        LocalConsumer one = consume();
        while (one.isEmpty()) take(one);
        return one;
    }

    private void take(LocalConsumer one) {
        one.hungry(true);
        if (one.isEmpty()) member.turn();
        one.hungry(false);
        Taken taken = one.poll();
        if (taken != null) got.add(taken.mid);
    }

    private void takeAll(LocalConsumer one) {
        Patience.until("all have come", () -> {
            take(one);
            return got.size() == SENT;
        });
        assertThat(got).isSorted();
    }

    /** Takes as far as another thread's lock allows it. */
    private final class Taker extends Thread {
        Taker(LocalConsumer one) {
            super(() -> take(one));
        }
    }

    private void takeMeanwhile(LocalConsumer one) {
        Thread taker = new Taker(one);
        taker.start();
        Patience.until("it has taken, or waits", () -> !taker.isAlive() || member.foldLock.hasQueuedThread(taker));
    }

    @Test
    void shouldComeAfterAConsumerHasNotAskedForLong() {
        takeAfterASlice(false);
    }

    @Test
    void shouldStayInItsBufferIfTheReturnIsRefused() {
        takeAfterASlice(true);
    }

    /** {@code refused}: the first RETURN is, and the log is free before the next append. */
    private void takeAfterASlice(boolean refused) {
        LocalConsumer one = consumeSome();
        AtomicInteger appends = new AtomicInteger();
        AtomicInteger end = new AtomicInteger(Integer.MAX_VALUE);
        atAppend = () -> {
            if (appends.incrementAndGet() == 1) {
                end.set(slices.get() + 1);
                if (refused) {
                    hold();
                    return;
                }
            }
            free();
            takeMeanwhile(one);
        };
        member.whenIdle(slices::incrementAndGet);
        Patience.until("the slice that gives back is over", () -> slices.get() >= end.get());
        atAppend = () -> {};
        free();
        takeAll(one);
    }

    @Test
    void shouldComeToTheNextConsumerWhereTheReturnOfAClosedOneIsRefused() {
        LocalConsumer closed = consumeSome();
        hold();
        member.end(closed);
        LocalConsumer next = consume();
        CountDownLatch taken = new CountDownLatch(1);
        atAppend = () -> { // the daemon is about to tell it again
            free();
            takeMeanwhile(next);
            taken.countDown();
        };
        Patience.until("it has tried to take", () -> taken.getCount() == 0);
        atAppend = () -> {};
        takeAll(next);
    }

    @Test
    void shouldComeToAnotherConsumerWhileOneIsClosed() {
        LocalConsumer closed = consumeSome();
        LocalConsumer other = consume();
        atAppend = () -> takeMeanwhile(other);
        member.end(closed);
        atAppend = () -> {};
        takeAll(other);
    }
}
