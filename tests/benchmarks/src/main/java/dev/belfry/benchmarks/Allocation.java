package dev.belfry.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Bytes of heap that a message costs, once the code is compiled: in a small ring that is soon so
 * for making room as well. {@code receive} has to make a message and its body: from one length to
 * another it differs by the body.
 */
final class Allocation implements Scenario {
    @Override
    public String name() {
        return "allocation";
    }

    @Override
    public List<Result> run(Mode mode) {
        int messages = mode == Mode.SMOKE ? 100_000 : mode == Mode.QUICK ? 2_000_000 : 20_000_000;
        int before = mode == Mode.SMOKE ? 100_000 : 3_000_000;
        Figures figures = new Figures(name());
        for (int length : mode == Mode.SMOKE ? new int[] {32} : new int[] {32, 1024})
            for (String kind : List.of("publish", "publish-exclusive", "claim", "claim-exclusive", "receive")) {
                try (Jvm jvm = Jvm.start(OneThread.class, kind, "" + length, "" + before, "" + messages)) {
                    long[] got = jvm.numbers("got");
                    String contestant = "belfry " + kind + " " + length + " B";
                    if (!kind.equals("receive"))
                        figures.add(contestant, "sending", "B a message", got[0] / (double) messages);
                    String reading = kind.equals("receive") ? "receiving" : "polling";
                    figures.add(contestant, reading, "B a message", got[1] / (double) messages);
                }
            }
        return figures.results();
    }

    /** {@code OneThread KIND LENGTH BEFORE MESSAGES}: sends some, reads them, and again. Those before do not count. */
    static final class OneThread {
        private static final int BATCH = 30; // fits the ring, whatever the length

        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final Runnable send;
        private final Runnable read;
        private long sending;
        private long reading;
        private int seen;

        private OneThread(Publisher publisher, Subscriber subscriber, String kind, int length) {
            ByteBuffer body = ByteBuffer.allocateDirect(length);
            send = kind.startsWith("claim") ? () -> claim(publisher, length) : () -> publisher.publish(body.clear());
            MessageHandler handler = view -> seen += view.length();
            read = kind.equals("receive")
                    ? () -> {
                        for (int i = 0; i < BATCH; i++)
                            seen += (int) subscriber.receive().position();
                    }
                    : () -> subscriber.poll(handler, BATCH);
        }

        private static void claim(Publisher publisher, int length) {
            try (Claim claim = publisher.claim(length)) {
                claim.putLong(0, length);
                claim.commit();
            }
        }

        public static void main(String[] arguments) {
            int length = Integer.parseInt(arguments[1]);
            int before = Integer.parseInt(arguments[2]);
            int messages = Integer.parseInt(arguments[3]);
            boolean exclusive = arguments[0].endsWith("-exclusive");
            try (MessageQueue queue = MessageQueues.open(Channels.queue("capacity=64k&maxCapacity=64k"));
                    Publisher publisher = queue.createPublisher(
                            PublisherOptions.builder().exclusive(exclusive).build());
                    Subscriber subscriber = queue.createSubscriber()) {
                OneThread thread = new OneThread(publisher, subscriber, arguments[0], length);
                thread.run(before);
                thread.run(messages);
                System.out.println("got " + thread.sending + " " + thread.reading);
            }
        }

        private void run(int messages) {
            sending = 0;
            reading = 0;
            for (int i = 0; i < messages; i += BATCH) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int k = 0; k < BATCH; k++) send.run();
                long between = threads.getCurrentThreadAllocatedBytes();
                read.run();
                reading += threads.getCurrentThreadAllocatedBytes() - between;
                sending += between - before;
            }
        }
    }
}
