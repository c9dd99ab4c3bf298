package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Out;
import java.nio.ByteBuffer;
import java.util.List;

/** A record with a CHECKPOINT alone, written before it is known how its subscriptions will be. One thread. */
public final class CheckpointDraft {
    private final Out before = new Out(512);
    private final Out subscriptions = new Out(512);
    private final Out after = new Out(512);

    public CheckpointDraft(long author, Checkpoint registry) {
        RecordWriter.begin(before, author);
        RecordWriter.open(before, Op.CHECKPOINT, registry.a(), 0);
        before.setInt16(RecordWriter.OPS, 1);
        registry.writeBefore(before);
        registry.writeAfter(after);
        with(registry.subscriptions());
    }

    /** The rest stays as it is. */
    public CheckpointDraft with(List<Checkpoint.Subscription> now) {
        subscriptions.clear();
        Checkpoint.writeSubscriptions(now, subscriptions);
        before.setInt32(Op.RECORD_HEAD, length() - Op.RECORD_HEAD);
        return this;
    }

    /** The length of the record. */
    public int length() {
        return written() + (-written() & 7);
    }

    private int written() {
        return before.length() + subscriptions.length() + after.length();
    }

    /** The record; valid until it gets other subscriptions. */
    public List<ByteBuffer> parts() {
        ByteBuffer end = ByteBuffer.allocate(length() - written());
        return List.of(before.written(), subscriptions.written(), after.written(), end);
    }
}
