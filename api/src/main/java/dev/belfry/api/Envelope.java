package dev.belfry.api;

import dev.belfry.spi.ArrayBody;
import dev.belfry.spi.HeapMessage;
import java.util.Arrays;

/**
 * The layout of a request and of its answer, BIG_ENDIAN. At 0 and 8 is the requester's id, two longs. At 16 is the
 * number of its request, a long. At 24 is what it is, an int; at 28 is the version of this layout, an int. At 32 begins
 * what the codec wrote. A later version keeps the first 32 bytes, and answers a request in the version of the request.
 */
final class Envelope {
    static final int REQUEST = 0x42515251; // of this layout
    static final int ANSWER = 0x42515241;
    private static final int VERSION = 1;
    private static final int LENGTH = 32;

    private Envelope() {}

    /** When requests fill one queue for both, the replier waits for room that only its own return frees. */
    static void refuseOneQueue(MessageQueue requests, MessageQueue answers) {
        if (requests.uri().equals(answers.uri()))
            throw new IllegalArgumentException("The queue of the answers is that of the requests, '" + requests.uri()
                    + "': once requests fill it, the replier would wait for itself. Give the answers another queue.");
    }

    static byte[] around(byte[] value, long high, long low, long number, int kind) {
        byte[] body = new byte[LENGTH + value.length];
        ArrayBody.putLong(body, 0, high);
        ArrayBody.putLong(body, 8, low);
        ArrayBody.putLong(body, 16, number);
        ArrayBody.putInt(body, 24, kind);
        ArrayBody.putInt(body, 28, VERSION);
        System.arraycopy(value, 0, body, LENGTH, value.length);
        return body;
    }

    /** Returns whether it is of this kind and of the version that is read here. */
    static boolean is(ReadableBody body, int kind) {
        return isOfAnyVersion(body, kind) && body.getInt(28) == VERSION;
    }

    private static boolean isOfAnyVersion(ReadableBody body, int kind) {
        return body.length() >= LENGTH && body.getInt(24) == kind;
    }

    /** Says why it is not. */
    static String whyNot(ReadableBody body, int kind) {
        return isOfAnyVersion(body, kind)
                ? "its layout has version " + body.getInt(28) + ", and this library reads " + VERSION
                : "it was published by another program than a Requester, or damaged";
    }

    static boolean isFor(ReadableBody body, long high, long low) {
        return body.length() >= LENGTH && body.getLong(8) == low && body.getLong(0) == high;
    }

    static long high(ReadableBody body) {
        return body.getLong(0);
    }

    static long low(ReadableBody body) {
        return body.getLong(8);
    }

    static long number(ReadableBody body) {
        return body.getLong(16);
    }

    /** Takes the codec's bytes out; all else of the message stays. */
    static Message inside(MessageView message) {
        byte[] all = message.bytes();
        byte[] value = Arrays.copyOfRange(all, LENGTH, all.length);
        return new HeapMessage(
                message.position(), message.timestampMillis(), value, message.properties(), message.redelivered());
    }
}
