package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belfry.api.MessageProperties;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PropertiesCodecTest {
    private static final MessageProperties ALL = MessageProperties.builder()
            .put("flag", true)
            .put("b", Byte.MIN_VALUE)
            .put("s", Short.MIN_VALUE)
            .put("i", Integer.MIN_VALUE)
            .put("l", Long.MIN_VALUE)
            .put("f", Float.NaN)
            .put("d", -0.0)
            .put("größe", "a€😀\0")
            .put("empty", "")
            .build();

    @Test
    void shouldReadWhatItWrote() {
        byte[] encoded = ALL.encode();
        assertThat(encoded).hasSize(ALL.encodedLength());
        MessageProperties decoded = MessageProperties.decode(ByteBuffer.wrap(encoded));
        assertThat(decoded).isEqualTo(ALL);
        assertThat(decoded.names()).containsExactlyElementsOf(ALL.names());
        decoded.names().forEach(n -> assertThat(decoded.get(n)).isEqualTo(ALL.get(n)));
    }

    @Test
    void shouldBeNoBytesWhenThereAreNone() {
        assertThat(MessageProperties.empty().encodedLength()).isZero();
        assertThat(MessageProperties.empty().encode()).isEmpty();
        assertThat(MessageProperties.decode(ByteBuffer.allocate(0))).isSameAs(MessageProperties.empty());
    }

    /** The reader may have an older JDK than the writer, which does not know the newest letters. */
    @Test
    void shouldReadNamesWhoseLettersOnlyANewerJdkKnows() {
        String unknown = Character.toString(unassigned());
        byte[] encoded =
                MessageProperties.builder().put("xxx", 1).put("a", 2).build().encode();
        byte[] name = unknown.getBytes(StandardCharsets.UTF_8);
        assertThat(name).hasSize(3);
        System.arraycopy(name, 0, encoded, 2 + 3, 3);
        MessageProperties decoded = MessageProperties.decode(ByteBuffer.wrap(encoded));
        assertThat(decoded.names()).containsExactly(unknown, "a");
        assertThat(decoded.get(unknown)).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageProperties.builder().put(unknown, 1));
    }

    @Test
    void shouldReadNamesThatOnlyANewerReleaseAllows() {
        for (String name : new String[] {"", "content-type", "1a", "a b", "a\u0000", "class"}) {
            MessageProperties received =
                    MessageProperties.builder().putReceived(name, 5).build();
            assertThat(MessageProperties.decode(ByteBuffer.wrap(received.encode())))
                    .as(name)
                    .isEqualTo(received);
        }
    }

    @Test
    void shouldLeaveOutValuesOfTypesThatOnlyANewerReleaseKnows() {
        for (int type = 9; type < 256; type++) {
            String newer = String.format("%02x", type) + "0100" + "62";
            assertThat(decoded("0300" + newer + "03000000" + "010203" + "010100" + "61" + "01" + newer + "00000000"))
                    .as("type %s", type)
                    .isEqualTo(MessageProperties.builder().put("a", true).build());
            assertThat(decoded("0100" + newer + "00000000")).isEqualTo(MessageProperties.empty());
        }
    }

    private static MessageProperties decoded(String hex) {
        return MessageProperties.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    /** Three bytes long. */
    private static int unassigned() {
        int c = 0x2E00;
        while (Character.getType(c) != Character.UNASSIGNED) c++;
        return c;
    }

    /** The bytes are shared between processes and versions. */
    @Test
    void shouldKeepItsBytes() {
        MessageProperties p = MessageProperties.builder()
                .put("a", true)
                .put("b", 0x01020304)
                .put("c", "xy")
                .build();
        assertThat(HexFormat.of().formatHex(p.encode()))
                .isEqualTo("0300" + "010100" + "61" + "01" + "040100" + "62" + "04030201" + "080100" + "63" + "02000000"
                        + "7879");
    }

    @Test
    void shouldReadFromAnyBufferAndLeaveItAsItWas() {
        byte[] encoded = ALL.encode();
        ByteBuffer direct = ByteBuffer.allocateDirect(encoded.length + 20).order(ByteOrder.BIG_ENDIAN);
        direct.position(7).put(encoded).flip().position(7);
        assertThat(MessageProperties.decode(direct.asReadOnlyBuffer())).isEqualTo(ALL);
        MessageProperties.decode(direct);
        assertThat(direct.position()).isEqualTo(7);
        assertThat(direct.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    }

    @Test
    void shouldCountUnpairedSurrogatesAsTheyAreWritten() {
        for (String text : new String[] {"\ud800", "a\udc00b", "\ud800\ud800\udc00", "\udc00\ud800"}) {
            MessageProperties p = MessageProperties.builder().put("x", text).build();
            assertThat(p.encode()).hasSize(p.encodedLength());
            assertThat(MessageProperties.decode(ByteBuffer.wrap(p.encode())).getString("x", ""))
                    .contains("?");
        }
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        refuse("00"); // half a count
        refuse("0000"); // a block without entries
        refuse("0100"); // an entry is missing
        refuse("0100" + "010100" + "61" + "02"); // neither false nor true
        refuse("0100" + "040100" + "61" + "010203"); // half an int
        refuse("0100" + "04ffff" + "61" + "01020304"); // name longer than the block
        refuse("0100" + "080100" + "61" + "ffffff7f"); // a string of 2 GiB
        refuse("0100" + "080100" + "61" + "ffffffff"); // of -1 bytes
        refuse("0100" + "010100" + "61" + "01" + "00"); // a byte too many
        refuse("ffff" + "010100" + "61" + "01"); // fewer entries than announced
        refuse("0200" + "010100" + "61" + "01" + "010100" + "61" + "00"); // twice
        refuse("0100" + "000100" + "61"); // never written
        refuse("0100" + "000100" + "61" + "00000000");
        refuse("0100" + "090100" + "61" + "01000000"); // a byte[] that is longer than the block
        refuse("0100" + "ff0100" + "61" + "ffffffff");
        refuse("0200" + "090100" + "61" + "00000000"); // fewer than announced
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageProperties.decode(ByteBuffer.allocate(65_537)))
                .withMessage("Properties of 65,537 bytes; limit is 65,536");
    }

    private static void refuse(String hex) {
        assertThatIllegalArgumentException().as(hex).isThrownBy(() -> decoded(hex));
    }

    /**
     * As one that is Seeded in the conformance kit, which depends on this module: the same seed
     * each time, a fresh one with -Pluck.
     */
    @Test
    @Tag("Seeded")
    void shouldNeverFailOtherwiseWhateverTheBytes() {
        boolean fresh = "luck".equals(System.getProperty("belfry.depth"));
        long seed = Long.getLong("belfry.seed", fresh ? System.nanoTime() : 20261120);
        if (fresh) System.out.println(getClass().getName() + ": -Dbelfry.seed=" + seed);
        Random random = new Random(seed);
        byte[] good = ALL.encode();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = i % 2 == 0 ? good.clone() : new byte[random.nextInt(64)];
            if (i % 2 == 1) random.nextBytes(bytes);
            for (int k = random.nextInt(4); k >= 0 && bytes.length > 0; k--)
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            try {
                MessageProperties.decode(ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1)));
            } catch (IllegalArgumentException expected) {
                // the only one
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", " + HexFormat.of().formatHex(bytes), e);
            }
        }
    }
}
