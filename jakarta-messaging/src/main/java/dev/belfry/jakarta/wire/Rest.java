package dev.belfry.jakarta.wire;

/** How much of a page is left: from this index on, where this mid is. An index beyond the last: nothing. */
public record Rest(int index, long mid) {
    public static Rest read(Cursor in) {
        Rest rest = new Rest(in.count(), in.varint());
        if (rest.mid < 0) throw new Malformed("mid");
        return rest;
    }
}
