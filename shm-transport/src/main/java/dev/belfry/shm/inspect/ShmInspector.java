package dev.belfry.shm.inspect;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueInfo;
import dev.belfry.api.SubscriberStats;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.NewerRecordException;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.posix.Users;
import dev.belfry.shm.ring.RingSalvage;
import dev.belfry.shm.segment.Failures;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Parts;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.segment.Salvaging;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueUri;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads queues without joining them: no lock, no handle, no slot, and the header mapped read-only. */
public record ShmInspector(Machine machine) implements QueueInspector {
    private static final Logger LOG = LoggerFactory.getLogger(ShmInspector.class);

    /** Every file with a queue's name. */
    public List<QueueInfo> list() {
        List<QueueInfo> all = new ArrayList<>();
        for (String queue : QueueFile.all()) {
            QueueInfo info = info(queue);
            if (info != null) all.add(info);
        }
        all.sort((a, b) -> a.uri().compareTo(b.uri()));
        return all;
    }

    /** The list's entry for one name, without joining it; null if it went meanwhile. */
    QueueInfo info(String queue) {
        URI uri = new QueueUri("shm", queue, Map.of()).toUri();
        String owner = null;
        try {
            SharedMemory object = QueueFile.open(machine.libC(), queue);
            if (object == null) return null;
            owner = Users.describe(machine.libC(), object.status().uid());
            try (Segment segment = Segment.look(machine, queue, object)) {
                return new QueueInfo(uri, segment.queueId, null, owner);
            }
        } catch (MessageQueueException | PosixException problem) {
            return new QueueInfo(uri, null, problem.getMessage(), owner);
        } catch (InternalError truncated) {
            return new QueueInfo(uri, null, "'" + queue + "' was cut short while it was read", owner);
        }
    }

    @Override
    public List<String> names() {
        return QueueFile.all();
    }

    @Override
    public QueueReport look(String queue) {
        return with(queue, ShmInspector::report);
    }

    @Override
    public <T> T observe(String domain, Function<Log, T> question) {
        Objects.requireNonNull(question, "question");
        return with(domain, view -> {
            if (!view.segment.creation.isDomain()) throw Errors.wrongKind(domain, false);
            try {
                return question.apply(new ObservedLog(view));
            } catch (NewerRecordException newer) {
                throw Failures.ofDomain(newer, "shm:" + domain);
            }
        });
    }

    private <T> T with(String queue, Function<QueueView, T> question) {
        Objects.requireNonNull(queue, "queue");
        try (QueueView view = QueueView.of(machine, queue)) {
            if (view == null) throw QueueFile.notFound(machine, queue);
            return question.apply(view);
        } catch (NewerRecordException newer) {
            throw Failures.of(newer, "shm:" + queue);
        } catch (CorruptSegmentException | InternalError damaged) {
            throw Errors.corrupted(queue, damaged.getMessage(), damaged);
        } catch (PosixException e) {
            throw Failures.of(e, queue, null);
        }
    }

    @Override
    public void salvage(String queue, Salvaged found, Progress told) {
        with(queue, view -> {
            Segment segment = view.segment;
            if (segment.creation.isDomain()) throw Errors.wrongKind("shm:" + queue, true);
            long all = segment.header.tailAcquire() - segment.header.gateAcquire();
            found.begins(all, segment.creation.maxCapacity());
            new RingSalvage(segment.header, segment.readable, segment.creation.longestFrame())
                    .run(new Salvaging(found), done -> told.at("shm:" + queue, done, all));
            return null;
        });
    }

    /** Those of kinds that only a later release knows, whose names are not known here. */
    private static List<String> newer(QueueView view) {
        Slots slots = view.segment.slots;
        List<String> all = new ArrayList<>();
        for (int j = 0; j < view.segment.header.highMarkAcquire(slots.count()); j++) {
            long state = slots.stateAcquire(j);
            if (SlotState.isNewer(state) && SlotState.isSubscription(state))
                all.add("one of a newer library, in slot " + j);
        }
        return all;
    }

    private static QueueReport report(QueueView view) {
        return new QueueReport(
                URI.create("shm:" + view.segment.queue),
                Remedy.queue(view.segment),
                view.snapshot.stats(),
                properties(view),
                members(view),
                regions(view.segment));
    }

    private static Map<String, Object> properties(QueueView view) {
        Segment segment = view.segment;
        SegmentHeader header = segment.header;
        Creation creation = segment.creation;
        FileStatus file = segment.object.status();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("file", QueueFile.pathOf(segment.queue));
        if (segment.journal != null) all.put("directory", segment.journal.directory());
        all.put("fileSize", file.size());
        all.put("mode", String.format("%04o", file.mode()));
        all.put("owner", Users.describe(segment.machine.libC(), file.uid()));
        all.put("uid", Integer.toUnsignedLong(file.uid()));
        all.put("gid", (long) file.gid());
        all.put("created", Instant.ofEpochMilli(header.createdMillis()).toString());
        all.put("layoutVersion", (long) header.layoutVersion());
        all.put("kind", creation.isDomain() ? "domain" : "queue");
        all.put("headerLength", creation.headerLength());
        all.put("slots", (long) creation.slots());
        all.put("slotsEverUsed", (long) header.highMarkAcquire(creation.slots()));
        all.put("handles", (long) creation.handles());
        all.put("initialCapacity", creation.capacity());
        all.put("allowGating", creation.allowGating());
        all.put("maxGateNanos", creation.maxGateNanos() == 0 ? null : creation.maxGateNanos());
        all.put("deleteOnLastClose", creation.deleteOnLastClose());
        all.put("gateOffset", header.gateAcquire());
        all.put("tailOffset", header.tailAcquire());
        String refusal = Growable.refusal(segment);
        if (refusal != null) all.put("growth", refusal);
        all.put("publishLock", view.holder(SegmentHeader.PUBLISH_LOCK));
        all.put("gateLock", view.holder(SegmentHeader.GATE_LOCK));
        all.put("roomIsAwaited", (header.bytes().getIntAcquire(SegmentHeader.ROOM) & 1) != 0);
        return all;
    }

