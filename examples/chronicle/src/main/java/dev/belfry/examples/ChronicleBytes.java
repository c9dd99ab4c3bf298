package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.chronicle.ChronicleCodec;
import java.time.temporal.ChronoUnit;
import net.openhft.chronicle.bytes.BytesIn;
import net.openhft.chronicle.bytes.BytesMarshallable;
import net.openhft.chronicle.bytes.BytesOut;

/**
 * Objects that write themselves into Chronicle's Bytes, and read themselves from it: both are the shared memory, and no
 * message makes an object.
 */
public final class ChronicleBytes {
    private static final int QUOTES = 100_000;

    private ChronicleBytes() {}

    static final class Quote implements BytesMarshallable {
        static final int LONGEST = 64;

        long instrument;
        double price;
        int quantity;
        final StringBuilder symbol = new StringBuilder();

        Quote of(long instrument, double price, int quantity, String symbol) {
            this.instrument = instrument;
            this.price = price;
            this.quantity = quantity;
            this.symbol.setLength(0);
            this.symbol.append(symbol);
            return this;
        }

        @Override
        public void writeMarshallable(BytesOut<?> out) {
            out.writeLong(instrument).writeDouble(price).writeInt(quantity).writeUtf8(symbol);
        }

        @Override
        public void readMarshallable(BytesIn<?> in) {
            instrument = in.readLong();
            price = in.readDouble();
            quantity = in.readInt();
            in.readUtf8(symbol);
        }

        /** Each message is read into the same object: it is valid in the handler alone. */
        static ChronicleCodec<Quote> codec() {
            Quote read = new Quote();
            return ChronicleCodec.of(LONGEST, () -> read);
        }
    }

    public static void main(String[] args) throws Exception {
        String uri = "shm:chronicle-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        quiet("A");
        try (MessageQueue queue = MessageQueues.open(uri);
                TypedPublisher<Quote> out = queue.createPublisher(Quote.codec());
                Jvms jvms = new Jvms()) {
            jvms.start(Reader.class, uri);
            while (queue.stats().subscribers().isEmpty()) Thread.sleep(10);
            Quote quote = new Quote();
            for (int i = 1; i < QUOTES; i++) out.publish(quote.of(i % 100, 1.25, i % 10, "ACME"));
            out.publish(quote.of(0, 0, 0, "END"));
            jvms.join();
        }
    }

    /** Chronicle logs that it was loaded, and that it would like flags: it needs none here. */
    private static Speaker quiet(String name) {
        System.setProperty("org.slf4j.simpleLogger.log.net.openhft", "off");
        return new Speaker(name);
    }

    /** Adds up what was offered. */
    static final class Reader {
        private double sum;
        private boolean ended;

        public static void main(String[] args) {
            Speaker b = quiet("B");
            Reader reader = new Reader();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    TypedSubscriber<Quote> in = queue.createSubscriber(Quote.codec())) {
                while (!reader.ended)
                    in.poll((quote, message) -> reader.add(quote), 1000, ChronoUnit.FOREVER.getDuration());
                b.say("%,d quotes, worth %,.2f", in.position(), reader.sum);
            }
        }

        private void add(Quote quote) {
            sum += quote.price * quote.quantity;
            ended = quote.instrument == 0 && quote.symbol.toString().equals("END");
        }
    }
}
