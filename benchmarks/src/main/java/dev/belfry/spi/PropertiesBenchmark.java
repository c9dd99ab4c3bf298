package dev.belfry.spi;

import dev.belfry.api.MessageProperties;
import dev.belfry.benchmarks.Piece;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;

/** Three properties of a usual kind, there and back. */
public class PropertiesBenchmark extends Piece {
    private final MessageProperties properties = MessageProperties.builder()
            .put("symbol", "BELL")
            .put("sequence", 1_000_000L)
            .put("last", true)
            .build();
    private final ByteBuffer encoded = ByteBuffer.wrap(PropertiesCodec.encode(properties));

    @Benchmark
    public byte[] encode() {
        return PropertiesCodec.encode(properties);
    }

    @Benchmark
    public MessageProperties decode() {
        return PropertiesCodec.decode(encoded);
    }
}
