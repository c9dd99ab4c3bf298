package dev.belfry.shm.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.layout.SegmentHeader.Counter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The literal place of every field: two versions of the library that disagree about one destroy
 * each other's queues.
 */
class LayoutTest {
    private static final int LENGTH = 32 << 10;
    private static final int HANDLES = 8;
    private static final int SLOTS = 4;
    private static final int CHECK = 1405253351; // of the words below

    private final ByteBuffer memory = ByteBuffer.allocateDirect(LENGTH + 64).order(ByteOrder.LITTLE_ENDIAN);
    private final int shift = memory.alignmentOffset(0, 64) == 0 ? 0 : 64 - memory.alignmentOffset(0, 64);
    private final ByteBuffer raw = memory.slice(shift, LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final SharedBytes bytes = new SharedBytes(SharedBytes.PLAIN, address(), LENGTH, raw);
    private final SegmentHeader header = new SegmentHeader(bytes);
    private final RegionTable table = new RegionTable(bytes, 1152);
    private final Handles handles = new Handles(bytes, 4096, HANDLES);
    private final Slots slots = new Slots(bytes, 4096 + HANDLES * 64, SLOTS);
    private final MeantWords words = new MeantWords(bytes, slots);

    private long address() {
        return com.sun.jna.Pointer.nativeValue(com.sun.jna.Native.getDirectBufferPointer(memory)) + shift;
    }

    /** The store changed these words, and nothing else in the whole segment. */
    private void assertStores(Runnable store, long... indexAndValue) {
        for (int i = 0; i < LENGTH; i += 8) raw.putLong(i, 0);
        store.run();
        for (int i = 0; i < indexAndValue.length; i += 2) {
            int at = (int) indexAndValue[i];
            assertThat(raw.getLong(at)).as("word at " + at).isEqualTo(indexAndValue[i + 1]);
            raw.putLong(at, 0);
        }
        for (int i = 0; i < LENGTH; i += 8)
            assertThat(raw.getLong(i)).as("word at " + i).isZero();
    }

    private static long ints(int low, int high) {
        return low & 0xFFFF_FFFFL | (long) high << 32;
    }

    @Test
    void shouldTakeNoMixtureForTheSemaphoreThatIsMeant() {
        MeantWords.Meant meant = new MeantWords.Meant(new UUID(0x11, 0x22), 3, 0x44);
        assertThat(words.isEmpty(1)).isTrue();
        assertThat(words.read(1)).isNull();
        words.put(1, meant);
        assertThat(words.isEmpty(1)).isFalse();
        assertThat(words.read(1)).isEqualTo(meant);
        assertThat(words.are(1, meant)).isTrue();
        long at = slots.place(1);
        for (int word = 64; word < 96; word += 4) {
            bytes.putInt(at + word, bytes.getInt(at + word) ^ 4);
            assertThat(words.read(1)).as("with another word at %s", word).isNull();
            assertThat(words.are(1, meant)).isFalse();
            bytes.putInt(at + word, bytes.getInt(at + word) ^ 4);
        }
        words.clear(1);
        assertThat(words.read(1)).isNull();
        assertThat(words.are(1, meant)).isFalse();
    }

    @Test
    void shouldKeepCreationFieldsInPlace() {
        Creation c = new Creation(4096, 1 << 20, 77, false, true, 4, false, false, Creation.Sync.NEVER, false);
        assertStores(
                () -> c.write(bytes, new UUID(0x11, 0x22), 99),
                8,
                ints(3, 1), // layout version, kind
                40,
                0x11,
                48,
                0x22,
                56,
                65536, // header length: 4096 + 8 * 64 + 4 * 1024, at the next multiple of 64 KiB
                64,
                ints(1024, 4),
                72,
                ints(64, 8),
                80,
                4096,
                88,
                1 << 20,
                96,
                77,
                104,
                3,
                112,
                99,
                408,
                4096); // limit
    }

    @Test
    void shouldKeepTheFlagOfTrailersInPlace() {
        Creation c = new Creation(4096, 1 << 20, 77, true, false, 4, false, true, Creation.Sync.NEVER, false);
        c.write(bytes, new UUID(0x11, 0x22), 99);
        assertThat(raw.getLong(104)).isEqualTo(4);
        assertThat(Creation.read(bytes, 65536 + 4096)).isEqualTo(c);
    }

    @Test
    void shouldBeginHandlesAndSlotsInPlace() {
        Creation c = new Creation(4096, 1 << 20, 77, false, true, 4, false, false, Creation.Sync.NEVER, false);
        assertThat(SegmentHeader.REGIONS).isEqualTo(1152);
        assertThat(c.handlesAt()).isEqualTo(4096);
        assertThat(c.slotsAt()).isEqualTo(4096 + 8 * 64);
    }

    /** What is stored is rounded to the smallest page, where things begin to the largest of any kernel. */
    @Test
    void shouldBeginRegionsWhereAnyKernelCanMapThem() {
        assertThat(new Creation(4096, 4096, 0, true, false, 4, false, false, Creation.Sync.NEVER, false)
                        .headerStorage())
                .isEqualTo(12288);
        Creation byDefault = new Creation(4096, 4096, 0, true, false, 128, false, false, Creation.Sync.NEVER, false);
        assertThat(byDefault.headerStorage()).isEqualTo(151552);
        assertThat(byDefault.headerLength()).isEqualTo(196608);
        assertThat(SegmentHeader.aligned(65536)).isEqualTo(65536);
        assertThat(SegmentHeader.aligned(65537)).isEqualTo(131072);
    }

    @Test
    void shouldReadBackWhatWasCreated() {
        Creation c = new Creation(4096, 1 << 20, 77, false, true, 4, false, false, Creation.Sync.NEVER, false);
        c.write(bytes, new UUID(0x11, 0x22), 99);
        assertThat(Creation.read(bytes, 65536 + 4096)).isEqualTo(c);
        assertThat(header.queueId()).isEqualTo(new UUID(0x11, 0x22));
        assertThat(header.createdMillis()).isEqualTo(99);
        assertThat(header.notUnderstood()).isNull();
        assertThatThrownBy(() -> Creation.read(bytes, 65536 + 4095)).isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldRefuseFeaturesThatItDoesNotKnow() {
        for (int at : new int[] {16, 24}) {
            new Creation(4096, 4096, 0, true, false, 4, false, false, Creation.Sync.NEVER, false)
                    .write(bytes, new UUID(1, 2), 3);
            raw.putLong(at, 4); // 1 is a history in files, 2 are pages
            assertThat(header.notUnderstood()).contains("features");
            raw.putLong(at, 0);
        }
        raw.putLong(32, 1); // the word of features that may be ignored
        assertThat(header.notUnderstood()).isNull();
        raw.putInt(12, 3);
        assertThat(header.notUnderstood()).isEqualTo("queue kind 3");
        raw.putInt(12, 188_830_408); // no version will have so many
        assertThatThrownBy(header::notUnderstood).isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldKeepMagicFirst() {
        assertStores(header::valid, 0, 0x31_59_52_46_4C_45_42L);
        header.valid();
        assertThat(header.hasMagic()).isTrue();
        byte[] name = new byte[7];
        raw.get(0, name);
        assertThat(new String(name, java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("BELFRY1");
    }

    @Test
    void shouldKeepHeaderWordsInPlace() {
        assertThat(SegmentHeader.PUBLISH_LOCK).isEqualTo(128);
        assertThat(SegmentHeader.GATE_LOCK).isEqualTo(256);
        assertThat(SegmentHeader.ASLEEP).isEqualTo(640);
        assertThat(SegmentHeader.SLEEPERS).isEqualTo(768);
        assertThat(SegmentHeader.ROOM).isEqualTo(896);
        assertStores(() -> header.tailRelease(8), 384, 8);
        assertStores(() -> header.countRelease(7), 392, 7);
        assertStores(() -> header.current(3), 400, 3);
        assertStores(() -> header.limit(5), 408, 5);
        assertStores(() -> header.gatePosRelease(9), 512, 9);
        assertStores(() -> header.gateRelease(16), 520, 16);
        assertStores(() -> header.highMarkRelease(2), 1024, ints(2, 0));
        assertStores(() -> header.adminPid(4711), 1024, ints(0, 4711));
        assertStores(header::nextLeaver, 1032, 1);
    }

    @Test
    void shouldKeepCountersInPlace() {
        long[] at = {2176, 2184, 2192, 2304, 2312, 2320, 2200, 2208, 2216, 2224, 2328, 2336, 2432};
        for (Counter counter : Counter.values()) assertStores(() -> header.add(counter), at[counter.ordinal()], 1);
        assertThat(Counter.values())
                .extracting(Enum::name)
                .containsExactly(
                        "GROWS",
                        "FULL_WAITS",
                        "REPAIRS",
                        "ENDED",
                        "RECLAIMED",
                        "GATE_MOVES",
                        "FULL_WAIT_NANOS",
                        "LOCK_WAITS",
                        "LOCK_WAIT_NANOS",
                        "LAST_PUBLISH_MILLIS",
                        "HIGH_WATER",
                        "STOPPED",
                        "WAKE_UPS");
    }

    @Test
    void shouldKeepRegionsInPlace() {
        assertStores(() -> table.place(0, 12288, 4096), 1152, 12288, 1160, 4096);
        assertStores(() -> table.baseRelease(0, 40), 1168, 40);
        assertStores(() -> table.place(31, 12288, 8192), 1152 + 31 * 32, 12288, 1160 + 31 * 32, 8192);
        assertStores(() -> table.baseRelease(31, 48), 1168 + 31 * 32, 48);
        assertThat(RegionTable.ENTRIES).isEqualTo(32);
        assertThat(RegionTable.UNUSED).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldKeepHandlesInPlace() {
        assertThat(Handles.SIZE).isEqualTo(64);
        assertStores(() -> handles.open(0, 4711, 99), 4096, 1 << 16 | 1, 4104, 4711, 4112, 99, 4136, 2);
        assertStores(
                () -> handles.open(7, 4711, 99),
                4096 + 7 * 64,
                1 << 16 | 1,
                4104 + 7 * 64,
                4711,
                4112 + 7 * 64,
                99,
                4136 + 7 * 64,
                2);
        assertStores(() -> handles.publishers(2, 3), 4096 + 2 * 64 + 8, ints(0, 3));
        assertStores(() -> handles.flags(1, 5, Handles.PUBLISHING), 4096 + 64, 5 << 16 | 0x11);
        assertStores(() -> handles.flags(1, 5, Handles.EXCLUSIVE), 4096 + 64, 5 << 16 | 0x21);
        assertStores(() -> handles.free(1, 5), 4096 + 64, 5 << 16);
        long word = WaitWord.of(WaitWord.LOCK, 7, 1_700_000_000_000L);
        assertThat(word).isEqualTo(1_700_000_000_000L << 21 | 8 << 2 | 2);
        assertStores(() -> handles.waitingRelease(1, word), 4096 + 64 + 32, word);
        assertThat(WaitWord.what(word)).isEqualTo(WaitWord.LOCK);
        assertThat(WaitWord.cause(word, 8)).isEqualTo(7);
        assertThat(WaitWord.cause(WaitWord.of(WaitWord.ROOM, -1, 5), 8)).isEqualTo(-1);
        assertThat(WaitWord.sinceMillis(word)).isEqualTo(1_700_000_000_000L);
        assertThat(WaitWord.cause(word, 7)).as("a later release's").isEqualTo(-1);
        WaitWord.requirePossible(word, 0, 8);
        for (long never : new long[] {3, 4, word | 1L << 13, word | 1L << 20, word + 4})
            assertThatThrownBy(() -> WaitWord.requirePossible(never, 99, 8))
                    .isInstanceOf(CorruptSegmentException.class);
        raw.putLong(4096 + 32, word);
        handles.open(0, 4711, 99);
        assertThat(handles.waitingAcquire(0)).as("a predecessor's").isZero();
    }

    @Test
    void shouldKeepSlotsInPlace() {
        int first = 4096 + HANDLES * 64;
        assertThat(Slots.SIZE).isEqualTo(1024);
        for (int slot : new int[] {0, 3}) {
            int at = first + slot * 1024;
            assertStores(() -> slots.stateRelease(slot, 0x51234), at, 0x51234);
            assertStores(() -> slots.owner(slot, 6, 9), at + 8, 9 << 16 | 6);
            assertStores(() -> slots.birth(slot, 3), at + 16, 3);
            assertStores(() -> slots.left(slot, 3), at + 24, 3);
            assertStores(() -> slots.semInc(slot, 3), at + 32, 3);
            assertStores(() -> slots.ackMode(slot, 2), at + 40, ints(0, 2));
            assertStores(() -> slots.aloneSince(slot, 1 << 22 | 5, 7), at + 48, 7 << 22 | 5);
            assertStores(() -> slots.stopped(slot, 7), at + 56, 7);
            MeantWords.Meant meant = new MeantWords.Meant(new UUID(0x11, 0x22), 3, 0x44);
            assertStores(
                    () -> words.put(slot, meant), at + 64, 0x11, at + 72, 0x22, at + 80, ints(3, CHECK), at + 88, 0x44);
            assertStores(() -> slots.first(slot, 8), at + 168, 8);
            assertStores(() -> slots.sleeps(slot, 9), at + 176, 9);
            assertStores(() -> slots.startPosRelease(slot, 3), at + 128, 3);
            assertStores(() -> slots.readPos(slot, 3), at + 136, 3);
            assertStores(() -> slots.again(slot, 4), at + 192, 4);
            assertStores(() -> slots.ackPosRelease(slot, 3), at + 144, 3);
            assertStores(() -> slots.ackOffRelease(slot, 8), at + 152, 8);
            assertStores(() -> slots.lostRelease(slot, 3), at + 160, 3);
            int word = 0x0D21B402; // the length, and 22 bits of the name's CRC-32
            assertStores(() -> slots.name(slot, "ab"), at + 40, ints(word, 0), at + 512, 'a' | 'b' << 8);
        }
    }

    @Test
    void shouldTakeNoTimeOfAnEarlierOwner() {
        slots.aloneSince(1, 5, 1_700_000_000_000L);
        assertThat(slots.aloneSince(1, 5)).isEqualTo(1_700_000_000_000L);
        assertThat(slots.aloneSince(1, 6)).isZero();
    }

    @Test
    void shouldNoticeANameThatNobodyGave() {
        slots.name(1, "audit");
        assertThat(slots.checkedName(1)).isEqualTo("audit");
        assertThat(slots.checkedName(2)).isNull();
        raw.put(4096 + HANDLES * 64 + 1024 + 513, (byte) 'x');
        slots.stateRelease(1, SlotState.NAMED);
        assertThat(slots.name(1)).isEqualTo("axdit");
        assertThatThrownBy(() -> slots.checkedName(1)).isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldKeepNamesOfTheLongestKind() {
        String longest = "\uD83D\uDE00".repeat(64) + "\u20AC".repeat(64); // 256 + 192 bytes
        slots.name(3, longest);
        slots.stateRelease(3, SlotState.NAMED);
        assertThat(slots.name(3)).isEqualTo(longest);
        assertThat(slots.name(2)).isNull();
        assertThatThrownBy(() -> slots.name(0, "x".repeat(513))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseIndexesThatTheMemoryHasNot() {
        for (long wild : new long[] {-1, -8, LENGTH - 7, LENGTH, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> bytes.getLong(wild)).isInstanceOf(CorruptSegmentException.class);
            assertThatThrownBy(() -> bytes.putLongRelease(wild, 1)).isInstanceOf(CorruptSegmentException.class);
            assertThatThrownBy(() -> bytes.compareAndSetLong(wild, 0, 1)).isInstanceOf(CorruptSegmentException.class);
            assertThatThrownBy(() -> bytes.copyOut(wild, new byte[8], 0, 8))
                    .isInstanceOf(CorruptSegmentException.class);
        }
        assertThatThrownBy(() -> slots.stateAcquire(SLOTS)).isInstanceOf(CorruptSegmentException.class);
        assertThatThrownBy(() -> slots.stateAcquire(-1)).isInstanceOf(CorruptSegmentException.class);
        assertThatThrownBy(() -> handles.stateAcquire(HANDLES)).isInstanceOf(CorruptSegmentException.class);
        assertThatThrownBy(() -> table.baseAcquire(32)).isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldRefuseWordsThatCannotBeRight() {
        raw.putLong(384, 4); // not aligned
        assertThatThrownBy(header::tailAcquire).isInstanceOf(CorruptSegmentException.class);
        raw.putLong(520, -8);
        assertThatThrownBy(header::gateAcquire).isInstanceOf(CorruptSegmentException.class);
        raw.putInt(400, 32);
        assertThatThrownBy(header::current).isInstanceOf(CorruptSegmentException.class);
        raw.putInt(1024, 5);
        assertThatThrownBy(() -> header.highMarkAcquire(4)).isInstanceOf(CorruptSegmentException.class);
        raw.putLong(1160, 4095);
        assertThatThrownBy(() -> table.capacity(0)).isInstanceOf(CorruptSegmentException.class);
        raw.putLong(1152 + 24 - 8, -5);
        assertThatThrownBy(() -> table.lookup(-6)).isInstanceOf(CorruptSegmentException.class);
        slots.stateRelease(0, SlotState.NAMED);
        raw.putInt(4096 + HANDLES * 64 + 40, 513);
        assertThatThrownBy(() -> slots.name(0)).isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldFindTheLastRegionAtOrBelowAnOffset() {
        table.create(12288, 4096, 0);
        assertThat(table.lookup(0)).isZero();
        assertThat(table.lookup(Long.MAX_VALUE - 1)).isZero();
        table.baseRelease(1, 4000);
        table.baseRelease(2, 20000);
        assertThat(table.lookup(3999)).isZero();
        assertThat(table.lookup(4000)).isEqualTo(1);
        assertThat(table.lookup(19999)).isEqualTo(1);
        assertThat(table.lookup(20000)).isEqualTo(2);
    }

    @Test
    void shouldDoAtomicOperationsAsTheirNamesSay() {
        assertThat(bytes.getAndSetInt(640, 1)).isZero();
        assertThat(bytes.getAndSetLong(768, 6)).isZero();
        assertThat(bytes.getAndOrLong(768, 1)).isEqualTo(6);
        assertThat(bytes.getAndClearLong(768, 2)).isEqualTo(7);
        assertThat(bytes.addAndGetLong(768, 10)).isEqualTo(15);
        assertThat(bytes.compareAndSetLong(768, 14, 0)).isFalse();
        assertThat(bytes.compareAndSetLong(768, 15, 0)).isTrue();
        assertThat(bytes.compareAndSetInt(640, 0, 5)).isFalse();
        assertThat(bytes.compareAndSetInt(640, 1, 5)).isTrue();
        assertThat(raw.getInt(640)).isEqualTo(5);
    }
}
