package dev.belfry.shm.inspect;

import static dev.belfry.spi.Finding.note;
import static dev.belfry.spi.Finding.problem;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
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
import dev.belfry.spi.Units;
import java.io.IOException;
import java.nio.file.Files;
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
    private final List<Finding> found = new ArrayList<>();
    private boolean logWasRead = true;

    /**
     * {@code named}: the user asked for this very queue, so it is a problem if it cannot be
     * checked.
     */
    QueueCheckup(Machine machine, String queue, boolean named, boolean deep) {
        this.machine = machine;
        this.queue = queue;
        this.named = named;
        this.deep = deep;
        this.subject = "shm:" + queue;
        this.file = QueueFile.pathOf(queue);
    }

    /** For a queue that the user named; a listed queue may have gone since. */
    Finding missing() {
        return problem("exists", subject, "there is no " + file, "'belfry ls' shows which there are.");
    }

    /** Empty if there is no such queue. */
    List<Finding> run() {
        try {
            SharedMemory object = QueueFile.open(machine.libC(), queue);
            if (object == null) return List.of();
            if (!isOurs(object)) return found;
            try (QueueView view = new QueueView(Segment.look(machine, queue, object.reopen()))) {
                if (regionsAreRight(view.segment) && damage(view)) {
                    WaitingCheckup.run(view.segment, view.snapshot.stats(), found::add);
                    UnaryOperator<Finding> repairable = finding -> repairable(view.segment, finding);
                    new LocksCheckup(view, repairable, found::add).run();
                    new SlotsCheckup(machine, view, repairable, found::add).run();
                    owner(view.segment);
                    mode(view.segment.object().status());
                    found.addAll(new LeftOvers(machine).queue(queue));
                    if (!logWasRead)
                        found.add(note(
                                "log",
                                subject,
                                "its log grows faster than it is read: not every message was checked",
                                "Run 'belfry doctor --deep " + queue + "' again while less is published."));
                }
            } finally {
                object.close();
            }
        } catch (QueueAccessDeniedException denied) {
            found.add(unchecked("denied", denied.getMessage(), "Its owner or root can check it: " + doctor() + "."));
        } catch (IncompatibleQueueException foreign) {
            found.add(notToBeOpened(foreign.getMessage()));
        } catch (MessageQueueException | CorruptSegmentException damaged) {
            found.add(corrupt("corrupt-header", damaged.getMessage()));
        } catch (PosixException failed) {
            found.add(problem(
                    "permission",
                    subject,
                    failed.getMessage(),
                    "'strace -f belfry info " + queue + "' shows the call."));
        } catch (InternalError sigbus) {
            found.add(truncated("it was cut short during the check"));
        }
        if (found.isEmpty()) found.add(Finding.ok("queue", subject, "nothing wrong"));
        return found;
    }

    /** It may be in order, but it cannot be checked here. */
    private Finding unchecked(String check, String what, String remedy) {
        return named ? problem(check, subject, what, remedy) : note(check, subject, what, remedy);
    }

    private String doctor() {
        return "'belfry doctor " + queue + "'";
    }

    private Finding foreign(String what) {
        return problem(
                "foreign-file",
                subject,
                what,
                "Choose another queue name, or stop that program and remove its file: 'belfry rm --force " + queue
                        + "'.");
    }

    /** {@code what} includes the next step. */
    private Finding notToBeOpened(String what) {
        int end = what.lastIndexOf(". ");
        return end < 0
                ? foreign(what)
                : problem("foreign-file", subject, what.substring(0, end), what.substring(end + 2));
    }

    private Finding truncated(String what) {
        return problem(
                "truncated",
                subject,
                what,
                "A program cut " + file + " short; its messages are lost. Stop the attached processes, then 'belfry rm "
                        + queue + "'.");
    }

    private Finding corrupt(String check, String what) {
        return problem(
                check,
                subject,
                what,
                "Another program than Belfry wrote into it. Stop the attached processes, then 'belfry rm " + queue
                        + "'.");
    }

    // The file and the first page

    private boolean isOurs(SharedMemory object) {
        try {
            FileStatus status = object.status();
            if (!status.regular())
                found.add(notToBeOpened(QueueFile.notRegular(queue, "").getMessage()));
            else if (status.size() == 0)
                found.add(notToBeOpened(QueueFile.empty(queue).getMessage())); // not to be mapped
            else if (isHeaderOurs(object, status)) return true;
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
                found.add(truncated(file + " has only " + status.size() + " bytes"));
            } else if (header.layoutVersion() != SegmentHeader.LAYOUT_VERSION || header.notUnderstood() != null) {
                found.add(unchecked(
                        "version",
                        "it has layout " + header.layoutVersion()
                                + (header.notUnderstood() == null ? "" : " and " + header.notUnderstood())
                                + ", this command reads " + SegmentHeader.LAYOUT_VERSION,
                        "Use the command of the version that made it, or stop all processes and 'belfry rm " + queue
                                + "'."));
            } else {
                Creation creation = Creation.read(header.bytes(), Long.MAX_VALUE);
                long least = creation.headerLength() + creation.capacity();
                if (status.size() < least)
                    found.add(truncated(file + " has " + Units.number(status.size()) + " bytes, its header says "
                            + Units.number(least) + " or more"));
            }
        } finally {
            mapping.coverWithZeroPages();
        }
        return found.isEmpty();
    }

    private void owner(Segment segment) {
        int uid = segment.object().status().uid();
        if (Ownership.isTrusted(uid, machine.libC().geteuid())) return;
        String name = Users.describe(machine.libC(), uid);
        found.add(note(
                "owner",
                subject,
                "it belongs to " + name,
                "To open it say owner=" + (name.startsWith("uid ") ? name.substring(4) : name.split(" ")[0])
                        + ", if that is the owner you expect."));
    }

    /** What users other than its owner may do; a problem if no queue is created with such a mode. */
    private void mode(FileStatus status) {
        int mode = status.mode();
        if (mode == 0600) return;
        List<String> who = new ArrayList<>();
        if ((mode & 0600) != 0600) who.add("its own user may not use it");
        rights("users of group " + group(), mode >> 3, who);
        rights("all users", mode, who);
        if ((mode & ~0666) != 0) who.add("a queue is not to be executed");
        String what = String.format("its mode is %04o: ", mode) + String.join(", ", who);
        String chmod = "'chmod 0600 " + file + "' leaves it to its own user; open processes are not affected.";
        boolean isUsual = mode == 0660 || mode == 0666 || mode == 0606;
        found.add(isUsual ? note("mode", subject, what, chmod) : problem("mode", subject, what, chmod));
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
            found.add(corrupt("corrupt-regions", wrong.getMessage()));
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
            if (r == 0 ? table.baseAcquire(r) != 0 : table.baseAcquire(r) <= base)
                throw new CorruptSegmentException(which + " begins at offset " + table.baseAcquire(r));
            base = table.baseAcquire(r);
            long end = place + table.capacity(r);
            place = SegmentHeader.aligned(end);
            if (segment.object().status().size() < end) {
                found.add(truncated(file + " ends before its " + which + " does"));
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
    private boolean damage(QueueView view) {
        DamageCheckup checkup = new DamageCheckup(view);
        Map<DamageCheckup.Place, String> damage = checkup.run(deep);
        logWasRead = checkup.logWasRead();
        damage.forEach((place, what) -> found.add(corrupt(place.check(), what)));
        return found.isEmpty();
    }

    // Repair

    /** A repair joins the queue: another user's queue is joined only if it was named. */
    private Finding repairable(Segment segment, Finding finding) {
        int uid = segment.object().status().uid();
        return named || Ownership.isTrusted(uid, machine.libC().geteuid()) ? finding.andRepairable() : finding;
    }
}
