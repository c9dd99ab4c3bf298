package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.RecordWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One history of the model, as {@code tests/models/jakarta/histories.py} writes it, turned into records.
 */
final class History {
    final String name;
    final HeapLog log = new HeapLog(Long.MAX_VALUE / 4);
    final List<Long> checksums = new ArrayList<>();
    final List<String> last = new ArrayList<>();
    private final Map<String, Envelope> messages = new TreeMap<>();
    private final RecordWriter out = new RecordWriter();

    private History(String name) {
        this.name = name;
    }

    static List<History> parse(List<String> lines) {
        List<History> all = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("history ")) all.add(new History(line));
            else if (!line.startsWith("#")) all.get(all.size() - 1).line(line);
        }
        return all;
    }

    private void line(String line) {
        String[] f = line.split(" ", 4);
        switch (f[0]) {
            case "r" -> {
                out.begin(Long.parseLong(f[1]));
                checksums.add(Long.parseLong(f[2], 16));
                for (String op : f[3].split(";")) operation(op.split(" "));
                log.append(out.end(), 0);
            }
            case "m" -> log.marks.add(new HeapLog.Moved(Long.parseLong(f[1]), Long.parseLong(f[2])));
            default -> last.add(line.substring(2));
        }
    }

    private void operation(String[] f) {
        switch (f[0]) {
            case "MSG" -> out.message(message(f[1]).bytes());
            case "TAKE" -> out.take(Names.view(f[1]), longs(f, 2));
            case "ACK" -> {
                if (f[2].equals("1")) out.ackUpTo(Names.view(f[1]), Long.parseLong(f[3]));
                else out.ack(Names.view(f[1]), longs(f, 3));
            }
            case "COUNT" -> out.count(Names.view(f[1]), longs(f, 2));
            case "DROP" -> out.drop(Names.view(f[1]), 0, longs(f, 2));
            case "RETURN" -> out.giveBack(Names.view(f[1]), Long.parseLong(f[2]), f[3].equals("1"), longs(f, 4));
            case "DEFINE" -> out.define(Names.id(f[1]), 0, f[1]);
            case "DELETE" -> out.delete(Names.id(f[1]));
            case "SUB" -> out.subscribe(Names.id(f[1]), flags(f[2], f[3]), null, text(f[4]), text(f[5]));
            case "ATTACH" -> out.attach(Names.view(f[1]), 0);
            case "DETACH" -> out.detach(Names.view(f[1]), 0);
            case "UNSUB" -> out.unsubscribe(null, f[1]);
            case "CLIENT" -> out.client(f[1], 0, f[2].equals("1"));
            case "LEAVE" -> out.leave(Long.parseLong(f[1]));
            case "APPLY" -> out.apply(Long.parseLong(f[1]), Integer.parseInt(f[2]));
            case "FORGET" -> out.forget(Long.parseLong(f[1]));
            case "STAGE" -> {
                out.stage(Long.parseLong(f[1]), Long.parseLong(f[2]), Integer.parseInt(f[3]));
                for (int i = 4; i < f.length; i++) out.staged(message(f[i]).bytes());
                out.close();
            }
            case "PUT" -> put(f);
            case "CKPT" -> checkpoint(f);
            default -> throw new IllegalArgumentException(String.join(" ", f));
        }
    }

    private Envelope message(String text) {
        String[] f = text.split(":");
        return messages.computeIfAbsent(f[0], serial -> {
            Envelope m = new Envelope();
            m.serial = Long.parseLong(serial);
            m.destination = Names.id(f[1]);
            m.body = new byte[Integer.parseInt(f[2])];
            m.priority = Integer.parseInt(f[3]);
            m.expiry = Long.parseLong(f[4]);
            m.deliveryTime = Long.parseLong(f[5]);
            return m;
        });
    }

    private void put(String[] f) {
        int n = f.length - 1;
        TreeMap<Long, BitSet> done = new TreeMap<>();
        out.put();
        for (int i = 0; i < n; i++) {
            String[] e = f[i + 1].split("/", -1);
            out.run(Long.parseLong(e[1]), Long.parseLong(e[0]), 1)
                    .staged(message(e[2]).bytes());
            for (String view : list(e[3]))
                done.computeIfAbsent(Names.view(view), v -> new BitSet()).set(i);
        }
        out.endOfRuns();
        done.forEach((view, bits) -> out.done(view, bits, n));
        out.endOfDone();
        for (int i = 0; i < n; i++) {
            String[] e = f[i + 1].split("/", -1);
            for (String told : list(e[4])) {
                String[] s = told.split("=");
                String[] t = s[1].split("\\.");
                boolean taken = t[0].equals("T");
                out.state(
                        Names.view(s[0]),
                        taken ? Long.parseLong(t[1]) : 0,
                        Integer.parseInt(t[taken ? 2 : 1]),
                        taken ? 0 : Long.parseLong(t[2]),
                        Long.parseLong(e[0]));
            }
        }
        out.endOfStates();
    }

    private void checkpoint(String[] f) {
        Checkpoint c = new Checkpoint(
                List.of(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), Overflow.NONE);
        for (int i = 1; i < f.length; i++) {
            String[] e = f[i].split("/", -1);
            switch (e[0]) {
                case "S" ->
                    c.subscriptions()
                            .add(new Checkpoint.Subscription(
                                    Long.parseLong(e[1]),
                                    Names.id(e[2]),
                                    flags(e[3], e[4]),
                                    null,
                                    text(e[5]),
                                    text(e[6]),
                                    Long.parseLong(e[7]),
                                    members(e[8])));
                case "D" ->
                    c.temporaries()
                            .add(new Checkpoint.Temporary(
                                    Names.id(e[1]), Long.parseLong(e[2]), Long.parseLong(e[3]), 0, e[1]));
                case "C" -> c.clients().add(new Checkpoint.Client(e[1], Long.parseLong(e[2]), 0));
                default -> c.queues().add(new Checkpoint.Queue(Names.id(e[1]), members(e[2])));
            }
        }
        out.checkpoint(c);
    }

    private static int flags(String durable, String shared) {
        return (durable.equals("1") ? Op.DURABLE : 0) | (shared.equals("1") ? Op.SHARED : 0);
    }

    private static String text(String text) {
        return text.equals("-") ? null : text;
    }

    private static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(","));
    }

    private static List<Long> members(String text) {
        return list(text).stream().map(Long::valueOf).toList();
    }

    private static long[] longs(String[] f, int from) {
        return Arrays.stream(f, from, f.length).mapToLong(Long::parseLong).toArray();
    }
}
