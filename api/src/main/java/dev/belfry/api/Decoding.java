package dev.belfry.api;

import dev.belfry.spi.Units;

/**
 * Makes values of messages. {@code queue} and {@code next} are for texts of errors: {@code next} says what to do. The
 * properties of a message are not read for a codec that does not ask for them.
 */
record Decoding<T>(String queue, Codec<T> codec, String next, boolean asksForProperties) {
    Decoding(String queue, Codec<T> codec, String next) {
        this(queue, codec, next, asksForProperties(codec));
    }

    private static boolean asksForProperties(Codec<?> codec) {
        try {
            return codec.getClass()
                            .getMethod("decode", ReadableBody.class, MessageProperties.class)
                            .getDeclaringClass()
                    != Codec.class;
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e); // each codec has it
        }
    }

    T decode(MessageView message) {
        T value;
        try {
            value = asksForProperties ? codec.decode(message, message.properties()) : codec.decode(message);
        } catch (RuntimeException e) {
            if (e instanceof MessageQueueException && !(e instanceof CodecException)) throw e;
            throw refused(message, Encoding.reason(e, ""), e);
        }
        if (value == null) throw refused(message, " returned null.", null);
        return value;
    }

    CodecException refused(MessageView message, String why, RuntimeException cause) {
        return new CodecException(
                "Message " + Units.number(message.position()) + " of '" + queue + "' (" + length(message)
                        + ") does not decode: " + Encoding.name(codec) + why
                        + " " + next,
                cause);
    }

    /** Throws nothing, as another failure is to be told. */
    private static String length(MessageView message) {
        String length = Units.number(message.length()) + " bytes";
        try {
            Object type = message.properties().get(TypedPublisher.CONTENT_TYPE);
            return type == null
                    ? length
                    : length + ", " + TypedPublisher.CONTENT_TYPE + " " + Units.printable(String.valueOf(type), 100);
        } catch (RuntimeException unreadable) {
            return length;
        }
    }

    @Override
    public String toString() {
        return Encoding.name(codec);
    }
}
