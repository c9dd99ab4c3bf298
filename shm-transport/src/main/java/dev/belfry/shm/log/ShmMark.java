package dev.belfry.shm.log;

import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Marks;
import dev.belfry.spi.Mark;

/** One of {@link Marks}. */
public record ShmMark(DomainCalls domain, Marks marks, Marks.Named mark) implements Mark {
    @Override
    public At at() {
        LogPlace place = domain.translating(() -> marks.at(mark));
        return new At(place.offset(), place.position());
    }

    @Override
    public Advance advance(At to) {
        return domain.translating(() -> marks.advance(mark, new LogPlace(to.place(), to.position())));
    }
}
