package dev.belfry.file;

import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.PosixException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file of two areas that are written in turns, each with a number and a checksum: at any moment one of them is
 * whole on the disk. One writer at a time; the caller has a lock for that.
 *
 * <p>An area is overwritten only if the other one is known to be on the disk. A writer knows that of what it has
 * synced itself; what it only finds may be in the page cache alone, so it writes that again and syncs it first. If
 * that is torn, the other area is whole, because an earlier writer kept the same rule.
 */
final class Areas implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Areas.class);
    private static final int AT_ONCE = 8 << 10;

    private final Directory directory;
    private final String name;
    private final Block kind;
    private final int areaSize;
    private final UUID logId;
    private final boolean writable;
    private DiskFile file;
    private long synced = -1; // number of the block that this writer has synced last

    Areas(Directory directory, String name, Block kind, int areaSize, UUID logId, boolean writable) {
        this.directory = directory;
        this.name = name;
        this.kind = kind;
        this.areaSize = areaSize;
        this.logId = logId;
        this.writable = writable;
    }

    boolean isThere() {
        if (file == null) file = directory.open(name, writable);
        return file != null;
    }

    /** Makes the file, whole before it has its name. The caller syncs the directory. */
    void create(ByteBuffer block, int mode, FileStatus owner) {
        TemporaryFile.link(directory, name, temporary -> {
            temporary.setAccess(mode, owner);
            temporary.allocate(2L * areaSize); // not where the file system has no such call
            temporary.write(kind.seal(block, 0, logId), 0);
            temporary.syncData();
        });
    }

    /** Gives both areas storage: a copy has holes where it was never written if {@code rsync --sparse} made it. */
    void allocate() {
        if (!isThere()) return;
        try {
            file.allocate(2L * areaSize);
        } catch (PosixException full) {
            // a block that needs it is refused
        }
    }

    /** The newest block that is whole, at the beginning of its body. */
    ByteBuffer read() {
        if (!isThere()) throw new DamagedFileException(directory.in(name) + " is missing");
        ByteBuffer first = area(0);
        ByteBuffer second = area(1);
        ByteBuffer newest =
                first == null || second != null && Block.number(second) > Block.number(first) ? second : first;
        if (newest == null)
            throw new DamagedFileException(
                    directory.in(name) + " (" + file.status().size() + " bytes) holds nothing that is whole");
        if (!Block.logId(newest).equals(logId))
            throw new DamagedFileException(directory.in(name) + " belongs to another directory: its log is "
                    + Block.logId(newest) + ", that of '" + LogDirectory.QUEUE + "' is " + logId);
        return newest;
    }

    private ByteBuffer area(int which) {
        ByteBuffer read = ByteBuffer.allocateDirect(AT_ONCE).order(ByteOrder.LITTLE_ENDIAN);
        long at = (long) which * areaSize;
        file.read(read, at);
        if (read.position() == AT_ONCE && read.getInt(12) > AT_ONCE) {
            read = ByteBuffer.allocateDirect(areaSize).order(ByteOrder.LITTLE_ENDIAN);
            file.read(read, at);
        }
        return kind.open(read.flip(), directory.in(name));
    }

    /** A write that a power loss has torn, or a byte that has changed: the block before it counts, or the one after. */
    void logIfOneIsTorn() {
        for (int which = 0; which < 2; which++) {
            if (area(which) == null && !isEmpty(which))
                LOG.warn("{}: one of its two blocks is not whole, and the other one counts", directory.in(name));
        }
    }

    private boolean isEmpty(int which) {
        ByteBuffer begin = ByteBuffer.allocateDirect(Long.BYTES);
        file.read(begin, (long) which * areaSize);
        return begin.getLong(0) == 0;
    }

    /** The newest block, which is on the disk when this returns. */
    ByteBuffer readSynced() {
        ByteBuffer newest = read();
        int body = newest.position();
        int end = newest.limit();
        if (!isSynced(newest)) put(newest.limit(end + Integer.BYTES).position(0));
        return newest.limit(end).position(body);
    }

    /** Does this writer know it to be on the disk? Else it may be in the page cache alone. */
    boolean isSynced(ByteBuffer newest) {
        return Block.number(newest) == synced;
    }

    /** The block counts when this returns. If it throws, either that or the one before it does. */
    void write(ByteBuffer block) {
        long number = Block.number(readSynced()) + 1;
        put(kind.seal(block, number, logId));
    }

    private void put(ByteBuffer whole) {
        synced = -1;
        long number = Block.number(whole);
        file.write(whole, (number & 1) * areaSize);
        file.syncData();
        synced = number;
    }

    @Override
    public void close() {
        if (file != null) file.close();
    }
}
