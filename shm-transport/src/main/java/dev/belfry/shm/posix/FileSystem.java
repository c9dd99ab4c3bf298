package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import java.nio.ByteBuffer;

/** The file system of an object: its kind and its size. */
public final class FileSystem {
    private final OpenFile object;

    private FileSystem(OpenFile object) {
        this.object = object;
    }

    public static FileSystem of(OpenFile object) {
        return new FileSystem(object);
    }

    /** {@code fstatfs(fd)}: bytes that it can still give; Long.MAX_VALUE if it has no limit. */
    public long freeBytes() {
        return blocks(F_BAVAIL);
    }

    /** {@code fstatfs(fd)}: bytes that it can hold; Long.MAX_VALUE if it has no limit. */
    public long totalBytes() {
        return blocks(F_BLOCKS);
    }

    /** {@code fstatfs(fd)}: files that it can still hold; Long.MAX_VALUE if it has no limit. */
    public long freeFiles() {
        ByteBuffer statfs = statfs();
        if (statfs.getLong(Scratch.STRUCT + F_FILES) == 0) return Long.MAX_VALUE;
        return statfs.getLong(Scratch.STRUCT + F_FFREE);
    }

    /** {@code fstatfs(fd)}: whether the object is on a tmpfs, so in memory. */
    public boolean onTmpfs() {
        return kind() == TMPFS_MAGIC;
    }

    /** {@code fstatfs(fd)}: its number, as linux/magic.h has it. */
    public long kind() {
        return statfs().getLong(Scratch.STRUCT + F_TYPE);
    }

    /** A tmpfs mounted with size=0 has no limit and returns 0 for both. */
    private long blocks(int field) {
        ByteBuffer statfs = statfs();
        if (statfs.getLong(Scratch.STRUCT + F_BLOCKS) == 0) return Long.MAX_VALUE;
        return statfs.getLong(Scratch.STRUCT + field) * statfs.getLong(Scratch.STRUCT + F_BSIZE);
    }

    private ByteBuffer statfs() {
        LibC c = object.c;
        return object.inside(mine -> {
            ByteBuffer scratch = Scratch.get();
            long buffer = Scratch.address(scratch);
            if (Retry.onInterrupt(c, () -> c.fstatfs(mine, buffer)) == 0) return scratch;
            throw PosixException.of("fstatfs", object.label(), c.errno());
        });
    }
}
