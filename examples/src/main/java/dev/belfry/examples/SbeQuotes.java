package dev.belfry.examples;

import dev.belfry.api.CodecException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.SizedCodec;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.api.WritableBody;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;

/**
 * Messages in the layout of SBE, Simple Binary Encoding, by a codec: what is decoded is a flyweight
 * over the shared memory. A newer publisher may add fields: an older reader passes over them.
 */
public final class SbeQuotes {
    private static final int QUOTES = 100_000;

    private SbeQuotes() {}

    /**
     * The quote that a publisher gives and a subscriber gets: an object of its own, or a
     * {@link View}.
     */
    interface Quote {
        long instrument();

        double price();

        int quantity();

        String symbol();
    }

    record NewQuote(long instrument, double price, int quantity, String symbol) implements Quote {}

    /** SBE's message header, a block of fixed fields, and a text with its length: all little-endian. */
    static final class Codec implements SizedCodec<Quote> {
        static final int HEADER = 8; // uint16: blockLength, templateId, schemaId, version
        static final int BLOCK = 20; // int64 instrument, double price, uint32 quantity
        static final short TEMPLATE = 1;
        static final short SCHEMA = 7;
        private final View view = new View(); // so this codec is for one subscriber

        @Override
        public int length(Quote quote) {
            return HEADER + BLOCK + 2 + quote.symbol().length();
        }

        @Override
        public int encode(Quote quote, WritableBody body) {
            body.putShortLE(0, (short) BLOCK);
            body.putShortLE(2, TEMPLATE);
            body.putShortLE(4, SCHEMA);
            body.putShortLE(6, (short) 0);
            body.putLongLE(HEADER, quote.instrument());
            body.putDoubleLE(HEADER + 8, quote.price());
            body.putIntLE(HEADER + 16, quote.quantity());
            String symbol = quote.symbol();
            body.putShortLE(HEADER + BLOCK, (short) symbol.length());
            for (int i = 0; i < symbol.length(); i++) body.putByte(HEADER + BLOCK + 2 + i, (byte) symbol.charAt(i));
            return length(quote);
        }

        @Override
        public Quote decode(ReadableBody body) {
            if (body.getShortLE(2) != TEMPLATE || body.getShortLE(4) != SCHEMA)
                throw new CodecException(
                        "template " + body.getShortLE(2) + " of schema " + body.getShortLE(4) + ", expected 1 of 7.");
            view.body = body;
            return view;
        }
    }

    /** Reads the message where it is; valid in the handler alone. */
    private static final class View implements Quote {
        private ReadableBody body;

        @Override
        public long instrument() {
            return body.getLongLE(Codec.HEADER);
        }

        @Override
        public double price() {
            return body.getDoubleLE(Codec.HEADER + 8);
        }

        @Override
        public int quantity() {
            return body.getIntLE(Codec.HEADER + 16);
        }

        /** After the block, whose length a newer version may have raised. */
        @Override
        public String symbol() {
            int at = Codec.HEADER + Short.toUnsignedInt(body.getShortLE(0));
            byte[] text = new byte[Short.toUnsignedInt(body.getShortLE(at))];
            body.copyTo(at + 2, text, 0, text.length);
            return new String(text, StandardCharsets.US_ASCII);
        }
    }

    public static void main(String[] args) throws Exception {
        String uri = "shm:sbe-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        try (MessageQueue queue = MessageQueues.open(uri);
                TypedPublisher<Quote> out = queue.createPublisher(new Codec());
                Jvms jvms = new Jvms()) {
            jvms.start(Reader.class, uri);
            while (queue.stats().subscribers().isEmpty()) Thread.sleep(10);
            for (int i = 1; i < QUOTES; i++) out.publish(new NewQuote(i % 100, 1.25, i % 10, "ACME"));
            out.publish(new NewQuote(0, 0, 0, "END"));
            jvms.join();
        }
    }

    /** Adds up what was offered. */
    static final class Reader {
        private double sum;
        private boolean ended;

        public static void main(String[] args) {
            Reader reader = new Reader();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    TypedSubscriber<Quote> in = queue.createSubscriber(new Codec())) {
                while (!reader.ended)
                    in.poll((quote, message) -> reader.add(quote), 1000, ChronoUnit.FOREVER.getDuration());
                new Speaker("B").say("%,d quotes, worth %,.2f", in.position(), reader.sum);
            }
        }

        private void add(Quote quote) {
            sum += quote.price() * quote.quantity();
            ended = quote.instrument() == 0 && quote.symbol().equals("END");
        }
    }
}
