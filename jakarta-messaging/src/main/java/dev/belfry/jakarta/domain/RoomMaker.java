package dev.belfry.jakarta.domain;

import dev.belfry.api.Claim;
import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.fold.Restating;
import dev.belfry.jakarta.fold.Staged;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Log;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes room: moves the mark on, and tells again what is old and lives. Any member may do so at any
 * time, as all its effects are safe in parallel. With the fold lock.
 */
final class RoomMaker {
    private static final int MOST = 64 << 10;
    private static final int PER_MESSAGE = 64;
    private static final int MOST_OF_PAGES = 16 << 10;
    private static final int PER_PAGE = 16;
    private static final int SPARE = 256;
    private static final int MOST_DROPPED = 200;
    private static final int TRIES = 2;
    /** Nothing was told, as less was claimed. */
    private static final int TOO_LONG = -2;
    /** Records. */
    private static final int MANY = 1_000;

    private static final Duration CLAIM_TIME = Duration.ofMillis(100);

    private final Domain domain;
    private final Log log;
    private final RecordWriter writer = new RecordWriter();
    private final Unwanted unwanted;
    private long lastNewest = -1;
    private long worthFrom;
    private long madeEnd;
    private boolean wanted;
    /** The next expiry of a message that is kept and held by nobody. */
    private long nextExpiry = Long.MAX_VALUE;

    private volatile boolean tight;
    /** Another process had the mark when this one wanted to move it last. */
    private volatile boolean isMarkBusy;
    // When this member made room last.
    private volatile long madeAt;
    private volatile Set<Long> consuming = Set.of();

    RoomMaker(Domain domain) {
        this.domain = domain;
        log = domain.log;
        unwanted = new Unwanted(domain.shortId, domain::folded, (from, mids) -> drop(from, Domain.UNWANTED, mids));
    }

    /** A small record was refused. */
    void wanted() {
        wanted = true;
    }

    /**
     * After a sixteenth of the ring was appended, or if an append was refused. Where senders may wait they rely on
     * those that consume: these give them room in large parts, and what there is before they wait themselves,
     * {@code idle}.
     */
    void makeRoomIfWorth(boolean idle) {
        long ring = log.ringBytes();
        boolean full = isFull() && (idle || isWorth(ring));
        if (full && !advance()) return; // mostly that is enough, and it costs little
        if (!wanted && !isLate(ring) && !(full && mayFreeMore(ring))) return;
        makeRoom();
        if (!isMarkBusy) worthFrom = log.usedBytes() + ring / 16;
    }

    private boolean isLate(long ring) {
        long used = log.usedBytes();
        return used >= ring * 3 / 8 && used >= worthFrom;
    }

    /** It is full still, and not of what lives: a lap so often would free less than it costs then. */
    private boolean mayFreeMore(long ring) {
        return isFull() && log.usedBytes() < ring * 13 / 16;
    }

    /** Or so nearly that a record of a sender may be refused. */
    private boolean isFull() {
        return log.usedBytes() >= log.ringBytes() * 11 / 16;
    }

    private boolean isWorth(long ring) {
        Folded folded = domain.folded();
        return folded.end() - madeEnd >= ring / 32
                || state().holdPlace() - folded.mark.at().place() >= ring / 16;
    }

    /** Another member consumes, and lives: it makes room as it goes on. Any thread. */
    boolean isLeftToOthers() {
        return domain.consumers.isEmpty()
                && domain.readers.isEmpty()
                && consuming.stream().anyMatch(log::isAlive);
    }

    /** To fold would take long. Any thread. */
    boolean isFarBehind() {
        return log.newest() - madeAt > MANY;
    }

    /** Any thread. */
    boolean mayBeShort() {
        return log.usedBytes() >= log.ringBytes() * 3 / 8;
    }

    /** Those that made room lately do so before others must fold, too. */
    boolean isShort() {
        boolean isLate = domain.mark.at().position() > state().position();
        return isLate ? log.usedBytes() >= log.ringBytes() / 2 : mayBeShort();
    }

    /** Nothing if nothing was appended since the last time that it was done, and nothing else has come about. */
    void makeRoom() {
        wanted = false;
        if (lastNewest == log.newest() && !unwanted.hasMore() && System.currentTimeMillis() < nextExpiry) return;
        boolean withoutTimes = isTight();
        boolean made = triesToMakeRoom();
        tight = hasHardlyRoom();
        madeAt = state().position();
        madeEnd = domain.folded().end();
        consuming = consumingOthers();
        if (made && (withoutTimes || !tight)) lastNewest = state().position(); // what came since is not kept
    }

    private Set<Long> consumingOthers() {
        Set<Long> others = state().registry.consumers();
        others.remove(domain.self);
        return others;
    }

