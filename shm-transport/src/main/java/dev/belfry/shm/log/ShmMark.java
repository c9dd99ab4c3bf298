package dev.belfry.shm.log;

import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Marks;
import dev.belfry.spi.Mark;

/** One of {@link Marks}. */
public final class ShmMark implements Mark {
    private final DomainCalls domain;
    private final Marks marks;
    private final Marks.Named mark;

    public ShmMark(DomainCalls domain, Marks marks, Marks.Named mark) {
        this.domain = domain;
        this.marks = marks;
        this.mark = mark;
    }

    @Override
    public At at() {
        LogPlace place = domain.translating(() -> marks.at(mark));
        return new At(place.offset(), place.position());
    }

    @Override
    public boolean advance(At to) {
        return domain.translating(() -> marks.advance(mark, new LogPlace(to.place(), to.position())));
    }
}
