package dev.belfry.file;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Batch;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Subscribers;
import dev.belfry.file.ModelReader.Place;
import dev.belfry.shm.Unwatched;
import dev.belfry.testing.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A program of one thread over a queue with a history on a {@link Disk}, beside {@link ModelReader}: what guide.md,
 * file.md and the javadoc say of each reader. The machine is started again at any step, in order or by a power loss. A
 * broken promise is an {@link AssertionError} that names it.
 */
final class FileProgram implements AutoCloseable, ModelReader.Log {
    private static final int READERS = 4;
    private static final int LONGEST = 900;
    private static final int MANY = 12;

    enum Kind {
        PUBLISH(7),
        BATCH(2),
        TIME_PASSES(1),
        JOIN(2),
        RECEIVE(4),
        POLL(4),
        SET(4),
        LISTEN(1),
        ACKNOWLEDGE(2),
        ACKNOWLEDGE_POSITION(1),
        RECOVER(2),
        SEEK(3),
        CLOSE(2),
        UNSUBSCRIBE(1),
        STATS(2),
        FLUSH(3),
        RAISE(1),
        REBOOT(1),
        LOSE_POWER(1);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    /** Has a meaning in every state, so that any part of a program is a program. */
    record Step(Kind kind, int who, int many, long random) {
        private static final List<Kind> WEIGHTED = Arrays.stream(Kind.values())
                .flatMap(k -> Collections.nCopies(k.weight, k).stream())
                .toList();

        static List<Step> program(long seed, int steps) {
            Random random = new Random(seed);
            return IntStream.range(0, steps)
                    .mapToObj(i -> new Step(
                            WEIGHTED.get(random.nextInt(WEIGHTED.size())),
                            random.nextInt(READERS),
                            random.nextInt(MANY),
                            random.nextLong()))
                    .toList();
        }
    }

    /** What a handler throws. */
    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** What has happened, counted by name: a search that never meets a thing proves nothing of it. */
    static final Map<String, Integer> MET = new TreeMap<>();

    static void met(String what) {
        MET.merge(what, 1, Integer::sum);
    }

    private final boolean syncsAlways;
    private final int longest;
    private final Lives lives;
    private final List<byte[]> published = new ArrayList<>(); // number i has position i + 1
    private final List<Boolean> dated = new ArrayList<>();
    private final List<long[]> instants = new ArrayList<>(); // a time, and the last position before it
    private final ModelReader[] readers = new ModelReader[READERS];
    private final Map<ModelReader, Subscriber> members = new LinkedHashMap<>();
    private Subscribers set; // null: there is none
    private int durable;
    private Publisher publisher;
    private Publisher undated;
    private MessageQueue keeping;
    private Runnable flushes;
    private Runnable raises;
    private String now = "at the beginning";

    FileProgram(boolean syncsAlways, boolean grows, long luck) {
        this.syncsAlways = syncsAlways;
        int most = grows ? 4 * Lives.RING : Lives.RING;
        longest = most / 4 - 100;
        lives = new Lives(new Disk(new Random(luck)), syncsAlways, most);
        open();
    }

    private void open() {
        lives.open();
        keeping = lives.joined(lives.disk.new One());
        flushes = Unwatched.tick(keeping, 0);
        raises = Unwatched.tick(lives.queue, Lives.NEVER);
        publisher = publisher(true);
        undated = publisher(false);
    }

    private Publisher publisher(boolean timestamps) {
        return lives.queue.createPublisher(PublisherOptions.builder()
                .spin(Duration.ZERO)
                .timestamps(timestamps)
                .build());
    }

    @Override
    public void close() {
        end(true);
    }

    void run(List<Step> program) {
        StringBuilder all = new StringBuilder();
        for (Step step : program) {
            now = step.kind + " " + step.who + " " + step.many;
            try {
                act(step, new Random(step.random));
                for (ModelReader each : readers) if (each != null) each.requireStands();
            } catch (AssertionError broken) {
                throw new AssertionError(broken.getMessage() + all + "\n  " + now, broken);
            } catch (RuntimeException unexpected) {
                throw new AssertionError(unexpected + all.toString() + "\n  " + now, unexpected);
            }
            all.append("\n  ").append(now);
        }
    }

    @Override
    public long newest() {
        return published.size();
    }

    @Override
    public long oldest() {
        return Unwatched.oldest(lives.queue);
    }

