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
    /** Whether both are the same file, whatever happened to it in between. */
    public boolean sameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }
}
