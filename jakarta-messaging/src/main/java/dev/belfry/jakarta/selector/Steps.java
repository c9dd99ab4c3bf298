package dev.belfry.jakarta.selector;

import java.util.ArrayList;
import java.util.List;

/** The steps that a parser has written, and how high their stack gets. */
final class Steps {
    final List<Step> steps = new ArrayList<>();
    private int height;
    private int highest;

    /** One that adds a value. */
    void push(Step step) {
        steps.add(step);
        highest = Math.max(highest, ++height);
    }

    /** One that takes a value and leaves one. */
    void add(Step step) {
        steps.add(step);
    }

    /** One that takes several and leaves one. */
    void replace(int values, Step step) {
        height -= values - 1;
        steps.add(step);
    }

    /** For a skip, which is written when it is known how far it goes. */
    int place() {
        steps.add(null);
        return steps.size() - 1;
    }

    /** The operation that the skip at this place leaves out. */
    void join(int skip, Step.Do skipIf, Step.Do operation) {
        replace(2, Step.of(operation));
        steps.set(skip, Step.skip(skipIf, steps.size() - 1));
    }

    /** With one value more than they have, for the sign of the uppermost. */
    Expression expression() {
        return new Expression(steps.toArray(Step[]::new), highest + 1);
    }
}