    @Override
    public long bytesAfter(long position) {
        return published.stream()
                .skip(position)
                .mapToLong(body -> body.length + 64)
                .sum();
    }

    private static void require(boolean holds, String broken) {
        if (!holds) throw new AssertionError(broken);
    }

    private void act(Step step, Random random) {
        ModelReader reader = readers[step.who];
        boolean reads = reader != null && reader.isOpen();
        switch (step.kind) {
            case PUBLISH -> publish(1 + step.many, random);
            case BATCH -> batch(1 + step.many, random);
            case TIME_PASSES -> timePasses();
            case FLUSH -> flush();
            case RAISE -> raises.run();
            case STATS -> stats();
            case UNSUBSCRIBE -> unsubscribe(step.who);
            case REBOOT -> reboot(random.nextBoolean(), false, random);
            case LOSE_POWER -> reboot(false, true, random);
            case SET -> set(step, random);
            case LISTEN -> listen(step.who, random);
            default -> {
                if (!reads) join(step, random);
                else act(step, reader, random);
            }
        }
    }

    private void act(Step step, ModelReader reader, Random random) {
        boolean isGone = reader.isGone();
        try {
            switch (step.kind) {
                case JOIN -> {}
                case RECEIVE -> {
                    for (int i = 0; i <= step.many; i++) receive(reader);
                }
                case POLL -> {
                    int failsAt = random.nextInt(3) == 0 ? random.nextInt(4) : MANY;
                    now += " fails at " + failsAt;
                    poll(reader, 1 + step.many, failsAt);
                }
                case ACKNOWLEDGE -> {
                    reader.mayMove(reader.acknowledgedUpTo(Long.MAX_VALUE));
                    reader.open.acknowledge();
                    reader.acknowledges(Long.MAX_VALUE);
                }
                case ACKNOWLEDGE_POSITION -> {
                    long upTo = Math.max(0, reader.open.position() - step.many + 3);
                    if (upTo > reader.position()) upTo = reader.position();
                    reader.mayMove(reader.acknowledgedUpTo(upTo));
                    reader.open.acknowledge(upTo);
                    reader.acknowledges(upTo);
                }
                case RECOVER -> {
                    reader.open.recover();
                    reader.recovers();
                }
                case SEEK -> seek(reader, random);
                case CLOSE -> closes(reader);
                default -> throw new IllegalStateException(step.toString());
            }
            boolean isTold = step.kind == Kind.RECEIVE || step.kind == Kind.POLL || step.kind == Kind.ACKNOWLEDGE;
            require(
                    !isGone || !isTold || !reader.isTold(step.kind == Kind.ACKNOWLEDGE),
                    reader + " was not told that it was disconnected");
        } catch (SubscriberDisconnectedException told) {
            require(reader.isGone(), reader + " is told that it was disconnected, the oldest is " + oldest());
            met("disconnected");
            closes(reader);
        }
    }

    // Publishing

    private byte[] body(Random random) {
        boolean isLarge = random.nextInt(12) == 0;
        byte[] body = new byte[8 + random.nextInt(isLarge ? longest : random.nextBoolean() ? 60 : LONGEST)];
        random.nextBytes(body);
        return body;
    }

    private void publish(int many, Random random) {
        boolean isDated = random.nextInt(12) != 0;
        for (int i = 0; i < many; i++) {
            byte[] body = body(random);
            long position = (isDated ? publisher : undated).offer(ByteBuffer.wrap(body), Duration.ZERO);
            if (position == Publisher.REJECTED) {
                isRejected();
                return;
            }
            published(body, isDated);
            require(position == newest(), "position " + position + " of message " + newest());
        }
    }

    private void published(byte[] body, boolean isDated) {
        published.add(body);
        dated.add(isDated);
        if (syncsAlways) durable = published.size();
    }

    /** Only where it would write over what somebody needs. */
    private void isRejected() {
        met("rejected");
        boolean isNeeded = false;
        for (ModelReader each : readers)
            isNeeded |= each != null && each.policy == SlowSubscriber.GATE_PUBLISHER && each.holds();
        require(isNeeded || !syncsAlways, "rejected, and nobody gates");
    }