    private static List<QueueReport.Member> members(QueueView view) {
        Handles handles = view.segment.handles;
        Slots slots = view.segment.slots;
        int[] subscribers = new int[handles.count()];
        int highMark = view.segment.header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) {
            int owner = Slots.ownerHandle(slots.owner(j));
            boolean theirs = SlotState.phase(slots.stateAcquire(j)) == SlotState.ACTIVE && owner < handles.count();
            if (theirs && !view.snapshot.isOwnerDead(j)) subscribers[owner]++;
        }
        List<QueueReport.Member> all = new ArrayList<>();
        for (int h = 0; h < handles.count(); h++) {
            long state = handles.stateAcquire(h);
            if (view.snapshot.isLive(h))
                all.add(new QueueReport.Member(
                        handles.pid(h),
                        Instant.ofEpochMilli(handles.since(h)),
                        (state & Handles.PUBLISHING) == 0 ? 0 : Math.max(0, handles.publishers(h)),
                        (state & Handles.EXCLUSIVE) != 0,
                        subscribers[h],
                        handles.level(h)));
        }
        return all;
    }

    private static List<QueueReport.Region> regions(Segment segment) {
        RegionTable table = segment.table;
        List<QueueReport.Region> all = new ArrayList<>();
        int current = segment.header.current();
        for (int r = 0; r <= current; r++)
            all.add(new QueueReport.Region(r, table.place(r), table.capacity(r), table.baseAcquire(r), r == current));
        return all;
    }

    @Override
    public List<Finding> diagnoseAll(List<String> named, boolean deep, Progress told) {
        boolean areNamed = named != null;
        List<String> queues = areNamed ? named : QueueFile.all();
        List<Finding> all = new ArrayList<>(new MachineCheckup(machine).run());
        for (String each : queues) {
            QueueCheckup checkup = new QueueCheckup(machine, each, areNamed, deep);
            List<Finding> found = checkup.run(told);
            all.addAll(found.isEmpty() && areNamed ? List.of(checkup.missing()) : found);
        }
        all.addAll(new Copies(list()).of(queues));
        LeftOvers leftOvers = new LeftOvers(machine);
        if (!areNamed) all.addAll(liveParts(leftOvers));
        all.addAll(new RemovedNames(machine).find(areNamed ? queues : null));
        if (areNamed) for (String each : queues) all.addAll(leftOvers.semaphores(each));
        else all.addAll(leftOvers.semaphores(null));
        return all;
    }

    private List<Finding> liveParts(LeftOvers leftOvers) {
        return Parts.find(machine, "").stream()
                .filter(part -> !part.isOpen())
                .map(leftOvers::part)
                .toList();
    }

    @Override
    public List<Finding> leftOvers() {
        LeftOvers leftOvers = new LeftOvers(machine);
        List<Finding> all = new ArrayList<>();
        all.addAll(leftOvers.semaphores(null)); // first: after its queue is removed a semaphore is not found
        for (String queue : QueueFile.all()) all.addAll(leftOvers.queue(queue));
        liveParts(leftOvers).stream().filter(Finding::repairable).forEach(all::add);
        return all;
    }

    @Override
    public boolean repair(Finding finding) {
        if (!finding.repairable()) throw new IllegalArgumentException("'" + finding.check() + "' is not for repair");
        try {
            return new Repairs(machine).repair(finding);
        } catch (PosixException e) {
            throw Failures.of(e, finding.subject(), null);
        } catch (CorruptSegmentException | InternalError damaged) {
            throw Errors.corrupted(finding.subject(), damaged.getMessage(), damaged);
        }
    }

    @Override
    public boolean deleteUnused(String queue) {
        Objects.requireNonNull(queue, "queue");
        return Leaving.delete(machine, queue, open -> refuseIfUsed(queue, open));
    }

    /** By the kernel's locks, which damage does not change; the report only names the processes. */
    private void refuseIfUsed(String queue, boolean open) {
        List<Long> pids = List.of();
        List<String> subscriptions = new ArrayList<>();
        try {
            QueueReport report = look(queue);
            pids = report.members().stream()
                    .map(QueueReport.Member::pid)
                    .distinct()
                    .toList();
            for (SubscriberStats each : report.stats().subscribers())
                if (each.name() != null) subscriptions.add(each.name());
            subscriptions.addAll(with(queue, ShmInspector::newer));
        } catch (IncompatibleVersionException | QueueCorruptedException notToBeLookedAt) {
            LOG.debug("{}: to be removed, and cannot be read: {}", queue, notToBeLookedAt.getMessage());
        }
        if (open) throw Errors.queueInUse("shm:" + queue, pids);
        if (!subscriptions.isEmpty()) throw Errors.subscriptionsWouldBeLost("shm:" + queue, subscriptions);
    }
}
