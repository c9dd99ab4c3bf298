package dev.belfry.jakarta.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.text.Text;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.spi.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * A record that was written is read; one that cannot have been is damaged; a newer version's is
 * known as such.
 */
class RecordTest {
    private static final long QUEUE = DestinationId.of(DestinationId.QUEUE, "q");
    private static final long TOPIC = DestinationId.of(DestinationId.TOPIC, "t");
    private static final long HERE = 1000;

    private final RecordWriter out = new RecordWriter();
    private final RecordReader in = new RecordReader();

    @Test
    void shouldKeepTheBytesOfARecord() {
        ByteBuffer record = out.begin(7).take(QUEUE, 0x650000, 0x650001).end();
        assertThat(HexFormat.of().formatHex(bytes(record)))
                .isEqualTo("0100" + "0100" + "00000000" + "0700000000000000" // format, flags, operations, free, author
                        + "20000000" + "02" + "00" + "0000" // length, kind, a, b
                        + HexFormat.of()
                                .formatHex(bytes(ByteBuffer.allocate(8)
                                        .putLong(Long.reverseBytes(QUEUE))
                                        .flip()))
                        + "02000000" + "80809403" + "01" + "00000000000000".substring(0, 14));
    }

    @Test
    void shouldReadWhatWasWritten() {
        Envelope m = new Envelope();
        m.destination = TOPIC;
        m.serial = 42;
        m.timestamp = -5;
        m.flags = MessageLayout.PERSISTENT | MessageLayout.ID_DISABLED;
        m.priority = 9;
        m.bodyType = 3;
        m.expiry = Long.MAX_VALUE;
        m.deliveryTime = -1;
        m.clientHash = 12;
        m.connection = -2;
        m.correlationId = "lone \ud800, pair \ud83d\ude00, \u00e4\u20ac";
        m.type = "";
        m.replyKind = 2;
        m.replyTo = "temp";
        m.properties = new byte[] {1, 2};
        m.body = new byte[0];
        open(out.begin(1).message(m.bytes()).apply(3, 0).end().position(0), Verdict.DAMAGED);
        open(out.begin(1).message(m.bytes()).end(), Verdict.WHOLE);
        assertThat(in.next()).isTrue();
        assertThat(in.length() % 8).isZero();
        assertThat(Envelope.read(in.bytes(), in.at()))
                .usingRecursiveComparison()
                .isEqualTo(m);
        assertThat(in.next()).isFalse();
        Envelope least = new Envelope();
        least.destination = QUEUE;
        open(out.begin(1).message(least.bytes()).end(), Verdict.WHOLE);
        in.next();
        assertThat(Envelope.read(in.bytes(), in.at()))
                .usingRecursiveComparison()
                .isEqualTo(least);
    }

    @Test
    void shouldReadListsAndTexts() {
        out.begin(Long.MIN_VALUE + 3).giveBack(QUEUE, -8, true, 5, 6, Long.MAX_VALUE);
        out.subscribe(TOPIC, Op.DURABLE | Op.NO_LOCAL, null, "n", "a = 1").client("id", 77, true);
        open(out.end(), Verdict.WHOLE);
        assertThat(in.author()).isEqualTo(Long.MIN_VALUE + 3);
        in.next();
        assertThat(List.of(in.kind(), in.a(), in.mids())).containsExactly(Op.RETURN, Op.COUNTED, 3);
        assertThat(in.field(Op.SECOND)).isEqualTo(-8);
        assertThat(List.of(in.nextMid(), in.nextMid(), in.nextMid())).containsExactly(5L, 6L, Long.MAX_VALUE);
        assertThat(in.hasMid()).isFalse();
        in.next();
        Cursor texts = in.fields(Op.SECOND);
        assertThat(texts.text()).isNull();
        assertThat(List.of(texts.text(), texts.text())).containsExactly("n", "a = 1");
        in.next();
        assertThat(in.index()).isEqualTo(3);
        Cursor client = in.fields(Op.ID);
        assertThat(client.int32()).isEqualTo(77);
        assertThat(client.text()).isEqualTo("id");
    }

