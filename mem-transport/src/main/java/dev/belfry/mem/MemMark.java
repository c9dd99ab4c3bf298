package dev.belfry.mem;

import dev.belfry.spi.Mark;

/** A subscription that nobody reads. */
final class MemMark implements Mark {
    private final MemLog log;
    private final Subscription mark;

    MemMark(MemLog log, Subscription mark) {
        this.log = log;
        this.mark = mark;
    }

    @Override
    public At at() {
        synchronized (log.monitor) {
            long position = mark.done + 1;
            return new At(log.records.place(position), position);
        }
    }

    @Override
    public boolean advance(At to) {
        synchronized (log.monitor) {
            if (to.position() <= mark.done + 1 || to.position() > log.newest() + 1) return false;
            if (log.records.place(to.position()) != to.place()) return false;
            log.monitor.signal();
            mark.done = to.position() - 1;
            return true;
        }
    }
}
