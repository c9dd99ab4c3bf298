package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Out;
import dev.belfry.spi.Bytes;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.UUID;

/**
 * Writes one record after the other into the same buffer. One thread. Mids are given in ascending
 * order. If an operation does not fit, it throws an IllegalStateException: the record is lost then.
 */
public final class RecordWriter {
    static final int OPS = 2;
    private static final int NONE = -1;

    private static final int FIRST = 512;

    public final Out out;
    private int ops;
    private int start;
    /** The index of the record's next message. */
    private int index;
    /** The index of the next message of the STAGE that is open. */
    private int staged;

    public RecordWriter() {
        this(FIRST);
    }

    /** For records of about this length; they may be longer. */
    public RecordWriter(int length) {
        out = new Out(length);
    }

    public RecordWriter begin(long author) {
        out.clear();
        ops = index = 0;
        staged = NONE;
        begin(out, author);
        return this;
    }

    static void begin(Out out, long author) {
        out.int8(Op.FORMAT).int8(0).int16(0).int32(0).int64(author);
    }

    public int operations() {
        return ops;
    }

    /** The record; valid until something else is written. */
    public ByteBuffer end() {
        out.setInt16(OPS, ops);
        return out.written();
    }

    /** A MESSAGE whose bytes are given. */
    public RecordWriter message(byte[] encoded) {
        return message(encoded, encoded.length);
    }

    /** A MESSAGE whose bytes are the first {@code length} of these. */
    public RecordWriter message(byte[] encoded, int length) {
        expectRoom();
        expect(index < Op.MOST, "messages");
        out.raw(encoded, 0, length);
        index++;
        ops++;
        return this;
    }

    private void expectRoom() {
        expect(ops < Op.MOST_OPERATIONS, "operations");
    }

    private static void expect(boolean holds, String what) {
        if (!holds) throw new IllegalStateException("too many " + what + " for one record");
    }

    public RecordWriter take(long view, long... mids) {
        return list(Op.TAKE, 0, view, mids);
    }

    public RecordWriter ack(long view, long... mids) {
        return list(Op.ACK, 0, view, mids);
    }

    public RecordWriter ackUpTo(long view, long mid) {
        return list(Op.ACK, Op.UP_TO, view, mid);
    }

    public RecordWriter count(long view, long... mids) {
        return list(Op.COUNT, 0, view, mids);
    }

    public RecordWriter drop(long view, int reason, long... mids) {
        return list(Op.DROP, reason, view, mids);
    }

    public RecordWriter giveBack(long view, long notBefore, boolean counted, long... mids) {
        open(Op.RETURN, counted ? Op.COUNTED : 0, 0)
                .int64(view)
                .int64(notBefore)
                .int32(mids.length);
        Mids.write(out, mids);
        return close();
    }

    private RecordWriter list(int kind, int a, long view, long... mids) {
        open(kind, a, 0).int64(view).int32(mids.length);
        Mids.write(out, mids);
        return close();
    }

    public RecordWriter define(long destination, int connection, String name) {
        open(Op.DEFINE, 0, 0).int64(destination).int32(connection).text(name);
        return close();
    }

    public RecordWriter delete(long destination) {
        open(Op.DELETE, 0, 0).int64(destination);
        return close();
    }

    public RecordWriter subscribe(long topic, int flags, String clientId, String name, String selector) {
        open(Op.SUBSCRIBE, flags, 0).int64(topic).text(clientId).text(name).text(selector);
        return close();
    }

    public RecordWriter attach(long view, int connection) {
        open(Op.ATTACH, 0, 0).int64(view).int32(connection).int32(Op.LEVEL);
        return close();
    }

    public RecordWriter detach(long view, int connection) {
        open(Op.DETACH, 0, 0).int64(view).int64(connection);
        return close();
    }

    public RecordWriter unsubscribe(String clientId, String name) {
        open(Op.UNSUBSCRIBE, 0, 0).text(clientId).text(name);
        return close();
    }

    public RecordWriter client(String clientId, int connection, boolean claim) {
        open(Op.CLIENT, claim ? Op.CLAIM : 0, 0).int32(connection).text(clientId);
        return close();
    }

    public RecordWriter leave(long member) {
        open(Op.LEAVE, 0, 0).int64(member);
        return close();
    }

