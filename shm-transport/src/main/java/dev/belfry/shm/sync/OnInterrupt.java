package dev.belfry.shm.sync;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * Is told when its thread is interrupted between {@link #begins} and {@link #ends}, or was before:
 * by the thread that interrupts. A wait in native code learns of it by nothing else. The JDK tells
 * selectors, so this is one, and nothing more of one.
 *
 * <p>JDK 17 raises the flag after it has asked for a selector (JDK-8323782): of an interrupt at the
 * very moment of {@link #begins} the next one tells. So a sleep has an end of its own.
 */
public final class OnInterrupt extends AbstractSelector {
    private final Runnable told;

    /** {@code told}: throws nothing, and may run once more after {@link #ends}. */
    public OnInterrupt(Runnable told) {
        super(null);
        this.told = told;
    }

    public void begins() {
        begin();
    }

    public void ends() {
        end();
    }

    @Override
    public Selector wakeup() {
        told.run();
        return this;
    }

    @Override
    protected void implCloseSelector() {}

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int operations, Object attachment) {
        throw noSelector();
    }

    @Override
    public Set<SelectionKey> keys() {
        throw noSelector();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        throw noSelector();
    }

    @Override
    public int selectNow() {
        throw noSelector();
    }

    @Override
    public int select(long timeout) {
        throw noSelector();
    }

    @Override
    public int select() {
        throw noSelector();
    }

    private static UnsupportedOperationException noSelector() {
        return new UnsupportedOperationException("it selects nothing");
    }
}
