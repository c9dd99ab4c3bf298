package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pages out. The messages are chosen with the fold lock, and written to the companion without a lock. Once they are
 * durable there, the PAGE is decided again under the claim. If a process ends in between, its chunks are garbage in
 * the companion, which the floor passes. One thread.
 */
final class PageOut {
    private static final Logger LOG = LoggerFactory.getLogger(PageOut.class);

    /** Nothing is paged out while all that lives has less than this part of the ring. */
    private static final int LIVE = 4;
    /** The statements of pages have at most this part of the ring. */
    private static final int STATED = 64;
    /** They have this part where a page finds no room to come back. */
    private static final int STATED_THEN = 32;

    /** So much shorter lanes are paged out then, if there is none else: many of them may fill the ring. */
    private static final int SHORT = 4;

    private static final Duration DURABLE = Duration.ofSeconds(30);
    /** More than a PAGE has beside mids and chunks. */
    private static final int HEAD = 192;

    private static final int PER_CHUNK = 20;
    private static final int PER_MID = 10;
    /** Files that stay free on its disk, beside the size of a ring. */
    private static final int FREE = 4;
    /** No page is larger in the companion, unless it is one message. */
    private static final long PAGE = 5 << 20;

    private static final long AGAIN_NANOS = 1_000_000_000;

    /** After a page of another member, which is left to it alone. */
    private static final long LEFT_NANOS = 1_000_000_000;

    private final Member member;
    private final CopyForward forward;
    private final RecordWriter writer = new RecordWriter();
    /** The pages that were told when this member asked last. */
    private long told;

    private long leftUntil = Deadlines.PAST;
    private long refusedUntil = Deadlines.PAST;
    /** Why it was refused since a page went out, as far as that was logged. */
    private final Set<CompanionException.Why> refused = EnumSet.noneOf(CompanionException.Why.class);
    /** Why the last attempt found no room; empty: it did. */
    private String refusal = "";

    PageOut(Member member) {
        this.member = member;
        forward = new CopyForward(member);
    }

    /**
     * Pages out one page. False: there is nothing to page out, or it was refused. A refusal of the companion is logged
     * once: the messages stay in memory, and the domain goes on as far as its ring goes.
     *
     * @param must a page finds no room to come back
     * @throws CompanionException if this process cannot use the companion
     */
    boolean isPaged(Companion companion, boolean must) {
        if (!must && !Deadlines.passed(refusedUntil)) return false;
        try {
            boolean paged = isPagedNow(companion, must);
            refusal = "";
            if (paged) goesOn(companion);
            return paged;
        } catch (CompanionException why) {
            refusal = why.getMessage();
            if (why.why == CompanionException.Why.NOT_ALLOWED) throw why;
            refusedUntil = Deadlines.after(AGAIN_NANOS);
            if (refused.add(why.why))
                LOG.warn("A backlog stays in memory, as far as the ring goes. {}", why.getMessage());
            return false;
        }
    }

    /** Why the companion has refused the last attempt, which may go on to fail for a while; empty: it has not. */
    String refusal() {
        return refusal;
    }

    private void goesOn(Companion companion) {
        if (!refused.isEmpty())
            LOG.warn("A backlog goes to '{}' again.", companion.binding().uri());
        refused.clear();
    }

    private boolean isPagedNow(Companion companion, boolean must) {
        Choice choice = member.ask(state -> choose(state, must));
        if (choice == null) return false;
        UUID binding = companion.binding().id();
        companion.expectUpTo(member.ask(state -> newest(state, binding)));
        forward.move(companion);
        long ring = member.log().maxRingBytes();
        long largest = Math.max(PAGE, ring / Choice.LONGEST);
        companion.expectRoom(must ? 0 : largest + companion.segment() + largest);
        companion.expectFreeOnDisk(FREE * companion.segment() + ring);
        List<PagedMessage> messages = bodies(choice);
        if (messages.isEmpty()) return false;
        UUID page = UUID.randomUUID();
        Chunks chunks = Chunks.cut(binding, page, choice.name(), messages);
        List<byte[]> encoded = chunks.encoded();
        long first = companion.publish(encoded);
        companion.awaitDurable(first + encoded.size() - 1, DURABLE);
        Draft draft = new Draft(page, binding, choice, chunks, first);
        int most = HEAD + PER_CHUNK * encoded.size() + PER_MID * messages.size();
        boolean paged = member.append(most, Reserve.SMALL, state -> decide(state, draft)) > Member.NOTHING;
        if (paged) told++;
        return paged;
    }