    private void batch(int many, Random random) {
        List<byte[]> bodies = new ArrayList<>();
        int room = 0;
        for (int i = 0; i < many; i++) {
            byte[] body = new byte[random.nextInt(40)];
            random.nextBytes(body);
            bodies.add(body);
            room += publisher.sizeInBatch(body.length);
        }
        try (Batch batch = publisher.tryBatch(room, Duration.ZERO)) {
            if (batch == null) {
                isRejected();
                return;
            }
            bodies.forEach(batch::add);
            if (random.nextInt(6) == 0) return; // given up
            long last = batch.commit();
            bodies.forEach(body -> published(body, true));
            require(last == newest(), "the batch ends at " + last + ", not at " + newest());
        }
    }

    private void timePasses() {
        Patience.pause(2);
        instants.add(new long[] {System.currentTimeMillis(), newest()});
        Patience.pause(2);
    }

    // Reading

    private SubscriberOptions options(ModelReader reader, StartAt start, Random random) {
        boolean newestNext = reader.policy == SlowSubscriber.OVERRUN && random.nextBoolean();
        reader.jumpsToNewest = newestNext;
        return SubscriberOptions.builder()
                .name(reader.name)
                .ackMode(reader.mode)
                .slowSubscriber(reader.policy)
                .afterOverrun(newestNext ? AfterOverrun.NEWEST : AfterOverrun.OLDEST)
                .onOverrun(lost -> reader.told += lost)
                .startAt(start)
                .build();
    }

    private void join(Step step, Random random) {
        ModelReader reader = readers[step.who];
        if (reader != null) {
            attach(reader, random, subscriber -> {});
            return;
        }
        AckMode mode = AckMode.values()[random.nextInt(3)];
        boolean isNamed = mode != AckMode.NONE && random.nextInt(4) > 0;
        SlowSubscriber policy = SlowSubscriber.values()[random.nextInt(3)];
        reader = new ModelReader(this, isNamed ? "reader-" + step.who : null, policy, mode);
        StartAt start = start(random);
        long to = first(start);
        SubscriberOptions options = options(reader, start, random);
        if (to == REFUSED || to > newest() + 1) {
            requireRefused(() -> lives.queue.createSubscriber(options).close(), start);
            return;
        }
        now += " " + options.name() + " " + policy + " " + mode + " " + options.afterOverrun() + " " + start;
        Subscriber subscriber;
        try {
            subscriber = lives.queue.createSubscriber(options);
        } catch (IllegalArgumentException told) {
            if (!mayBeRefused(start, to)) throw told;
            return;
        }
        readers[step.who] = reader;
        // What the ring has passed is gone for one that goes on at the newest.
        long first = reader.jumpsToNewest && start.position().isPresent() ? subscriber.position() + 1 : to;
        require(
                first == to || first > to && (first == oldest() || bytesAfter(to - 1) > Lives.RING),
                reader + " begins at " + first + ", not at " + to);
        reader.begins(subscriber, to, Math.max(first, oldest()));
        met(reader.name == null ? "anonymous" : "named");
    }

    private void attach(ModelReader reader, Random random, Consumer<Subscriber> then) {
        boolean isGone = reader.isGone();
        try {
            Subscriber subscriber = lives.queue.createSubscriber(options(reader, StartAt.NOW, random));
            require(!isGone, reader + " had been disconnected, and goes on at " + subscriber.position());
            reader.attaches(subscriber);
            then.accept(subscriber);
        } catch (SubscriberDisconnectedException told) {
            require(isGone, reader + " is told that it was disconnected, the oldest is " + oldest());
            met("disconnected while away");
        }
    }

    private static final long REFUSED = -1;

