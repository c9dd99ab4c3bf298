package dev.belfry.file;

import dev.belfry.shm.memory.RealMemory;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.SharedMemory;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A disk with one directory, behind the C library. It knows what of it would be there after a power loss: of each
 * sector that was not synced any of its versions, of each name that was not synced any of its changes. A process may be
 * killed before any call that changes something. A sync may fail: then a part of it is on the disk, the page cache
 * keeps all, and each descriptor that is open is told once.
 */
final class Disk {
    static final String DIRECTORY = "/disk";
    static final int SECTOR = 512;
    private static final int CLOCK_REALTIME = 0;

    /** Thrown out of the call in which the process ends; nothing that it does later has an effect. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    /** What of it can be written. */
    enum Room {
        ALL,
        /** It is full, so nothing but what has its storage. */
        ALLOCATED,
        /** As of one that copies on each write. */
        NONE
    }

    private static final class Inode {
        final long number;
        final TreeMap<Integer, byte[]> cache = new TreeMap<>();
        final TreeMap<Integer, byte[]> disk = new TreeMap<>();
        final TreeMap<Integer, List<byte[]>> unsynced = new TreeMap<>();
        final Map<Long, List<Object>> locks = new HashMap<>(); // by byte: descriptors; two or more share it
        final Map<Long, Boolean> shared = new HashMap<>();
        long size;
        long allocated;
        long diskSize;
        int failures;
        long bad = -1; // a byte that cannot be read, nor its sector

        Inode(long number) {
            this.number = number;
        }
    }

    private static final class Descriptor {
        final Inode inode; // null: the directory
        int told;
        String listed = ""; // up to there

        Descriptor(Inode inode) {
            this.inode = inode;
            told = inode == null ? 0 : inode.failures;
        }
    }

    private final Random random;
    private final TreeMap<String, Inode> names = new TreeMap<>();
    private final TreeMap<String, Inode> diskNames = new TreeMap<>();
    private final TreeMap<String, List<Inode>> unsyncedNames = new TreeMap<>(); // null in a list: no such name
    private final Map<Integer, Descriptor> descriptors = new HashMap<>();
    private int nextDescriptor = 1000;
    private volatile long reads;
    private volatile long calls;
    private long nextInode = 2;
    private final ThreadLocal<Integer> errno = ThreadLocal.withInitial(() -> 0);
    private boolean dead;
    private final ThreadLocal<One> calling = new ThreadLocal<>(); // of this thread
    /** Calls that changed something so far. */
    int steps;
    /** The process is killed before this one; -1: never. */
    int dieAt = -1;
    /** Before each of them. */
    Runnable atStep = () -> {};

    /** Of how many syncs one fails; 0: none. */
    int failsOneOf;

    /** A read that meets a bad sector gives nothing, also of what lies before it. */
    boolean refusesWhole;

    /** This byte of the file cannot be read from now on, nor any of its sector; -1: all can. */
    synchronized void isBad(String name, long at) {
        names.get(name).bad = at;
    }

    volatile Room room = Room.ALL;
    private Set<String> hanging = Set.of(); // calls
    private final Set<String> standing = new TreeSet<>();

    /** Each write and each sync stands from now on; or all go on. */
    void hangs(boolean now) {
        hang(now ? Set.of("pwrite", "fdatasync") : Set.of());
    }

    /** Each read of the log stands from now on, and nothing else. */
    void logHangs() {
        hang(Set.of("pread"));
    }

    /** Both. */
    void allHangs() {
        hang(Set.of("pread", "pwrite", "fdatasync"));
    }

    private synchronized void hang(Set<String> calls) {
        hanging = calls;
        notifyAll();
    }

    /** The names of all threads that have stood in a call. */
    synchronized Set<String> standing() {
        return new TreeSet<>(standing);
    }

