package dev.belfry.shm.inspect;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Proc;
import dev.belfry.spi.ProgramName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Queues that processes have mapped by a name that was removed since: no file tells of them any more, so
 * {@code /proc/PID/maps} does. The process that created a queue has mapped it before it had a name: its descriptors
 * tell of it, but not how it was called. Not of processes that this user may not see.
 */
record RemovedNames(Machine machine) {
    private static final String DELETED = " (deleted)";
    private static final String OF_FILES = ".file.";
    private static final long AT_ONCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** The removed files of all queues, if null; or of those that had one of these names. */
    List<Finding> find(List<String> queues) {
        Map<String, TreeSet<Long>> all = new TreeMap<>();
        TreeSet<Long> creators = new TreeSet<>();
        String path = QueueFile.pathOf("");
        long seen = QueueFile.device(machine);
        String device = String.format(" %02x:%02x ", seen >>> 32, (int) seen); // as maps write it; of -1 there is none
        for (long pid : Proc.pids()) {
            Proc process = Proc.of(pid);
            removed(process, device, path)
                    .filter(name -> queues == null || queues.contains(name))
                    .forEach(name ->
                            all.computeIfAbsent(name, any -> new TreeSet<>()).add(pid));
            if (process.descriptors().stream().anyMatch(RemovedNames::isNameless)) creators.add(pid);
        }
        List<Finding> found = new ArrayList<>();
        all.forEach((name, pids) -> found.add(finding(name, String.join(", ", described(pids)))));
        if (!creators.isEmpty() && (queues == null || queues.stream().anyMatch(RemovedNames::isGone)))
            found.add(Remedy.REMOVED_NAME.note(
                    SharedMemory.DIRECTORY,
                    "the name of a queue was removed, and the process that created it still uses it: "
                            + String.join(", ", described(creators))));
        return found;
    }

    /** One without a name may be this one. The part of a queue of files is told of with its directory. */
    private static boolean isGone(String queue) {
        return !queue.startsWith(OF_FILES) && !Files.exists(Path.of(QueueFile.pathOf(queue)));
    }

    /** The directory of a queue of files keeps others out as long as these have it open. */
    private static Finding finding(String name, String users) {
        String subject = "shm:" + name;
        String used = " was removed, and processes still use it: " + users + "; one that opens ";
        return name.startsWith(OF_FILES)
                ? Remedy.REMOVED_NAME.problem(subject, "this part of a queue of files" + used + "that now is refused")
                : Remedy.REMOVED_NAME.note(subject, "its name" + used + "it now gets another queue");
    }

    /** Whether it is a queue that has no name. One that is being created gets its name at once. */
    private static boolean isNameless(Path file) {
        String target = Proc.target(file);
        if (!target.startsWith(SharedMemory.DIRECTORY + "/#") || !target.endsWith(DELETED)) return false;
        try {
            if (!isHere(file) || !isQueue(file) || hasName(file)) return false;
            LockSupport.parkNanos(AT_ONCE_NANOS);
            return !hasName(file);
        } catch (IOException | RuntimeException closed) {
            return false;
        }
    }

    /** Another container has another /dev/shm. */
    private static boolean isHere(Path file) throws IOException {
        Object here = Files.getAttribute(Path.of(SharedMemory.DIRECTORY), "unix:dev");
        return Files.getAttribute(file, "unix:dev").equals(here);
    }

    private static boolean hasName(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:nlink") > 0;
    }

    private static boolean isQueue(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] first = in.readNBytes(Long.BYTES);
            return first.length == Long.BYTES
                    && ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong() == SegmentHeader.MAGIC;
        }
    }

    private static List<String> described(TreeSet<Long> pids) {
        return pids.stream().map(ProgramName::withPid).toList();
    }

    /** Finds the names in one process's maps, on this very file system: another container has another at this path. */
    private static Stream<String> removed(Proc process, String device, String path) {
        return process.text("maps").filter(maps -> maps.contains(path)).stream()
                .flatMap(String::lines)
                .filter(line -> line.endsWith(DELETED) && line.contains(device) && line.contains(path))
                .map(line -> line.substring(line.indexOf(path) + path.length(), line.length() - DELETED.length()));
    }
}
