package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the oldest page that lives to the end of the companion, where most of it is garbage: a page that nobody
 * consumes would keep all files after it. As with a page that goes out, its chunks are durable before it is told, and
 * it is decided under the claim whether it lies where it did. One thread.
 */
final class CopyForward {
    private static final Logger LOG = LoggerFactory.getLogger(CopyForward.class);

    /** So many files of garbage are nothing to begin with. */
    private static final int FILES = 4;
    /** Garbage has at most this part of maxSize. */
    private static final int PART = 4;

    private static final int HEAD = 192;
    private static final int PER_CHUNK = 20;
    private static final Duration DURABLE = Duration.ofSeconds(30);
    /** After a page that another member has moved at the same time, or that cannot be read. */
    private static final long LEFT_NANOS = 10_000_000_000L;

    private final Member member;
    private final RecordWriter writer = new RecordWriter();
    private long leftUntil = Deadlines.PAST;
    /** It cannot be read, and the log has that already. */
    private UUID lost;

    /** Has the oldest page, and the bytes of all that live. */
    private record Live(Told oldest, long bytes) {}

    CopyForward(Member member) {
        this.member = member;
    }

    /**
     * Copies one page, if that is worth it. It may use the room that page out leaves.
     *
     * @throws CompanionException if the companion has refused it
     */
    void move(Companion companion) {
        long size = companion.bytes();
        long part = companion.mostBytes() / PART;
        if (size <= Math.min(FILES * companion.segment(), part) || !Deadlines.passed(leftUntil)) return;
        UUID binding = companion.binding().id();
        Live live = member.ask(state -> live(state.pages.all(), binding));
        if (live == null || size - live.bytes <= Math.min(live.bytes + FILES * companion.segment(), part)) return;
        try {
            if (!isMoved(companion, live.oldest)) leftUntil = Deadlines.after(LEFT_NANOS);
        } catch (CompanionException refused) {
            boolean isLost =
                    refused.why == CompanionException.Why.DAMAGED || refused.why == CompanionException.Why.GONE;
            if (!isLost) throw refused;
            if (!live.oldest.id().equals(lost)) LOG.warn("A page keeps all files after it. {}", refused.getMessage());
            lost = live.oldest.id();
            leftUntil = Deadlines.after(LEFT_NANOS);
        }
    }

    private static Live live(Collection<Page> pages, UUID binding) {
        Page oldest = pages.stream()
                .filter(page -> page.binding().equals(binding))
                .min(Comparator.comparingLong(Page::firstChunk))
                .orElse(null);
        return oldest == null
                ? null
                : new Live(
                        Told.of(oldest),
                        pages.stream().mapToLong(CopyForward::most).sum());
    }

    /** Returns at least the bytes of what is left of it, with the messages of its next chunk that have left. */
    private static long most(Page page) {
        Lot lot = page.lot();
        long all = (lot.bytes() + (long) lot.messages() * ChunkLayout.BESIDE) * 65 / 64;
        long left = all / lot.messages() * (lot.messages() - page.rest().index());
        return Math.min(all, left + Chunks.MOST_BYTES) + Chunks.MOST_BYTES / 64;
    }

    private boolean isMoved(Companion companion, Told told) {
        Paged page = told.read(member.reader());
        if (page == null) return true; // it was told again meanwhile, as it is: so next time
        int from = Told.chunkOf(page.chunks(), told.rest().index());
        List<byte[]> encoded = new ArrayList<>();
        for (int i = from; i < page.chunks().size(); i++) {
            ReadChunk chunk = companion.read(page, i);
            encoded.add(ChunkLayout.write(chunk.head(), chunk.messages()));
        }
        long first = companion.publish(encoded);
        companion.awaitDurable(first + encoded.size() - 1, DURABLE);
        List<Chunk> moved = new ArrayList<>();
        for (int i = 0; i < encoded.size(); i++)
            moved.add(new Chunk(first + i, page.chunks().get(from + i).first()));
        int most = HEAD + PER_CHUNK * encoded.size();
        return member.append(most, Reserve.SMALL, state -> decide(state, told, page, moved)) > Member.NOTHING;
    }

    /** Tells it with what is left of it now. */
    private ByteBuffer decide(State state, Told told, Paged page, List<Chunk> moved) {
        Overflow overflow = state.registry.overflow();
        Page now = state.pages.get(told.id());
        if (!told.isOf(now)) return null;
        if (!overflow.binding().equals(page.binding()) || moved.get(0).position() < overflow.floor()) return null;
        return writer.begin(member.log().self())
                .pageAgain(new Paged(page.id(), page.binding(), page.lot(), moved, now.rest()))
                .end();
    }
}
