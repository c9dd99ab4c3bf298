package dev.belfry.mem;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.spi.Errors;
import dev.belfry.spi.HeapMessage;
import dev.belfry.spi.ReadableArray;
import java.nio.charset.StandardCharsets;

/** The view that handlers get. There is one for each subscriber, as in shared memory. */
final class MemView extends ReadableArray implements MessageView {
    private final String queue;
    private MemRecord entry; // null: no handler has it
    private boolean redelivered;

    MemView(String queue) {
        this.queue = queue;
    }

    MemView of(MemRecord entry, boolean redelivered) {
        this.entry = entry;
        this.redelivered = redelivered;
        return this;
    }

    void end() {
        entry = null;
    }

    private MemRecord entry() {
        MemRecord shown = entry;
        if (shown == null) throw Errors.viewKept(queue, null);
        return shown;
    }

    @Override
    public long position() {
        return entry().position();
    }

    @Override
    public long timestampMillis() {
        return entry().timestampMillis();
    }

    @Override
    protected byte[] array() {
        return entry().body();
    }

    @Override
    public byte[] bytes() {
        return entry().body().clone();
    }

    @Override
    public String text() {
        return new String(entry().body(), StandardCharsets.UTF_8);
    }

    @Override
    public MessageProperties properties() {
        return entry().properties();
    }

    @Override
    public boolean redelivered() {
        entry();
        return redelivered;
    }

    @Override
    public Message copy() {
        return HeapMessage.copyOf(this, redelivered);
    }
}
