package dev.belfry.benchmarks;

/**
 * What is in a message, whatever the product: sequence, when it was due, when it was sent, filling,
 * the sequence again. The same words are written and read for every contestant, the filling with
 * whatever its API copies fastest.
 */
final class Message {
    static final int DUE = 8;
    static final int SENT = 16;
    static final int FILLING = 24;
    static final int SHORTEST = 32;

    /** The last of a round; the upper byte is its sender's number. */
    static final long END = (1L << 56) - 1;

    private Message() {}

    /** The filling: at index i the byte i mod 251. */
    static byte[] filling(int length) {
        if (length < SHORTEST || length % 8 != 0)
            throw new IllegalArgumentException("A message has at least 32 bytes, whole words: not " + length);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte) (i % 251);
        return bytes;
    }
}
