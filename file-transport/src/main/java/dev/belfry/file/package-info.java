/**
 * {@code file:} queues: a live part in shared memory, as {@code shm:} has it, and a directory in which its log lies in
 * files, at the log's own offsets. This package knows the files, their opening and their recovery; the live part and
 * the order in which it is written are those of {@code dev.belfry.shm}.
 *
 * <pre>
 *   file             what it says                                           named by       its form
 *   queue            what the queue was created with; carries the locks,    LogDirectory   Origin
 *                    and is never replaced
 *   life             which live part in shared memory is this directory's   Life           Life, in Areas
 *   places           how far the log is needed, how far it is on the disk,  PlacesForm     PlacesForm, in Areas
 *                    and where named subscriptions are
 *   history          what the log is kept for, and when it had come to      History        Keep, Clock
 *                    each of its files
 *   log.OFFSET       the log                                                Segments       SealedRecords
 *   next.RANDOM      what has no name of its own yet                        TemporaryFile
 *   cut.OFFSET.LIFE  what an opening has cut away                           Recovery
 *   overflow         the queue of a domain's pages, a directory; to be       LogDirectory
 *                    deleted: overflow.removed-RANDOM
 * </pre>
 */
package dev.belfry.file;
