package dev.belfry.file;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Unwatched;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Lives of one queue with a history on a {@link Disk}, with its real live part and of random steps. Named subscribers
 * of each policy lag behind the ring, acknowledge, leave and come back; two processes keep the files, one of which may
 * be killed at any call. Before any call that changes something the power goes. What is there then is opened, and the
 * promises are checked; a broken one is an {@link AssertionError} that names it.
 *
 * <p>With {@code sync=always} each message is there whose publish has returned. With {@code sync=os} those are that the
 * last flush has synced, in order and without a gap: a place beyond the end is at the end then. In both a place is one
 * that it has had since places were kept last, so what was acknowledged after that comes again; and what was lost is
 * counted from that place.
 *
 * <p>The argument is "first seed, seed after the last".
 */
final class FloorHistories implements Consumer<String> {
    private static final int LIVES = 4;
    private static final int STEPS = 60;
    private static final int LONGEST = 900;

    /** What has happened, counted: a search that never meets a thing proves nothing of it. */
    static int losses, cleanCloses, raised, rejected, overruns, ended, killed, cuts, damages, below;

    static void countAnew() {
        losses = cleanCloses = raised = rejected = overruns = ended = killed = cuts = damages = below = 0;
    }

    /** A place as it may be kept. */
    private record Place(long next, long lost) {}

    /** A named subscription. */
    private static final class Reader {
        final SlowSubscriber policy;
        Subscriber open; // null: it is away
        Place now = new Place(1, 0);
        long expects; // the next that it gets, if it is open
        long given; // the newest that it was given, or has lost
        boolean hasEnded;
        List<Place> since = new ArrayList<>(); // the places that it has had since they were kept last

        Reader(SlowSubscriber policy) {
            this.policy = policy;
        }

        boolean gates() {
            return policy == SlowSubscriber.GATE_PUBLISHER;
        }

        String name() {
            return policy.name();
        }

        void moves(Place to) {
            mayMove(to);
            now = to;
        }

        void mayMove(Place to) {
            since.add(to);
        }

        void kept() {
            since = new ArrayList<>(List.of(now));
        }

        Reader copy() {
            Reader copy = new Reader(policy);
            copy.now = now;
            copy.expects = expects;
            copy.given = given;
            copy.hasEnded = hasEnded;
            copy.since = new ArrayList<>(since);
            return copy;
        }
    }

    /** What must be there, and what may be. */
    private static final class Known {
        List<byte[]> published = new ArrayList<>(); // number i has position i + 1
        int durable;
        byte[] maybe; // is being published
        long floor = 1; // at least, its position
        List<Reader> readers = new ArrayList<>();

        Known copy() {
            Known copy = new Known();
            copy.published = new ArrayList<>(published);
            copy.durable = durable;
            copy.maybe = maybe;
            copy.floor = floor;
            for (Reader each : readers) copy.readers.add(each.copy());
            return copy;
        }
    }

    private Random random;
    private boolean always;
    private int most; // bytes of a ring: some grow
    private Disk disk;
    private Lives lives;
    private Disk.One mortal;
    private MessageQueue keeping; // of the process that may be killed
    private MessageQueue queue; // of the other one
    private Runnable flushes;
    private Runnable raises;
    private Publisher publisher;
    private Known known = new Known();

    private int flushesOneOf; // times; and then who reads does so up to the end
    private int stepsLeft; // of the disk, until the power goes
    private Disk atLoss; // null: it has not gone yet
    private Known knownAtLoss;
    private long mostFloor; // that it may have then

    @Override
    public void accept(String argument) {
        String[] parts = argument.split(" ");
        for (long seed = Long.parseLong(parts[0]); seed < Long.parseLong(parts[1]); seed++) {
            FloorHistories one = new FloorHistories();
            try {
                one.run(seed);
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError("seed " + seed + ": " + broken, broken);
            } finally {
                if (one.lives != null) one.lives.forgetLivePart();
            }
        }
    }

    private void run(long seed) {
        random = new Random(seed);
        always = seed % 2 != 0;
        most = seed % 4 < 2 ? Lives.RING : 4 * Lives.RING;
        disk = new Disk(random);
        lives = new Lives(disk, always, most);
        for (SlowSubscriber each : SlowSubscriber.values()) known.readers.add(new Reader(each));
        mostFloor = 1;
        for (int life = 0; life < LIVES; life++) {
            open();
            try {
                check();
                live();
            } finally {
                end();
            }
        }
        open();
        try {
            check();
        } finally {
            end();
        }
        loseAFile();
    }

    // Opening

