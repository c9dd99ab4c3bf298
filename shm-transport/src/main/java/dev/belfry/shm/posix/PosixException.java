package dev.belfry.shm.posix;

/** A system call failed in a way that its caller did not expect, or its object is not of the right kind. */
public final class PosixException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The C function's name, {@code "mmap"}. */
    public final String call;
    /** One of {@link Errno}. 0: it was not made, or would have succeeded; the message says why it was refused. */
    public final int errno;

    private PosixException(String call, int errno, String message) {
        super(message);
        this.call = call;
        this.errno = errno;
    }

    /** {@code "shm_open(/belfry.orders) failed: EACCES (13) Permission denied"}. */
    public static PosixException of(String call, String subject, int errno) {
        return new PosixException(
                call,
                errno,
                call + "(" + subject + ") failed: " + Errno.name(errno) + " (" + errno + ") " + Errno.text(errno));
    }

    /**
     * {@code "sem_open(/belfry.7.0.1) refused: /dev/shm/sem.belfry.7.0.1 is a symbolic link"}:
     * refused here, not by the kernel; errno 0.
     */
    public static PosixException refused(String call, String subject, String reason) {
        return new PosixException(call, 0, call + "(" + subject + ") refused: " + reason);
    }
}
