package dev.belfry.shm.publish;

import dev.belfry.shm.journal.Disk;
import dev.belfry.shm.segment.Attached;
import dev.belfry.shm.segment.Handle;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The publishers of one handle: what they have in common, and which of them are open, or closed with a claim that is
 * still open. {@link PublisherWatch} comes by twice a second.
 */
public final class Publishers {
    /** One of them. */
    interface Member extends AutoCloseable {
        OpenClaim openClaim();

        /** Twice a second. */
        void watch();

        @Override
        void close();
    }

    final Attached queue;
    public final Disk disk;
    final Room room;
    final WaitBoard waits;
    final PublisherFlags flags;
    final LastPublish lastPublish;
    private final Handle handle;
    private final List<Member> open = new CopyOnWriteArrayList<>();
    private final List<Member> closed = new CopyOnWriteArrayList<>(); // those with an open claim
    private boolean asksForName; // of the watch alone

    public Publishers(Attached queue, Disk disk) {
        this.queue = queue;
        this.handle = queue.handle;
        this.disk = disk;
        this.room = new Room(handle, queue.subscriptions, disk);
        this.waits = new WaitBoard(handle, room);
        this.flags = new PublisherFlags(handle, queue.uri.toString());
        this.lastPublish = new LastPublish(handle);
    }

    void add(Member publisher) {
        open.add(publisher);
    }

    /** False: another thread has taken it out. */
    boolean remove(Member publisher) {
        return open.remove(publisher);
    }

    /** False: it was closed already. */
    boolean forget(Member publisher) {
        closed.add(publisher); // before it leaves the other list: a claim that is open must not be garbage
        boolean wasOpen = open.remove(publisher);
        if (!wasOpen) closed.remove(publisher);
        return wasOpen;
    }

    /** No claim of it is open. */
    void forgetClosed(Member publisher) {
        closed.remove(publisher);
    }

    /** By one that is open or closed: no publisher waits for a claim that is not its own. */
    boolean isHeldElsewhere(Member but) {
        return Stream.concat(open.stream(), closed.stream())
                .anyMatch(each -> each != but && each.openClaim().isOpen());
    }

    public List<? extends AutoCloseable> open() {
        return open;
    }

    public int count() {
        return open.size();
    }

    // For PublisherWatch

    /** Nothing is left to watch. */
    boolean areNone() {
        boolean isWhole = handle.isWhole(); // else it is given up first
        return handle.hasLeft() || isWhole && open.isEmpty() && closed.isEmpty() && disk.isOver();
    }

    /** Forgets what waits, as the watch ends. */
    void endWatch() {
        if (!handle.hasLeft()) waits.forget();
    }

    void watch() {
        if (handle.hasLeft()) return;
        handle.abandonIfStillUnfinished();
        waits.say();
        waits.forgetWhatIsOver();
        handle.tell();
        for (Member each : open) each.watch();
        for (Member each : closed) each.watch();
        asksForName = !asksForName; // a system call: at each second turn, within a second
        if (asksForName) handle.lookForName();
        lastPublish.note();
        queue.subscriptions.noteThoseAlone();
    }

    /**
     * The claim or batch that this thread has open on the queue of this number, through this
     * handle; or null. One that has left, or is poisoned, holds no lock any more.
     */
    OpenClaim heldByThisThread(UUID queueId) {
        if (!handle.segment.queueId.equals(queueId) || handle.hasLeft() || handle.segment.isCovered()) return null;
        OpenClaim held = heldByThisThread(open);
        return held != null ? held : heldByThisThread(closed);
    }

    private static OpenClaim heldByThisThread(List<Member> publishers) {
        for (Member each : publishers) if (each.openClaim().isMine()) return each.openClaim();
        return null;
    }
}
