package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.PW_NAME;
import static dev.belfry.shm.posix.Linux.PW_UID;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Users by name and by number. */
public final class Users {
    private static final int RESULT = Scratch.STRUCT + 64;
    private static final int LARGEST = 1 << 20;

    interface Call {
        int of(long struct, long buffer, long size, long result);
    }

    interface Field<T> {
        T of(ByteBuffer scratch, ByteBuffer strings, long address);
    }

    /**
     * {@code getpwnam_r(name)}: the number of the user, also if {@code name} is a number; -1, which
     * no user has, if there is none.
     */
    public static int idOf(LibC c, String name) {
        if (name.isEmpty() || name.indexOf(0) >= 0) return -1; // JNA would cut at the NUL
        Integer found = lookUp(
                "getpwnam_r",
                name,
                (passwd, buffer, size, result) -> c.getpwnam_r(name, passwd, buffer, size, result),
                (scratch, strings, address) -> scratch.getInt(Scratch.STRUCT + PW_UID));
        if (found != null) return found;
        try {
            return Integer.parseUnsignedInt(name);
        } catch (NumberFormatException noNumber) {
            return -1;
        }
    }

    /** {@code getpwuid_r(uid)}: its name; null if it has none here. */
    public static String nameOf(LibC c, int uid) {
        try {
            return lookUp(
                    "getpwuid_r",
                    Integer.toUnsignedString(uid),
                    (passwd, buffer, size, result) -> c.getpwuid_r(uid, passwd, buffer, size, result),
                    Users::name);
        } catch (PosixException forPeopleOnly) {
            return null;
        }
    }

    /** For messages: "nobody (uid 65534)", "root", "uid 4711". */
    public static String describe(LibC c, int uid) {
        if (uid == 0) return "root";
        String number = "uid " + Integer.toUnsignedString(uid);
        String name = nameOf(c, uid);
        return name == null ? number : name + " (" + number + ")";
    }

    private static String name(ByteBuffer scratch, ByteBuffer strings, long address) {
        int from = (int) (scratch.getLong(Scratch.STRUCT + PW_NAME) - address);
        int end = from;
        while (strings.get(end) != 0) end++;
        byte[] name = new byte[end - from];
        strings.get(from, name);
        return new String(name, StandardCharsets.UTF_8);
    }

    /** An entry of the table of users, or of groups; null if there is none. */
    static <T> T lookUp(String function, String subject, Call call, Field<T> field) {
        for (int size = 4096; size <= LARGEST; size *= 4) {
            ByteBuffer strings = ByteBuffer.allocateDirect(size);
            ByteBuffer scratch = Scratch.get();
            long struct = Scratch.address(scratch);
            int error = call.of(struct, Scratch.addressOf(strings), size, struct + RESULT - Scratch.STRUCT);
            if (error == Errno.ERANGE) continue; // more members of a group than fit
            if (error != 0 && error != Errno.ENOENT) throw PosixException.of(function, subject, error);
            boolean found = error == 0 && scratch.getLong(RESULT) != 0;
            T value = found ? field.of(scratch, strings, Scratch.addressOf(strings)) : null;
            Reference.reachabilityFence(strings);
            return value;
        }
        return null;
    }

    private Users() {}
}
