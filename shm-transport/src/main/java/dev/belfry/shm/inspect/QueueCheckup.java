package dev.belfry.shm.inspect;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.Policy;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.posix.Users;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Ownership;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The problems of one queue, from its file on. */
final class QueueCheckup {
    private final Machine machine;
    private final String queue;
    private final boolean named;
    private final boolean deep;
    private final String subject;
    private final String file;
    private final String[] words; // of the remedies' texts
    private final List<Finding> found = new ArrayList<>();
    private boolean logWasRead = true;

    /** {@code named}: the user asked for this very queue, so it is a problem if it cannot be checked. */
    QueueCheckup(Machine machine, String queue, boolean named, boolean deep) {
        this.machine = machine;
        this.queue = queue;
        this.named = named;
        this.deep = deep;
        this.subject = "shm:" + queue;
        this.file = QueueFile.pathOf(queue);
        this.words = new String[] {"QUEUE", queue, "FILE", file};
    }

    /** For a queue that the user named; a listed queue may have gone since. */
    Finding missing() {
        return Remedy.MISSING.problem(subject, "there is no " + file);
    }

    /** Empty if there is no such queue. */
    List<Finding> run(QueueInspector.Progress progress) {
        try {
            SharedMemory object = QueueFile.open(machine.libC(), queue);
            if (object == null) return List.of();
            if (!isOurs(object)) return found;
            try (QueueView view = new QueueView(Segment.look(machine, queue, object.reopen()))) {
                if (regionsAreRight(view.segment) && damage(view, progress)) {
                    UnaryOperator<Finding> repairable = finding -> repairable(view.segment, finding);
                    new LocksCheckup(view, repairable, found::add).run();
                    new SlotsCheckup(view.segment, view.snapshot, repairable, found::add).run();
                    if (view.segment.creation.isDomain()) new DomainCheckup(view, found::add).run(named);
                    String growth = Growable.refusal(view.segment);
                    if (growth != null) found.add(Remedy.NO_GROWTH.information(subject, growth));
                    newer(view.segment);
                    owner(view.segment);
                    mode(view.segment.object.status());
                    found.addAll(new LeftOvers(machine).queue(queue));
                    if (!logWasRead)
                        found.add(Remedy.LOG_NOT_READ.information(
                                subject, "its log grows faster than it is read: not every message was checked", words));
                }
            } finally {
                object.close();
            }
        } catch (QueueAccessDeniedException denied) {
            found.add(unchecked(Remedy.DENIED, denied.getMessage()));
        } catch (IncompatibleQueueException foreign) {
            found.add(notToBeOpened(foreign.getMessage()));
        } catch (MessageQueueException | CorruptSegmentException damaged) {
            problem(Remedy.CORRUPT_HEADER, damaged.getMessage());
        } catch (PosixException failed) {
            problem(Remedy.KERNEL_ERROR, failed.getMessage());
        } catch (InternalError sigbus) {
            problem(Remedy.TRUNCATED, "it was cut short during the check");
        }
        if (found.isEmpty()) found.add(Finding.ok("queue", subject, "nothing wrong"));
        return found;
    }

    /** It may be in order, but it cannot be checked here. */
    private Finding unchecked(Remedy remedy, String what) {
        return named ? remedy.problem(subject, what, words) : remedy.note(subject, what, words);
    }

    private Finding foreign(String what) {
        return isAnAlarm()
                ? Remedy.FOREIGN_FILE.problem(subject, what, words)
                : Remedy.FOREIGN_FILE.note(subject, what, words);
    }

    /** Each user may make a file of any name, and could raise the alarm of all others by it. */
    private boolean isAnAlarm() {
        try {
            int uid = (int) Files.getAttribute(Path.of(file), "unix:uid", LinkOption.NOFOLLOW_LINKS);
            return named || Ownership.isTrusted(uid, machine.libC().geteuid());
        } catch (IOException gone) {
            return named;
        }
    }

