/**
 * What the kernel said: one class per kernel object that Belfry uses, and
 * {@link dev.belfry.shm.posix.LibC} below them all.
 *
 * <p>A class here turns a C function's codes into our words: an outcome that a caller expects (a
 * name that is not there, a byte that somebody else holds, a wait that timed out) is a value,
 * everything else a {@link dev.belfry.shm.posix.PosixException} that names the call, its object and
 * the errno. The package knows no queue; nobody else knows JNA. Names are given as to the C
 * function, {@code "/belfry.orders"}.
 */
package dev.belfry.shm.posix;
