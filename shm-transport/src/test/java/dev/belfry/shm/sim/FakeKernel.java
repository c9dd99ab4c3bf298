package dev.belfry.shm.sim;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A kernel whose descriptors, locks, futexes and semaphores are plain Java objects, so that a
 * schedule can begin again in microseconds and the scheduler decides how long each thread sleeps. There is
 * one shared object. Its memory is real, and each process maps it on its own, twice in a row where
 * it asks for that; a process that covers its mappings covers them for real.
 */
final class FakeKernel implements AutoCloseable {
    /** It decides what becomes of a sleeper. */
    interface Sleep {
        /** True: woken; false: its time is over. */
        boolean until(Object key);

        void wake(Object key, int count);

        /** Somebody may have waited for what changed. */
        void changed();

        /** A place where another may go on. */
        void step(String what);
    }

    private static final LibC REAL = RealLibC.load();
    private static final int SIZE = 512 << 10;
    private static final int RW = 3;
    private static final int SHARED = 1;
    private static final int PRIVATE_ANONYMOUS = 0x4022;
    private static final int FIXED = 0x10;
    private static final int F_OFD_GETLK = 36;
    private static final boolean AARCH64 = "aarch64".equals(System.getProperty("os.arch"));
    private static final int UNNAMED = 020000002 | (AARCH64 ? 040000 : 0200000);
    private static final int SYS_FUTEX = AARCH64 ? 98 : 202;
    private static final int SYS_MEMBARRIER = AARCH64 ? 283 : 324;
    private static final int REGISTER = 4;
    private static final int SEMAPHORES = 256;

    private final Sleep sleep;
    private final int realFd;
    private final long memory;
    private final Memory semaphorePlaces = new Memory(32L * SEMAPHORES);
    private final List<Process> processes = new ArrayList<>();

    // What a schedule changes, and what it begins with.
    private long length;
    private String linked;
    private int nextFd;
    private final Map<Integer, Description> descriptors = new HashMap<>();
    private final Map<Long, Description> locks = new HashMap<>();
    private final Map<String, Semaphore> semaphores = new HashMap<>();
    private final Map<Long, Semaphore> semaphoresAt = new HashMap<>();
    private final Map<Long, Long> pieces = new HashMap<>(); // the pieces of the object that are not holes
    private final Map<Long, byte[]> saved = new HashMap<>();
    private long savedLength;
    private String savedLinked;

    /** A twin's. */
    boolean everybodyLooksDead;

    /** What a process's membarrier does. */
    enum Membarrier {
        WORKS,
        DENIED,
        /** A twin's: it says that it did, but fences nobody. */
        ONLY_SAYS_SO,
        /** A twin's: it says that it registered. */
        ONLY_SAYS_REGISTERED
    }

    private static final class Description {
        final Process process;
        boolean semaphore;

        Description(Process process) {
            this.process = process;
        }
    }

    private static final class Semaphore {
        final String name;
        final long address;
        int value;

        Semaphore(String name, long address) {
            this.name = name;
            this.address = address;
        }
    }

    FakeKernel(Sleep sleep) {
        this.sleep = sleep;
        this.realFd = REAL.open("/dev/shm", UNNAMED, 0600);
        if (realFd < 0 || REAL.posix_fallocate(realFd, 0, SIZE) != 0) throw new IllegalStateException("no memory");
        this.memory = REAL.mmap(0, SIZE, RW, SHARED, realFd, 0);
        semaphorePlaces.clear();
    }

    Process process(int number) {
        while (processes.size() <= number) processes.add(new Process());
        return processes.get(number);
    }

    /** Each schedule begins here from now on. */
    void save() {
        saved.clear();
        pieces.forEach((at, bytes) -> saved.put(at, new Pointer(memory).getByteArray(at, (int) (long) bytes)));
        savedLength = length;
        savedLinked = linked;
    }

    void restore() {
        for (long at : List.copyOf(pieces.keySet()))
            if (!saved.containsKey(at) || saved.get(at).length != pieces.get(at))
                new Pointer(memory + at).clear(pieces.remove(at));
        saved.forEach((at, bytes) -> {
            new Pointer(memory).write(at, bytes, 0, bytes.length);
            pieces.put(at, (long) bytes.length);
        });
        length = savedLength;
        linked = savedLinked;
        descriptors.clear();
        locks.clear();
        semaphores.clear();
        semaphoresAt.clear();
        processes.forEach(Process::begin);
    }

