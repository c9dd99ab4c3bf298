package dev.belfry.shm.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.layout.Creation.Sync;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code docs/protocol-tables.md} is made here: the tables of the classes, as their javadocs have them, and what the
 * code makes of given values. The code stores each word where its table says.
 */
@OneJdk
class ProtocolTablesTest {
    private static final String PAGE = "docs/protocol-tables.md";
    private static final String LAYOUT = "shm-transport/src/main/java/dev/belfry/shm/layout/";
    private static final Pattern TABLE = Pattern.compile("(?s)<pre>\n(.*?) \\* </pre>");
    private static final int LENGTH = 32 << 10;
    private static final int HANDLE = 1;
    private static final int SLOT = 2;
    private static final long LONG = 0x1122_3344_5566_7788L;
    private static final int INT = 0x1122_3344;
    private static final UUID ID = new UUID(0x1213_1415_1617_1819L, 0x2223_2425_2627_2829L);
    private static final UUID OTHER = new UUID(0x3233_3435_3637_3839L, 0x4243_4445_4647_4849L);

    private final ByteBuffer memory = ByteBuffer.allocateDirect(LENGTH + 64).order(ByteOrder.LITTLE_ENDIAN);
    private final int shift = (64 - memory.alignmentOffset(0, 64)) % 64;
    private final ByteBuffer raw = memory.slice(shift, LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final SharedBytes bytes = new SharedBytes(
            SharedBytes.PLAIN,
            com.sun.jna.Pointer.nativeValue(com.sun.jna.Native.getDirectBufferPointer(memory)) + shift,
            LENGTH,
            raw);
    private final SegmentHeader header = new SegmentHeader(bytes);
    private final RegionTable regions = new RegionTable(bytes, SegmentHeader.REGIONS);
    private final Handles handles = new Handles(bytes, SegmentHeader.SIZE, 8);
    private final Slots slots = new Slots(bytes, SegmentHeader.SIZE + 8 * Handles.SIZE, 4);
    private final MeantWords meant = new MeantWords(bytes, slots);

    @Test
    void shouldBeThePage() throws IOException {
        Path made = Checkout.root().resolve("shm-transport/target/protocol-tables.md");
        Files.createDirectories(made.getParent());
        Files.writeString(made, page());
        assertThat(Files.readString(Checkout.root().resolve(PAGE)))
                .as("if the layout was to change: cp shm-transport/target/protocol-tables.md " + PAGE)
                .isEqualTo(page());
    }

    @Test
    void shouldStoreEachWordWhereItsTableSays() throws IOException {
        Structure of = new Structure("SegmentHeader", 0);
        of.word("magic", 8, SegmentHeader.MAGIC, v -> header.valid());
        of.word("tail", 8, LONG, header::tailRelease);
        of.word("count", 8, LONG, header::countRelease);
        of.word("current", 4, INT, v -> header.current((int) v));
        of.word("limit", 8, LONG, header::limit);
        of.word("gatePos", 8, LONG, header::gatePosRelease);
        of.word("gate", 8, LONG, header::gateRelease);
        of.word("highMark", 4, INT, v -> header.highMarkRelease((int) v));
        of.word("adminPid", 4, INT, v -> header.adminPid((int) v));
        of.word("leavers", 8, 1, v -> header.nextLeaver());
        of.word("counters of publishers", 8, LONG, v -> header.raise(Counter.GROWS, v));
        of.word("last publish", 8, LONG, v -> header.raise(Counter.LAST_PUBLISH_MILLIS, v));
        of.word("counters of the gate", 8, LONG, v -> header.raise(Counter.ENDED, v));
        of.word("high water", 8, LONG, v -> header.raise(Counter.HIGH_WATER, v));
        of.word("stopped", 8, LONG, v -> header.raise(Counter.STOPPED, v));
        of.word("wake-ups posted", 8, LONG, v -> header.raise(Counter.WAKE_UPS, v));
        of.place("publishLock", SegmentHeader.PUBLISH_LOCK);
        of.place("gateLock", SegmentHeader.GATE_LOCK);
        of.place("asleep", SegmentHeader.ASLEEP);
        of.place("sleepers", SegmentHeader.SLEEPERS);
        of.place("room", SegmentHeader.ROOM);
        of.place("regions", SegmentHeader.REGIONS);
        of.place("features", SegmentHeader.FEATURES);
        of.place("handles, then slots", SegmentHeader.SIZE);
        Creation creation =
                new Creation(1 << 13, 1 << 21, LONG, false, true, 173, true, true, Sync.NOW_AND_THEN, false);
        LongConsumer create = v -> creation.write(bytes, ID, INT);
        of.word("layoutVersion", 4, SegmentHeader.LAYOUT_VERSION, create);
        of.word("queueKind", 4, SegmentHeader.DOMAIN, create);
        of.word("queueId", 8, ID.getMostSignificantBits(), create);
        of.word("headerLength", 8, creation.headerLength(), create);
        of.word("slotSize, slotCount, handleSize, handleCount", 4, Slots.SIZE, create);
        of.word("capacity, maxCapacity", 8, 1 << 13, create);
        of.word("maxGateNanos", 8, LONG, create);
        of.word("creation flags", 8, 31, create);
        of.word("createdMillis", 8, INT, create);

        JournalWords always = new JournalWords(bytes, true);
        JournalWords sometimes = new JournalWords(bytes, false);
        of.word("durable", 8, LONG, always::raiseDurable);
        of.word("its position", 8, LONG, always::raiseDurablePosition);
        of.word("written", 8, LONG, sometimes::raiseCopied);
        of.word("failed", 4, INT, v -> always.fail((int) v));
        of.word("readyUpTo", 8, LONG, always::raiseReady);
        of.word(
                "log id, token of this life",
                8,
                ID.getMostSignificantBits(),
                v -> always.create(new JournalWords.Identity(ID, OTHER, 5, 6), 7, 9, 10));
        of.word("directory", 4, 5, v -> always.directory("/a/b/"));
        of.place("journalLock", JournalWords.LOCK);
        of.place("synced", JournalWords.SYNCED);

        of = new Structure("RegionTable", SegmentHeader.REGIONS);
        of.word("place", 8, LONG, v -> regions.place(0, v, 1 << 13));
        of.word("capacity", 8, LONG, v -> regions.place(0, 1 << 16, v));
        of.word("base", 8, LONG, v -> regions.baseRelease(0, v));

        of = new Structure("Handles", SegmentHeader.SIZE + HANDLE * Handles.SIZE);
        of.word("state", 8, 1 << 16 | 1, v -> handles.open(HANDLE, INT, LONG));
        of.word("pid", 4, INT, v -> handles.open(HANDLE, INT, 1));
        of.word("publishers", 4, INT, v -> handles.publishers(HANDLE, INT));
        of.word("since", 8, LONG, v -> handles.open(HANDLE, INT, LONG));
        of.place("inside", handles.insideAt(HANDLE));
        of.word("waiting", 8, LONG, v -> handles.waitingRelease(HANDLE, v));
        of.word("level", 4, Handles.LEVEL, v -> handles.open(HANDLE, INT, LONG));

        of = new Structure("Slots", slots.place(SLOT));
        of.word("state", 8, LONG, v -> slots.stateRelease(SLOT, v));
        of.word("owner", 8, 9 << 16 | 6, v -> slots.owner(SLOT, 6, 9));
        of.word("birth", 8, LONG, v -> slots.birth(SLOT, v));
        of.word("left", 8, LONG, v -> slots.left(SLOT, v));
        of.word("semInc", 8, LONG, v -> slots.semInc(SLOT, v));
        of.word("nameLength", 4, 0x0D21_B402, v -> slots.name(SLOT, "ab"));
        of.word("ackMode", 4, INT, v -> slots.ackMode(SLOT, (int) v));
        of.word("alone", 8, 5 << 22 | 3, v -> slots.aloneSince(SLOT, 3, 5));
        of.word("stopped", 8, LONG, v -> slots.stopped(SLOT, v));
        of.word("startPos", 8, LONG, v -> slots.startPosRelease(SLOT, v));
        of.word("readPos", 8, LONG, v -> slots.readPos(SLOT, v));
        of.word("ackPos", 8, LONG, v -> slots.ackPosRelease(SLOT, v));
        of.word("ackOff", 8, LONG, v -> slots.ackOffRelease(SLOT, v));
        of.word("lost", 8, LONG, v -> slots.lostRelease(SLOT, v));
        of.word("first", 8, LONG, v -> slots.first(SLOT, v));
        of.word("sleeps", 8, LONG, v -> slots.sleeps(SLOT, v));
        of.word("again", 8, LONG, v -> slots.again(SLOT, v));
        long eight = ByteBuffer.wrap("audit-12".getBytes(StandardCharsets.US_ASCII))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        of.place("name", stored(8, eight, v -> slots.name(SLOT, "audit-12")));

        of = new Structure("MeantWords", slots.place(SLOT));
        MeantWords.Meant semaphore = new MeantWords.Meant(ID, INT, LONG);
        LongConsumer put = v -> meant.put(SLOT, semaphore);
        of.word("queueId", 8, ID.getMostSignificantBits(), put);
        of.word("semSlot", 4, INT, put);
        of.word("check", 4, semaphore.check(), put);
        of.word("incarnation", 8, LONG, put);
    }

    /** The table of a class, for the words that begin at this index of the memory here. */
    private final class Structure {
        private final long base;
        private final String table;

        Structure(String type, long base) throws IOException {
            this.base = base;
            this.table = table(type);
        }

        void word(String name, int width, long value, LongConsumer store) {
            place(name, stored(width, value, store));
            assertThat(row(name)).as("width of " + name).contains(width == 8 ? "int64" : "int32");
        }

        void place(String name, long at) {
            assertThat(row(name)).as(name).startsWith("+" + (at - base) + " ");
        }

        /** Its line, and what goes on below it. */
        private String row(String name) {
            Matcher row = Pattern.compile("(?m)^ *(\\+\\d+ +" + Pattern.quote(name) + "\\b.*(?:\n {8,}.*)?)")
                    .matcher(table);
            assertThat(row.find()).as("row of " + name).isTrue();
            return row.group(1);
        }
    }

    /** Returns the first index of the value after that store into zeros. */
    private long stored(int width, long value, LongConsumer store) {
        for (int i = 0; i < LENGTH; i += 8) raw.putLong(i, 0);
        store.accept(value);
        for (int at = 0; at < LENGTH; at += width)
            if ((width == 8 ? raw.getLong(at) : raw.getInt(at)) == value) return at;
        throw new AssertionError(Long.toHexString(value) + " is not stored in " + width + " bytes");
    }

    private static String table(String type) throws IOException {
        Matcher table = TABLE.matcher(Files.readString(Checkout.root().resolve(LAYOUT + type + ".java")));
        assertThat(table.find()).as("table of " + type).isTrue();
        return table.group(1).replaceAll("(?m)^ \\* ?", "").replaceAll("\\{@\\w+ ([^}]*)}", "$1");
    }

    private String page() throws IOException {
        StringBuilder page = new StringBuilder("""
                # The tables of the protocol

                <!-- generated -->
                `ProtocolTablesTest` makes this page from the classes that it names. [The protocol](protocol.md) has the steps.
                Numbers are little-endian, in two's complement; words are aligned.
                """);
        section(page, "The header", "SegmentHeader");
        section(page, "Rings", "RegionTable");
        section(page, "Handles", "Handles");
        section(page, "What the publishers of a handle wait for", "WaitWord");
        section(page, "Slots", "Slots");
        section(page, "The state of a slot", "SlotState");
        section(page, "The semaphore that a slot means", "MeantWords");
        section(page, "The word before a record", "RecordHeader");
        section(page, "The trailer of a record", "RecordTrailer");
        page.append("\n## Locks\n\n")
                .append("Of *[`FutexLock`](../shm-transport/src/main/java/dev/belfry/shm/sync/FutexLock.java)*;\n")
                .append("the bias has the same bits, and bit 31 is ASKED.\n\n```text\n")
                .append(lockTable())
                .append("```\n\n## Values\n\n| what | value |\n|---|---|\n");
        values((what, value) ->
                page.append("| ").append(what).append(" | ").append(value).append(" |\n"));
        return page.toString();
    }

    private static void section(StringBuilder page, String heading, String type) throws IOException {
        page.append("\n## ").append(heading).append("\n\n*[`").append(type).append("`](../");
        page.append(LAYOUT).append(type).append(".java)*\n\n```text\n");
        page.append(table(type)).append("```\n");
    }

    private static String lockTable() throws IOException {
        Path file = Checkout.root().resolve(LAYOUT).resolveSibling("sync/FutexLock.java");
        Matcher table = TABLE.matcher(Files.readString(file));
        assertThat(table.find()).isTrue();
        return table.group(1).replaceAll("(?m)^ \\* ?", "");
    }

    private interface Rows {
        void row(String what, String value);

        default void hex(String what, long value) {
            row(what, "0x" + Long.toHexString(value));
        }
    }

    /** Codes, and words that the code makes of given parts. */
    private void values(Rows rows) {
        rows.hex("magic", SegmentHeader.MAGIC);
        rows.row("layoutVersion", "" + SegmentHeader.LAYOUT_VERSION);
        rows.row("level", "" + Handles.LEVEL);
        rows.row("kind of a queue, of a domain", SegmentHeader.ONE_TO_MANY + ", " + SegmentHeader.DOMAIN);
        rows.hex("feature to read: the history is in files", Creation.HISTORY);
        rows.hex("feature to read: pages in a queue beside it", Creation.PAGES);
        rows.row("handles of a queue with 128 slots", "" + slots(128).handles());
        rows.row(
                "headerLength with 1, 128, 1024 slots",
                slots(1).headerLength() + ", " + slots(128).headerLength() + ", "
                        + slots(1024).headerLength());
        rows.row("entries for rings", "" + RegionTable.ENTRIES);
        rows.hex("base of a ring that is not in use", RegionTable.UNUSED);
        rows.row("capacity, least and most", RegionTable.MIN_CAPACITY + ", " + RegionTable.MAX_CAPACITY);
        rows.row("lock byte of handle 0, the admin byte", Liveness.FIRST_BYTE + ", " + Liveness.ADMIN_BYTE);
        for (Counter counter : Counter.values()) rows.row("place of the counter " + counter, "+" + counter.at);
        raw.putLong(SegmentHeader.SIZE, 0);
        handles.open(0, 1, 1);
        rows.hex("state of a handle, incarnation 1", handles.stateAcquire(0));
        handles.flags(0, 1, Handles.PUBLISHING);
        rows.hex("the same, publishing", handles.stateAcquire(0));
        handles.flags(0, 1, Handles.EXCLUSIVE);
        rows.hex("the same, exclusive", handles.stateAcquire(0));
        int[] phases = {SlotState.FREE, SlotState.JOINING, SlotState.ACTIVE, SlotState.DETACHED};
        rows.row(
                "phases FREE, JOINING, ACTIVE, DETACHED",
                phases[0] + ", " + phases[1] + ", " + phases[2] + ", " + phases[3]);
        for (SlowSubscriber policy : SlowSubscriber.values())
            rows.hex(
                    "state of an active slot, incarnation 1, " + policy,
                    SlotState.of(1, SlotState.ACTIVE, false, policy, false));
        rows.hex("flag of a slot: named", SlotState.NAMED);
        rows.hex("flag of a slot: acknowledging", SlotState.ACKNOWLEDGING);
        rows.hex("flag of a slot: starting", SlotState.STARTING);
        rows.hex("flag of a slot: ended", SlotState.ENDED);
        for (AckMode mode : AckMode.values()) rows.row("ackMode " + mode, "" + AckCode.of(mode));
        slots.owner(0, 6, 9);
        rows.hex("owner: handle 6, incarnation 9", slots.owner(0));
        slots.name(0, "ab");
        rows.hex("nameLength of `ab`", bytes.getInt(slots.place(0) + 40) & 0xFFFF_FFFFL);
        slots.aloneSince(0, 9, 1_700_000_000_000L);
        rows.hex("alone: incarnation 9, since 1700000000000", bytes.getLong(slots.place(0) + 48));
        MeantWords.Meant semaphore = new MeantWords.Meant(ID, 3, 9);
        rows.hex("check of queueId " + ID + ", semSlot 3, incarnation 9", semaphore.check() & 0xFFFF_FFFFL);
        rows.hex("waiting: for room, slot 6, since 1700000000000", WaitWord.of(WaitWord.ROOM, 6, 1_700_000_000_000L));
        rows.hex(
                "waiting: for a lock, handle 6, since 1700000000000",
                WaitWord.of(WaitWord.LOCK, 6, 1_700_000_000_000L));
        raw.putInt(SegmentHeader.PUBLISH_LOCK, 0);
        new FutexLock(bytes, SegmentHeader.PUBLISH_LOCK, null, null, 6, 9).tryAcquire();
        rows.hex("lock word: handle 6, incarnation 9", raw.getInt(SegmentHeader.PUBLISH_LOCK));
        rows.hex("empty word before message 0x1234567", RecordHeader.empty(0x123_4567));
        rows.hex("DATA, length 37, message 0x1234567", RecordHeader.data(37, 0, 0x123_4567));
        rows.hex("the same with properties", RecordHeader.data(37, RecordHeader.PROPERTIES, 0x123_4567));
        rows.hex("the same with a system block", RecordHeader.data(37, RecordHeader.SYSTEM_BLOCK, 0x123_4567));
        rows.hex("HOP before message 0x1234567", RecordHeader.hop(0x123_4567));
        rows.hex("trailer of message 0x1234567", RecordTrailer.of(0x123_4567, false));
        rows.hex("the same, more of its batch follows", RecordTrailer.of(0x123_4567, true));
    }

    private static Creation slots(int slots) {
        return new Creation(1 << 20, 1 << 20, 0, true, false, slots, false, false, Sync.NEVER, false);
    }

    static final class All implements Consumer<String> {
        @Override
        public void accept(String none) {
            try {
                new ProtocolTablesTest().shouldStoreEachWordWhereItsTableSays();
                new ProtocolTablesTest().shouldBeThePage();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Slow
    @ByTurns
    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "SegmentHeader ## int GATE = 520; ## int GATE = 528;",
                "SegmentHeader ## int CURRENT = 400; ## int CURRENT = 404;",
                "Creation ## int CAPACITY = 80; ## int CAPACITY = 96;",
                "JournalWords ## int DURABLE = 2688; ## int DURABLE = 2720;",
                "Handles ## bytes.putInt(at(handle) + 8, pid); ## bytes.putInt(at(handle) + 20, pid);",
                "Slots ## ACK_POS = 144; ## ACK_POS = 208;",
                "Slots ## incarnation << 16 | handle ## incarnation << 12 | handle",
                "SlotState ## int POLICY_SHIFT = 9; ## int POLICY_SHIFT = 10;",
                "AckCode ## CLIENT = 1; ## CLIENT = 3;",
                "Policy ## DISCONNECT(1, ## DISCONNECT(3,",
                "FutexLock ## HANDLE_BITS = 11; ## HANDLE_BITS = 12;",
                "RecordHeader ## HOP = 2; ## HOP = 3;",
            })
    void shouldNotice(String type, String statement, String replacement) {
        try (Patched twin = Patched.in(type, statement, replacement)) {
            assertThatThrownBy(() -> twin.run(All.class, "")).isInstanceOf(AssertionError.class);
        }
    }
}