    public RecordWriter apply(long transaction, int n) {
        expectIndex(n);
        open(Op.APPLY, 0, n).int64(transaction);
        index = n;
        return close();
    }

    public RecordWriter forget(long transaction) {
        open(Op.FORGET, 0, 0).int64(transaction);
        return close();
    }

    public RecordWriter checkpoint(Checkpoint registry) {
        open(Op.CHECKPOINT, registry.a(), 0);
        registry.write(out);
        return close();
    }

    /** Tells the companion without its floor. */
    public RecordWriter overflow(Overflow companion) {
        companion.name(open(Op.OVERFLOW, 0, 0));
        return close();
    }

    /** Tells a new page: all its messages are left. */
    public RecordWriter page(Paged page, long... mids) {
        page.write(open(Op.PAGE, 0, page.lot().priority()));
        Mids.write(out, mids);
        return close();
    }

    /** Tells a page again, as it is now. */
    public RecordWriter pageAgain(Paged page) {
        page.write(open(Op.PAGE, Op.AGAIN, page.lot().priority()));
        out.varint(page.rest().index()).varint(page.rest().mid());
        return close();
    }

    public RecordWriter leaves(UUID page, Rest rest) {
        open(Op.LEAVES, 0, 0).uuid(page).varint(rest.index()).varint(rest.mid());
        return close();
    }

    public RecordWriter floor(UUID binding, long position) {
        open(Op.FLOOR, 0, 0).uuid(binding).varint(position);
        return close();
    }

    /** Then staged messages, then {@link #close}. */
    public RecordWriter stage(long owner, long transaction, int first) {
        expectIndex(first);
        open(Op.STAGE, 0, first).int64(owner).int64(transaction);
        staged = first;
        return this;
    }

    private static void expectIndex(int index) {
        expect(index >= 0 && index < Op.MOST, "messages");
    }

    /** A MESSAGE whose bytes are given. */
    public RecordWriter staged(byte[] encoded) {
        return staged(encoded, encoded.length);
    }

    /** A MESSAGE whose bytes are the first {@code length} of these. */
    public RecordWriter staged(byte[] encoded, int length) {
        oneMore();
        out.raw(encoded, 0, length);
        return this;
    }

    private void oneMore() {
        if (staged == NONE) return;
        expect(staged < Op.MOST, "messages");
        staged++;
    }

    /** A MESSAGE as it stands in another record. */
    public RecordWriter copied(Bytes record, int at, int length) {
        oneMore();
        int to = out.more(length);
        record.get(at, out.array(), to, length);
        return this;
    }

    /**
     * Then {@link #run}s, {@link #endOfRuns}, {@link #done}s, {@link #endOfDone}, {@link #state}s,
     * {@link #endOfStates}.
     */
    public RecordWriter put() {
        open(Op.PUT, 0, 0);
        return this;
    }

    /** Then {@code n} messages of these mids and the next ones. */
    public RecordWriter run(long author, long first, int n) {
        out.varint(author).varint(first).varint(n).align(0);
        return this;
    }

    public RecordWriter endOfRuns() {
        out.varint(0);
        return this;
    }

    /** The view is done with those of the {@code n} messages of all runs whose bits are set. */
    public RecordWriter done(long view, BitSet which, int n) {
        out.varint(view);
        byte[] bits = which.toByteArray();
        for (int i = 0; i < (n + 7) / 8; i++) out.int8(i < bits.length ? bits[i] : 0);
        return this;
    }

    public RecordWriter endOfDone() {
        out.varint(0);
        return this;
    }

    public RecordWriter state(long view, long holder, int count, long notBefore, long... mids) {
        out.varint(view).varint(holder).varint(count).varint(notBefore).varint(mids.length);
        Mids.write(out, mids);
        return this;
    }

    public RecordWriter endOfStates() {
        out.varint(0);
        return close();
    }

    private Out open(int kind, int a, int b) {
        expectRoom();
        start = out.length();
        return open(out, kind, a, b);
    }

    static Out open(Out out, int kind, int a, int b) {
        return out.int32(0).int8(kind).int8(a).int16(b);
    }

    /** Closes the operation that was begun last. */
    public RecordWriter close() {
        out.align(0).setInt32(start, out.length() - start);
        staged = NONE;
        ops++;
        return this;
    }
}