    private StartAt start(Random random) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> StartAt.NOW;
            case 2 -> StartAt.OLDEST_RETAINED;
            case 3, 4 ->
                instants.isEmpty()
                        ? StartAt.time(Instant.EPOCH)
                        : StartAt.time(Instant.ofEpochMilli(instants.get(random.nextInt(instants.size()))[0]));
            default -> {
                long span = newest() - oldest() + 5;
                yield StartAt.at(Math.max(1, oldest() - 2 + random.nextInt((int) span)));
            }
        };
    }

    /** The position that is meant: it may be gone. */
    private long first(StartAt start) {
        if (start.equals(StartAt.NOW)) return newest() + 1;
        if (start.timeMillis().isEmpty()) return start.position().orElse(oldest());
        long last = 0; // before that time
        for (long[] each : instants) if (each[0] == start.timeMillis().getAsLong()) last = each[1];
        long to = Math.max(oldest(), last + 1);
        met("begins at a time");
        return to > newest() || isDated(to, to) ? to : REFUSED;
    }

    private boolean isDated(long from, long to) {
        for (long each = from; each <= to; each++) if (!dated.get((int) each - 1)) return false;
        return true;
    }

    /** A search for a time may come by a message that has none: it begins at a segment, and not at the oldest. */
    private boolean mayBeRefused(StartAt start, long to) {
        return start.timeMillis().isPresent() && !isDated(oldest(), to - 1);
    }

    private static void requireRefused(Runnable call, StartAt start) {
        try {
            call.run();
        } catch (IllegalArgumentException told) {
            met("refused");
            return;
        }
        throw new AssertionError(start + " was not refused");
    }

    private void seek(ModelReader reader, Random random) {
        StartAt start = start(random);
        long to = first(start);
        if (to < oldest() || to > newest() + 1) {
            if (!reader.isGone()) requireRefused(() -> reader.open.seek(start), start);
            return;
        }
        long before = reader.open.lostCount();
        now += " to " + start;
        reader.mayMove(new Place(to - 1, before, before + newest()));
        try {
            reader.open.seek(start);
        } catch (IllegalArgumentException told) {
            if (!mayBeRefused(start, to)) throw told;
            return;
        }
        reader.seeks(before, to);
        met("seek");
    }

    private void receive(ModelReader reader) {
        reader.mayMove(reader.afterNext());
        Message message = reader.open.receiveNoWait();
        gets(reader, message);
        reader.isDone(message == null ? 0 : message.position());
    }

    /** It, or nothing. */
    private void gets(ModelReader reader, MessageView message) {
        reader.gets(message);
        if (message == null) return;
        requireIs(message);
    }

    private void requireIs(MessageView message) {
        byte[] expected = published.get((int) message.position() - 1);
        require(Arrays.equals(message.bytes(), expected), "message " + message.position() + " differs");
    }

    private void poll(ModelReader reader, int limit, int failsAt) {
        long[] last = {0, 0};
        reader.mayMoveFar();
        try {
            int n = reader.open.poll(view -> handle(reader, view, last, failsAt), limit);
            require(n == last[1], "poll returned " + n + " of " + last[1]);
            if (n < limit) gets(reader, null);
        } catch (Failed thrown) {
            met("handler fails");
        }
        reader.isDone(last[0]);
    }

    private void handle(ModelReader reader, MessageView view, long[] last, int failsAt) {
        gets(reader, view);
        if (last[1] == failsAt) {
            reader.takesBack();
            throw new Failed();
        }
        last[0] = view.position();
        last[1]++;
    }

    private void closes(ModelReader reader) {
        long lost = reader.isGone() ? reader.lost() : reader.open.lostCount();
        reader.open.close();
        members.remove(reader);
        reader.closes(lost, reader.name == null ? newest() : acknowledged(reader));
        if (reader.name == null) for (int i = 0; i < READERS; i++) if (readers[i] == reader) readers[i] = null;
    }

    private void unsubscribe(int who) {
        ModelReader reader = readers[who];
        if (reader != null && reader.isOpen()) return;
        require(
                lives.queue.unsubscribe("reader-" + who) == (reader != null),
                "unsubscribe reader-" + who + ": it was " + (reader == null ? "not " : "") + "there");
        readers[who] = null;
    }

    // A set

    private void set(Step step, Random random) {
        if (set != null && random.nextInt(4) == 0) {
            leaveSet();
            return;
        }
        for (ModelReader each : readers)
            if (each != null && each.isOpen() && !members.containsKey(each)) joinsSet(each);
        if (members.isEmpty()) return;
        met("set");
        members.keySet().forEach(each -> each.mayMoveFar());
        int limit = 1 + step.many;
        int failsAt = random.nextInt(4) == 0 ? random.nextInt(6) : MANY * READERS;
        boolean receives = random.nextBoolean();
        now += receives ? " receives" : " polls, and fails at " + failsAt;
        if (receives) for (int i = 0; i < limit && !members.isEmpty(); i++) receiveOfSet();
        else pollSet(limit, failsAt);
    }

    private void joinsSet(ModelReader reader) {
        try {
            if (set == null) set = Subscribers.of(reader.open);
            else set.add(reader.open);
            members.put(reader, reader.open);
        } catch (SubscriberDisconnectedException told) {
            require(reader.isGone(), reader + " is told that it was disconnected, the oldest is " + oldest());
            closes(reader);
        }
    }

    private void leaveSet() {
        if (set != null) set.close();
        set = null;
        members.clear();
    }

    private ModelReader memberOf(Subscriber from) {
        for (Map.Entry<ModelReader, Subscriber> each : members.entrySet())
            if (each.getValue() == from) return each.getKey();
        throw new AssertionError(from + " is no member");
    }

    private void receiveOfSet() {
        try {
            Subscribers.Received received = set.receive(Duration.ZERO);
            for (int i = 0; i <= READERS && received == null; i++) // it does not look into sleepers each time
            received = set.receive(Duration.ZERO);
            if (received == null) {
                members.keySet().forEach(each -> gets(each, null));
                return;
            }
            ModelReader reader = memberOf(received.from());
            gets(reader, received.message());
            reader.isDone(received.message().position());
        } catch (SubscriberDisconnectedException told) {
            takeOutOfSet(told);
        }
    }

    private void pollSet(int limit, int failsAt) {
        Map<ModelReader, long[]> last = new HashMap<>();
        int[] calls = {0};
        try {
            int n = set.poll(
                    (from, view) -> {
                        ModelReader reader = memberOf(from);
                        handle(
                                reader,
                                view,
                                last.computeIfAbsent(reader, r -> new long[2]),
                                calls[0]++ == failsAt ? (int) last.get(reader)[1] : -1);
                    },
                    limit);
            require(n == calls[0], "poll of a set returned " + n + " of " + calls[0]);
            for (ModelReader each : members.keySet()) {
                long[] given = last.getOrDefault(each, new long[2]);
                require(given[1] <= limit, each + " was given " + given[1] + " of at most " + limit);
                if (given[1] == 0 && n == 0) gets(each, null);
            }
            last.forEach((reader, given) -> reader.isDone(given[0]));
        } catch (Failed thrown) {
            met("handler of a set fails");
            last.forEach((reader, given) -> reader.isDone(given[0]));
        } catch (SubscriberDisconnectedException told) {
            last.forEach((reader, given) -> reader.isDone(given[0]));
            takeOutOfSet(told);
        }
    }

    private void takeOutOfSet(SubscriberDisconnectedException told) {
        List<Subscriber> left = set.members();
        List<ModelReader> out = members.keySet().stream()
                .filter(each -> !left.contains(each.open))
                .toList();
        require(out.size() == 1, "a set has thrown " + told + ", and has taken out " + out);
        require(out.get(0).isGone(), out + " is told that it was disconnected, the oldest is " + oldest());
        met("disconnected in a set");
        closes(out.get(0));
    }

    // A listener

    /** All that is there, and what fails is moved. */
    private void listen(int who, Random random) {
        ModelReader reader = readers[who];
        if (reader == null || reader.name == null || reader.mode != AckMode.AUTO) return;
        if (reader.isOpen()) closes(reader);
        String target = "mem:failed-" + lives.spec.name() + "-" + who;
        int failsEach = 2 + random.nextInt(4);
        List<long[]> heard = new ArrayList<>();
        List<Long> fails = new ArrayList<>();
        try (MessageQueue failed = MessageQueues.open(target + "?deleteOnLastClose=true");
                Subscriber moved = failed.createSubscriber()) {
            if (reader.isGone()) return;
            SubscriberOptions plain = options(reader, StartAt.NOW, random);
            Subscriber subscriber = lives.queue.createSubscriber(SubscriberOptions.builder()
                    .name(plain.name())
                    .ackMode(plain.ackMode())
                    .slowSubscriber(plain.slowSubscriber())
                    .afterOverrun(plain.afterOverrun())
                    .onOverrun(plain.onOverrun())
                    .maxRedeliveries(0)
                    .onFailure(OnFailure.moveTo(target))
                    .onError(error -> {})
                    .build());
            reader.attaches(subscriber);
            reader.mayMoveFar();
            long until = newest();
            subscriber.setListener(message -> {
                heard.add(new long[] {message.position(), message.redelivered() ? 1 : 0});
                requireIs(message);
                if (message.position() % failsEach == 0) {
                    fails.add(message.position());
                    throw new Failed();
                }
            });
            boolean isOver = reader.next() > until || reader.jumpsToNewest; // perhaps after the newest
            if (isOver) Patience.pause(20);
            else
                Patience.until(
                        "the listener is at the end", () -> subscriber.lag() == 0 && acknowledged(reader) == until);
            subscriber.close();
            for (long[] each : heard) reader.gets(each[0], each[1] != 0);
            if (!reader.jumpsToNewest) reader.gets(null);
            long done = acknowledged(reader);
            long last = heard.isEmpty() ? 0 : heard.get(heard.size() - 1)[0];
            if (isOver && last > done)
                fails.remove(Long.valueOf(last)); // it was closed meanwhile: that one comes again
            reader.isDone(heard.stream()
                    .mapToLong(each -> each[0])
                    .filter(each -> each <= done)
                    .max()
                    .orElse(0));
            for (long each : fails) {
                Message message = moved.receiveNoWait();
                require(message != null, "message " + each + " was not moved");
                require(
                        message.properties().getLong(OnFailure.POSITION, 0) == each,
                        "moved " + message.properties() + " instead of " + each);
                require(Arrays.equals(message.bytes(), published.get((int) each - 1)), "moved " + each + " differs");
                met("moved");
            }
            require(moved.receiveNoWait() == null, "more was moved than has failed");
            reader.closes(subscriber.lostCount(), done);
        }
    }

    private long acknowledged(ModelReader reader) {
        return lives.queue.stats().subscribers().stream()
                .filter(each -> reader.name.equals(each.name()))
                .findFirst()
                .orElseThrow()
                .acknowledgedPosition();
    }

    // The files

    private void flush() {
        flushes.run();
        durable = published.size();
        for (ModelReader each : readers) if (each != null) each.isKept();
    }

    private void stats() {
        List<SubscriberStats> all = lives.queue.stats().subscribers();
        for (ModelReader each : readers) {
            if (each == null || each.name == null) continue;
            List<SubscriberStats> found =
                    all.stream().filter(s -> each.name.equals(s.name())).toList();
            require(found.size() == 1, each + " is there " + found.size() + " times");
            each.requireIs(found.get(0));
        }
        require(lives.queue.stats().newestPosition() == newest(), "newest " + lives.queue.stats());
    }

    private void reboot(boolean inOrder, boolean losesPower, Random random) {
        now += inOrder ? " in order" : "";
        long floor = oldest();
        Disk after = losesPower ? lives.disk.afterPowerLoss(random) : lives.disk;
        end(inOrder);
        lives.disk = after;
        open();
        met(losesPower ? "power loss" : inOrder ? "reboot" : "reboot without a close");
        int n = (int) lives.restored.end.position() - 1;
        if (inOrder) durable = published.size();
        require(
                n >= durable && n <= published.size(),
                n + " are there; durable " + durable + " of " + published.size());
        if (n < published.size()) met("cut");
        while (published.size() > n) {
            published.remove(n);
            dated.remove(n);
        }
        instants.replaceAll(each -> new long[] {each[0], Math.min(each[1], n)});
        durable = n;
        require(oldest() <= floor, "the oldest was " + floor + ", and is " + oldest());
        Map<String, SubscriberStats> there = new TreeMap<>();
        for (SubscriberStats each : lives.queue.stats().subscribers()) there.put(each.name(), each);
        for (int i = 0; i < READERS; i++) {
            if (readers[i] == null) continue;
            if (readers[i].name == null) readers[i] = null;
            else {
                SubscriberStats stats = there.remove(readers[i].name);
                require(stats != null, readers[i] + " is not there any more");
                readers[i].comesBack(stats);
            }
        }
        require(there.isEmpty(), there.keySet() + " are there");
        observe();
    }

    private void observe() {
        try (Subscriber observer = lives.queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            for (long position = oldest(); position <= newest(); position++) {
                Message message = observer.receiveNoWait();
                require(message != null && message.position() == position, message + " instead of " + position);
                requireIs(message);
            }
            require(observer.receiveNoWait() == null, "a ghost");
        }
    }

    private void end(boolean inOrder) {
        leaveSet();
        if (inOrder) {
            lives.queue.close();
            for (ModelReader each : readers) if (each != null) each.closesInOrder();
        } else {
            Unwatched.leave(lives.queue);
            for (ModelReader each : readers) if (each != null) each.dies();
        }
        Unwatched.leave(keeping);
        lives.forgetLivePart();
        lives.disk.allEnd();
    }
}
