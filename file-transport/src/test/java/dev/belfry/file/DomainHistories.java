package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.journal.LogFiles;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.Patience;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The least domain there can be, over a {@link LiveDisk}: things are added, told again where the log laps, and ended;
 * the mark follows the oldest that lives. Whenever a keeper has kept the places the power goes, on a copy. What lives
 * then is what lived where the log ends, and that is not before what a call has waited for.
 */
final class DomainHistories implements Consumer<String> {
    private static final String MARK = "oldest";
    private static final int HANDLES = 6;
    private static final int MOST = 40;
    private static final int STEPS = 500;

    private final Random random = new Random(3);
    private final Map<Long, Mark.At> live = new LinkedHashMap<>(); // where each was told last; the oldest first
    private final List<String> told = Collections.synchronizedList(new ArrayList<>()); // by positions
    private final AtomicInteger losses = new AtomicInteger();
    private final AtomicReference<Throwable> lost = new AtomicReference<>();
    private final AtomicInteger permits = new AtomicInteger(); // or the past would grow too long to be told
    private volatile long durable;
    private boolean waits;
    private LiveDisk disk;
    private Log log;
    private LogReader reader;
    private Mark mark;
    private long next;

    // Of the thread that loses the power: what lived at a position below the end of each loss to come.
    private final Map<Long, Mark.At> before = new LinkedHashMap<>();
    private long past = 1;

    /** The most losses, and "os" if only a flush waits for the disk. */
    @Override
    public void accept(String how) {
        int most = Integer.parseInt(how.split(" ")[0]);
        waits = !how.endsWith(" os");
        try (LiveDisk over = new LiveDisk(true, waits, 64 << 10)) {
            disk = over;
            disk.open(HANDLES, this::losing);
            log = disk.handles.get(0).unwrap(Log.class);
            mark = log.mark(MARK);
            reader = log.reader();
            while (losses.get() < most && lost.get() == null) {
                if (permits.getAndDecrement() > 0) step();
                else LockSupport.parkNanos(1_000_000);
            }
        }
        if (lost.get() != null)
            throw new AssertionError("loss " + losses + ": " + lost.get().getMessage(), lost.get());
    }

    private LogFiles losing(LogFiles files) {
        return (LogFiles) Proxy.newProxyInstance(
                LogFiles.class.getClassLoader(), new Class<?>[] {LogFiles.class}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(files, arguments);
                        if (method.getName().equals("storePlaces")) losePower();
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    // ---- the domain

    private void step() {
        int dice = random.nextInt(10);
        long id = live.isEmpty() ? 0 : live.keySet().iterator().next();
        if (live.isEmpty() || dice < 5 && live.size() < MOST) append("ADD " + next++, Reserve.NORMAL);
        else if (dice < 6) append("TOLD " + id, Reserve.NONE);
        else append("END " + any(), Reserve.SMALL);
        if (random.nextInt(3) == 0) advance();
        if (random.nextInt(20) != 0) return;
        if (waits) log.awaitDurable(told.size());
        else assertThat(log.flush(told.size(), Patience.limit())).isTrue();
        durable = told.size();
    }

    private long any() {
        return List.copyOf(live.keySet()).get(random.nextInt(live.size()));
    }

    private void append(String what, Reserve reserve) {
        ByteBuffer record = ByteBuffer.wrap((what + " " + "x".repeat(random.nextInt(300))).getBytes());
        while (log.append(record, reserve, 0, Duration.ZERO) == Log.REJECTED) {
            advance();
            if (reserve != Reserve.NONE)
                append("TOLD " + live.keySet().iterator().next(), Reserve.NONE);
        }
        told.add(what);
        while (reader.next() == LogReader.Step.RECORD)
            fold(told.get((int) reader.position() - 1), live, new Mark.At(reader.place(), reader.position()));
    }

    private static void fold(String what, Map<Long, Mark.At> live, Mark.At at) {
        String[] words = what.split(" ");
        long id = Long.parseLong(words[1]);
        boolean lives = words[0].equals("ADD") || words[0].equals("TOLD");
        live.remove(id);
        if (lives) live.put(id, at);
    }

    private void advance() {
        if (!live.isEmpty()) mark.advance(live.values().iterator().next());
    }

    // ---- the end of it

    /** One at a time: a handle that closes keeps places, too. */
    private synchronized void losePower() {
        long least = durable;
        LiveDisk.Found found = disk.afterPowerLoss(new Random(losses.incrementAndGet()));
        try {
            assertThat(found.end()).as("the end of the log").isGreaterThan(least);
            while (told.size() < found.end() - 1) Thread.onSpinWait(); // the last one is noted after it was appended
            long from = found.named().stream()
                    .mapToLong(one -> one.acknowledged().position())
                    .findFirst()
                    .orElse(found.start());
            for (; past <= least; past++) fold(told.get((int) past - 1), before, null);
            assertThat(living(Map.of(), Math.max(from, found.start()), found.end()))
                    .as("what lives at %d, told from the mark at %d on", found.end(), from)
                    .isEqualTo(living(before, past, found.end()));
            found.bodies().forEach((position, body) -> assertThat(body).startsWith(told.get((int) (position - 1))));
        } catch (Throwable e) {
            lost.compareAndSet(null, e);
        }
        permits.set(STEPS);
    }

    private Set<Long> living(Map<Long, Mark.At> before, long from, long end) {
        Map<Long, Mark.At> living = new LinkedHashMap<>(before);
        for (long position = from; position < end; position++) fold(told.get((int) position - 1), living, null);
        return new TreeSet<>(living.keySet());
    }
}
