package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;

/**
 * Ends what no page needs in the companion: the domain's log tells a floor, below which no new page may lie. Once that
 * is durable, whatever {@code sync} says, the companion's place moves there. A member that ends in between leaves the
 * place too low, so it is moved again. One thread.
 */
final class Floor {
    private static final int LENGTH = 64;
    private static final Duration DURABLE = Duration.ofSeconds(30);
    /** Where little room is left, this part of it is worth a floor, though it is less than a file. */
    private static final int PART = 16;

    private final Member member;
    private final RecordWriter writer = new RecordWriter();

    Floor(Member member) {
        this.member = member;
    }

    /** Does nothing unless the fold tells of this companion: a loss of power may have cut off what told of it. */
    void raise(Companion companion) {
        Overflow told = told(companion);
        if (told.equals(Overflow.NONE)) return;
        if (told.floor() <= companion.place()) {
            if (!isWorth(companion)) return;
            long end = companion.durable() + 1;
            if (member.append(LENGTH, Reserve.SMALL, state -> decide(state, companion, end)) <= Member.NOTHING) return;
            told = told(companion);
        }
        if (told.floor() > companion.newest() + 1) return; // an older copy was put back: page out tells
        Log log = member.log();
        if (log.flush(log.newest(), DURABLE)) companion.seek(told.floor());
    }

    private Overflow told(Companion companion) {
        Overflow told = member.ask(state -> state.registry.overflow());
        return told.binding().equals(companion.binding().id()) ? told : Overflow.NONE;
    }

    /** A floor costs a flush of the domain, and frees whole files. Asked without the claim. */
    private boolean isWorth(Companion companion) {
        UUID binding = companion.binding().id();
        long first = member.ask(state -> state.pages.firstChunk(binding, Long.MAX_VALUE));
        long most = Math.min(companion.segment(), companion.freeBytes() / PART);
        return companion.bytesBefore(first) >= Math.max(1, most);
    }

    /** Not above what is durable: a loss of power cuts the companion there, and its positions are given again. */
    private ByteBuffer decide(State state, Companion companion, long end) {
        Overflow told = state.registry.overflow();
        if (!told.binding().equals(companion.binding().id())) return null;
        long first = Math.min(end, state.pages.firstChunk(told.binding(), end));
        return first <= told.floor()
                ? null
                : writer.begin(member.log().self()).floor(told.binding(), first).end();
    }
}
