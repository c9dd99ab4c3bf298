package dev.belfry.cli.command;

import dev.belfry.api.MessageQueue;
import dev.belfry.cli.reading.Queue;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Entry;
import dev.belfry.spi.DomainTools.Source;
import java.util.List;

/**
 * {@code out DOMAIN QUEUE URI N} and {@code in DOMAIN QUEUE URI N}: a move that dies after its N-th step in one of the
 * two queues, which the other one is not told.
 */
public final class Dying {
    private Dying() {}

    public static void main(String[] args) {
        DomainTools tools = DomainTools.find().orElseThrow();
        Queue domain = Queue.of(args[1]);
        int[] left = {Integer.parseInt(args[4])};
        if (args[0].equals("out")) {
            MoveOut out = new MoveOut(Queue.of(args[3]), kept -> {});
            tools.take(
                    args[1],
                    domain.openDomain(),
                    Source.queue(args[2]),
                    null,
                    some -> dieAfter(left, out.keep(some)),
                    Long.MAX_VALUE);
        } else {
            MessageQueue plain = Queue.of(args[3]).openExisting();
            MoveIn in = new MoveIn(plain);
            Entry entry = tools.entry(args[1], domain.openDomain(), args[2], in.id());
            in.moveTo(new Half(entry, left), Long.MAX_VALUE, (moved, all) -> {});
        }
    }

    private static int dieAfter(int[] left, int done) {
        if (--left[0] == 0) Runtime.getRuntime().halt(9);
        System.out.println("step");
        return done;
    }

    private record Half(Entry entry, int[] left) implements Entry {
        @Override
        public long place() {
            return entry.place();
        }

        @Override
        public boolean isMessage(byte[] body) {
            return entry.isMessage(body);
        }

        @Override
        public void put(List<byte[]> bodies, long place) {
            entry.put(bodies, place);
            dieAfter(left, 0);
        }

        @Override
        public void forget() {
            entry.forget();
        }

        @Override
        public void close() {
            entry.close();
        }
    }
}
