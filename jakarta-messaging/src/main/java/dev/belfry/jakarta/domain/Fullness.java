package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.overflow.Pager;
import dev.belfry.judgement.OverflowLook;
import dev.belfry.spi.DomainTools.Kind;
import dev.belfry.spi.DomainTools.Place;
import dev.belfry.spi.DomainTools.Trouble;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Tells whether a domain is full, or fills: its memory, and with a place on the disk that one, which takes what memory
 * cannot hold. Small messages of commits count with more than they take.
 */
final class Fullness {
    private final Log log;
    private final State state;
    private final OnDisk onDisk;
    private final List<Place> places;
    private final Function<Place, String> names;
    private final long ring;
    /** So many bytes may senders fill. */
    private final long most;

    private final long live;
    private final long disk;
    private final Optional<Trouble> trouble;

    Fullness(Log log, State state, OnDisk onDisk, List<Place> places, Function<Place, String> names) {
        this.log = log;
        this.state = state;
        this.onDisk = onDisk;
        this.places = places;
        this.names = names;
        ring = log.maxRingBytes();
        most = mostBytes(log);
        live = Math.min(state.bytes(), most);
        disk = places.stream().mapToLong(Place::diskBytes).sum();
        trouble = places.isEmpty() ? Optional.empty() : Optional.ofNullable(onDisk.isTold() ? withDisk() : memory());
    }

    /** Is empty as long as less than half of what may wait is there. */
    Optional<Trouble> trouble() {
        return trouble;
    }

    /** Tells when it is full, where nobody consumes: at the rate so far, as if all live messages were of that place. */
    OptionalLong inSeconds() {
        return trouble.isEmpty() ? OptionalLong.empty() : seconds();
    }

    private OptionalLong seconds() {
        Place largest = largest(Place::messages);
        long millis = System.currentTimeMillis() - largest.oldest();
        if (!largest.consumers().isEmpty() || largest.oldest() == 0 || millis <= 0) return OptionalLong.empty();
        long all = onDisk.isTold() ? onDisk.mostBytesNow() : most;
        if (all == 0) return OptionalLong.empty();
        long left = Math.max(0, all - (onDisk.isTold() ? disk : live));
        return OptionalLong.of((long) (millis / 1e3 * left / (disk + live)));
    }

    /** From half of what senders may fill on. */
    private Trouble memory() {
        if (live < most / 2) return null;
        String largest = "Most is in " + about(largest(Place::messages));
        String refused = onDisk.refusal();
        if (!refused.isEmpty()) largest += ". Nothing goes to the disk: " + refused;
        return isRingFull() ? full(largest) : filling(inMemory() + ". " + largest + fullIn("it is full"));
    }

    /** Paging keeps memory at half: it is behind if that has more. */
    private Trouble withDisk() {
        boolean isBehind = live >= most / 8 * 5;
        String largest = "Most is in " + about(largest(Place::messages));
        String problem = live >= most / 2 ? onDisk.refusal() : ""; // of an earlier time, if it has less
        if (problem.isEmpty() && (isBehind || onDisk.isMuch(disk)))
            problem = onDisk.look().problem();
        if (!problem.isEmpty()) {
            String why = "Nothing more goes to the disk: " + problem + ". " + largest;
            return isRingFull() ? full(why) : filling(thereAnd(inMemory()) + ". " + why);
        }
        long all = onDisk.mostBytesNow();
        if (all > 0 && disk >= all / 2)
            return filling(there() + " on the disk, " + 100 * Math.min(disk, all) / all + " % of the " + Units.size(all)
                    + " that it may take. " + largest + fullIn("that is full"));
        return inMemoryBesideDisk();
    }

    /** Tells of memory where what may go to the disk is on its way there. */
    private Trouble inMemoryBesideDisk() {
        String inMemory = about(largest(place -> place.messages() - place.onDisk()));
        if (staying() >= most / 2)
            return isRingFull()
                    ? full("Most that stays in memory is in " + inMemory)
                    : filling(thereAnd(inMemory()) + ". Most that stays in memory is in " + inMemory);
        return isRingFull()
                ? filling(thereAnd(inMemory()) + ". They come faster than they go to the disk. Most in memory is in "
                        + inMemory)
                : null;
    }

    /** It has no more free than a sender's record may be, a sixteenth; but what nobody needs makes room at a send. */
    private boolean isRingFull() {
        return log.usedBytes() >= ring * 11 / 16 && live >= ring / 2;
    }

    /** Counts the bytes that may not go to the disk. */
    private long staying() {
        long mayGo = state.channels().stream()
                .filter(channel -> Pager.mayPageOut(state, channel, ring))
                .mapToLong(Channel::bytes)
                .sum();
        return state.bytes() - mayGo;
    }

    private Trouble full(String why) {
        return trouble(
                Kind.FULL,
                "it is full: " + 100 * log.usedBytes() / ring + " % of " + Units.size(ring)
                        + " are in use, and a quarter stays free for those that receive. " + why);
    }

    private Trouble filling(String what) {
        return trouble(Kind.FILLING, "it is filling: " + what);
    }

    private Trouble trouble(Kind kind, String what) {
        Place largest = largest(Place::messages);
        return new Trouble(kind, largest.kind().equals("queue") ? largest.destination() : null, 0, what);
    }

    private String inMemory() {
        return "messages take " + 100 * live / most + " % of the " + Units.size(most) + " that senders may fill";
    }

    private String thereAnd(String inMemory) {
        return disk == 0 ? inMemory : there() + " on the disk, and " + inMemory;
    }

    private String there() {
        long messages = places.stream().mapToLong(Place::onDisk).sum();
        return count(messages, "message") + " (" + OverflowLook.about(disk) + ") " + (messages == 1 ? "is" : "are");
    }

    private String fullIn(String then) {
        OptionalLong known = seconds();
        if (known.isEmpty()) return "";
        long seconds = known.getAsLong();
        return ". At the rate at which these came " + then + " in "
                + (seconds < 120 ? seconds + " s" : Units.number(seconds / 60) + " min");
    }

    /** So many may senders fill. */
    static long mostBytes(Log log) {
        return log.maxRingBytes() - Reserve.NORMAL.bytes(log.maxRingBytes());
    }

    static String count(long number, String what) {
        return Units.number(number) + " " + what + (number == 1 ? "" : "s");
    }

    private Place largest(ToLongFunction<Place> figure) {
        return places.stream().max(Comparator.comparingLong(figure)).orElseThrow();
    }

    private String about(Place place) {
        return names.apply(place) + ", " + count(place.messages(), "message") + ", consumed by " + consumers(place);
    }

    private String consumers(Place place) {
        if (place.consumers().isEmpty()) return "nobody";
        return place.consumers().keySet().stream()
                .map(member -> log.describe(member) + (log.isStopped(member) ? ", which is stopped" : ""))
                .collect(Collectors.joining("; "));
    }
}
