package dev.belfry.file;

import dev.belfry.shm.posix.Clocks;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what is known of the machine's clock: when it was read last, the greatest time that it has shown since the log
 * came to its newest file, and until when nothing goes by its age. A clock that was put forward would make all old at
 * once.
 *
 * <pre>
 *   +0   wall      int64, milliseconds since 1970
 *   +8   boot      int64, milliseconds since the boot
 *   +16  boot id   two int64
 *   +32  greatest  int64, milliseconds since 1970
 *   +40  doubted   int64, milliseconds since the boot: until then; 0: it is not
 * </pre>
 */
record Clock(Clocks read, long greatest, long doubtedUntil) {
    static final int SIZE = 48;

    private static final long HOUR = TimeUnit.HOURS.toMillis(1);
    private static final long MINUTE = TimeUnit.MINUTES.toMillis(1);

    /** A process keeps it each minute and does not sync it: the kernel writes it some time later. */
    private static final long LATE = 5 * MINUTE;

    static Clock begin(Clocks now) {
        return new Clock(now, now.wallMillis(), 0);
    }

    static Clock read(ByteBuffer block) {
        Clocks read = new Clocks(block.getLong(), block.getLong(), Block.id(block));
        return new Clock(read, block.getLong(), block.getLong());
    }

    void write(ByteBuffer block) {
        block.putLong(read.wallMillis()).putLong(read.bootMillis());
        Block.put(block, read.boot());
        block.putLong(greatest).putLong(doubtedUntil);
    }

    /** It may have shown more until it was set back: as much as the other clock has gained since. */
    Clock at(Clocks now) {
        long passed = isOfBoot(now) ? now.bootMillis() - read.bootMillis() : LATE;
        long mostShown = Math.max(now.wallMillis(), read.wallMillis() + passed);
        boolean isNewlyDoubted = !isOfBoot(now) || gained(now) > HOUR;
        return new Clock(now, Math.max(greatest, mostShown), isNewlyDoubted ? now.bootMillis() + HOUR : doubtedUntil);
    }

    boolean isOfBoot(Clocks now) {
        return now.boot().equals(read.boot()) && now.bootMillis() >= read.bootMillis();
    }

    /** Returns how much it has gained on the other clock since it was read, in milliseconds, within one boot. */
    long gained(Clocks now) {
        return now.wallMillis() - read.wallMillis() - (now.bootMillis() - read.bootMillis());
    }

    boolean isDoubted() {
        return read.bootMillis() < doubtedUntil;
    }

    /** The log has come to its next file. */
    Clock inNextFile() {
        return new Clock(read, read.wallMillis(), doubtedUntil);
    }

    Clock atLeast(long shown) {
        return new Clock(read, Math.max(greatest, shown), doubtedUntil);
    }

    /** Tells whether that is to be kept instead of this. */
    boolean isOutdatedBy(Clock next) {
        return !isOfBoot(next.read)
                || next.doubtedUntil != doubtedUntil
                || next.read.bootMillis() - read.bootMillis() >= MINUTE
                || next.greatest - greatest >= MINUTE;
    }
}
