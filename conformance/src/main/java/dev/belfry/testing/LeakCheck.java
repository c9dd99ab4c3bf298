package dev.belfry.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves something in shared memory: a name in /dev/shm, a descriptor, a
 * lock, a mapping. Memory that only the collector gives back has a minute for that.
 *
 * <p>For a class with the tag {@link #PLANTED} only names count: a planted defect may lose a
 * descriptor.
 *
 * <p>A name counts if it is new, this JVM's, and no other process has it, or its queue, open. Other
 * tests may run at the same time. So a queue is this JVM's if its name has the number of this
 * process in it, as all names in tests have. If no other JVM runs tests, it is this JVM's unless
 * its name has the number of another living process. The semaphore of a queue that is gone does not
 * tell its owner: it counts if its queue was {@link #watch}ed, or if no other JVM runs tests.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
    /** A tag for classes of tests. */
    public static final String PLANTED = "planted";

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int QUEUE_ID = 40;
    private static final Pattern OWN =
            Pattern.compile("(?<!\\d)" + ProcessHandle.current().pid() + "(?!\\d)");
    private static final Pattern PID = Pattern.compile("-(\\d{3,9})(?:-|$)");

    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    private List<String> names;
    private Held held;

    /** For the JUnit platform. */
    public LeakCheck() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        begin();
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        boolean planted = context.getTags().contains(PLANTED);
        List<String> left = left(planted);
        for (long end = System.nanoTime() + PATIENCE_NANOS;
                !left.isEmpty() && System.nanoTime() < end;
                left = left(planted)) {
            System.gc();
            Thread.sleep(50);
        }
        if (!left.isEmpty()) throw new AssertionError(context.getDisplayName() + " has left behind: " + left);
    }

    /** From here on. */
    public void begin() {
        names = names();
        held = Held.now();
    }

    /** The semaphores of the queue with this id count in any case. */
    public void watch(UUID queue) {
        watched.add(queue.toString().replace("-", ""));
    }

    /** The things that were added since {@link #begin}, as text; checks once. */
    public List<String> left() {
        return left(false);
    }

    private List<String> left(boolean onlyNames) {
        List<String> left =
                onlyNames ? new ArrayList<>() : new ArrayList<>(Held.now().beyond(held));
        List<String> fresh = new ArrayList<>(names());
        fresh.removeAll(names);
        if (fresh.isEmpty()) return left;
        String others = mapsOfOthers();
        boolean alone = !othersTest();
        for (String name : fresh) {
            String queue = queueOf(name);
            boolean counts = queue == null
                    ? alone || watched.contains(idIn(name))
                    : (alone && !namesAnother(queue) || OWN.matcher(queue).find())
                            && !others.contains(Held.SHM + "/" + queue);
            if (counts) left.add("the name " + name);
        }
        return left;
    }

    /** Whether another JVM of surefire's runs now; the shell that started this one names surefire, too. */
    private static boolean othersTest() {
        Set<Long> own = new HashSet<>();
        for (Optional<ProcessHandle> one = Optional.of(ProcessHandle.current());
                one.isPresent();
                one = one.get().parent()) own.add(one.get().pid());
        return ProcessHandle.allProcesses()
                .filter(process -> !own.contains(process.pid()))
                .anyMatch(process -> process.info().commandLine().orElse("").contains("surefirebooter"));
    }

    private static List<String> names() {
        if (!Files.isDirectory(Held.SHM)) return List.of();
        return Held.each(Held.SHM, file -> {
            String name = file.getFileName().toString();
            return name.startsWith("belfry.") || name.startsWith("sem.belfry.") ? name : null;
        });
    }

    /** The queue itself, or the one with the id in a semaphore's name; null if there is none. */
    private static String queueOf(String name) {
        if (name.startsWith("belfry.")) return name;
        String id = idIn(name);
        return names().stream()
                .filter(queue -> queue.startsWith("belfry.") && id.equals(id(Held.SHM.resolve(queue))))
                .findFirst()
                .orElse(null);
    }

    private static String idIn(String semaphore) {
        return semaphore.split("\\.")[2];
    }

    /**
     * By the first number in it that may be a pid: neither this process nor one that it has
     * started.
     */
    private static boolean namesAnother(String queue) {
        Matcher pid = PID.matcher(queue);
        if (!pid.find()) return false;
        ProcessHandle self = ProcessHandle.current();
        return ProcessHandle.of(Long.parseLong(pid.group(1)))
                .filter(one -> one.isAlive() && !one.equals(self))
                .filter(one -> self.descendants().noneMatch(one::equals))
                .isPresent();
    }

    private static String id(Path queue) {
        try (var channel = Files.newByteChannel(queue)) {
            ByteBuffer id = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            channel.position(QUEUE_ID).read(id);
            return new UUID(id.getLong(0), id.getLong(8)).toString().replace("-", "");
        } catch (IOException goneMeanwhile) {
            return "";
        }
    }

    private static String mapsOfOthers() {
        StringBuilder maps = new StringBuilder();
        String self = Long.toString(ProcessHandle.current().pid());
        Held.each(Path.of("/proc"), process -> {
            String pid = process.getFileName().toString();
            if (!pid.matches("\\d+") || pid.equals(self)) return null;
            for (String line : Held.lines(process.resolve("maps")))
                if (line.contains("/dev/shm/belfry.")) maps.append(line).append('\n');
            return null;
        });
        return maps.toString();
    }
}
