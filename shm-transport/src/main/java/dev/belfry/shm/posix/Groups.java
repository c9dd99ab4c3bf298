package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.GR_GID;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

public final class Groups {
    private static final int RESULT = Scratch.STRUCT + 64;
    private static final int LARGEST = 1 << 20;

    /**
     * {@code getgrnam_r(name)}: the number of the group, also if {@code name} is a number; -1 if
     * there is none.
     */
    public static int idOf(LibC c, String name) {
        if (name.isEmpty() || name.indexOf(0) >= 0) return -1; // JNA would cut at the NUL
        for (int size = 4096; size <= LARGEST; size *= 4) {
            ByteBuffer members = ByteBuffer.allocateDirect(size);
            ByteBuffer scratch = Scratch.get();
            long group = Scratch.address(scratch);
            long result = group + RESULT - Scratch.STRUCT;
            int error = c.getgrnam_r(name, group, Scratch.addressOf(members), size, result);
            Reference.reachabilityFence(members);
            if (error == Errno.ERANGE) continue; // more members than fit
            if (error == 0 && scratch.getLong(RESULT) != 0) return scratch.getInt(Scratch.STRUCT + GR_GID);
            if (error != 0 && error != Errno.ENOENT) throw PosixException.of("getgrnam_r", name, error);
            break;
        }
        return name.matches("[0-9]{1,9}") ? Integer.parseInt(name) : -1;
    }

    private Groups() {}
}
