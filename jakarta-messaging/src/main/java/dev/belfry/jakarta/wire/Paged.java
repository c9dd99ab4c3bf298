package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Out;
import dev.belfry.spi.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The fields of a PAGE but for its mids, which only the first PAGE of a page has. */
public record Paged(UUID id, UUID binding, Lot lot, List<Chunk> chunks, Rest rest) {
    /** Is told the mids of a page's messages, in its order. */
    public interface Mid {
        void is(long mid);
    }

    /** Reads the operation that begins there, which was checked. */
    public static Paged read(Bytes record, int at) {
        int head = record.getInt(at + 4);
        Cursor in = new Cursor().over(record, at + Op.ID, at + record.getInt(at));
        return read(in, head >> 8 & 0xff, head >>> 16, mid -> {});
    }

    /** The cursor is after the operation's head and ends with the operation. */
    public static Paged read(Cursor in, int a, int priority, Mid each) {
        UUID id = in.uuid();
        UUID binding = in.uuid();
        if (binding.equals(Overflow.NONE.binding())) throw new Malformed("binding");
        Lot lot = Lot.read(in, priority);
        List<Chunk> chunks = chunks(in, lot.messages());
        Rest rest = a == Op.AGAIN ? Rest.read(in) : new Rest(0, mids(in, lot.messages(), each));
        in.expectEnd();
        if (rest.index() >= lot.messages() || rest.index() < chunks.get(0).first()) throw new Malformed("index");
        return new Paged(id, binding, lot, chunks, rest);
    }

    /** Positions and indices ascend, so there are no more of them than messages. */
    private static List<Chunk> chunks(Cursor in, int messages) {
        int n = in.count();
        if (n < 1 || n > messages) throw new Malformed("chunks");
        List<Chunk> chunks = new ArrayList<>();
        long position = 0;
        int first = -1;
        for (int i = 0; i < n; i++) {
            long at = position + in.varint();
            long index = i == 0 ? in.count() : (long) first + in.count();
            if (at <= position || index <= first || index >= messages) throw new Malformed("chunk");
            chunks.add(new Chunk(position = at, first = (int) index));
        }
        return chunks;
    }

    /** Returns the lowest of them, which is the first. */
    private static long mids(Cursor in, int n, Mid each) {
        long lowest = -1;
        long mid = -1;
        for (int i = 0; i < n; i++) {
            mid = Mids.read(in, mid);
            if (i == 0) lowest = mid;
            each.is(mid);
        }
        return lowest;
    }

    /** Tells the same page with less of it left. */
    public Paged with(Rest left) {
        return new Paged(id, binding, lot, chunks, left);
    }

    void write(Out out) {
        out.uuid(id).uuid(binding);
        lot.write(out);
        out.varint(chunks.size());
        long position = 0;
        int first = 0;
        for (Chunk one : chunks) {
            out.varint(one.position() - position).varint(one.first() - first);
            position = one.position();
            first = one.first();
        }
    }
}
