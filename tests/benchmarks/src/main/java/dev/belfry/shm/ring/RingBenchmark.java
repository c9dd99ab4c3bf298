package dev.belfry.shm.ring;

import dev.belfry.benchmarks.Piece;
import dev.belfry.shm.layout.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** A record into the ring, and a record out of it: one thread, no lock, nobody who waits. */
public class RingBenchmark extends Piece {
    private static final byte[] NONE = {};
    private static final LogPlace FIRST = new LogPlace(0, 1);

    @Param({"32", "256", "1024", "16384"})
    int length;

    private Memory memory;
    private LogEnd writer;
    private Gate gate;
    private InPlaceReader reader;
    private ByteBuffer body;

    @Setup
    public void open() {
        memory = new Memory();
        Regions regions = memory.regions();
        writer = new LogEnd(memory.header, regions);
        gate = new Gate(memory.header, regions, memory.slots);
        body = ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
        while (writer.append(body, 0, length, NONE, 0) != LogEnd.NO_ROOM) {}
        reader = new InPlaceReader(memory.regions(), 1 << 20);
        reader.moveTo(FIRST);
    }

    @TearDown
    public void close() {
        memory.close();
    }

    /** With its share of the gate's steps. */
    @Benchmark
    public long append() {
        long position;
        while ((position = writer.append(body, 0, length, NONE, 0)) == LogEnd.NO_ROOM)
            gate.advance(LogEnd.need(length, 0, false), false);
        return position;
    }

    @Benchmark
    public long appendInPlace() {
        while (!writer.reserve(length, false)) gate.advance(LogEnd.need(length, 0, false), false);
        writer.reservedBytes().putLong(writer.reservedIndex(false), length);
        return writer.commitReserved(length, 0);
    }

    /** The same full ring, over and over: its words are looked at, its bodies are not copied. */
    @Benchmark
    public long read() {
        if (reader.next() != Reader.Found.RECORD) {
            reader.moveTo(FIRST);
            reader.next();
        }
        long word = reader.record().body().getLong(0);
        reader.advance();
        return word;
    }
}
