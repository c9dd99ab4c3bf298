package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Answer.Outcome;

/** A subscription that cannot be had, or ended, as things are; the caller knows how it names it. */
public final class NotSubscribedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Outcome outcome;

    NotSubscribedException(Outcome outcome) {
        super(outcome.toString());
        this.outcome = outcome;
    }

    /** It is in use, or a consumer has a message of it that is not acknowledged. */
    public boolean isInUse() {
        return outcome == Outcome.IN_USE || outcome == Outcome.REFUSED;
    }

    /** It is shared, and that was not asked for, or the other way round. */
    public boolean isOfTheOtherKind() {
        return outcome == Outcome.MISMATCH;
    }
}
