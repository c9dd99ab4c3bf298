/**
 * {@code file:} queues: a live part in shared memory, as {@code shm:} has it, and a directory in which its log lies in
 * files, at the log's own offsets. This package knows the files, their opening and their recovery; the live part and
 * the order in which it is written are those of {@code dev.belfry.shm}.
 */
package dev.belfry.file;
