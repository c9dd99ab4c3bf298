package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.HeapMessage;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes of a request and of its answer, as 0.1.0 publishes them: never to be changed here. */
class EnvelopeTest {
    private static final String ENDS = "0102030405060708" + "1112131415161718" + "0000000000000003";
    private static final String REQUEST = ENDS + "42515251" + "00000001" + "cafe";
    private static final String ANSWER = ENDS + "42515241" + "00000001" + "cafe";

    private static void assertGolden(String golden, int kind, int other) {
        byte[] written = Envelope.around(
                new byte[] {(byte) 0xca, (byte) 0xfe}, 0x0102030405060708L, 0x1112131415161718L, 3, kind);
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(golden);
        Message body = new HeapMessage(1, 0, HexFormat.of().parseHex(golden), MessageProperties.empty(), false);
        assertThat(Envelope.is(body, kind)).isTrue();
        assertThat(Envelope.is(body, other)).isFalse();
        assertThat(Envelope.isFor(body, 0x0102030405060708L, 0x1112131415161718L))
                .isTrue();
        assertThat(Envelope.number(body)).isEqualTo(3);
        assertThat(Envelope.inside(body).bytes()).containsExactly(0xca, 0xfe);
    }

    @Test
    void shouldWriteAndReadARequest() {
        assertGolden(REQUEST, Envelope.REQUEST, Envelope.ANSWER);
    }

    @Test
    void shouldWriteAndReadAnAnswer() {
        assertGolden(ANSWER, Envelope.ANSWER, Envelope.REQUEST);
    }
}
