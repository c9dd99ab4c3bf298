package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The time on the machine's clocks: the one that a user may set, and beside it the one that goes on while the machine
 * sleeps, and begins again with each boot.
 */
public record Clocks(long wallMillis, long bootMillis, UUID boot) {
    private static final String BOOT_ID = "/proc/sys/kernel/random/boot_id";
    private static final UUID HIDDEN = new UUID(0, 0);
    private static final int LONGEST = 64;

    /** {@code clock_gettime(CLOCK_BOOTTIME)}, {@code clock_gettime(CLOCK_REALTIME)}. */
    public static Clocks now(LibC c) {
        return now(c, boot(c));
    }

    /** The same in a process that has asked for {@code boot} before: it ends with that. */
    public static Clocks now(LibC c, UUID boot) {
        return new Clocks(millis(c, CLOCK_REALTIME), millis(c, CLOCK_BOOTTIME), boot);
    }

    private static long millis(LibC c, int clock) {
        ByteBuffer scratch = Scratch.get();
        if (c.clock_gettime(clock, Scratch.address(scratch)) == -1)
            throw PosixException.of("clock_gettime", "clock " + clock, c.errno());
        return TimeUnit.SECONDS.toMillis(scratch.getLong(Scratch.STRUCT + TV_SEC))
                + TimeUnit.NANOSECONDS.toMillis(scratch.getLong(Scratch.STRUCT + TV_NSEC));
    }

    /** A sandbox may hide it. Then a boot is known by its clock, which begins again. */
    private static UUID boot(LibC c) {
        try (DiskFile file = DiskFile.open(c, BOOT_ID, BOOT_ID, false)) {
            if (file == null) return HIDDEN;
            ByteBuffer text = ByteBuffer.allocateDirect(LONGEST);
            file.read(text, 0);
            return UUID.fromString(
                    StandardCharsets.US_ASCII.decode(text.flip()).toString().trim());
        } catch (IllegalArgumentException notAnId) {
            return HIDDEN;
        }
    }
}