    /** {@code what} includes the next step. */
    private Finding notToBeOpened(String what) {
        int end = what.lastIndexOf(". ");
        if (end < 0) return foreign(what);
        Finding.Level level = isAnAlarm() ? Finding.Level.PROBLEM : Finding.Level.NOTE;
        return new Finding(
                Remedy.FOREIGN_FILE.code, level, subject, what.substring(0, end), what.substring(end + 2), false);
    }

    private void problem(Remedy remedy, String what) {
        found.add(remedy.problem(subject, what, words));
    }

    // The file and the first page

    private boolean isOurs(SharedMemory object) {
        try {
            FileStatus status = object.status();
            if (!status.regular())
                found.add(notToBeOpened(QueueFile.notRegular(queue, "").getMessage()));
            else if (status.size() == 0)
                found.add(notToBeOpened(QueueFile.empty(queue).getMessage())); // not to be mapped
            else if (isHeaderOurs(object, status)) {
                if (status.links() <= 1) return true;
                found.add(new TwoNames(queue, file).finding(status));
            }
            object.close();
            return false;
        } catch (Throwable failed) {
            object.close();
            throw failed;
        }
    }

    private boolean isHeaderOurs(SharedMemory object, FileStatus status) {
        var mapping = object.map(0, SegmentHeader.SIZE, false);
        try {
            SegmentHeader header = new SegmentHeader(Segment.over(machine, mapping));
            if (!header.hasMagic()) {
                found.add(foreign(file + " does not begin as a queue of Belfry does: another program's"));
            } else if (status.size() < SegmentHeader.SIZE) {
                problem(Remedy.TRUNCATED, file + " has only " + status.size() + " bytes");
            } else if (header.layoutVersion() != SegmentHeader.LAYOUT_VERSION || header.notUnderstood() != null) {
                found.add(unchecked(
                        Remedy.VERSION,
                        "it has layout " + header.layoutVersion()
                                + (header.notUnderstood() == null ? "" : " and " + header.notUnderstood())
                                + ", this command reads " + SegmentHeader.LAYOUT_VERSION));
            } else {
                Creation creation = Creation.read(header.bytes(), Long.MAX_VALUE);
                long least = creation.headerLength() + creation.capacity();
                if (status.size() < least)
                    problem(
                            Remedy.TRUNCATED,
                            file + " has " + Units.number(status.size()) + " bytes, its header says "
                                    + Units.number(least) + " or more");
            }
        } finally {
            mapping.coverWithZeroPages();
        }
        return found.isEmpty();
    }

    private void newer(Segment segment) {
        SegmentHeader header = segment.header;
        boolean isAtWork = header.ignoredFeatures() != 0;
        if (isAtWork)
            found.add(Remedy.NEWER_AT_WORK.information(
                    subject,
                    "it is used by a newer library, with features " + Long.toHexString(header.ignoredFeatures())
                            + " that this one may ignore; reserved words are not judged",
                    words));
        Slots slots = segment.slots;
        for (int j = 0; j < header.highMarkAcquire(slots.count()); j++) {
            String what = newer(slots.stateAcquire(j), !isAtWork);
            if (what != null)
                found.add((isAtWork ? Remedy.NEWER_AT_WORK : Remedy.NEWER)
                        .note(
                                subject,
                                "it is used by a newer library: what is in slot " + j
                                        + " is of a kind that this one does not" + " know, and " + what,
                                words));
        }
    }

    /**
     * Says what a slot of a later release does here. Damage may make such a kind, too, and takes the subscription that
     * was there out of sight in each phase. Where a feature says that a newer library is at work, only those that gate
     * are worth a note.
     *
     * @return null if there is nothing to say of it
     */
    private static String newer(long state, boolean eachPhase) {
        boolean isNewer = SlotState.isNewer(state);
        if (SlotState.isSubscription(state))
            return isNewer || !Policy.isKnown(SlotState.policyCode(state)) ? "holds publishers up" : null;
        if (!isNewer || !eachPhase) return null;
        return SlotState.phase(state) == SlotState.FREE ? "has ended" : "has not ended its start, and keeps the slot";
    }

