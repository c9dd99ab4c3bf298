package dev.belfry.mem;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.spi.HeapMessage;
import dev.belfry.spi.ReadableArray;
import java.nio.charset.StandardCharsets;

/**
 * The view that handlers get. There is one for each subscriber, so that a view that is kept too
 * long shows another message, as in shared memory.
 */
final class MemView extends ReadableArray implements MessageView {
    private MemRecord entry;
    private boolean redelivered;

    MemView of(MemRecord entry, boolean redelivered) {
        this.entry = entry;
        this.redelivered = redelivered;
        return this;
    }

    @Override
    public long position() {
        return entry.position();
    }

    @Override
    public long timestampMillis() {
        return entry.timestampMillis();
    }

    @Override
    protected byte[] array() {
        return entry.body();
    }

    @Override
    public byte[] bytes() {
        return entry.body().clone();
    }

    @Override
    public String text() {
        return new String(entry.body(), StandardCharsets.UTF_8);
    }

    @Override
    public MessageProperties properties() {
        return entry.properties();
    }

    @Override
    public boolean redelivered() {
        return redelivered;
    }

    @Override
    public Message copy() {
        return HeapMessage.copyOf(this, redelivered);
    }
}