    private void open() {
        lives.disk = disk;
        lives.open();
        queue = lives.queue;
        raises = Unwatched.tick(queue, Lives.NEVER);
        publisher = queue.createPublisher(
                PublisherOptions.builder().spin(Duration.ZERO).build());
        join();
        requireFrom((int) lives.restored.end.position() - 1, lives.restored.floor.position());
    }

    /** Another process that keeps the files. */
    private void join() {
        mortal = disk.new One();
        keeping = lives.joined(mortal);
        flushes = Unwatched.tick(keeping, 0);
    }

    private void requireFrom(int n, long floor) {
        if (n < known.durable) throw new AssertionError("lost: " + n + " messages of " + known.durable);
        if (known.maybe != null) known.published.add(known.maybe);
        known.maybe = null;
        if (n > known.published.size()) throw new AssertionError("ghosts: " + n + " of " + known.published.size());
        if (n < known.published.size()) cuts++;
        while (known.published.size() > n) known.published.remove(n);
        known.durable = n;
        if (floor < known.floor || floor > mostFloor)
            throw new AssertionError("the floor is at " + floor + ", and was at " + known.floor + " to " + mostFloor);
        known.floor = floor;
    }

    // What is there

    private void check() {
        long floor = Unwatched.oldest(queue);
        if (floor != known.floor) throw new AssertionError("oldest: " + floor + ", the floor: " + known.floor);
        requireNoneBelow();
        try (Subscriber observer = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            requireReads(observer, floor);
        }
        for (Reader each : known.readers) {
            if (lives.count > 1) comesBack(each);
            else each.open = named(each);
            each.expects = each.now.next;
            each.kept();
        }
    }

    /** All from there on, and no more. */
    private void requireReads(Subscriber reader, long from) {
        for (long next = from; next <= known.published.size(); next++) requireIs(reader.receiveNoWait(), next);
        Message more = reader.receiveNoWait();
        if (more != null) throw new AssertionError("a ghost: " + more.position());
    }

    private void requireIs(Message message, long position) {
        if (message == null) throw new AssertionError("message " + position + " is not given");
        if (message.position() != position)
            throw new AssertionError("message " + message.position() + " is given, not " + position);
        if (!Arrays.equals(message.bytes(), known.published.get((int) position - 1)))
            throw new AssertionError("ghost: message " + position + " differs");
    }

    private void requireNoneBelow() {
        long floor = Unwatched.floor(queue);
        List<String> logs = disk.names().stream()
                .filter(name -> name.startsWith(Segments.PREFIX))
                .toList();
        for (String name : logs.subList(0, logs.size() - 1)) {
            long offset = Long.parseLong(name.substring(Segments.PREFIX.length()), 16);
            if (offset + Lives.SEGMENT <= floor) throw new AssertionError(name + " is below the floor, " + floor);
        }
        if (floor > Unwatched.durable(queue))
            throw new AssertionError("floor " + floor + ", durable " + Unwatched.durable(queue));
    }

    private Subscriber named(Reader reader) {
        return queue.createSubscriber(SubscriberOptions.builder()
                .name(reader.name())
                .ackMode(AckMode.CLIENT)
                .slowSubscriber(reader.policy)
                .build());
    }

    /** After a reopening. */
    private void comesBack(Reader reader) {
        long end = known.published.size() + 1;
        long floor = known.floor;
        try {
            reader.open = named(reader);
        } catch (SubscriberDisconnectedException told) {
            boolean may = reader.policy == SlowSubscriber.DISCONNECT
                    && reader.since.stream().anyMatch(place -> place.next < floor);
            if (!may) throw new AssertionError(reader.name() + " has ended, of " + reader.since, told);
            reader.hasEnded = true;
            ended++;
            return;
        }
        Message first = reader.open.receiveNoWait();
        long next = first == null ? end : first.position();
        long lost = reader.open.lostCount();
        boolean isOne = false;
        for (Place each : reader.since) isOne |= isAt(reader, each, next, lost);
        if (!isOne)
            throw new AssertionError(reader.name() + " goes on at " + next + " with " + lost + " lost, of "
                    + reader.since + ", floor " + floor);
        if (next < end) {
            requireIs(first, next);
            requireReads(reader.open, next + 1);
        }
        reader.hasEnded = false;
        reader.now = new Place(next, lost);
        reader.given = end - 1;
        reader.open.recover();
    }

    private boolean isAt(Reader reader, Place place, long next, long lost) {
        long from = Math.min(place.next, known.published.size() + 1);
        if (from >= known.floor) return next == from && lost == place.lost;
        if (reader.policy != SlowSubscriber.OVERRUN || next != known.floor) return false;
        overruns++;
        return lost - place.lost == next - from;
    }

    // A life

