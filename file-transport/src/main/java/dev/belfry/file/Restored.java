package dev.belfry.file;

import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.Places.Named;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The beginning of a new live part, of a directory that no process has open: its log ends at
 * {@link #end}, all of it is on the disk, and no earlier live part is this directory's any more.
 */
final class Restored {
    /** Offsets begin with 0, positions with 1. */
    private static final At BEGIN = new At(0, 1);

    static final Places NOTHING = new Places(BEGIN, BEGIN, List.of());

    final Life life;
    final At end;
    final long readyUpTo;
    final DamagedLogException damage; // that ends it; null: there is none
    private final Places places;
    private final Recovery recovery;
    private final At start;

    /** Where the log begins: below it nothing is needed any more. */
    final At floor;

    private Restored(
            Life life,
            Places places,
            At end,
            long readyUpTo,
            DamagedLogException damage,
            Recovery recovery,
            boolean inRing) {
        this.life = life;
        this.places = places;
        this.end = end;
        this.readyUpTo = readyUpTo;
        this.damage = damage;
        this.recovery = recovery;
        this.start = inRing ? recovery.start(end) : end;
        this.floor = inRing ? start : places.kept();
    }

    /**
     * The caller has {@link LogDirectory#USE} alone. May end at any step, and be begun again.
     *
     * @param liveUpTo a live part of this log has gone on up to there; if that is beyond its end, it was put back
     */
    static Restored of(LogDirectory files, int pieceSize, long liveUpTo) {
        files.removeTemporary();
        Life last = files.life();
        boolean isFirst = last == null;
        if (isFirst) files.createPlaces(NOTHING);
        Places places = files.places();
        long number = isFirst ? 0 : last.number();
        Recovery recovery = new Recovery(files, places, number, pieceSize);
        boolean inRing = !files.origin.hasHistory();
        At end = (inRing ? recovery : recovery.fromBound()).run();
        files.allocateAreas(); // not before: in a damaged directory nothing is changed
        Places found = new Places(places.kept(), end, atMost(end, places.named()));
        // A place above the end would count in the log of the next life.
        if (!found.equals(places)) files.write(found);
        // Positions that are not on the disk any more are given again: the queue is another one then.
        boolean isPutBack = liveUpTo > end.offset();
        boolean keepsId = !isFirst && !isPutBack && (files.origin.syncAlways() || last.closedAt() == end.offset());
        Life next = isFirst ? Life.first() : last.next(end.position() - 1, keepsId);
        files.write(next, isFirst); // before there is any segment: those without it are told
        return new Restored(next, found, end, files.segments.makeReady(end.offset() + 1), null, recovery, inRing);
    }

    /**
     * A live part for reading alone, where the log is damaged or its file system cannot be written. Nothing of it is
     * changed, and all is read in the files. It is for one process, so its life is of nobody else's.
     */
    static Restored readOnly(LogDirectory files, int pieceSize) {
        Life last = files.life();
        if (last == null) throw new DamagedFileException(files.path() + " has no log yet, and cannot be written");
        Places places = files.placesNow();
        Recovery recovery = new Recovery(files, places, last.number(), pieceSize);
        DamagedLogException damage = null;
        At end;
        try {
            end = (files.origin.hasHistory() ? recovery.fromBound() : recovery).scan();
        } catch (DamagedLogException found) {
            if (!files.placesNow().kept().equals(places.kept()))
                throw new DamagedFileException("the log in " + files.path() + " is written while it is opened");
            damage = found;
            end = found.soundUpTo;
        }
        Places found = new Places(places.kept(), end, atMost(end, places.named()));
        Life own = last.next(end.position() - 1, false);
        return new Restored(own, found, end, end.offset(), damage, recovery, false);
    }

    /** The first record that a new live part has. */
    At start() {
        return start;
    }

    List<Named> named() {
        return places.named();
    }

    /** With {@code sync=os} what a place stood after may have been lost. */
    private static List<Named> atMost(At end, List<Named> places) {
        List<Named> named = new ArrayList<>();
        for (Named each : places) {
            At at = each.acknowledged().offset() <= end.offset() ? each.acknowledged() : end;
            named.add(new Named(
                    each.name(),
                    each.policy(),
                    each.ackMode(),
                    at,
                    Math.min(each.first(), end.position()),
                    each.lost(),
                    each.given()));
        }
        return List.copyOf(named);
    }

    /** Hands out the records that are kept, in order, as they are in the files. */
    void refill(Consumer<ByteBuffer> ring) {
        recovery.refill(start, end, ring);
    }
}
