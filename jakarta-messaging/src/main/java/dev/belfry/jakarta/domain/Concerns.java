package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.wire.Op;
import dev.belfry.spi.LogReader;

/** The meaning of a record for the reader of a topic, by its operations; it may be damaged, or passed meanwhile. */
enum Concerns {
    NOTHING,
    /** It has messages of the topic, or of a large commit, or must be read to know. */
    MESSAGES,
    /** Its meaning depends on the records before it. */
    STATE;

    static Concerns of(LogReader record, long topic) {
        int end = record.length();
        if (end < Op.RECORD_HEAD + Op.HEAD) return MESSAGES;
        int head = record.getInt(0);
        if ((head & 0xffff) != Op.FORMAT) return MESSAGES; // or it has flags
        int left = head >>> 16;
        for (int at = Op.RECORD_HEAD, length; left > 0; at += length, left--) {
            if (end - at < Op.HEAD) return MESSAGES;
            length = record.getInt(at);
            if (length < Op.HEAD || length > end - at) return MESSAGES;
            int kind = record.getInt(at + 4) & 0xff;
            if (kind == Op.STAGE || kind == Op.APPLY || kind == Op.FORGET || kind == Op.LEAVE) return MESSAGES;
            if (kind == 0 || kind > Op.LAST && kind < Op.SKIPPABLE) return MESSAGES;
            if (kind != Op.MESSAGE && kind != Op.DELETE || length < Op.ID + 8) continue;
            if (record.getLong(at + Op.ID) == topic) return kind == Op.MESSAGE ? MESSAGES : STATE;
        }
        return NOTHING;
    }
}
