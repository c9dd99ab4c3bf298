package dev.belfry.shm.posix;

/**
 * Constants of the Linux interface by their C names, and layouts of its structs. Where they differ
 * by architecture a comment says so.
 */
final class Linux {
    /** This package knows x86-64 and aarch64; {@link SelfTest} refuses the others. */
    private static final boolean AARCH64 = "aarch64".equals(System.getProperty("os.arch"));

    static final int O_RDONLY = 0;
    static final int O_RDWR = 02;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NONBLOCK = 04000;
    static final int O_CLOEXEC = 02000000;
    static final int O_NOFOLLOW = AARCH64 ? 0100000 : 0400000;
    static final int O_DIRECTORY = AARCH64 ? 040000 : 0200000;
    static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    static final int SYS_futex = AARCH64 ? 98 : 202;
    static final int SYS_membarrier = AARCH64 ? 283 : 324;
    static final int SYS_getdents64 = AARCH64 ? 61 : 217;
    static final int FUTEX_WAIT = 0;
    static final int FUTEX_WAKE = 1;

    static final int F_OFD_GETLK = 36;
    static final int F_OFD_SETLK = 37;
    static final int F_SETSIG = 10;
    static final int F_SETLEASE = 1024;
    /** A signal that does nothing unless a program asks for it, on both architectures. */
    static final int SIGURG = 23;

    static final short F_RDLCK = 0;
    static final short F_WRLCK = 1;
    static final short F_UNLCK = 2;
    static final short SEEK_SET = 0;
    /** struct flock with 64-bit offsets: type, whence, 4 bytes of padding, start, len, pid. */
    static final int FLOCK_TYPE = 0, FLOCK_WHENCE = 2, FLOCK_START = 8, FLOCK_LEN = 16, FLOCK_PID = 24;

    static final int PROT_NONE = 0;
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int MAP_SHARED = 0x01;
    static final int MAP_PRIVATE = 0x02;
    static final int MAP_FIXED = 0x10;
    static final int MAP_ANONYMOUS = 0x20;
    static final int MAP_NORESERVE = 0x4000;
    static final long MAP_FAILED = -1;

    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_SYMLINK_FOLLOW = 0x400;
    static final int AT_EMPTY_PATH = 0x1000;

    static final int STATX_BASIC_STATS = 0x7ff;
    /** struct statx, the same on every architecture, which struct stat is not. */
    static final int STX_NLINK = 16, STX_UID = 20, STX_GID = 24, STX_MODE = 28, STX_INO = 32, STX_SIZE = 40;

    static final int STX_DEV_MAJOR = 136, STX_DEV_MINOR = 140;
    static final int S_IFMT = 0170000;
    static final int S_IFREG = 0100000;

    /** struct linux_dirent64: its own length, and where the name begins. */
    static final int D_RECLEN = 16, D_NAME = 19;

    /** struct statfs of 64-bit machines. */
    static final int F_TYPE = 0, F_BSIZE = 8, F_BLOCKS = 16, F_BAVAIL = 32, F_FILES = 40, F_FFREE = 48;

    static final long TMPFS_MAGIC = 0x01021994;

    static final int CLOCK_REALTIME = 0;
    static final int CLOCK_MONOTONIC = 1;
    static final int CLOCK_BOOTTIME = 7;
    static final int TV_SEC = 0, TV_NSEC = 8;

    static final long SEM_FAILED = 0;
    /** sizeof(sem_t) with 64-bit pointers, in glibc and in musl. */
    static final int SIZEOF_SEM_T = 32;
    /**
     * The int in sem_t, again in both, that tells whether the semaphore is shared: 0 or 128, never
     * changed once created.
     */
    static final int SEM_WAITERS = 4;

    static final int SEM_PRIVATE = 8;

    /** struct group: name, password, gid. */
    static final int GR_GID = 16;

    /** struct passwd: name, password, uid. */
    static final int PW_NAME = 0, PW_UID = 16;

    static boolean knows(String osArch) {
        return osArch.equals("amd64") || osArch.equals("x86_64") || osArch.equals("aarch64");
    }

    private Linux() {}
}
