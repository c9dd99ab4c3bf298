package dev.belfry.shm.posix;

/**
 * The result of {@code statx} for a file.
 *
 * @param regular whether it is a regular file: neither directory, symbolic link, FIFO, socket nor device
 * @param mode the permission bits only, {@code 0660}
 * @param links how many names it has; 0 once the last is gone, and if it never had a name
 * @param device with {@code inode} it identifies the file
 */
public record FileStatus(boolean regular, long size, int mode, int uid, int gid, int links, long device, long inode) {
    private static final int GROUP_WRITES = 0020;
    private static final int ALL_WRITE = 0002;

    /**
     * Tells whether the owner of that file may write this one, as far as files show it. Only a member of a group can
     * give it a file, unless the file's directory does; /dev/shm does not.
     */
    public boolean mayBeWrittenBy(FileStatus ownerOf) {
        return uid == ownerOf.uid || (mode & GROUP_WRITES) != 0 && gid == ownerOf.gid || (mode & ALL_WRITE) != 0;
    }

    /** This mode without what the group may do and others may not. */
    public static int ungrouped(int mode) {
        return mode & ~0070 | mode & mode << 3 & 0070;
    }

    /** Whether both are the same file, whatever happened to it in between. */
    public boolean sameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }
}
