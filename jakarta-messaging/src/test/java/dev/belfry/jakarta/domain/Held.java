package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a member holds, for tests. */
public final class Held {
    private Held() {}

    /** Messages in the domain, as the member has folded it. */
    public static int live(Domain domain) {
        return domain.withState(State::size);
    }

    /** The members that own something there. */
    public static Collection<Long> owners(Domain domain) {
        return domain.withState(State::owners);
    }

    /** The last record's, after the member has folded it. */
    public static long position(Domain domain) {
        return domain.withState(State::position);
    }

    /** How many messages the domain keeps for somebody, after this member has told what is done. */
    public static int size(Domain domain) {
        domain.readers.forEach(TopicReader::tell);
        return domain.withState(State::size);
    }

    /** Of a queue, as the member has folded it. */
    public static String nameOf(Domain domain, String queue) {
        return domain.withState(state -> state.registry.name(Domain.queueId(queue)));
    }

    /**
     * What is wrong while nothing is under way: each message that the domain says this member holds has one owner here,
     * a buffer, a session that has it {@code delivered}, or it is an orphan; and no other message has one.
     */
    public static List<String> notOwned(Domain domain, Collection<Taken> delivered) {
        return domain.withState(state -> {
            Holdings holdings = domain.holdings;
            List<Taken> orphans = new ArrayList<>();
            holdings.orphans.forEach(one -> orphans.add(one.taken()));
            List<String> wrong = new ArrayList<>();
            for (Taken one : holdings.held.values()) {
                int owners = ((LocalConsumer) one.consumer).hasBuffered(one.mid) ? 1 : 0;
                for (Taken other : delivered) if (other == one) owners++;
                for (Taken other : orphans) if (other == one) owners++;
                if (owners != 1) wrong.add(one.mid + " has " + owners + " owners");
                if (!isHeld(domain, state, one.view, one.mid)) wrong.add(one.mid + " is not this member's");
            }
            orphans.addAll(delivered);
            for (Taken one : orphans)
                if (holdings.held.get(new Taken.Key(one.view, one.mid)) != one)
                    wrong.add(one.mid + " is owned and not held");
            for (var channel : state.channels())
                for (View view : channel.views())
                    view.forEach(m -> {
                        if (isHeld(domain, state, view.id(), m.mid()) && !holdings.holds(view, m))
                            wrong.add(m.mid() + " is nobody's");
                        return true;
                    });
            return wrong;
        });
    }

    /** Appends of calls that were refused since something was told of what it holds. */
    public static int refused(Domain domain) {
        return domain.holdings.refused.get();
    }

    private static boolean isHeld(Domain domain, State state, long id, long mid) {
        var m = state.message(mid);
        View view = state.view(id);
        return m != null && view != null && view.of(m) != null && view.of(m).holder() == domain.self;
    }

    /** How many records its log has had. */
    public static long records(Domain domain) {
        return domain.log.newest();
    }
}
