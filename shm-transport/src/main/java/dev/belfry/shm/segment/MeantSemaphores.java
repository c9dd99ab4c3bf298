package dev.belfry.shm.segment;

import dev.belfry.shm.layout.MeantWords;
import dev.belfry.shm.layout.MeantWords.Meant;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.PosixException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The semaphores that the words of slots name, as a publisher posts them: a thread that sleeps for many subscribers has
 * one for all. Where one cannot be had the slot's own is posted, and the sleeper finds the message after its slice.
 */
final class MeantSemaphores {
    private static final Logger LOG = LoggerFactory.getLogger(MeantSemaphores.class);

    /** {@code semaphore}: null if it is damaged or cannot be opened: never, or {@code later}. */
    private record Opened(Meant meant, NamedSemaphore semaphore, boolean later) {
        void close() {
            if (semaphore != null) semaphore.close();
        }
    }

    private final Segment segment;
    private final MeantWords words;
    private final Function<Meant, String> names;
    private final Map<Integer, Opened> opened = new HashMap<>(); // by the slot whose words name it
    private boolean closed;

    MeantSemaphores(Segment segment, Function<Meant, String> names) {
        this.segment = segment;
        this.words = segment.meant;
        this.names = names;
    }

    /** Called after the slot's bit was taken. False: its own is to be posted. */
    boolean post(int slot) {
        if (words.isEmpty(slot)) return false;
        NamedSemaphore semaphore = of(slot);
        if (semaphore == null) return false;
        try {
            semaphore.post();
            return true;
        } catch (PosixException damaged) {
            giveUp(slot, semaphore, damaged);
            return false;
        } catch (InternalError damaged) { // perhaps of other memory
            segment.refuseIfTruncated(damaged);
            return false;
        }
    }

    private synchronized NamedSemaphore of(int slot) {
        if (closed) return null;
        Opened known = opened.get(slot);
        boolean isIt = known != null && words.are(slot, known.meant);
        if (isIt && !known.later) return known.semaphore;
        Meant meant = words.read(slot);
        if (meant == null) return null;
        forget(slot);
        return open(slot, meant, isIt);
    }

    private NamedSemaphore open(int slot, Meant meant, boolean again) {
        try {
            NamedSemaphore semaphore =
                    NamedSemaphore.open(segment.machine.libC(), names.apply(meant), segment.object.status());
            if (semaphore != null) opened.put(slot, new Opened(meant, semaphore, false));
            return semaphore;
        } catch (PosixException | InternalError failure) {
            segment.refuseIfTruncated(failure);
            opened.put(slot, new Opened(meant, null, isForAMoment(failure)));
            if (!again) noteNoWake(slot, failure);
            return null;
        }
    }

    /** Until the words name another. */
    private synchronized void giveUp(int slot, NamedSemaphore semaphore, Throwable damaged) {
        Opened known = opened.get(slot);
        if (known == null || known.semaphore != semaphore) return;
        known.close();
        opened.put(slot, new Opened(known.meant, null, false));
        noteNoWake(slot, damaged);
    }

    /** The slot has another owner, whose words may stay empty. */
    synchronized void forget(int slot) {
        Opened known = opened.get(slot);
        if (known != null && !words.are(slot, known.meant)) opened.remove(slot).close();
    }

    /** A failure that tells nothing about the file. */
    static boolean isForAMoment(Throwable failure) {
        return failure instanceof PosixException posix
                && (posix.errno == Errno.EMFILE || posix.errno == Errno.ENFILE || posix.errno == Errno.ENOMEM);
    }

    private void noteNoWake(int slot, Throwable why) {
        segment.notes.add(() -> LOG.warn(
                "{}: cannot wake the thread that sleeps for slot {} and others, it checks by itself: {}",
                segment.name,
                slot,
                why.getMessage()));
    }

    synchronized void close() {
        closed = true;
        opened.values().forEach(Opened::close);
        opened.clear();
    }
}
