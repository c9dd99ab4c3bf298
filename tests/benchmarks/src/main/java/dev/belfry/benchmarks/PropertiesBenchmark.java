package dev.belfry.benchmarks;

import dev.belfry.api.MessageProperties;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;

/** Three properties of a usual kind, there and back. */
public class PropertiesBenchmark extends Piece {
    private final MessageProperties properties = MessageProperties.builder()
            .put("symbol", "BELL")
            .put("sequence", 1_000_000L)
            .put("last", true)
            .build();
    private final ByteBuffer encoded = ByteBuffer.wrap(properties.encode());

    @Benchmark
    public byte[] encode() {
        return properties.encode();
    }

    @Benchmark
    public MessageProperties decode() {
        return MessageProperties.decode(encoded);
    }
}