    /**
     * False: it was not possible now. It is tried again, also if nothing can be appended until then. While another
     * process has the mark, nothing is told again: that frees nothing where the mark stands, and would fill the log.
     */
    private boolean triesToMakeRoom() {
        domain.folded().toTheEnd();
        domain.membership.leaveDead();
        dropExpired();
        unwanted.drop();
        if (!advance()) return false;
        boolean tells = log.usedBytes() > log.ringBytes() / 4 && isCheckpointOldest();
        if (tells && checkpoint() > 0 && !advance()) return false;
        for (long lap = 0; lap < log.ringBytes() && hasGarbage(); ) {
            long told = restateOldest();
            if (told < 0 || !advance()) return false;
            lap += told;
        }
        return true;
    }

    /** False: another process has the mark, and none can make room meanwhile. */
    private boolean advance() {
        domain.folded().toTheEnd();
        State state = state();
        long place = state.holdPlace();
        isMarkBusy = place >= 0 && domain.folded().mark.advance(new Mark.At(place, state.hold())) == Mark.Advance.BUSY;
        return !isMarkBusy;
    }

    /** So it was when this member wanted to move it last. Any thread. */
    boolean isMarkBusy() {
        return isMarkBusy;
    }

    private State state() {
        return domain.folded().state();
    }

    private boolean isCheckpointOldest() {
        return state().checkpoint() < 0 || state().hold() == state().checkpoint();
    }

    /**
     * Worth a lap. Small messages of a commit need less room than they are counted with; but what
     * adds stops at three quarters, or 13 sixteenths, so what lies far above that is garbage, however it is counted.
     * Between these two are those that add little, or join: less garbage than else is worth a lap, or they would stop.
     */
    private boolean hasGarbage() {
        long ring = log.ringBytes();
        long used = log.usedBytes();
        return used > ring - Reserve.JOINING.bytes(ring)
                || used > ring * 25 / 32 && garbage() > ring / 128
                || used > ring / 2 && garbage() > ring / 8;
    }

    /** It was not possible to stay well below seven eighths, and no other member has made room since. Any thread. */
    boolean isTight() {
        return tight && hasHardlyRoom();
    }

    private boolean hasHardlyRoom() {
        return log.usedBytes() > log.ringBytes() * 27 / 32;
    }

    /** The bytes in the log that no longer count. */
    private long garbage() {
        return log.usedBytes() - state().bytes();
    }

    private void dropExpired() {
        long now = System.currentTimeMillis();
        nextExpiry = Long.MAX_VALUE;
        for (Channel channel : state().channels())
            if (channel.mayExpire()) for (View view : channel.views()) dropExpired(view, now);
        dropExpiredPages(now);
    }

    /** Nothing is read from the disk for that: so a page goes when the last of its messages has expired. */
    private void dropExpiredPages(long now) {
        List<Page> expired = new ArrayList<>();
        for (Page page : state().pages.expiring()) {
            if (page.lot().expiry() > now || expired.size() == MOST_DROPPED) {
                nextExpiry = Math.min(nextExpiry, page.lot().expiry());
                break;
            }
            expired.add(page);
        }
        if (expired.isEmpty()) return;
        writer.begin(domain.self);
        int bells = 0;
        for (Page page : expired) {
            writer.leaves(page.id(), new Rest(page.lot().messages(), 0));
            bells |= Domain.bell(page.lot().queue());
        }
        log.append(writer.end(), Reserve.SMALL, bells, Duration.ZERO);
    }

    private void dropExpired(View view, long now) {
        List<Long> expired = new ArrayList<>();
        view.forEach(m -> {
            if (m.expiry() == 0 || !view.of(m).isAvailable()) return true;
            if (m.expiry() <= now && expired.size() < MOST_DROPPED) expired.add(m.mid());
            else nextExpiry = Math.min(nextExpiry, m.expiry());
            return true;
        });
        if (!expired.isEmpty()) drop(view, Domain.EXPIRED, expired);
    }

    /** False: it was refused. */
    boolean drop(View view, int reason, List<Long> messages) {
        long[] mids = messages.stream().mapToLong(Long::longValue).sorted().toArray();
        writer.begin(domain.self).drop(view.id(), reason, mids);
        return log.append(writer.end(), Reserve.SMALL, 0, Duration.ZERO) != Log.REJECTED;
    }

    // ---- telling again; a state is exact only under the publish lock, folded to the end

    private interface Told {
        /** In parts. Null: there is nothing any more. */
        List<ByteBuffer> record();
    }

