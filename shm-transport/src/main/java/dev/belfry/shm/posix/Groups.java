package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

public final class Groups {
    /** {@code getgrnam_r(name)}: the number of the group, also if {@code name} is a number; -1 if there is none. */
    public static int idOf(LibC c, String name) {
        if (name.isEmpty() || name.indexOf(0) >= 0) return -1; // JNA would cut at the NUL
        Integer found = Users.lookUp(
                "getgrnam_r",
                name,
                (group, buffer, size, result) -> c.getgrnam_r(name, group, buffer, size, result),
                (scratch, members, address) -> scratch.getInt(Scratch.STRUCT + GR_GID));
        if (found != null) return found;
        boolean isNumber = name.matches("[0-9]{1,10}") && Long.parseLong(name) < 0xFFFF_FFFFL;
        return isNumber ? Integer.parseUnsignedInt(name) : -1;
    }

    /**
     * Tells whether the kernel lets this process give an object in /dev/shm that group. A file may have it from its
     * directory, and then any owner may give it again. True if that cannot be asked, as no descriptor is left.
     */
    public static boolean mayGive(LibC c, int gid) {
        int probe = Retry.onInterrupt(c, () -> c.open(SharedMemory.DIRECTORY, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        if (probe == -1) return true;
        int errno = c.fchown(probe, -1, gid) == -1 ? c.errno() : 0;
        c.close(probe);
        return errno != Errno.EPERM && errno != Errno.EINVAL; // the second: its user namespace does not know the group
    }

    private Groups() {}
}
