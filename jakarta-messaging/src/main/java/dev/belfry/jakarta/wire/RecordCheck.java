package dev.belfry.jakarta.wire;

import dev.belfry.spi.Bytes;

/**
 * Whether a record is one that a {@link RecordWriter} can have written: it throws {@link Malformed}
 * if not, {@link Newer} if it is a newer version's.
 */
final class RecordCheck {
    private final Cursor in = new Cursor();
    private final Put put = new Put();
    private long position;
    private int index;
    private boolean applied;

    private final Put.Visitor older = new Put.Visitor() {
        @Override
        public void message(long author, long mid, int at) {
            expectOlder(mid);
        }

        @Override
        public void done(long view, long mid) {}

        @Override
        public void state(long view, long mid, long holder, int redelivered, long notBefore) {}
    };

    void check(Bytes record, long at, int length) {
        position = at;
        index = 0;
        applied = false;
        int ops = record.getInt(0) >>> 16;
        if (ops == 0) throw new Malformed("no operation");
        heads(record, length, ops);
        int from = Op.RECORD_HEAD;
        for (int i = 0; i < ops; i++) from += operation(record, from, length, ops);
        if (from != length) throw new Malformed("bytes after the last operation");
    }

    /** First of all: what a newer version means by the rest is not known. */
    private static void heads(Bytes record, int end, int ops) {
        int at = Op.RECORD_HEAD;
        for (int i = 0; i < ops; i++) {
            int length = head(record, at, end);
            int head = record.getInt(at + 4);
            int kind = head & 0xff;
            if (kind > Op.LAST && kind < Op.SKIPPABLE) throw new Newer("kind " + kind);
            if (kind <= Op.LAST && (head >> 8 & 0xff & ~known(kind)) != 0) throw new Newer("a of kind " + kind);
            if (kind == Op.MESSAGE) MessageLayout.expectKnown(head >>> 16);
            at += length;
        }
    }

    /** The bits of {@code a} that may be set. */
    private static int known(int kind) {
        return switch (kind) {
            case 0, Op.MESSAGE, Op.DROP -> 0xff;
            case Op.ACK, Op.RETURN, Op.CLIENT, Op.CHECKPOINT, Op.PAGE -> 1;
            case Op.SUBSCRIBE -> Op.SUBSCRIBE_FLAGS;
            default -> 0;
        };
    }

    /** Returns its length. */
    private static int head(Bytes record, int at, int end) {
        if (end - at < Op.HEAD) throw new Malformed("no room for an operation");
        int length = record.getInt(at);
        if (length < Op.HEAD || (length & 7) != 0 || length > end - at) throw new Malformed("length " + length);
        return length;
    }

    /** Checks a MESSAGE and returns its length. */
    static int message(Bytes record, int at, int end) {
        int length = head(record, at, end);
        int head = record.getInt(at + 4);
        if ((head & 0xff) != Op.MESSAGE) throw new Malformed("no MESSAGE");
        MessageLayout.check(new Cursor().over(record, at + Op.ID, at + length), head >> 8 & 0xff, head >>> 16);
        return length;
    }

    private int operation(Bytes record, int at, int end, int ops) {
        int length = head(record, at, end);
        int head = record.getInt(at + 4);
        int kind = head & 0xff;
        int a = head >> 8 & 0xff;
        in.over(record, at + Op.ID, at + length);
        switch (kind) {
            case Op.MESSAGE -> {
                MessageLayout.check(in, a, head >>> 16);
                if (++index > Op.MOST) throw new Malformed("too many messages");
            }
            case Op.APPLY -> apply(head >>> 16);
            case Op.STAGE -> stage(record, at, length, head >>> 16);
            case Op.PUT -> put.read(record, in, older);
            case Op.PAGE -> page(a, head >>> 16);
            case Op.CHECKPOINT -> {
                if (ops != 1) throw new Malformed("CHECKPOINT not alone");
                Checkpoint.read(in, a).check(position);
            }
            default -> other(kind, a);
        }
        return length;
    }

    private void other(int kind, int a) {
        switch (kind) {
            case Op.TAKE, Op.ACK, Op.COUNT, Op.DROP -> mids(kind == Op.ACK && a == Op.UP_TO);
            case Op.RETURN -> returned();
            case Op.DEFINE -> {
                long destination = in.int64();
                if (!DestinationId.is(destination)) throw new Malformed("no destination");
                if (DestinationId.isTemporary(destination)) expectNoApply();
                in.int32();
                in.textNotNull();
                in.expectEnd();
            }
            case Op.DELETE, Op.FORGET -> exactly(8);
            case Op.ATTACH, Op.DETACH -> exactly(16);
            case Op.LEAVE -> {
                if (in.int64() == 0) throw new Malformed("member 0");
                in.expectEnd();
            }
            case Op.SUBSCRIBE -> {
                expectNoApply();
                in.int64();
                texts(3);
            }
            case Op.UNSUBSCRIBE -> texts(2);
            case Op.CLIENT -> {
                in.int32();
                in.textNotNull();
                in.expectEnd();
            }
            case Op.OVERFLOW -> {
                Overflow.named(in);
                in.expectEnd();
            }
            case Op.LEAVES -> {
                in.uuid();
                Rest rest = Rest.read(in);
                expectOlder(rest.mid());
                if (rest.index() == 0) throw new Malformed("index 0");
                in.expectEnd();
            }
            case Op.FLOOR -> {
                in.uuid();
                if (in.varint() < 1) throw new Malformed("floor");
                in.expectEnd();
            }
            default -> {
                if (kind == 0) throw new Malformed("kind 0");
            }
        }
    }

    private void page(int a, int priority) {
        expectOlder(Paged.read(in, a, priority, this::expectOlder).rest().mid());
    }

    private void expectOlder(long mid) {
        if (mid >= Mids.of(position, 0)) throw new Malformed("a newer message");
    }

    private void texts(int n) {
        for (int i = 0; i < n; i++) {
            int length = in.int32();
            if (length != -1) in.skipBlock(length);
        }
        in.expectEnd();
    }

    private void exactly(int length) {
        in.skipBlock(length);
        in.expectEnd();
    }

    private void returned() {
        long view = in.int64();
        in.int64();
        list(view);
    }

    private void mids(boolean one) {
        long view = in.int64();
        if (list(view) != 1 && one) throw new Malformed("up to several");
    }

    private int list(long view) {
        if (view == 0) throw new Malformed("view 0");
        int n = in.int32();
        long mid = -1;
        for (int i = 0; i < n; i++) mid = Mids.read(in, mid);
        if (n < 1) throw new Malformed("no mid");
        in.expectEnd();
        return n;
    }

    /** The record's own messages begin after the staged ones, so it is the only one and before them. */
    private void apply(int staged) {
        if (applied || index > 0) throw new Malformed("APPLY after a message");
        applied = true;
        index = staged;
        exactly(8);
    }

    /** An id that is made after an APPLY may be below the mids of its messages. */
    private void expectNoApply() {
        if (applied) throw new Malformed("id after APPLY");
    }

    private void stage(Bytes record, int at, int length, int first) {
        if (in.int64() == 0) throw new Malformed("member 0");
        in.int64();
        int n = 0;
        for (int one = in.at(); one < at + length; n++) one += message(record, one, at + length);
        if (n == 0 || first + n > Op.MOST) throw new Malformed("staged messages");
    }
}
