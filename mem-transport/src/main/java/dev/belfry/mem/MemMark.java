package dev.belfry.mem;

import dev.belfry.spi.Mark;

/** A subscription that nobody reads. */
record MemMark(MemLog log, Subscription mark) implements Mark {
    @Override
    public At at() {
        synchronized (log.monitor) {
            long position = mark.standing.acknowledged() + 1;
            return new At(log.records.place(position), position);
        }
    }

    @Override
    public Advance advance(At to) {
        synchronized (log.monitor) {
            if (to.position() <= mark.standing.acknowledged() + 1 || to.position() > log.newest() + 1)
                return Advance.STAYED;
            if (log.records.place(to.position()) != to.place()) return Advance.STAYED;
            log.monitor.signalLocked();
            mark.standing.sought(to.position() - 1, 0);
            return Advance.MOVED;
        }
    }
}