    private void awaitDisk(String call) {
        boolean interrupted = false;
        if (hanging.contains(call)) standing.add(Thread.currentThread().getName());
        while (hanging.contains(call)) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    /** Without posix_fallocate. */
    boolean allocatesNothing;

    Disk(Random random) {
        this.random = random;
    }

    LibC libC() {
        return new One().libC;
    }

    /** The calls of one process, which may be killed alone. */
    final class One {
        final LibC libC = (LibC)
                Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, a) -> {
                    synchronized (Disk.this) {
                        return call(method.getName(), a);
                    }
                });

        /** It is killed before the call after so many that change something; below 0: never. */
        int left = -1;

        boolean isDead;
        private final Set<Integer> own = new HashSet<>(); // descriptors

        private Object call(String function, Object[] a) {
            if (isDead && function.equals("close")) return 0; // the kernel has done it
            if (isDead) throw new Killed();
            calling.set(this);
            if (!function.equals("errno")) calls++; // which is no system call
            Object result = Disk.this.call(function, a);
            if (function.equals("open")) own.add((int) result);
            return result;
        }

        private void step() {
            if (left < 0 || left-- > 0) return;
            isDead = true;
            own.forEach(Disk.this::close);
            throw new Killed();
        }
    }

    private Object call(String function, Object[] a) {
        return switch (function) {
            case "open" -> open((String) a[0], (int) a[1]);
            case "close" -> close((int) a[0]);
            case "fcntl" -> fcntl((int) a[0], (int) a[1], (long) a[2]);
            case "statx" -> statx((int) a[0], (String) a[1], (long) a[4]);
            case "linkat" -> linkat((String) a[1], (String) a[3]);
            case "unlink" -> unlink((String) a[0]);
            case "rename" -> rename((String) a[0], (String) a[1]);
            case "pread" -> pread((int) a[0], (long) a[1], (long) a[2], (long) a[3]);
            case "pwrite" -> pwrite((int) a[0], (long) a[1], (long) a[2], (long) a[3]);
            case "posix_fallocate" -> allocate((int) a[0], (long) a[2]);
            case "fdatasync" -> fdatasync((int) a[0]);
            case "fsync" -> fsync();
            case "fchmod", "fchown", "geteuid", "getgid" -> 0;
            case "syscall" -> getdents64((int) (long) a[1], (long) a[2]);
            case "fstatfs" -> fstatfs((long) a[1]);
            case "clock_gettime" -> clock((int) a[0], (long) a[1]);
            case "getpid" -> 4711;
            case "errno" -> errno.get();
            default -> throw new UnsupportedOperationException(function);
        };
    }

    /** This machine's clocks, as messages have their times of them: a search for a time goes by both. */
    private int clock(int clock, long timespec) {
        long millis =
                clock == CLOCK_REALTIME ? System.currentTimeMillis() : TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        memory(timespec, 16).putLong(0, millis / 1000).putLong(8, millis % 1000 * 1_000_000);
        return 0;
    }

    private void step() {
        atStep.run();
        calling.get().step();
        if (dead || steps++ == dieAt) {
            dead = true;
            throw new Killed();
        }
    }

    private int fail(int why) {
        errno.set(why);
        return -1;
    }

    private int open(String path, int flags) {
        if (path.equals(DIRECTORY) || path.endsWith("/.")) return opened(null);
        if (path.equals(SharedMemory.DIRECTORY)) return opened(null); // may a group be given there?
        if (path.startsWith("/proc/sys/")) return fail(Errno.ENOENT);
        String name = name(path);
        boolean creates = (flags & 0100) != 0;
        Inode found = names.get(name);
        if (found == null && !creates) return fail(Errno.ENOENT);
        if (found != null && creates) return fail(Errno.EEXIST);
        if (creates && room != Room.ALL) return fail(Errno.ENOSPC);
        if (creates) {
            step();
            found = new Inode(nextInode++);
            change(name, found);
        }
        return opened(found);
    }

    private int opened(Inode inode) {
        descriptors.put(++nextDescriptor, new Descriptor(inode));
        return nextDescriptor;
    }

    /** In the one directory, by its descriptor. */
    private static String name(String path) {
        if (!path.matches("/proc/self/fd/\\d+/[^/]+")) throw new AssertionError(path);
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private void change(String name, Inode inode) {
        if (inode == null) names.remove(name);
        else names.put(name, inode);
        unsyncedNames.computeIfAbsent(name, n -> new ArrayList<>()).add(inode);
    }

    private int close(int fd) {
        Descriptor gone = descriptors.remove(fd);
        if (gone != null && gone.inode != null) unlockAll(gone);
        return 0;
    }

    private static void unlockAll(Descriptor gone) {
        gone.inode.locks.values().forEach(holders -> holders.remove(gone));
    }

    private int fcntl(int fd, int cmd, long arg) {
        if (cmd != 37) throw new UnsupportedOperationException("fcntl " + cmd);
        if (dead) throw new Killed();
        ByteBuffer flock = memory(arg, 32);
        short type = flock.getShort(0);
        long at = flock.getLong(8);
        Descriptor mine = descriptors.get(fd);
        List<Object> holders = mine.inode.locks.computeIfAbsent(at, x -> new ArrayList<>());
        if (type == 2) {
            holders.remove(mine);
            return 0;
        }
        boolean others = holders.stream().anyMatch(x -> x != mine);
        boolean shares = type == 0 && mine.inode.shared.getOrDefault(at, false);
        if (others && !shares) return fail(Errno.EAGAIN);
        if (!holders.contains(mine)) holders.add(mine);
        mine.inode.shared.put(at, type == 0);
        return 0;
    }

    private int statx(int fd, String path, long buffer) {
        Inode inode = path.isEmpty() ? descriptors.get(fd).inode : names.get(name(path));
        if (inode == null) return fail(Errno.ENOENT);
        ByteBuffer statx = memory(buffer, 256);
        statx.putInt(16, names.containsValue(inode) ? 1 : 0);
        statx.putShort(28, (short) (0100000 | 0600));
        statx.putLong(32, inode.number);
        statx.putLong(40, inode.size);
        return 0;
    }

    /** Of no blocks: without a limit. */
    private static int fstatfs(long buffer) {
        memory(buffer, 24).putLong(16, 0);
        return 0;
    }

    private int linkat(String from, String to) {
        Inode inode = names.get(name(from));
        if (inode == null) return fail(Errno.ENOENT);
        if (names.containsKey(name(to))) return fail(Errno.EEXIST);
        step();
        change(name(to), inode);
        return 0;
    }

    private int unlink(String path) {
        if (!names.containsKey(name(path))) return fail(Errno.ENOENT);
        step();
        change(name(path), null);
        return 0;
    }

    private int rename(String from, String to) {
        Inode inode = names.get(name(from));
        if (inode == null) return fail(Errno.ENOENT);
        step();
        change(name(to), inode);
        change(name(from), null);
        return 0;
    }

    private long pread(int fd, long buffer, long count, long offset) {
        reads++;
        Inode inode = descriptors.get(fd).inode;
        if (hanging.contains("pread") && isOfLog(inode)) awaitDisk("pread");
        int n = (int) Math.max(0, Math.min(count, inode.size - offset));
        if (inode.bad >= offset && inode.bad < offset + n) {
            int before = (int) Math.max(0, inode.bad - inode.bad % SECTOR - offset);
            if (refusesWhole || before == 0) return fail(Errno.EIO);
            n = before; // as the kernel does, where the others are in its cache
        }
        ByteBuffer to = memory(buffer, n);
        while (to.hasRemaining()) {
            long at = offset + to.position();
            int inside = (int) (at % SECTOR);
            int now = Math.min(to.remaining(), SECTOR - inside);
            to.put(inode.cache.getOrDefault((int) (at / SECTOR), ZEROS), inside, now);
        }
        return n;
    }

    private boolean isOfLog(Inode inode) {
        return names.entrySet().stream()
                .anyMatch(each -> each.getValue() == inode && each.getKey().startsWith(Segments.PREFIX));
    }

    private static final byte[] ZEROS = new byte[SECTOR];

    private long pwrite(int fd, long buffer, long count, long offset) {
        awaitDisk("pwrite");
        step();
        Inode inode = descriptors.get(fd).inode;
        ByteBuffer from = memory(buffer, (int) count);
        while (from.hasRemaining()) {
            long at = offset + from.position();
            int inside = (int) (at % SECTOR);
            int now = Math.min(from.remaining(), SECTOR - inside);
            int sector = (int) (at / SECTOR);
            boolean isAllocated = at < inode.allocated || inode.cache.containsKey(sector);
            if (room == Room.NONE || room == Room.ALLOCATED && !isAllocated) return fail(Errno.ENOSPC);
            byte[] changed = inode.cache.getOrDefault(sector, ZEROS).clone();
            from.get(changed, inside, now);
            inode.cache.put(sector, changed);
            inode.unsynced.computeIfAbsent(sector, s -> new ArrayList<>()).add(changed);
        }
        inode.size = Math.max(inode.size, offset + count);
        return count;
    }

    /** The new size is there after a power loss once a sync said so. */
    private int allocate(int fd, long size) {
        if (allocatesNothing) return Errno.EOPNOTSUPP;
        Inode inode = descriptors.get(fd).inode;
        if (room != Room.ALL && inode.allocated < size) return Errno.ENOSPC;
        step();
        inode.size = Math.max(inode.size, size);
        inode.allocated = Math.max(inode.allocated, size);
        return 0;
    }

    private int fdatasync(int fd) {
        awaitDisk("fdatasync");
        step();
        Descriptor descriptor = descriptors.get(fd);
        Inode inode = descriptor.inode;
        boolean fails = failsOneOf > 0 && !inode.unsynced.isEmpty() && random.nextInt(failsOneOf) == 0;
        inode.unsynced.forEach((sector, versions) -> {
            if (!fails || random.nextBoolean()) inode.disk.put(sector, versions.get(versions.size() - 1));
        });
        inode.unsynced.clear();
        if (!fails) inode.diskSize = inode.size;
        if (fails) inode.failures++;
        if (descriptor.told == inode.failures) return 0;
        descriptor.told = inode.failures;
        return fail(Errno.EIO);
    }

    private int fsync() {
        step();
        diskNames.clear();
        diskNames.putAll(names);
        unsyncedNames.clear();
        return 0;
    }

    private long getdents64(int fd, long buffer) {
        Descriptor descriptor = descriptors.get(fd);
        ByteBuffer entries = memory(buffer, 32 << 10);
        for (String name : names.tailMap(descriptor.listed, false).keySet()) {
            int at = entries.position();
            int length = 19 + name.length() + 1 + 7 & ~7;
            if (entries.remaining() < length) break;
            descriptor.listed = name;
            entries.putShort(at + 16, (short) length);
            entries.position(at + 19);
            entries.put(name.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
            entries.position(at + length);
        }
        return entries.position();
    }

    private static ByteBuffer memory(long address, int length) {
        return RealMemory.MEMORY
                .view(address, Math.max(1, length))
                .order(ByteOrder.nativeOrder())
                .limit(length);
    }

    /** All processes end, by whatever: their descriptors and locks go. */
    void allEnd() {
        descriptors.values().forEach(each -> {
            if (each.inode != null) unlockAll(each);
        });
        descriptors.clear();
        dead = false;
        dieAt = -1;
    }

    /** The kernel writes some of what is not synced. */
    void writeBack() {
        for (Inode inode : names.values()) {
            inode.unsynced.entrySet().removeIf(each -> {
                if (random.nextInt(3) != 0) return false;
                inode.disk.put(
                        each.getKey(), each.getValue().get(each.getValue().size() - 1));
                return true;
            });
        }
    }

    /** What would be there if the power went now, with other luck each time. All goes on here. */
    synchronized Disk afterPowerLoss(Random luck) {
        Disk copy = new Disk(luck);
        Map<Inode, Inode> copies = new IdentityHashMap<>();
        names.forEach((name, inode) -> copy.names.put(name, copyOf(inode, copies)));
        diskNames.forEach((name, inode) -> copy.diskNames.put(name, copyOf(inode, copies)));
        unsyncedNames.forEach((name, versions) -> {
            List<Inode> all = new ArrayList<>();
            for (Inode each : versions) all.add(copyOf(each, copies));
            copy.unsyncedNames.put(name, all);
        });
        copy.nextInode = nextInode;
        copy.losePower();
        return copy;
    }

    /** Arrays of sectors are never changed, so they are shared. */
    private static Inode copyOf(Inode inode, Map<Inode, Inode> copies) {
        if (inode == null || copies.containsKey(inode)) return copies.get(inode);
        Inode copy = new Inode(inode.number);
        copy.cache.putAll(inode.cache);
        copy.disk.putAll(inode.disk);
        inode.unsynced.forEach((sector, versions) -> copy.unsynced.put(sector, new ArrayList<>(versions)));
        copy.size = inode.size;
        copy.allocated = inode.allocated;
        copy.diskSize = inode.diskSize;
        copies.put(inode, copy);
        return copy;
    }

    /** After {@link #allEnd}. */
    void losePower() {
        unsyncedNames.forEach((name, versions) -> {
            int version = random.nextInt(versions.size() + 1);
            if (version == 0) return;
            Inode inode = versions.get(version - 1);
            if (inode == null) diskNames.remove(name);
            else diskNames.put(name, inode);
        });
        unsyncedNames.clear();
        names.clear();
        names.putAll(diskNames);
        Set<Inode> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(names.values());
        all.forEach(this::lose);
    }

    private void lose(Inode inode) {
        inode.unsynced.forEach((sector, versions) -> {
            int version = random.nextInt(versions.size() + 1);
            if (version > 0) inode.disk.put(sector, versions.get(version - 1));
        });
        inode.unsynced.clear();
        if (random.nextBoolean()) inode.diskSize = inode.size;
        inode.size = inode.diskSize;
        inode.disk.tailMap((int) ((inode.size + SECTOR - 1) / SECTOR), true).clear();
        inode.cache.clear();
        inode.cache.putAll(inode.disk);
    }

    /** Changes one byte on the disk itself. */
    void flip(String name, long offset) {
        Inode inode = names.get(name);
        int sector = (int) (offset / SECTOR);
        byte[] changed = inode.cache.getOrDefault(sector, ZEROS).clone();
        changed[(int) (offset % SECTOR)] ^= 0x10;
        inode.cache.put(sector, changed);
        inode.disk.put(sector, changed);
    }

    void remove(String name) {
        names.remove(name);
        diskNames.remove(name);
    }

    synchronized List<String> names() {
        return List.copyOf(names.keySet());
    }

    byte[] content(String name) {
        Inode inode = names.get(name);
        byte[] all = new byte[(int) inode.size];
        inode.cache.forEach((sector, bytes) -> {
            int at = sector * SECTOR;
            if (at < all.length) System.arraycopy(bytes, 0, all, at, Math.min(SECTOR, all.length - at));
        });
        return all;
    }

    /** Counts all system calls so far. */
    long calls() {
        return calls;
    }

    /** Counts the calls of {@code pread} so far. */
    long reads() {
        return reads;
    }

    int descriptors() {
        return descriptors.size();
    }

    boolean isZero(String name) {
        byte[] all = content(name);
        return Arrays.equals(all, new byte[all.length]);
    }
}