    /** Tells the newest position in the companion of which the log knows. */
    private static long newest(State state, UUID binding) {
        return Math.max(state.registry.overflow().floor() - 1, state.pages.lastChunk(binding));
    }

    private Choice choose(State state, boolean must) {
        long ring = member.log().maxRingBytes();
        if (state.pages.stated() > ring / (must ? STATED_THEN : STATED)) return null;
        if (!must && (state.bytes() < ring / LIVE || isLeft(state))) return null;
        Choice large = Choice.of(state, ring, System.currentTimeMillis());
        return large == null && must ? Choice.of(state, ring / SHORT, System.currentTimeMillis()) : large;
    }

    /** Another member pages out: two would write the same. Beside one that stands still others do it, too. */
    private boolean isLeft(State state) {
        if (state.pages.told() > told) leftUntil = Deadlines.after(LEFT_NANOS);
        told = state.pages.told();
        Log log = member.log();
        return !Deadlines.passed(leftUntil) && log.usedBytes() < log.maxRingBytes() * 5 / 8;
    }

    /** Those that lie where they did: one that the mark has passed meanwhile stays in memory. */
    private List<PagedMessage> bodies(Choice choice) {
        List<PagedMessage> bodies = new ArrayList<>();
        LogReader reader = member.reader();
        for (Choice.One one : choice.messages()) {
            byte[] bytes = new byte[one.length()];
            if (reader.read(one.place(), one.statement(), one.at(), bytes, 0, bytes.length))
                bodies.add(new PagedMessage(one.mid(), one.author(), bytes));
        }
        return bodies;
    }

    /** Chunks that are durable, from this position on. */
    private record Draft(UUID page, UUID binding, Choice choice, Chunks chunks, long first) {}

    /**
     * Tells what is plain still, in whole chunks: a message is found by its index in one. Nothing if consumers have
     * come to the first of them: one that is alone takes without the claim what it has seen, and would pass over those
     * that leave memory meanwhile, to others behind them.
     */
    private ByteBuffer decide(State state, Draft draft) {
        Overflow told = state.registry.overflow();
        if (!told.binding().equals(draft.binding) || draft.first < told.floor()) return null;
        View queue = state.view(draft.choice.queue());
        if (queue == null) return null;
        long now = System.currentTimeMillis();
        Chunks whole = draft.chunks.whole(one -> isStill(state, queue, one, now));
        List<PagedMessage> messages = whole.messages();
        if (messages.isEmpty() || !whole.hasFirst()) return null;
        List<Chunk> listed = whole.at(draft.first);
        Rest rest = new Rest(0, messages.get(0).mid());
        Paged page = new Paged(draft.page, draft.binding, lot(draft.choice, messages), listed, rest);
        long[] mids = messages.stream().mapToLong(PagedMessage::mid).toArray();
        return writer.begin(member.log().self()).page(page, mids).end();
    }

    private static boolean isStill(State state, View queue, PagedMessage one, long now) {
        Message m = state.message(one.mid());
        return m != null && m.destination() == queue.id() && Choice.isPlain(queue, m, now);
    }

    private static Lot lot(Choice choice, List<PagedMessage> messages) {
        Map<Long, Long> expiries = new HashMap<>();
        for (Choice.One one : choice.messages()) expiries.put(one.mid(), one.expiry());
        long expiry = 0;
        long bytes = 0;
        boolean never = false;
        for (PagedMessage one : messages) {
            long its = expiries.get(one.mid());
            never |= its == 0;
            expiry = Math.max(expiry, its);
            bytes += one.bytes().length;
        }
        return new Lot(choice.queue(), choice.priority(), messages.size(), never ? 0 : expiry, bytes);
    }
}