    private void live() {
        atLoss = null;
        flushesOneOf = random.nextInt(3) == 0 ? 20 : 1;
        stepsLeft = random.nextInt(400);
        disk.atStep = () -> {
            if (stepsLeft-- == 0) losePower();
        };
        for (int i = 0; i < STEPS && atLoss == null; i++) {
            step();
            if (atLoss == null) requireBelow();
        }
        if (atLoss != null) return;
        if (random.nextBoolean()) losePower();
        else goesOn();
    }

    /** On a copy: all goes on here, up to the end of this step. */
    private void losePower() {
        atLoss = disk.afterPowerLoss(random);
        knownAtLoss = known.copy();
        mostFloor = Unwatched.oldest(queue);
        losses++;
    }

    private void requireBelow() {
        long floor = Unwatched.floor(queue);
        if (floor > Unwatched.durable(queue))
            throw new AssertionError("floor " + floor + ", durable " + Unwatched.durable(queue));
        long oldest = Unwatched.oldest(queue);
        for (Reader each : known.readers)
            if (each.gates() && each.now.next < oldest)
                throw new AssertionError(each.name() + " needs " + each.now.next + ", the floor is at " + oldest);
    }

    private void step() {
        Reader reader = known.readers.get(random.nextInt(known.readers.size()));
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> publish();
            case 5 -> reads(reader);
            case 6 -> comesOrGoes(reader);
            case 7, 8 -> {
                if (random.nextInt(flushesOneOf) == 0) keeps();
                else known.readers.forEach(this::reads);
            }
            case 9 -> raises();
            case 10 -> seeks();
            default -> {
                if (random.nextBoolean()) disk.writeBack();
                else if (flushesOneOf == 1) awaits();
            }
        }
    }

    private void publish() {
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            boolean isLarge = most > Lives.RING && random.nextInt(20) == 0;
            int length = isLarge ? Lives.RING - LONGEST : random.nextInt(random.nextBoolean() ? 100 : LONGEST);
            byte[] body = new byte[8 + length];
            random.nextBytes(body);
            known.maybe = body;
            long position = publisher.offer(ByteBuffer.wrap(body), Duration.ZERO);
            known.maybe = null;
            if (position == Publisher.REJECTED) {
                rejected++;
                return;
            }
            known.published.add(body);
            if (position != known.published.size()) throw new AssertionError("position " + position);
            if (always) known.durable = (int) position;
        }
    }

    private void awaits() {
        int newest = known.published.size();
        if (newest == 0) return;
        if (!publisher.awaitDurable(newest, Duration.ofSeconds(10))) throw new AssertionError("not durable");
        known.durable = newest;
    }

    private void reads(Reader reader) {
        if (reader.open == null) return;
        int most = flushesOneOf > 1 ? 1000 : random.nextBoolean() ? 3 : 40;
        long last = 0;
        try {
            for (int i = most / 2 + random.nextInt(most); i > 0; i--) {
                long next = isNext(reader, reader.open.receiveNoWait());
                if (next == 0) break;
                last = next;
            }
            if (last == 0 || random.nextInt(3) == 0) return;
            Place to = new Place(last + 1, reader.open.lostCount());
            reader.mayMove(to);
            reader.open.acknowledge();
            reader.moves(to);
        } catch (SubscriberDisconnectedException told) {
            hasEnded(reader, told);
        }
    }

    private void hasEnded(Reader reader, SubscriberDisconnectedException told) {
        long floor = Unwatched.oldest(queue);
        if (reader.policy != SlowSubscriber.DISCONNECT || reader.now.next >= floor)
            throw new AssertionError(reader.name() + " needs " + reader.now.next + ", the floor is at " + floor, told);
        reader.hasEnded = true;
        ended++;
        if (reader.open != null) reader.open.close();
        reader.open = null;
    }

    /** Its position; 0: there is none. It is the next one, or the oldest, and then it was told what is lost. */
    private long isNext(Reader reader, Message message) {
        long oldest = Unwatched.oldest(queue);
        if (message != null) requireIs(message, Math.max(reader.expects, reader.gates() ? 0 : oldest));
        standsAt(reader, message == null ? Math.max(reader.expects, oldest) : message.position());
        if (message == null) return 0;
        reader.expects++;
        reader.given = Math.max(reader.given, message.position());
        if (Unwatched.durable(queue) - Unwatched.floor(queue) > 2 * Lives.RING) below++;
        return message.position();
    }

    /** If it has jumped there, all counts as lost that it was not given before, and no more. */
    private void standsAt(Reader reader, long next) {
        long lost = reader.open.lostCount();
        if (lost - reader.now.lost != Math.max(0, next - 1 - Math.max(reader.given, reader.expects - 1)))
            throw new AssertionError(reader.name() + " was given " + reader.given + ", at " + reader.expects
                    + ", and goes on at " + next + ", lost: " + lost + ", before: " + reader.now.lost);
        if (lost > reader.now.lost) overruns++;
        if (next > reader.expects) reader.moves(new Place(next, lost));
        reader.expects = next;
        reader.given = Math.max(reader.given, next - 1);
    }

    private void comesOrGoes(Reader reader) {
        if (reader.hasEnded) return;
        if (reader.open != null) {
            reader.open.close();
            reader.open = null;
            return;
        }
        long floor = Unwatched.oldest(queue);
        if (floor > reader.now.next)
            reader.mayMove(new Place(floor, reader.now.lost + Math.max(0, floor - 1 - reader.given)));
        try {
            reader.open = named(reader);
        } catch (SubscriberDisconnectedException told) {
            hasEnded(reader, told);
            return;
        }
        reader.expects = reader.now.next;
        standsAt(reader, Math.max(reader.expects, floor));
    }

    /** By the process that may be killed meanwhile; then there is another one. */
    private void keeps() {
        mortal.left = random.nextInt(4) == 0 ? random.nextInt(12) : -1;
        try {
            flushes.run();
            mortal.left = -1;
            if (atLoss != null) return;
            requireNoneBelow();
            known.durable = known.published.size();
            long oldest = Unwatched.oldest(queue);
            if (oldest > known.floor) raised++;
            known.floor = oldest;
            known.readers.forEach(Reader::kept);
        } catch (Disk.Killed dead) {
            killed++;
            Unwatched.leave(keeping);
            join();
            if (random.nextBoolean()) return;
            flushes.run(); // what the dead one has left is its task
            stepsLeft = Math.min(stepsLeft, random.nextInt(8));
        }
    }

    private void raises() {
        raises.run();
    }

    private void seeks() {
        for (Reader each : known.readers) {
            if (!each.gates() || each.open == null) continue;
            long oldest = Unwatched.oldest(queue);
            long newest = known.published.size() + 1;
            long to = oldest + random.nextInt((int) (newest - oldest) + 1);
            boolean isOldest = random.nextInt(3) == 0;
            if (isOldest) to = oldest;
            long skipped = Math.max(0, to - 1 - each.given);
            Place place = new Place(to, each.now.lost + skipped);
            each.mayMove(place);
            each.open.seek(isOldest ? StartAt.OLDEST_RETAINED : StartAt.at(to));
            each.given = Math.max(each.given, to - 1);
            each.expects = to;
            each.moves(new Place(to, each.open.lostCount()));
        }
    }

    /** The readers that keep publishers waiting let go, and publishers go on. */
    private void goesOn() {
        for (Reader each : known.readers) {
            if (!each.gates()) continue;
            if (each.open == null) comesOrGoes(each);
            while (isNext(each, each.open.receiveNoWait()) != 0) {}
            each.open.acknowledge();
            each.moves(new Place(known.published.size() + 1, each.open.lostCount()));
        }
        flushes.run();
        byte[] body = new byte[LONGEST];
        known.maybe = body;
        for (int i = 0; i < Lives.SEGMENTS * Lives.SEGMENT / LONGEST / 2; i++) {
            long position = publisher.offer(ByteBuffer.wrap(body), Duration.ZERO);
            if (position == Publisher.REJECTED) throw new AssertionError("rejected, and nobody needs anything");
            known.published.add(body);
            if (always) known.durable = (int) position;
        }
        known.maybe = null;
    }

    // The end of a life

    private void end() {
        boolean isClean = atLoss == null;
        disk.atStep = () -> {};
        if (isClean) mostFloor = Unwatched.oldest(queue);
        for (Reader each : known.readers) each.open = null;
        if (isClean) queue.close();
        else Unwatched.leave(queue);
        Unwatched.leave(keeping);
        lives.forgetLivePart();
        if (isClean) {
            cleanCloses++;
            known.durable = known.published.size();
            known.readers.forEach(Reader::kept);
            disk.allEnd();
        } else {
            disk = atLoss;
            known = knownAtLoss;
        }
    }

    /** A file above the floor that is missing is damage, told to who reads there, and never a silent loss. */
    private void loseAFile() {
        List<String> logs = disk.names().stream()
                .filter(name -> name.startsWith(Segments.PREFIX))
                .toList();
        if (logs.size() < 3) return;
        disk.remove(logs.get(random.nextInt(logs.size() - 2)));
        open();
        try (Subscriber observer = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            requireReads(observer, known.floor);
            throw new AssertionError("nobody was told of a missing file");
        } catch (QueueCorruptedException told) {
            damages++;
        } finally {
            atLoss = disk;
            knownAtLoss = known;
            end();
        }
    }
}
