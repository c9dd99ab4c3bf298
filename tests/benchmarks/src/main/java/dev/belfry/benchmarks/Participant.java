package dev.belfry.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * A process that takes part: {@code Participant ROLE PRODUCT CHANNEL LENGTH NUMBER}. It says
 * "ready", then does a round for each line that it is told, and answers with a line.
 */
final class Participant {
    private static final int BATCH = 32;

    private final Product product;
    private final String channel;
    private final int length;
    private final long base;
    private final BufferedReader commands =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private long sequence;

    private Participant(Product product, String channel, int length, int number) {
        this.product = product;
        this.channel = channel;
        this.length = length;
        base = (long) number << 56;
    }

    public static void main(String[] arguments) throws Exception {
        try (Product product = Products.open(arguments[1])) {
            Participant participant = new Participant(
                    product, arguments[2], Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
            switch (arguments[0]) {
                case "send" -> participant.send();
                case "receive" -> participant.receive();
                case "both" -> participant.both();
                case "ping" -> participant.ping();
                case "pong" -> participant.pong();
                default -> throw new IllegalArgumentException("no role " + arguments[0]);
            }
        }
    }

    private String[] command() throws Exception {
        String line = commands.readLine();
        return line == null ? new String[] {"quit"} : line.split(" ");
    }

    private void send() throws Exception {
        Product.Sender sender = product.sender(channel, length);
        System.out.println("ready");
        for (String[] c = command(); !c[0].equals("quit"); c = command()) send(sender, c);
    }

    private void send(Product.Sender sender, String[] command) {
        long count = command[0].equals("burst")
                ? burst(sender, Long.parseLong(command[1]) * 1_000_000)
                : paced(sender, Long.parseLong(command[1]), Long.parseLong(command[2]) * 1_000_000);
        sender.send(base | Message.END, 0, 0);
        System.out.println("sent " + count);
    }

    /** Sends and receives in one process, for products that do not leave it. */
    private void both() throws Exception {
        Product.Receiver receiver = product.receiver(channel);
        Product.Sender sender = product.sender(channel, length);
        Inbox inbox = new Inbox(length);
        System.out.println("ready");
        for (String[] c = command(); !c[0].equals("quit"); c = command()) {
            String[] told = c;
            inbox.begin(1, c[0].equals("paced"));
            Thread sending = new Thread(() -> send(sender, told), "sender");
            sending.start();
            while (!inbox.isOver()) receiver.receive(inbox);
            sending.join();
            tell(inbox);
        }
    }

    /** As fast as it can. */
    private long burst(Product.Sender sender, long nanos) {
        long from = sequence;
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) for (int i = 0; i < BATCH; i++) sender.send(base | sequence++, 0, 0);
        return sequence - from;
    }

    /** At a rate. A message that is late keeps the time at which it was due: what it waited for its turn counts. */
    private long paced(Product.Sender sender, long perSecond, long nanos) {
        long from = sequence;
        long begin = System.nanoTime();
        long count = perSecond * nanos / 1_000_000_000;
        for (long i = 0; i < count; i++) {
            long due = begin + i * 1_000_000_000 / perSecond;
            for (long early; (early = due - System.nanoTime()) > 0; ) LockSupport.parkNanos(early);
            sender.send(base | sequence++, due, System.nanoTime());
        }
        return sequence - from;
    }

    private void receive() throws Exception {
        Product.Receiver receiver = product.receiver(channel);
        Inbox inbox = new Inbox(length);
        System.out.println("ready");
        for (String[] c = command(); !c[0].equals("quit"); c = command()) {
            inbox.begin(Integer.parseInt(c[1]), c[0].equals("paced"));
            System.out.println("receiving");
            while (!inbox.isOver()) receiver.receive(inbox);
            tell(inbox);
        }
    }

    private void ping() throws Exception {
        Product.Receiver receiver = product.receiver(channel + "-back");
        System.out.println("ready");
        command();
        Product.Sender sender = product.sender(channel + "-there", length);
        Inbox inbox = new Inbox(length);
        System.out.println("ready");
        for (String[] c = command(); !c[0].equals("quit"); c = command()) {
            long end = System.nanoTime() + Long.parseLong(c[1]) * 1_000_000;
            inbox.begin(1, true);
            for (long count = 0; System.nanoTime() - end < 0; ) {
                long now = System.nanoTime();
                sender.send(sequence++, now, now);
                for (count++; inbox.count() < count; ) receiver.receive(inbox);
            }
            sender.send(Message.END, 0, 0);
            while (!inbox.isOver()) receiver.receive(inbox);
            tell(inbox);
        }
    }

    private void pong() throws Exception {
        Product.Receiver receiver = product.receiver(channel + "-there");
        System.out.println("ready");
        command();
        Product.Sender sender = product.sender(channel + "-back", length);
        Inbox inbox = new Inbox(length);
        inbox.onMessage(() -> sender.send(sequence++, inbox.due(), inbox.sent()));
        System.out.println("ready");
        for (String[] c = command(); !c[0].equals("quit"); c = command()) {
            inbox.begin(1, false);
            System.out.println("receiving");
            while (!inbox.isOver()) receiver.receive(inbox);
            sender.send(Message.END, 0, 0);
            System.out.println("got " + inbox.count());
        }
    }

    private static void tell(Inbox inbox) {
        System.out.println("got " + inbox.count() + " " + inbox.nanos() + " " + percentiles(inbox.fromDue) + " "
                + percentiles(inbox.fromSent));
    }

    private static String percentiles(Histogram h) {
        return h.getValueAtPercentile(50) + " " + h.getValueAtPercentile(90) + " " + h.getValueAtPercentile(99) + " "
                + h.getValueAtPercentile(99.9) + " " + h.getMaxValue();
    }
}
