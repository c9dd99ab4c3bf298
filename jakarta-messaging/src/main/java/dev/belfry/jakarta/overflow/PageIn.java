package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Bytes;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Brings the next messages of a queue's pages back to memory: the chunk is read without a lock, and what is to come of
 * it is decided under the claim. They leave the page and are told in one record. One thread.
 */
final class PageIn {
    /** Bytes that come at once, or one message. */
    private static final int MOST = 64 << 10;
    /** Or this part of the ring. */
    private static final int PART = 64;

    /** So many of such parts stay free. */
    private static final int SPARE = 3;

    private static final int HEAD = 256;
    private static final int PER_MESSAGE = 40;

    private final Member member;
    private final RecordWriter writer = new RecordWriter();
    private final long most;
    /** Claimed, but not used: those that take and end what has come find room, also after a lap that tells of them. */
    private final int spare;

    private Found last;

    /** Says how an attempt has ended. */
    enum Outcome {
        /** Messages are in memory, or have expired. */
        BACK,
        /** The page was told again, or others have brought them back. */
        AGAIN,
        /** The ring has no room for them. */
        NO_ROOM,
        /** The queue has no page. */
        NONE
    }

    /** A chunk of a page; {@code from}: the index of its first message, which the page tells. */
    private record Found(UUID page, int from, List<PagedMessage> messages) {
        boolean has(UUID of, int index) {
            return page.equals(of) && index >= from && index < from + messages.size();
        }
    }

    /** Has the messages of a page that are to come back, and its rest after that. */
    private record Part(Told page, List<PagedMessage> messages, Rest rest) {}

    PageIn(Member member) {
        this.member = member;
        most = Math.min(MOST, member.log().maxRingBytes() / PART);
        spare = (int) (member.log().maxRingBytes() / PART * SPARE);
    }

    /** @throws CompanionException if it cannot be read: what comes after it waits then */
    Outcome next(Companion companion, long queue) {
        Told told = member.ask(state -> {
            Page page = state.pages.first(queue);
            return page == null ? null : Told.of(page);
        });
        if (told == null) return Outcome.NONE;
        Paged page = told.read(member.reader());
        if (page == null) return Outcome.AGAIN;
        Part part = partOrNull(companion, told, page);
        if (part == null) return Outcome.AGAIN;
        int length = HEAD;
        for (PagedMessage one : part.messages) length += one.bytes().length + PER_MESSAGE;
        Reserve reserve = member.ask(state -> reserve(state, queue));
        long position = member.append(length + spare, reserve, state -> decide(state, part));
        if (position == Log.REJECTED) return Outcome.NO_ROOM;
        if (position == Member.NOTHING) return Outcome.AGAIN;
        RecordWriter again = writer.begin(member.log().self()).leaves(told.id(), part.rest); // which changes nothing
        member.log().append(again.end(), Reserve.SMALL, member.bell(queue), Duration.ZERO);
        return Outcome.BACK;
    }

    /**
     * Where others fill the ring it comes back all the same, or it might wait for ever. But if consumers hold much of
     * the queue they will end that: meanwhile the room that is left is for other flows.
     */
    private Reserve reserve(State state, long queue) {
        View view = state.view(queue);
        Page page = state.pages.first(queue);
        if (view == null || page == null) return Reserve.SMALL;
        long much = member.log().maxRingBytes() / PART;
        long[] held = {0};
        view.forEach(m -> {
            if (!view.of(m).isAvailable()) held[0] += m.length();
            return held[0] < much && !page.isBefore(m);
        });
        return held[0] < much ? Reserve.SMALL : Reserve.NORMAL;
    }

    /** Returns null if others have moved the page or ended it while this read it, and its files may have gone. */
    private Part partOrNull(Companion companion, Told told, Paged page) {
        try {
            return part(companion, told, page);
        } catch (CompanionException failed) {
            if (failed.why != CompanionException.Why.GONE || isStill(told)) throw failed;
            return null;
        }
    }

    private boolean isStill(Told told) {
        return member.ask(state -> told.isOf(state.pages.get(told.id())));
    }

    /** Has one message at least. The mid that is next after it may be in another chunk. */
    private Part part(Companion companion, Told told, Paged page) {
        int index = told.rest().index();
        Found chunk = found(companion, told, page, index);
        List<PagedMessage> left = chunk.messages.subList(index - chunk.from, chunk.messages.size());
        if (left.get(0).mid() != told.rest().mid())
            throw new CompanionException(
                    CompanionException.Why.DAMAGED,
                    "Companion " + companion.binding().directory() + " has another message where page " + told.id()
                            + " goes on. Run 'belfry doctor'.",
                    null);
        int n = 0;
        for (long bytes = 0; n < left.size(); n++) {
            bytes += left.get(n).bytes().length;
            if (n > 0 && bytes > most) break;
        }
        int end = index + n;
        if (end == page.lot().messages()) return new Part(told, left, new Rest(end, 0));
        long next = n < left.size()
                ? left.get(n).mid()
                : found(companion, told, page, end).messages.get(0).mid();
        return new Part(told, left.subList(0, n), new Rest(end, next));
    }

    /** The one that was read last is mostly the next one. */
    private Found found(Companion companion, Told told, Paged page, int index) {
        if (last != null && last.has(told.id(), index)) return last;
        last = null; // or two would be in the heap, beside the one that is read
        int at = Told.chunkOf(page.chunks(), index);
        return last = new Found(
                told.id(),
                page.chunks().get(at).first(),
                companion.read(page, at).messages());
    }

    /** Decides nothing if others have told the page again, or brought this back. */
    private ByteBuffer decide(State state, Part part) {
        Page now = state.pages.get(part.page.id());
        if (!part.page.isOf(now) || !now.rest().equals(part.page.rest())) return null;
        writer.begin(member.log().self()).leaves(now.id(), part.rest);
        long time = System.currentTimeMillis();
        boolean open = false;
        for (int i = 0; i < part.messages.size(); ) {
            int end = endOfRun(part.messages, i, time);
            if (end == i) {
                i++;
                continue;
            }
            if (!open) writer.put();
            open = true;
            writer.run(part.messages.get(i).author(), part.messages.get(i).mid(), end - i);
            for (; i < end; i++) writer.staged(part.messages.get(i).bytes());
        }
        return open ? writer.endOfRuns().endOfDone().endOfStates().end() : writer.end();
    }

    /** Returns the index itself if that message has expired. */
    private static int endOfRun(List<PagedMessage> messages, int first, long time) {
        int end = first;
        while (end < messages.size() && isNext(messages, first, end) && !isExpired(messages.get(end), time)) end++;
        return end;
    }

    private static boolean isNext(List<PagedMessage> messages, int first, int at) {
        PagedMessage one = messages.get(at);
        return one.author() == messages.get(first).author()
                && one.mid() == messages.get(first).mid() + at - first;
    }

    private static boolean isExpired(PagedMessage one, long now) {
        long expiry =
                Message.unplaced(Bytes.of(ByteBuffer.wrap(one.bytes())), 0).expiry();
        return expiry != 0 && expiry <= now;
    }
}