    /** How many bytes were told; -1 if it was not possible. */
    private long restateOldest() {
        if (isCheckpointOldest()) return checkpoint();
        Staged part = Restating.oldestStaged(state());
        if (part != null)
            return tell(sizeOf(part), () -> {
                Staged now = Restating.oldestStaged(state());
                if (now == null) return null;
                writer.begin(domain.self);
                Restating.stage(now, domain.folded(), writer);
                return List.of(writer.end());
            });
        List<Page> pages = oldestPages();
        if (!pages.isEmpty())
            return tell(sizeOfPages(pages), () -> {
                List<Page> now = oldestPages();
                if (now.isEmpty()) return null;
                writer.begin(domain.self);
                return List.of(Restating.pages(now, domain.folded(), writer).end());
            });
        int limit = (int) Math.min(MOST, log.maxRingBytes() / 16) / 2;
        long told = tellMessages(limit, sizeOf(Restating.oldest(state(), limit)));
        for (; told == TOO_LONG && limit >= SPARE; limit /= 2) told = tellMessages(limit, most());
        return told;
    }

    /** A record may take all that is free: what many subscriptions hold or have done is longer than small messages. */
    private int most() {
        return (int) Math.max(0, Math.min(log.maxRingBytes() / 4, log.ringBytes() - log.usedBytes() - SPARE));
    }

    private long tellMessages(int limit, int size) {
        return tell(size, () -> {
            List<Message> batch = Restating.oldest(state(), limit);
            if (batch.isEmpty()) return null;
            writer.begin(domain.self);
            Restating.put(batch, hasNoRoomForTimes(), domain.folded(), writer);
            return List.of(writer.end());
        });
    }

    /**
     * Those of one time are told together, once in each record: that may be more than what was given back with it. So
     * where the lap before has left too much, or this one fills the ring, they are available at once.
     */
    private boolean hasNoRoomForTimes() {
        return isTight() || log.usedBytes() > log.ringBytes() * 15 / 16;
    }

    private static int sizeOf(List<Message> batch) {
        int size = 1024;
        for (Message m : batch) size += m.length() + PER_MESSAGE;
        return size;
    }

    /** In a short record: it must find room where hardly any is left, so that the mark can pass them. */
    private List<Page> oldestPages() {
        return Restating.oldestPages(state(), (int) Math.min(MOST_OF_PAGES, log.maxRingBytes() / 64));
    }

    /** A page with few messages becomes longer when it is told again. */
    private static int sizeOfPages(List<Page> batch) {
        int size = SPARE;
        for (Page page : batch) size += page.length() + PER_PAGE;
        return size;
    }

    private static int sizeOf(Staged part) {
        return part.length() + 1024;
    }

    /** The registry may be long: all are stopped while it is written only if it changes whenever it was written. */
    private long checkpoint() {
        int length = 0;
        for (int tries = 0; tries < TRIES; tries++) {
            if (!isCheckpointOldest()) return 0; // another member was first
            Restating.Draft draft = new Restating.Draft(state(), mostOfRegistry(log), domain.self);
            length = draft.record.length();
            long told = tell(
                    length + 1024, () -> draft.isOf(state()) ? draft.record().parts() : null);
            if (told >= 0 || draft.isOf(state())) return told;
        }
        return tell(length + length / 4 + 1024, () -> {
            writer.begin(domain.self);
            return List.of(
                    Restating.checkpoint(state(), mostOfRegistry(log), writer).end());
        });
    }

    /** So many bytes of a CHECKPOINT find room in a full domain. */
    static int mostOfRegistry(Log log) {
        return (int) Math.min(Integer.MAX_VALUE, log.maxRingBytes() / 16);
    }

    private long tell(int size, Told told) {
        if (size > log.maxRingBytes() / 4) return -1; // no record may be as long
        domain.folded().toTheEnd(); // or much might be left to be folded while all are stopped
        try (Claim claim = claim(size)) {
            if (claim == null) return -1;
            domain.folded().toTheEnd();
            List<ByteBuffer> record = told.record();
            if (record == null) return -1;
            int length = record.stream().mapToInt(ByteBuffer::remaining).sum();
            if (length > claim.length()) return TOO_LONG;
            int at = 0;
            for (ByteBuffer part : record) {
                int next = at + part.remaining();
                claim.copyFrom(at, part);
                at = next;
            }
            claim.commit(length);
            return length;
        } catch (Folded.Gone moved) {
            return -1;
        }
    }

    /** Or of all that is free, as a record is mostly shorter than it may be. */
    private Claim claim(int size) {
        Claim claim = log.claim(size, Reserve.NONE, CLAIM_TIME);
        long free = log.ringBytes() - log.usedBytes() - SPARE;
        return claim != null || free < SPARE || free >= size
                ? claim
                : log.claim((int) free, Reserve.NONE, Duration.ZERO);
    }
}
