package dev.belfry.benchmarks;

import dev.belfry.shm.ring.Gate;
import dev.belfry.shm.ring.InPlaceReader;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.segment.Measured;
import dev.belfry.shm.segment.Segment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** A record into the ring, and a record out of it: one thread, no lock, no waiting. */
public class RingBenchmark extends Piece {
    private static final byte[] NONE = {};
    private static final LogPlace FIRST = new LogPlace(0, 1);

    @Param({"32", "256", "1024", "16384"})
    int length;

    private Segment segment;
    private LogEnd writer;
    private Gate gate;
    private InPlaceReader reader;
    private ByteBuffer body;

    @Setup
    public void open() {
        segment = Measured.segment();
        writer = new LogEnd(segment.header, segment.writable, null);
        gate = new Gate(segment.header, segment.writable, segment.floor, null);
        body = ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
        while (writer.append(body, 0, length, NONE, 0) != LogEnd.NO_ROOM) {}
        reader = new InPlaceReader(segment.readable, Measured.CAPACITY, null);
        reader.moveTo(FIRST);
    }

    @TearDown
    public void close() {
        segment.close();
    }

    /** With its share of the gate's steps. */
    @Benchmark
    public long append() {
        long position;
        while ((position = writer.append(body, 0, length, NONE, 0)) == LogEnd.NO_ROOM)
            gate.advance(writer.need(length, 0, false), false, Gate.Milestones.NONE);
        return position;
    }

    @Benchmark
    public long appendInPlace() {
        while (!writer.hasRoom(writer.need(length, 0, false)))
            gate.advance(writer.need(length, 0, false), false, Gate.Milestones.NONE);
        writer.reservedBytes().putLong(writer.reserved(false), length);
        return writer.commitReserved(length, 0);
    }

    /** The same full ring, over and over: its words are looked at, its bodies are not copied. */
    @Benchmark
    public long read() {
        if (reader.next() != Reader.Found.RECORD) {
            reader.moveTo(FIRST);
            reader.next();
        }
        long word = reader.record.body.getLong(0);
        reader.advance();
        return word;
    }
}