    /** What the kernel takes back when a process dies. */
    void died(Process process) {
        process.stored.drain();
        descriptors.values().removeIf(d -> d.process == process);
        locks.values().removeIf(d -> d.process == process);
        sleep.changed();
    }

    @Override
    public void close() {
        for (Process process : processes) process.unmap();
        REAL.munmap(memory, SIZE);
        REAL.close(realFd);
    }

    /** As one process sees it; its mappings are kept from schedule to schedule. */
    final class Process implements LibC {
        private record Range(long offset, long length) {}

        private static final Range FIRST_PAGE = new Range(0, 4096);

        private final Map<Range, Long> singles = new HashMap<>();
        private final List<Long> doubles = new ArrayList<>();
        private final Map<Long, Range> shown = new HashMap<>();
        private final Set<Long> used = new HashSet<>();
        private final Set<Long> covered = new HashSet<>();
        private final Map<Long, Long> lengths = new HashMap<>();
        private int errno;

        /** One thread of it runs at a time, so it has one. */
        final StoreBuffer stored = new StoreBuffer();

        Membarrier membarrier = Membarrier.WORKS;
        private boolean registered;

        private void begin() {
            stored.forget();
            registered = false;
            used.clear();
            for (long gone : covered) {
                long bytes = lengths.remove(gone);
                REAL.munmap(gone, bytes);
                singles.values().remove(gone);
                doubles.remove(gone);
                shown.keySet().removeIf(at -> at >= gone && at < gone + bytes); // both halves
            }
            covered.clear();
        }

        private void unmap() {
            lengths.forEach(REAL::munmap);
            lengths.clear();
        }

        boolean isRing(long address) {
            return doubles.contains(address);
        }

        boolean isCovered(long mapping) {
            return covered.contains(mapping);
        }

        private int fail(int why) {
            errno = why;
            return -1;
        }

        private int opened(Description description) {
            descriptors.put(++nextFd, description);
            return nextFd;
        }

        @Override
        public int open(String path, int flags, int mode) {
            return opened(new Description(this));
        }

        @Override
        public int shm_open(String name, int oflag, int mode) {
            Description description = new Description(this);
            description.semaphore = name.startsWith("/sem.");
            if (description.semaphore ? !semaphores.containsKey("/" + name.substring(5)) : !name.equals(linked))
                return fail(Errno.ENOENT);
            return opened(description);
        }

        @Override
        public int shm_unlink(String name) {
            call("shm_unlink");
            if (!name.equals(linked)) return fail(Errno.ENOENT);
            linked = null;
            return 0;
        }

        @Override
        public int close(int fd) {
            Description gone = descriptors.remove(fd);
            if (gone != null && locks.values().removeIf(d -> d == gone)) sleep.changed();
            return 0;
        }

        @Override
        public int fcntl(int fd, int cmd, long arg) {
            Pointer flock = new Pointer(arg);
            long at = flock.getLong(8);
            short type = flock.getShort(0);
            call("lock " + at);
            Description mine = descriptors.get(fd);
            Description holder = locks.get(at);
            if (cmd == F_OFD_GETLK) {
                long length = flock.getLong(16);
                boolean held = locks.entrySet().stream()
                        .anyMatch(
                                lock -> lock.getKey() >= at && lock.getKey() - at < length && lock.getValue() != mine);
                flock.setShort(0, (short) (held && !everybodyLooksDead ? 1 : 2));
                return 0;
            }
            if (type == 2) {
                if (holder == mine) locks.remove(at);
                sleep.changed();
                return 0;
            }
            if (holder != null && holder != mine) {
                sleep.until("lock " + at);
                return fail(Errno.EAGAIN);
            }
            locks.put(at, mine);
            sleep.changed();
            return 0;
        }

