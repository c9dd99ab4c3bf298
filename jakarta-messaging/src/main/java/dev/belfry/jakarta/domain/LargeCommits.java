package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.RecordReader;
import dev.belfry.spi.LogReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Parts of large commits that a reader of a topic has seen, until they are applied: what each has for the topic. */
final class LargeCommits {
    /** Parts, and messages in them: beyond that all are forgotten, and the fold knows what they are. */
    private static final int MOST = 1 << 16;

    private record Key(long owner, long transaction) {}

    private record Part(int messages, List<One> ofTopic) {}

    /** {@code head}: without number and author. It lies in the record of this position and place. */
    record One(int index, Message head, long position, long place, int at) {
        /** Null: it is gone. */
        byte[] read(LogReader reader) {
            byte[] bytes = new byte[head.length()];
            return reader.read(place, position, at, bytes, 0, bytes.length) ? bytes : null;
        }
    }

    private final long topic;
    private final Map<Key, TreeMap<Integer, Part>> parts = new HashMap<>();
    /** At most: what was told again, or ended otherwise, counts until all are forgotten. */
    private int size;

    LargeCommits(long topic) {
        this.topic = topic;
    }

    /** The operation STAGE that {@code op} is at. Told again, it counts where it was told last. */
    void stage(RecordReader op, long position, long place) {
        int index = op.b();
        List<One> ofTopic = new ArrayList<>();
        int end = op.at() + op.length();
        for (int at = op.at() + Op.SECOND + 8; at < end; at += op.bytes().getInt(at), index++)
            if (op.bytes().getLong(at + Op.ID) == topic)
                ofTopic.add(new One(index, Message.unplaced(op.bytes(), at), position, place, at));
        if (size + 1 + ofTopic.size() > MOST) clear();
        size += 1 + ofTopic.size();
        parts.computeIfAbsent(new Key(op.field(Op.ID), op.field(Op.SECOND)), key -> new TreeMap<>())
                .put(op.b(), new Part(index - op.b(), ofTopic));
    }

    private void clear() {
        parts.clear();
        size = 0;
    }

    /** The messages that an APPLY of {@code n} sends to the topic; null: not all of its parts were seen, each once. */
    List<One> applied(long owner, long transaction, int n) {
        TreeMap<Integer, Part> seen = parts.remove(new Key(owner, transaction));
        if (seen == null) return null;
        List<One> ofTopic = new ArrayList<>();
        int next = 0;
        for (Map.Entry<Integer, Part> part : seen.entrySet()) {
            if (part.getKey() != next) return null;
            next += part.getValue().messages;
            ofTopic.addAll(part.getValue().ofTopic);
        }
        size -= seen.size() + ofTopic.size();
        return next == n ? ofTopic : null;
    }

    void forget(long owner, long transaction) {
        parts.remove(new Key(owner, transaction));
    }

    void leave(long owner) {
        parts.keySet().removeIf(key -> key.owner == owner);
    }
}
