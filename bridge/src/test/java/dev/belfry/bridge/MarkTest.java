package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageProperties;
import dev.belfry.spi.HeapMessage;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes of a mark, as 0.1.0 writes them beside a message: never to be changed here. */
@WaitsForOthers
class MarkTest {
    private static final String SOURCE = "00000000-0000-0001-0000-000000000002";
    private static final String BEFORE = "00000000-0000-0003-0000-000000000004";
    private static final String FIRST = "00000000-0000-0005-0000-000000000006";
    private static final String GOLDEN =
            "07000403006f776e01000000080d0062656c6672795f736f75726365240000003030303030303030"
                    + "2d303030302d303030312d303030302d303030303030303030303032050f0062656c6672795f706f"
                    + "736974696f6e0700000000000000050e0062656c6672795f63617272696564030000000000000008"
                    + "0a0062656c6672795f7669614900000030303030303030302d303030302d303030332d303030302d"
                    + "3030303030303030303030342030303030303030302d303030302d303030352d303030302d303030"
                    + "30303030303030303605160062656c6672795f6f726967696e5f706f736974696f6e050000000000"
                    + "000005100062656c6672795f74696d657374616d70e803000000000000";

    private static MessageProperties golden() {
        return MessageProperties.decode(ByteBuffer.wrap(HexFormat.of().parseHex(GOLDEN)));
    }

    @Test
    void shouldReadAMark() {
        assertThat(Mark.of(golden())).isEqualTo(new Mark(SOURCE, 7, BEFORE + " " + FIRST, 5, 3));
        assertThat(Mark.timestamp(new HeapMessage(1, 0, new byte[0], golden(), false)))
                .isEqualTo(1000);
        assertThat(Mark.isAlone(golden())).isFalse();
    }

    @Test
    void shouldWriteAMark() {
        MessageProperties own = MessageProperties.builder().put("own", 1).build();
        Mark mark = Mark.after(new Mark(BEFORE, 6, FIRST, 5, 9), SOURCE, 7).counted(3);
        MessageProperties beside = mark.beside(new HeapMessage(1, 1000, new byte[0], own, false));
        assertThat(HexFormat.of().formatHex(beside.encode())).isEqualTo(GOLDEN);
    }

    /** And no message. */
    @Test
    void shouldTellAMarkThatIsAlone() {
        MessageProperties alone = new Mark(SOURCE, 7, null, 7, 0).alone(2);
        assertThat(Mark.isAlone(alone)).isTrue();
        assertThat(HexFormat.of().formatHex(alone.encode()))
                .isEqualTo("0300080d0062656c6672795f736f757263652400000030303030303030302d303030302d30303031"
                        + "2d303030302d303030303030303030303032050f0062656c6672795f706f736974696f6e07000000"
                        + "00000000050f0062656c6672795f6c6566745f6f75740200000000000000");
    }
}
