package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.GR_GID;

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

    private Groups() {}
}
