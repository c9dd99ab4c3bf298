package dev.belfry.bridge;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/**
 * A bridge dies at each of its steps, its successor at some of its own, and the third one comes to
 * the end. All in one thread, over {@code mem:}. The target has to hold what is expected; with late
 * requests, to those that drop duplicates. Null, or what was wrong.
 */
final class CrashPoints implements Function<String, String> {
    private static final List<String> EXPECTED = List.of("a1", "z1", "z2", "y1", "a2", "z3", "a3");
    private static final Map<Long, String> TO_BE_THERE =
            new TreeMap<>(Map.of(1L, "a1", 2L, "z1", 3L, "z2", 6L, "y1", 9L, "a2", 11L, "z3"));
    private static final List<String> REPLAYED = EXPECTED.subList(0, 5);
    private static final int OTHERS = 70; // more than the first block that a bridge reads back
    private static final int NEVER = Integer.MAX_VALUE;

    private int runs;

    int runs() {
        return runs;
    }

    @Override
    public String apply(String none) {
        int end = stepsOf(null);
        for (int first = 0; first <= end; first++)
            for (int second = 0; second <= end; second += 3) {
                World world = new World(null);
                try (world) {
                    world.live(first, 0);
                    world.others();
                    world.live(second, 0);
                    world.live(NEVER, 0);
                    String wrong = world.wrong(first + ", " + second);
                    if (wrong != null) return wrong;
                }
            }
        String wrong = counted();
        return wrong == null ? late() : wrong;
    }

    /** A replay of so many dies, after another one has ended: its successors bring the rest of them, and no more. */
    private String counted() {
        int end = stepsOfAReplay();
        for (int first = 0; first <= end; first++)
            for (int second = 0; second <= end; second += 7) {
                World world = new World(null);
                try (world) {
                    world.replay(NEVER, 2);
                    world.replay(first, 3);
                    if (!world.hasReplayed()) world.replay(second, 3);
                    if (!world.hasReplayed()) world.replay(NEVER, 3);
                    List<String> all = world.texts();
                    all.remove("");
                    if (!all.equals(REPLAYED)) return "replay died at " + first + ", " + second + ": " + all;
                }
            }
        return null;
    }

    private int stepsOfAReplay() {
        World world = new World(null);
        try (world) {
            world.replay(NEVER, 2);
            return world.replay(NEVER, 3);
        }
    }

    /** Of one whole life. */
    private int stepsOf(Integer hold) {
        World world = new World(hold);
        try (world) {
            return world.live(NEVER, 0);
        }
    }

    /** Of what is under way when it dies some arrive before its successor has read the end, and some after. */
    private String late() {
        for (int hold : new int[] {0, 2})
            for (int before : new int[] {0, 1, 9})
                for (int after : new int[] {0, 1, 9})
                    for (int first = 0, end = stepsOf(hold); first <= end; first++) {
                        World world = new World(hold);
                        try (world) {
                            world.live(first, 0);
                            world.far.arriveLate(before);
                            world.others();
                            world.live(NEVER, after);
                            String wrong = world.wrong(first + ", of those under way " + before + " and " + after);
                            if (wrong != null) return wrong;
                        }
                    }
        return null;
    }

    /** A source with all that there can be, and a target. */
    private final class World implements AutoCloseable {
        final Queues queues = new Queues("mem");
        final MessageQueue source = queues.open("a");
        final MessageQueue target = queues.open("b");
        final Far far;
        private String early; // what a life acknowledged too early
        final String z = UUID.randomUUID().toString();
        final String y = UUID.randomUUID().toString();

        World(Integer hold) {
            runs++;
            far = hold == null ? null : new Far(queues.uri("b"));
            if (hold != null) far.hold(hold);
            String b = queues.id("b");
            try (Publisher out = source.createPublisher()) {
                out.publish("a1");
                out.publish("z1", mark(z, 1, null, 0));
                out.publish("z2", mark(z, 2, null, 0));
                out.publish("echo", mark(b, 1, null, 0));
                out.publish("twice", mark(z, 1, null, 0));
                out.publish("y1", mark(y, 8, z, 1));
                out.publish("twice", mark(y, 9, z, 1));
                out.publish("twice", mark(z, 2, null, 0));
                out.publish("a2");
                out.publish("echo", mark(y, 9, z + ' ' + b, 7));
                out.publish("z3", mark(z, 3, null, 0));
            }
        }