        @Override
        public int statx(int dirfd, String path, int flags, int mask, long buf) {
            boolean semaphore = path.startsWith("/dev/shm/sem.");
            if (semaphore && !semaphores.containsKey("/" + path.substring(13))) return fail(Errno.ENOENT);
            if (!semaphore && !path.isEmpty() && !path.substring(8).equals(linked)) return fail(Errno.ENOENT);
            semaphore |= path.isEmpty() && descriptors.get(dirfd) != null && descriptors.get(dirfd).semaphore;
            Pointer statx = new Pointer(buf);
            statx.setInt(16, linked == null && !semaphore ? 0 : 1);
            statx.setInt(20, geteuid());
            statx.setInt(24, getgid());
            statx.setShort(28, (short) (0100000 | 0600));
            statx.setLong(32, semaphore ? 2 : 1);
            statx.setLong(40, semaphore ? 32 : length);
            statx.setInt(136, 0);
            statx.setInt(140, 7);
            return 0;
        }

        @Override
        public int posix_fallocate(int fd, long offset, long bytes) {
            call("posix_fallocate");
            if (offset + bytes > SIZE) return Errno.ENOSPC;
            length = Math.max(length, offset + bytes);
            pieces.merge(offset, bytes, Math::max);
            return 0;
        }

        @Override
        public int linkat(int olddirfd, String oldpath, int newdirfd, String newpath, int flags) {
            call("linkat");
            if (linked != null) return fail(Errno.EEXIST);
            linked = newpath.substring(8);
            return 0;
        }

        @Override
        public int unlink(String path) {
            return fail(Errno.ENOENT);
        }

        @Override
        public int rename(String oldpath, String newpath) {
            return fail(Errno.ENOSYS);
        }

        @Override
        public int mkdir(String path, int mode) {
            return fail(Errno.ENOSYS);
        }

        @Override
        public int rmdir(String path) {
            return fail(Errno.ENOSYS);
        }

        @Override
        public long pread(int fd, long buf, long count, long offset) {
            return fail(Errno.ENOSYS);
        }

        @Override
        public long pwrite(int fd, long buf, long count, long offset) {
            return fail(Errno.ENOSYS);
        }

        @Override
        public int fdatasync(int fd) {
            return fail(Errno.ENOSYS);
        }

        @Override
        public int fsync(int fd) {
            return fail(Errno.ENOSYS);
        }

        @Override
        public int fchmod(int fd, int mode) {
            return 0;
        }

        @Override
        public int fchown(int fd, int uid, int gid) {
            return 0;
        }

        @Override
        public long mmap(long addr, long bytes, int prot, int flags, int fd, long offset) {
            if (addr == 0 && prot == 0) return reserve(bytes);
            if (addr == 0) {
                long single = singles.computeIfAbsent(
                        new Range(offset, bytes), r -> REAL.mmap(0, bytes, RW, SHARED, realFd, offset));
                lengths.put(single, bytes);
                return single;
            }
            if (fd == -1) {
                call("cover");
                if (isFirstLook(addr)) return addr;
                covered.add(addr);
                return REAL.mmap(addr, bytes, RW, flags, -1, 0);
            }
            Range range = new Range(offset, bytes);
            if (range.equals(shown.get(addr))) return addr;
            shown.put(addr, range);
            return REAL.mmap(addr, bytes, RW, SHARED | FIXED, realFd, offset);
        }

        /**
         * Of who opens, at the first page: nobody looks there any more once the whole header is
         * mapped, and covering costs more than all else.
         */
        private boolean isFirstLook(long addr) {
            return singles.size() > 1 && Objects.equals(singles.get(FIRST_PAGE), addr);
        }

        private long reserve(long bytes) {
            for (long address : doubles) if (lengths.get(address) == bytes && used.add(address)) return address;
            long address = REAL.mmap(0, bytes, 0, PRIVATE_ANONYMOUS, -1, 0);
            doubles.add(address);
            lengths.put(address, bytes);
            used.add(address);
            return address;
        }

        @Override
        public int munmap(long addr, long bytes) {
            return 0; // kept for the next schedule
        }

        /** Where in the object a word lies: the same for all processes and mappings. */
        long place(long address) {
            for (Map.Entry<Range, Long> one : singles.entrySet()) {
                long at = address - one.getValue();
                if (at >= 0 && at < one.getKey().length) return one.getKey().offset + at;
            }
            for (Map.Entry<Long, Range> one : shown.entrySet()) {
                long at = address - one.getKey();
                if (at >= 0 && at < one.getValue().length) return one.getValue().offset + at;
            }
            throw new AssertionError("a word that is nowhere");
        }

