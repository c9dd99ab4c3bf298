package dev.belfry.compat;

import dev.belfry.testing.ChildJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Four seats: at the first two processes receive, at the others they send. Each is killed at some moment, and one of
 * the other release takes its seat. So each release goes on with what the other one has left, both ways.
 */
final class Seats implements AutoCloseable {
    static final int ALL = 4;
    static final int RECEIVERS = 2;

    private static final int LONGEST_NANOS = 60_000_000;

    /** How a process is started, and what becomes of its words: all of them, when it is dead. */
    interface Play {
        /** {@code life}: how many had the seat before. */
        ChildJvm start(int seat, int life, Release release) throws IOException;

        void ended(int seat, int life, List<String> said);
    }

    private final Play play;
    private final Random random;
    private final ChildJvm[] jvms = new ChildJvm[ALL];
    private final int[] lives = new int[ALL];
    private final Release[] releases = {Release.RELEASED, Release.TODAY, Release.RELEASED, Release.TODAY};
    private final List<List<String>> said = new ArrayList<>();
    private int kills;

    Seats(Play play, long seed) {
        this.play = play;
        random = new Random(seed);
        for (int seat = 0; seat < ALL; seat++) said.add(new ArrayList<>());
    }

    /** Each takes its seat; receivers first: what they are to receive, waits for them. */
    void begin() throws IOException {
        for (int seat = 0; seat < RECEIVERS; seat++) take(seat);
        for (int seat = 0; seat < RECEIVERS; seat++) await(seat, "ready");
        for (int seat = RECEIVERS; seat < ALL; seat++) take(seat);
    }

    /** Kills so many, one after the other, first one of each seat. Each time all four have done some of their work. */
    void kill(int many) throws IOException {
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
        Collections.shuffle(order, random);
        for (int i = 0; i < many; i++) {
            for (int seat = 0; seat < ALL; seat++) await(seat, seat < RECEIVERS ? "done" : "");
            int seat = i < ALL ? order.get(i) : random.nextInt(ALL);
            LockSupport.parkNanos(random.nextInt(LONGEST_NANOS));
            end(List.of(seat));
            take(seat);
        }
    }

    /** Kills all at once; nobody takes their seats. */
    void killAll() {
        for (int seat = 0; seat < ALL; seat++) await(seat, seat < RECEIVERS ? "done" : "");
        LockSupport.parkNanos(random.nextInt(LONGEST_NANOS));
        end(List.of(0, 1, 2, 3));
    }

    /** Tells all of a kind to end in order, and waits for it. */
    void end(int from, int to, String words) {
        requireAlive(from, to);
        for (int seat = from; seat < to; seat++) jvms[seat].tell(words);
        for (int seat = from; seat < to; seat++) {
            jvms[seat].awaitEnd();
            bury(seat);
        }
    }

    void requireAlive(int from, int to) {
        for (int seat = from; seat < to; seat++) Release.requireAlive(jvms[seat]);
    }

    int kills() {
        return kills;
    }

    private void take(int seat) throws IOException {
        jvms[seat] = play.start(seat, lives[seat], releases[seat]);
    }

    /** Until it says this, or anything of its work. */
    private void await(int seat, String words) {
        String line;
        do {
            line = jvms[seat].line();
            said.get(seat).add(line);
        } while (!line.startsWith(words) || words.isEmpty() && line.startsWith("ready"));
    }

    private void end(List<Integer> seats) {
        for (int seat : seats) Release.requireAlive(jvms[seat]);
        for (int seat : seats) jvms[seat].killSoon();
        for (int seat : seats) jvms[seat].kill();
        for (int seat : seats) bury(seat);
        kills += seats.size();
    }

    private void bury(int seat) {
        List<String> all = said.get(seat);
        all.addAll(jvms[seat].rest());
        play.ended(seat, lives[seat]++, List.copyOf(all));
        all.clear();
        releases[seat] = releases[seat].other();
    }

    void reportTo(Throwable failure) {
        List<ChildJvm> all = new ArrayList<>();
        for (ChildJvm jvm : jvms) if (jvm != null) all.add(jvm);
        ChildJvm.reportTo(failure, all);
    }

    @Override
    public void close() {
        for (ChildJvm jvm : jvms) if (jvm != null) jvm.close();
    }
}
