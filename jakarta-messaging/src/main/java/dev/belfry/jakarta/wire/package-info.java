/**
 * Which byte of a record is what. Nothing here knows what a record means.
 *
 * <p>Little-endian. A record is appended whole or not at all. {@link dev.belfry.jakarta.wire.RecordReader#open} checks
 * all of it before anything of it is used: it may come from a stranger.
 *
 * <pre>
 * record      format u8 = 1 · flags u8 = 0 · ops u16 · free u32 = 0 · author u64 · operations
 * operation   length u32, a multiple of 8 · kind u8 · a u8 · b u16 · fields · zeros
 * string      length u32, -1: null · UTF-8, a lone surrogate as three bytes
 * uuid        its high u64, its low u64
 * varint      7 bits a byte, low ones first, ten bytes at most
 * mids        the first, then differences, as varints: strictly ascending
 * mid, id     position &lt;&lt; 16 | index: of a message from 0, of an operation from 1
 * destination 1 bit set · 2 of the kind (queue, topic, temporary queue, temporary topic)
 *             · 61 of a hash of the name
 *
 * kind            fields
 *  1 MESSAGE      dest u64 · serial u64 · timestamp i64 · [expiry i64] · [delivery time i64]
 *                 · [client's hash u64, connection u32, free u32] · [correlation id] · [type]
 *                 · [reply-to: kind u8, name] · properties: length u32, bytes
 *                 · [body: length u32, bytes]; a: priority, body type &lt;&lt; 4; b: what is there,
 *                 and persistent, id disabled, timestamp disabled
 *  2 TAKE         view u64 · n u32 · mids
 *  3 ACK          the same; a = 1: one mid, "up to"
 *  4 RETURN       view u64 · notBefore i64 · n u32 · mids; a = 1: counted
 *  5 COUNT        as TAKE
 *  6 DROP         as TAKE; a: reason
 *  7 DEFINE       dest u64 · connection u32 · name
 *  8 DELETE       dest u64
 *  9 SUBSCRIBE    topic u64 · client id · name · selector; a: durable, shared, noLocal
 * 10 ATTACH       view u64 · connection u32 · level of the member u32 = 1
 * 11 DETACH       view u64 · connection u32 · free u32
 * 12 UNSUBSCRIBE  client id · name
 * 13 CLIENT       connection u32 · client id; a = 1: claim, 0: release
 * 14 LEAVE        member u64
 * 15 STAGE        owner u64 · transaction u64 · MESSAGEs; b: index of the first
 * 16 APPLY        transaction u64; b: messages staged, the record's own begin there
 * 17 FORGET       transaction u64
 * 18 PUT          runs, 0 · views that are done, 0 · states, 0
 *                 run: author, first mid, n as varints · zeros · n MESSAGEs of consecutive mids
 *                 done: view as varint · a bit for each message of all runs
 *                 state: view, holder or 0, count, notBefore, n as varints · mids
 * 19 CHECKPOINT   alone in its record: names · temporary destinations · subscriptions · queues
 *                 · client ids, each a count as varint and its items; a = 1: then binding, URI,
 *                 floor as varint
 * 20 OVERFLOW     binding uuid · URI; of zeros and null: none
 * 21 PAGE         page uuid · binding uuid · queue u64 · messages, latest expiry or 0, bytes as
 *                 varints · chunks, a count as varint and of each its position in the companion
 *                 and the index of its first message, as differences, as varints · mids of all
 *                 messages; a = 1: next index, next mid as varints instead of mids; b: priority
 * 22 LEAVES       page uuid · next index, next mid as varints
 * 23 FLOOR        binding uuid · position in the companion as varint
 * 64 and above    may be skipped
 * </pre>
 *
 * <p>A record that {@link dev.belfry.jakarta.wire.RecordWriter} cannot have written at its position is skipped, by all
 * members alike: PUT tells of older messages only, CHECKPOINT of nothing newer than itself, APPLY stands before its
 * record's messages. SUBSCRIBE, and DEFINE of a temporary destination, never stand after APPLY: ids made there could be
 * below the mids of its messages.
 *
 * <p>Kinds 20 to 23 are level 2: a version of level 1 ends at them, and at a CHECKPOINT that tells of a companion. So
 * none is written before the feature 2, to read, is raised in the header of the segment. Nothing raises it yet, and
 * no build opens a segment with it.
 *
 * <p>Another format up to 63, a flag of a record, an unknown kind below 64, an unknown bit of a or flag of a message or
 * subscription is a newer version's. It ends the member, whatever else the record holds: the format, the flags, and
 * the heads of all operations are read first. So a CHECKPOINT can become longer by a bit of its a alone. An unknown
 * type of a body or kind of a property is of its message alone, which stays where it is. Kind 0 is damage. MESSAGE has
 * ten flags, so they are in b, not a. The kind of a destination is in its id, so DEFINE does not repeat it.
 */
package dev.belfry.jakarta.wire;