    private void owner(Segment segment) {
        int uid = segment.object.status().uid();
        if (Ownership.isTrusted(uid, machine.libC().geteuid())) return;
        String name = Users.describe(machine.libC(), uid);
        found.add(Remedy.OWNER.information(
                subject,
                "it belongs to " + name,
                "OWNER",
                name.startsWith("uid ") ? name.substring(4) : name.split(" ")[0]));
    }

    /** The rights of users other than its owner; a problem if no queue is created with such a mode. */
    private void mode(FileStatus status) {
        int mode = status.mode();
        if (mode == 0600) return;
        List<String> who = new ArrayList<>();
        if ((mode & 0600) != 0600) who.add("its own user may not use it");
        rights("users of group " + group(), mode >> 3, who);
        rights("all users", mode, who);
        if ((mode & ~0666) != 0) who.add("a queue is not to be executed");
        String what = String.format("its mode is %04o: ", mode) + String.join(", ", who);
        boolean isUsual = mode == 0660 || mode == 0666 || mode == 0606;
        found.add(isUsual ? Remedy.MODE.information(subject, what, words) : Remedy.MODE.problem(subject, what, words));
    }

    private static void rights(String whose, int bits, List<String> who) {
        switch (bits & 6) {
            case 6 -> who.add(whose + " may read, publish and damage it");
            case 4 -> who.add(whose + " may read its messages");
            case 2 -> who.add(whose + " may damage it");
            default -> {}
        }
    }

    private String group() {
        try {
            return Files.readAttributes(Path.of(file), PosixFileAttributes.class)
                    .group()
                    .getName();
        } catch (IOException gone) {
            return "?";
        }
    }

    // The regions

    private boolean regionsAreRight(Segment segment) {
        try {
            regions(segment);
        } catch (CorruptSegmentException wrong) {
            problem(Remedy.CORRUPT_REGIONS, wrong.getMessage());
        }
        return found.isEmpty();
    }

    private void regions(Segment segment) {
        RegionTable table = segment.table;
        int current = segment.header.current();
        long place = segment.creation.headerLength();
        long base = 0;
        for (int r = 0; r <= current; r++) {
            String which = "region " + r;
            if (table.place(r) != place)
                throw new CorruptSegmentException(which + " lies at " + table.place(r) + ", not " + place);
            boolean isFirst = r == 0 && (segment.journal != null || table.baseAcquire(r) == 0);
            if (!isFirst && table.baseAcquire(r) <= base)
                throw new CorruptSegmentException(which + " begins at offset " + table.baseAcquire(r));
            base = table.baseAcquire(r);
            long end = place + table.capacity(r);
            place = SegmentHeader.aligned(end);
            if (segment.object.status().size() < end) {
                problem(Remedy.TRUNCATED, file + " ends before its " + which + " does");
                return;
            }
        }
        long gate = segment.header.gateAcquire();
        long tail = segment.header.tailAcquire();
        // of a publisher that died in a growth, before it moved the tail
        boolean afterHop = base == tail + RecordHeader.SIZE;
        if (base > tail && !afterHop || gate > tail || table.lookup(tail) < current && !afterHop)
            throw new CorruptSegmentException(
                    "the log ends at " + tail + ", its gate is at " + gate + ", its last region begins at " + base);
        LogPlace.oldest(segment.header, segment.readable);
    }

    /** True: the other checks can trust the words. */
    private boolean damage(QueueView view, QueueInspector.Progress told) {
        DamageCheckup checkup = new DamageCheckup(view, told);
        Map<DamageCheckup.Place, String> damage = checkup.run(deep);
        logWasRead = checkup.logWasRead();
        damage.forEach((place, what) -> problem(place.check(), what));
        return found.isEmpty();
    }

    // Repair

    /** A repair joins the queue: another user's queue is joined only if it was named. */
    private Finding repairable(Segment segment, Finding finding) {
        int uid = segment.object.status().uid();
        return named || Ownership.isTrusted(uid, machine.libC().geteuid()) ? finding.andRepairable() : finding;
    }
}
