package dev.belfry.api;

import java.nio.charset.StandardCharsets;

/**
 * The codecs that need nothing beside the api.
 * @since 0.1
 */
public final class Codecs {
    private Codecs() {}

    /** A text as UTF-8, as {@link MessageView#text()} reads it. */
    public static Codec<String> text() {
        return new Text();
    }

    /** The bytes as they are. A decoded array belongs to its receiver. */
    public static Codec<byte[]> bytes() {
        return new Bytes();
    }

    private static final class Text implements Codec<String> {
        @Override
        public byte[] encode(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(ReadableBody body) {
            return new String(copy(body), StandardCharsets.UTF_8);
        }
    }

    private static final class Bytes implements SizedCodec<byte[]> {
        @Override
        public int length(byte[] value) {
            return value.length;
        }

        @Override
        public int encode(byte[] value, WritableBody body) {
            body.copyFrom(0, value, 0, value.length);
            return value.length;
        }

        @Override
        public byte[] decode(ReadableBody body) {
            return copy(body);
        }
    }

    private static byte[] copy(ReadableBody body) {
        byte[] copy = new byte[body.length()];
        body.copyTo(0, copy, 0, copy.length);
        return copy;
    }
}
