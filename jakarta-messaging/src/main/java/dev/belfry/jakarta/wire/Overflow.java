package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.text.Text;
import java.util.UUID;

/**
 * The companion of a domain, which is a queue whose messages are chunks of pages, and the position there that no new
 * page may lie below.
 */
public record Overflow(UUID binding, String uri, long floor) {
    /** Says that the domain has no companion. */
    public static final Overflow NONE = new Overflow(new UUID(0, 0), null, 0);

    /** Longer than any path that Linux opens. */
    private static final int MOST = 8 << 10;

    /** Nothing is told of its floor yet. */
    public Overflow(UUID binding, String uri) {
        this(binding, uri, 0);
    }

    /** The floor never falls, and is of its binding alone. */
    public Overflow raised(UUID of, long to) {
        return of.equals(binding) && to > floor ? new Overflow(binding, uri, to) : this;
    }

    /** Reads what OVERFLOW tells, which is no floor. */
    public static Overflow named(Cursor in) {
        UUID binding = in.uuid();
        String uri = in.text();
        if (binding.equals(NONE.binding) != (uri == null)) throw new Malformed("binding and URI");
        if (uri != null && Text.bytes(uri).length > MOST) throw new Malformed("long URI");
        return new Overflow(binding, uri);
    }

    /** Reads what a CHECKPOINT tells. */
    static Overflow read(Cursor in) {
        Overflow named = named(in);
        long floor = in.varint();
        if (named.uri == null || floor < 0) throw new Malformed("floor");
        return new Overflow(named.binding, named.uri, floor);
    }

    void write(Out out) {
        name(out).varint(floor);
    }

    Out name(Out out) {
        return out.uuid(binding).text(uri);
    }
}