        private MessageProperties mark(String source, long position, String via, long origin) {
            MessageProperties.Builder all =
                    MessageProperties.builder().putReceived(Mark.SOURCE, source).putReceived(Mark.POSITION, position);
            if (via != null) all.putReceived(Mark.VIA, via).putReceived(Mark.ORIGIN_POSITION, origin);
            return all.build();
        }

        /** While no bridge runs. */
        void others() {
            try (Publisher out = target.createPublisher()) {
                for (int i = 1; i < OTHERS; i++) out.publish("other");
                out.publish("other", mark(y, 1000, null, 0));
            }
            try (Publisher out = source.createPublisher()) {
                out.publish("twice", mark(z, 1, null, 0));
                out.publish("a3");
            }
        }

        /** Returns the steps that it made. {@code late}: so many arrive when it reads for the first time. */
        int live(int steps, int late) {
            int[] left = {late};
            Mortal mortal = new Mortal(steps, () -> {
                if (far == null) return false;
                boolean any = far.underWay() > 0 || left[0] > 0 && far.abandoned() > 0;
                far.arriveLate(left[0]);
                left[0] = 0;
                far.arrive(1);
                return any;
            });
            Bridge bridge = Bridge.of(
                    () -> mortal.handle(Queues.another(queues.uri("a"))),
                    () -> mortal.handle(far == null ? Queues.another(queues.uri("b")) : far.open()),
                    BridgeOptions.defaults().name("bridge"));
            try {
                bridge.run();
                throw new AssertionError("it ended though nobody closed it");
            } catch (Mortal.Death death) {
                if (early == null) early = tooEarly();
                return mortal.steps();
            }
        }

        /** It ends by itself, if it has as many steps. Returns how many it made. */
        int replay(int steps, long count) {
            Mortal mortal = new Mortal(steps, () -> false);
            Bridge bridge = Bridge.of(
                    () -> mortal.handle(Queues.another(queues.uri("a"))),
                    () -> mortal.handle(Queues.another(queues.uri("b"))),
                    BridgeOptions.defaults()
                            .name("replay")
                            .extent(new Extent(Long.MAX_VALUE, Instant.MAX, count, Double.POSITIVE_INFINITY)));
            try {
                bridge.run();
                return mortal.steps();
            } catch (Mortal.Death death) { // also where it waits for more than there is
                return mortal.steps();
            }
        }

        /** All of it, and its subscription has ended, too. */
        boolean hasReplayed() {
            return source.stats().subscribers().isEmpty() && texts().containsAll(REPLAYED);
        }

        /** A successor goes back as long as the source has it; so it is asked before one comes. Null: all is there. */
        private String tooEarly() {
            List<SubscriberStats> bridges = source.stats().subscribers();
            if (bridges.isEmpty()) return null;
            long acknowledged = bridges.get(0).acknowledgedPosition();
            List<String> there = texts();
            for (Map.Entry<Long, String> one : TO_BE_THERE.entrySet())
                if (one.getKey() <= acknowledged && !there.contains(one.getValue()))
                    return one.getValue() + " acknowledged, and not there";
            return null;
        }

        private List<String> texts() {
            List<String> all = new ArrayList<>();
            try (Subscriber in = target.createSubscriber(SubscriberOptions.builder()
                    .startAt(StartAt.OLDEST_RETAINED)
                    .ackMode(AckMode.AUTO)
                    .build())) {
                for (Message m; (m = in.receiveNoWait()) != null; ) all.add(m.text());
            }
            return all;
        }

        String wrong(String when) {
            List<String> all = new ArrayList<>();
            SubscriberOptions options = SubscriberOptions.builder()
                    .startAt(StartAt.OLDEST_RETAINED)
                    .ackMode(AckMode.AUTO)
                    .build();
            Subscriber reader = target.createSubscriber(options);
            try (Subscriber in = far == null ? reader : Bridges.dropDuplicates(reader)) {
                for (Message m; (m = in.receiveNoWait()) != null; ) {
                    if (!m.text().equals("other")) all.add(m.text());
                    if (m.text().equals("y1") && !pathOf(m).equals(queues.id("a") + ' ' + y + ' ' + z))
                        return pathOf(m);
                }
            }
            long acknowledged = source.stats().subscribers().get(0).acknowledgedPosition();
            if (early != null) return "died at " + when + ": " + early;
            if (!all.equals(EXPECTED)) return "died at " + when + ": " + all;
            return acknowledged == source.stats().newestPosition() ? null : "acknowledged " + acknowledged;
        }

        private static String pathOf(Message message) {
            return Mark.of(message.properties()).path();
        }

        @Override
        public void close() {
            if (far != null) far.queue().close();
            queues.close();
        }
    }
}