        /**
         * A call: others may come first; and all that it does it does with atomics, after which
         * nothing is left in the store buffer.
         */
        private void call(String what) {
            sleep.step(what);
            stored.drain();
        }

        private long membarrier(int command) {
            call("membarrier");
            switch (membarrier) {
                case DENIED -> {
                    return fail(Errno.EPERM);
                }
                case ONLY_SAYS_SO -> {
                    return 0;
                }
                case ONLY_SAYS_REGISTERED -> {
                    if (command == REGISTER) return 0;
                }
                case WORKS -> registered |= command == REGISTER;
            }
            if (command != REGISTER) for (Process one : processes) if (one.registered) one.stored.drain();
            return 0;
        }

        @Override
        public long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
            if (number == SYS_MEMBARRIER) return membarrier((int) a1);
            if (number != SYS_FUTEX) return fail(Errno.ENOSYS);
            if (a2 == 1) {
                call("futex wake");
                sleep.wake(place(a1), (int) Math.min(a3, Integer.MAX_VALUE));
                return 0;
            }
            call("futex wait");
            if (new Pointer(a1).getInt(0) != (int) a3) return fail(Errno.EAGAIN);
            return sleep.until(place(a1)) ? 0 : fail(Errno.ETIMEDOUT);
        }

        @Override
        public long sem_open(String name, int oflag, int mode, int value) {
            Semaphore there = semaphores.get(name);
            if (there == null) {
                if (oflag == 0) {
                    errno = Errno.ENOENT;
                    return 0;
                }
                long place = Pointer.nativeValue(semaphorePlaces) + 32L * (semaphoresAt.size() % SEMAPHORES);
                there = new Semaphore(name, place);
                semaphores.put(name, there);
                semaphoresAt.put(place, there);
            } else if (oflag != 0) {
                errno = Errno.EEXIST;
                return 0;
            }
            return there.address;
        }

        @Override
        public int sem_close(long sem) {
            return 0;
        }

        @Override
        public int sem_unlink(String name) {
            call("sem_unlink");
            return semaphores.remove(name) == null ? fail(Errno.ENOENT) : 0;
        }

        @Override
        public int sem_post(long sem) {
            call("sem_post");
            Semaphore semaphore = semaphoresAt.get(sem);
            semaphore.value++;
            sleep.wake(semaphore, 1);
            return 0;
        }

        @Override
        public int sem_trywait(long sem) {
            Semaphore semaphore = semaphoresAt.get(sem);
            if (semaphore.value == 0) return fail(Errno.EAGAIN);
            semaphore.value--;
            return 0;
        }

        @Override
        public int sem_clockwait(long sem, int clock, long abstime) {
            call("sem_clockwait");
            Semaphore semaphore = semaphoresAt.get(sem);
            while (semaphore.value == 0) if (!sleep.until(semaphore)) return fail(Errno.ETIMEDOUT);
            semaphore.value--;
            return 0;
        }

        @Override
        public int sem_timedwait(long sem, long abstime) {
            return sem_clockwait(sem, 0, abstime);
        }

        @Override
        public int fstatfs(int fd, long buf) {
            return 0;
        }

        @Override
        public int clock_gettime(int clock, long timespec) {
            return 0;
        }

        @Override
        public int getpid() {
            return 4711;
        }

        @Override
        public int getpagesize() {
            return 4096;
        }

        @Override
        public int geteuid() {
            return 1000;
        }

        @Override
        public int getgid() {
            return 1000;
        }

        @Override
        public int getgrnam_r(String name, long group, long buffer, long size, long result) {
            return Errno.ENOENT;
        }

        @Override
        public int getpwnam_r(String name, long passwd, long buffer, long size, long result) {
            return Errno.ENOENT;
        }

        @Override
        public int getpwuid_r(int uid, long passwd, long buffer, long size, long result) {
            return Errno.ENOENT;
        }

        @Override
        public int errno() {
            return errno;
        }
    }
}
