package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.jakarta.wire.RecordWriter;
import java.util.List;

/** A log and its fold, for tests of rules: each record is also folded by a late member. */
abstract class RuleCase {
    static final long Q = Names.id("q");
    static final long T = Names.id("t.");
    static final long QT = Names.id("qt");
    static final long TT = Names.id("tt");
    static final int EXCLUSIVE = 0;

    final HeapLog log = new HeapLog(Long.MAX_VALUE / 4);
    final State state = new State(HeapLog.FIRST);

    /** One record; returns its position. */
    long by(long author, Act... acts) {
        long p = log.append(Act.record(new RecordWriter(), author, List.of(acts)), 0);
        assertThat(ToldRegistry.isExact(state, log.record(p))).isTrue();
        assertThat(state.apply(p, p, log.record(p))).isEqualTo(Verdict.WHOLE);
        assertThat(Digest.of(log.bootstrap(state.hold(), p))).isEqualTo(Digest.of(state));
        return p;
    }

    /** Returns the message's mid. */
    long send(long destination) {
        return Mids.of(by(1, new Act.Send(message(destination))), 0);
    }

    static Envelope message(long destination) {
        Envelope m = new Envelope();
        m.destination = destination;
        return m;
    }

    long subscribe(long author, int flags, String name) {
        return subscribe(author, T, flags, name, null, Outcome.CREATED);
    }

    long subscribe(long author, long topic, int flags, String name, String selector, Outcome expected) {
        by(author, new Act.Sub(topic, flags, "c", name, selector));
        Answer answer = state.answers().get(0);
        assertThat(answer.outcome()).isEqualTo(expected);
        return answer.view();
    }

    void answers(Outcome... expected) {
        assertThat(state.answers().stream().map(Answer::outcome)).containsExactly(expected);
    }

    String of(long view, long mid) {
        Message m = state.message(mid);
        Delivery d =
                m == null || state.view(view) == null ? null : state.view(view).of(m);
        if (d == null) return "gone";
        return d.isAvailable() ? "A" + d.count() + "@" + d.notBefore() : "T" + d.holder() + " " + d.count();
    }

    void nothing(long author, Act... acts) {
        String before = Digest.of(state);
        by(author, acts);
        assertThat(Digest.of(state)).isEqualTo(before);
    }

    static Act take(long view, Long... mids) {
        return new Act.Take(view, List.of(mids));
    }

    static Act ack(long view, Long... mids) {
        return new Act.Ack(view, List.of(mids));
    }
}
