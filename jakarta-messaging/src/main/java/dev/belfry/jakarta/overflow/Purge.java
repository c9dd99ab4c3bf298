package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.overflow.CompanionException.Why;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Ends messages of a queue that are on the disk, for its operator. One thread. */
final class Purge {
    /** Pages of one record. */
    private static final int MOST = 64;

    private static final int HEAD = 256;
    private static final int PER_PAGE = 64;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(10);

    private final Member member;
    private final RecordWriter writer = new RecordWriter();

    /** Has the page as it was told, and what is left of it then. */
    private record Cut(Told page, Rest rest, int messages) {}

    Purge(Member member) {
        this.member = member;
    }

    /** Ends all pages of a queue without reading them, and returns how many messages they had. */
    long all(long queue) {
        long ended = 0;
        while (true) {
            List<Cut> some = member.ask(state -> cuts(state, queue));
            if (some.isEmpty()) return ended;
            ended += end(queue, some);
        }
    }

    private static List<Cut> cuts(State state, long queue) {
        List<Cut> some = new ArrayList<>();
        for (Page page : state.pages.of(queue)) {
            if (some.size() == MOST) break;
            some.add(new Cut(Told.of(page), new Rest(page.lot().messages(), 0), page.left()));
        }
        return some;
    }

    /**
     * Finds the queue's next messages up to one that can be read, and ends them unless that is only asked. Returns how
     * many they are.
     *
     * @throws CompanionException if the disk does not tell whether they can be read
     */
    long damaged(Companion companion, long queue, boolean isOnlyAsked) {
        companion.newest(); // or each would seem to be gone
        List<Told> pages =
                member.ask(state -> state.pages.of(queue).stream().map(Told::of).toList());
        long damaged = 0;
        for (Told page : pages) {
            Cut cut = cut(companion, page);
            if (cut == null || cut.messages == 0) return damaged;
            damaged += isOnlyAsked ? cut.messages : end(queue, List.of(cut));
            if (cut.rest.mid() != 0) return damaged; // the next one of this page can be read
        }
        return damaged;
    }

    /** Cuts what matches out of its page, or is null if the page was told again meanwhile. */
    private Cut cut(Companion companion, Told told) {
        Paged page = told.read(member.reader());
        if (page == null) return null;
        int index = told.rest().index();
        List<Chunk> chunks = page.chunks();
        int at = Told.chunkOf(chunks, index);
        if (mid(companion, page, at, index) == told.rest().mid()) return new Cut(told, told.rest(), 0);
        while (++at < chunks.size()) {
            int first = chunks.get(at).first();
            long mid = mid(companion, page, at, first);
            if (mid != 0) return new Cut(told, new Rest(first, mid), first - index);
        }
        return new Cut(told, new Rest(page.lot().messages(), 0), page.lot().messages() - index);
    }

    /** The mid of this message of a chunk; 0: it cannot be read, and never will. */
    private static long mid(Companion companion, Paged page, int at, int index) {
        try {
            List<PagedMessage> messages = companion.read(page, at).messages();
            return messages.get(index - page.chunks().get(at).first()).mid();
        } catch (CompanionException failed) {
            if (failed.why == Why.DAMAGED || failed.why == Why.GONE) return 0;
            throw failed;
        }
    }

    /** Those that are as they were told still. Returns how many messages. */
    private long end(long queue, List<Cut> some) {
        List<Cut> ended = new ArrayList<>();
        for (long deadline = Deadlines.after(PATIENCE); ; ) {
            long position =
                    member.append(HEAD + PER_PAGE * some.size(), Reserve.SMALL, state -> decide(state, some, ended));
            if (position == Member.NOTHING) return 0;
            if (position != Log.REJECTED) {
                ring(queue, ended.get(0));
                member.log().awaitDurable(position);
                return ended.stream().mapToLong(Cut::messages).sum();
            }
            if (Deadlines.passed(deadline))
                throw new CompanionException(Why.HUNG, "The domain's log has no room.", null);
            member.makeRoom();
            LockSupport.parkNanos(SLICE);
        }
    }

    private ByteBuffer decide(State state, List<Cut> some, List<Cut> ended) {
        ended.clear();
        writer.begin(member.log().self());
        for (Cut cut : some) {
            Page now = state.pages.get(cut.page.id());
            if (!cut.page.isOf(now) || !now.rest().equals(cut.page.rest())) continue;
            ended.add(cut);
            writer.leaves(now.id(), cut.rest);
        }
        return ended.isEmpty() ? null : writer.end();
    }

    /** A consumer may wait for what has gone. The record repeats what was told of one that was ended. */
    private void ring(long queue, Cut one) {
        ByteBuffer again = writer.begin(member.log().self())
                .leaves(one.page.id(), one.rest)
                .end();
        member.log().append(again, Reserve.SMALL, member.bell(queue), Duration.ZERO);
    }
}