    @Test
    void shouldReadAPutAndACheckpoint() {
        Envelope m = new Envelope();
        m.destination = QUEUE;
        BitSet second = new BitSet();
        second.set(1);
        out.begin(1)
                .put()
                .run(5, 100, 2)
                .staged(m.bytes())
                .staged(m.bytes())
                .run(6, 50, 1)
                .staged(m.bytes())
                .endOfRuns();
        out.done(77, second, 3).endOfDone();
        open(out.state(QUEUE, 9, 2, -1, 50, 101).endOfStates().end(), Verdict.WHOLE);
        in.next();
        List<String> told = new ArrayList<>();
        new Put().read(in.bytes(), in.fields(Op.ID), new Put.Visitor() {
            @Override
            public void message(long author, long mid, int at) {
                told.add(author + " " + mid);
            }

            @Override
            public void done(long view, long mid) {
                told.add("done " + view + " " + mid);
            }

            @Override
            public void state(long view, long mid, long holder, int redelivered, long notBefore) {
                told.add(mid + " " + holder + " " + redelivered + " " + notBefore);
            }
        });
        assertThat(told).containsExactly("5 100", "5 101", "6 50", "done 77 101", "50 9 2 -1", "101 9 2 -1");
        Checkpoint all = new Checkpoint(
                List.of(new Checkpoint.Name(QUEUE, "q")),
                List.of(new Checkpoint.Temporary(
                        DestinationId.of(DestinationId.TEMPORARY_QUEUE, "x"), 3, 65537, 4, "x")),
                List.of(new Checkpoint.Subscription(70, TOPIC, 3, "c", null, "s", 999, List.of(1L, 2L))),
                List.of(new Checkpoint.Queue(QUEUE, List.of(-1L))),
                List.of(new Checkpoint.Client("c", 2, -1)),
                Overflow.NONE);
        open(out.begin(1).checkpoint(all).end(), Verdict.WHOLE);
        in.next();
        assertThat(Checkpoint.read(in.fields(Op.ID), in.a())).isEqualTo(all);
    }

    @Test
    void shouldTellDamageFromANewerVersion() {
        ByteBuffer good = out.begin(1).leave(2).end();
        byte[] bytes = bytes(good);
        open(changed(bytes, 0, 0), Verdict.DAMAGED);
        open(changed(bytes, 0, 2), Verdict.NEWER);
        open(changed(bytes, 0, 63), Verdict.NEWER);
        open(changed(bytes, 0, 64), Verdict.DAMAGED);
        open(changed(bytes, 1, 1), Verdict.NEWER);
        byte[] later = bytes.clone();
        Arrays.fill(later, 1, later.length, (byte) 0xff);
        open(changed(later, 0, 2), Verdict.NEWER); // its flags and the rest are that format's
        open(changed(bytes, 20, 24), Verdict.NEWER); // the first kind that is free
        open(changed(bytes, 2, 0), Verdict.DAMAGED); // no operation
        open(changed(bytes, 2, 2), Verdict.DAMAGED); // more than there are
        open(changed(bytes, 4, 1), Verdict.DAMAGED);
        open(changed(bytes, 8, 0), Verdict.DAMAGED); // author 0
        open(changed(bytes, 16, 12), Verdict.DAMAGED);
        open(changed(bytes, 16, 24), Verdict.DAMAGED);
        open(changed(bytes, 16, 0), Verdict.DAMAGED);
        open(changed(bytes, 20, 63), Verdict.NEWER);
        open(changed(bytes, 20, 0), Verdict.DAMAGED);
        open(changed(bytes, 20, 64), Verdict.WHOLE);
        open(changed(bytes, 20, 255), Verdict.WHOLE);
        open(changed(bytes, 24, 0), Verdict.DAMAGED); // member 0
        for (int length = 0; length < bytes.length; length++) open(ByteBuffer.wrap(bytes, 0, length), Verdict.DAMAGED);
        open(ByteBuffer.allocate(bytes.length + 8).put(bytes).position(0), Verdict.DAMAGED);
    }

