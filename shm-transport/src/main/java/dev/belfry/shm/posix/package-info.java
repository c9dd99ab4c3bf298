/**
 * The calls of the kernel: one class for each kernel object that Belfry uses, and {@link dev.belfry.shm.posix.LibC}
 * below them all.
 *
 * <p>A class here turns a C function's codes into our words. An outcome that a caller expects is a value: a name that
 * does not exist, a byte that another process holds, a wait that timed out. Everything else is a {@link
 * dev.belfry.shm.posix.PosixException} that names the call, its object and the errno. The package knows no queue; no
 * other package knows JNA. Names are given as to the C function, {@code "/belfry.orders"}.
 */
package dev.belfry.shm.posix;