    @Test
    void shouldRefuseWhatCannotHaveBeenWrittenHere() {
        Envelope m = new Envelope();
        m.destination = QUEUE;
        long here = Mids.of(HERE, 0);
        open(put(m, here), Verdict.DAMAGED);
        open(put(m, here - 1), Verdict.WHOLE);
        open(put(m, Long.MAX_VALUE), Verdict.DAMAGED);
        open(subscription(here, 0), Verdict.DAMAGED);
        open(subscription(here - 1, Mids.of(HERE + 1, 0)), Verdict.DAMAGED);
        open(subscription(here - 1, Mids.of(HERE + 1, 0) - 1), Verdict.WHOLE);
        open(out.begin(1).checkpoint(nothing()).leave(1).end(), Verdict.DAMAGED);
        open(out.begin(1).apply(1, 2).apply(2, 2).end(), Verdict.DAMAGED);
        open(out.begin(1).apply(1, 0xffff).message(m.bytes()).end(), Verdict.WHOLE);
        byte[] two = bytes(out.begin(1)
                .apply(1, 0xfffe)
                .message(m.bytes())
                .message(m.bytes())
                .end());
        open(ByteBuffer.wrap(two), Verdict.WHOLE);
        open(changed(two, 22, 0xff), Verdict.DAMAGED);
        open(out.begin(1).stage(1, 1, 0xffff).staged(m.bytes()).close().end(), Verdict.WHOLE);
        two = bytes(out.begin(1)
                .stage(1, 1, 0xfffe)
                .staged(m.bytes())
                .staged(m.bytes())
                .close()
                .end());
        open(ByteBuffer.wrap(two), Verdict.WHOLE);
        open(changed(two, 22, 0xff), Verdict.DAMAGED);
        open(out.begin(1).stage(1, 1, 0).close().end(), Verdict.DAMAGED);
        open(out.begin(1).take(QUEUE).end(), Verdict.DAMAGED);
        m.destination = 5;
        open(out.begin(1).message(m.bytes()).end(), Verdict.DAMAGED);
        assertThatThrownBy(() -> out.begin(1).take(QUEUE, 2, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseIdsBelowMessagesOfTheSameRecord() {
        long temporary = DestinationId.of(DestinationId.TEMPORARY_QUEUE, "x");
        out.begin(1).apply(1, 4).subscribe(TOPIC, Op.DURABLE, null, "n", null);
        open(out.end(), Verdict.DAMAGED);
        open(out.begin(1).apply(1, 4).define(temporary, 0, "x").end(), Verdict.DAMAGED);
        open(out.begin(1).apply(1, 4).define(QUEUE, 0, "q").end(), Verdict.WHOLE);
        out.begin(1).subscribe(TOPIC, Op.DURABLE, null, "n", null).define(temporary, 0, "x");
        open(out.apply(1, 4).end(), Verdict.WHOLE);
    }

    @Test
    void shouldRefuseToWriteWhatSixteenBitsCannotHold() {
        Envelope m = new Envelope();
        m.destination = QUEUE;
        out.begin(1);
        for (int i = 0; i < 0xffff; i++) out.message(m.bytes());
        refused(() -> out.ack(QUEUE, 1));
        refused(() -> out.message(m.bytes()));
        open(out.end(), Verdict.WHOLE);
        refused(() -> out.begin(1).apply(1, 0x10000));
        refused(() -> out.begin(1).apply(1, -1));
        refused(() -> out.begin(1).stage(1, 1, 0x10000));
        out.begin(1).apply(1, 0xffff).message(m.bytes());
        refused(() -> out.message(m.bytes()));
        out.begin(1).stage(1, 1, 0xffff).staged(m.bytes());
        refused(() -> out.staged(m.bytes()));
        Bytes one = Bytes.of(new RecordWriter().begin(1).message(m.bytes()).end());
        out.begin(1).stage(1, 1, 0xffff).staged(m.bytes());
        refused(() -> out.copied(one, Op.RECORD_HEAD, one.length() - Op.RECORD_HEAD));
    }

    private static void refused(ThrowingCallable write) {
        assertThatThrownBy(write).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldEndAtANewerOperationWhateverElseIsThere() {
        Envelope m = new Envelope();
        m.destination = QUEUE;
        byte[] both = bytes(out.begin(1).leave(2).message(m.bytes()).end());
        byte[] flagged = both.clone();
        flagged[39] = 4;
        open(ByteBuffer.wrap(flagged), Verdict.NEWER);
        open(changed(flagged, 20, 30), Verdict.NEWER);
        open(changed(flagged, 24, 0), Verdict.NEWER); // member 0
        byte[] wrong = both.clone();
        wrong[37] = 15; // priority
        open(ByteBuffer.wrap(wrong), Verdict.DAMAGED);
        open(changed(wrong, 20, 30), Verdict.NEWER);
        open(changed(both, 20, 0), Verdict.DAMAGED);
        open(changed(both, 21, 1), Verdict.NEWER);
        open(changed(bytes(out.begin(1).client("c", 1, true).end()), 21, 2), Verdict.NEWER);
        byte[] staged =
                bytes(out.begin(1).stage(1, 1, 0).staged(m.bytes()).close().end());
        open(changed(staged, 47, 4), Verdict.NEWER);
        byte[] put = bytes(put(m, 5));
        open(changed(put, 24 + 8 + 7, 4), Verdict.NEWER);
        Checkpoint c = nothing();
        c.subscriptions().add(new Checkpoint.Subscription(70, TOPIC, 8, null, null, null, 0, List.of()));
        open(out.begin(1).checkpoint(c).end(), Verdict.NEWER);
    }

    /** Its bit tells older members that they do not know all of the registry. */
    @Test
    void shouldExtendACheckpointByItsBitAlone() {
        byte[] plain = bytes(out.begin(1).checkpoint(nothing()).end());
        byte[] longer = Arrays.copyOf(plain, plain.length + 8);
        longer[16] += 8; // the length of its only operation
        longer[plain.length] = 1;
        open(ByteBuffer.wrap(longer), Verdict.DAMAGED);
        open(changed(longer, 21, 2), Verdict.NEWER);
    }

    @Test
    void shouldTellTheLevelOfAMemberThatAttaches() {
        ByteBuffer attach = out.begin(1).attach(QUEUE, 77).end();
        assertThat(attach.getInt(32)).as("connection").isEqualTo(77);
        assertThat(attach.getInt(36)).as("level").isOne();
    }

    @Test
    void shouldReadAnyBytesAsText() {
        for (String text : List.of("", "a", "\ud800", "\udc00\ud800", "\ud83d\ude00", "\uffff\u0800\u0080\u07ff"))
            assertThat(text(Text.bytes(text))).isEqualTo(text);
        byte[] any = new byte[256];
        for (int i = 0; i < any.length; i++) any[i] = (byte) i;
        assertThat(text(any)).startsWith("\0\1\2").endsWith("\ufffd\ufffd");
        assertThat(text(new byte[] {(byte) 0xc0, (byte) 0x80})).isEqualTo("\ufffd\ufffd"); // overlong
        byte[] cut = {(byte) 0xf0, (byte) 0x9f, (byte) 0x94, 'x'}; // a JDK would write one for the three
        assertThat(text(cut)).isEqualTo("\ufffd\ufffd\ufffdx");
    }

    private static String text(byte[] bytes) {
        return Text.string(bytes, 0, bytes.length);
    }

    private ByteBuffer put(Envelope m, long mid) {
        return out.begin(1)
                .put()
                .run(5, mid, 1)
                .staged(m.bytes())
                .endOfRuns()
                .endOfDone()
                .endOfStates()
                .end();
    }

    private ByteBuffer subscription(long id, long cursor) {
        Checkpoint c = nothing();
        c.subscriptions().add(new Checkpoint.Subscription(id, TOPIC, 0, null, null, null, cursor, List.of()));
        return out.begin(1).checkpoint(c).end();
    }

    private static Checkpoint nothing() {
        return new Checkpoint(List.of(), List.of(), new ArrayList<>(), List.of(), List.of(), Overflow.NONE);
    }

    private static byte[] bytes(ByteBuffer record) {
        byte[] bytes = new byte[record.remaining()];
        record.duplicate().get(bytes);
        return bytes;
    }

    private static ByteBuffer changed(byte[] bytes, int at, int to) {
        byte[] other = bytes.clone();
        other[at] = (byte) to;
        return ByteBuffer.wrap(other);
    }

    private void open(ByteBuffer record, Verdict expected) {
        assertThat(in.open(Bytes.of(ByteBuffer.wrap(bytes(record))), HERE)).isEqualTo(expected);
    }
}
