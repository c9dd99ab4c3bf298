package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Bytes;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each rule of messages in the package's description, and each "else". */
@OneJdk
class RulesTest extends RuleCase {
    @Test
    void shouldFoldTheExampleOfTwoConsumers() {
        long a = send(Q);
        long b = send(Q);
        by(2, take(Q, a, b));
        nothing(3, take(Q, a));
        by(2, ack(Q, a));
        assertThat(of(Q, a) + ", " + of(Q, b)).isEqualTo("gone, T2 0");
        by(3, new Act.Leave(2));
        assertThat(of(Q, b)).isEqualTo("A1@0");
        by(3, take(Q, b));
        assertThat(of(Q, b)).isEqualTo("T3 1");
        by(3, ack(Q, b), new Act.Send(message(Names.id("q1"))));
        assertThat(state.size()).isOne();
    }

    @Test
    void shouldLetOnlyTheHolderEndWhatItHolds() {
        long m = send(Q);
        nothing(2, ack(Q, m));
        nothing(2, new Act.Count(Q, List.of(m)));
        nothing(2, new Act.Give(Q, 5, true, List.of(m)));
        by(2, take(Q, m));
        nothing(3, ack(Q, m));
        nothing(3, new Act.Count(Q, List.of(m)));
        nothing(3, new Act.Give(Q, 5, true, List.of(m)));
        nothing(2, take(Q, m));
        nothing(2, new Act.Drop(Q, List.of(m)));
        nothing(3, new Act.Drop(Q, List.of(m)));
        nothing(2, new Act.AckUpTo(Q, m)); // a queue is nobody's alone
        nothing(2, ack(Names.id("q1"), m)); // not of this view
        nothing(2, ack(7, m));
        nothing(2, ack(Q, m + 1));
        by(2, new Act.Count(Q, List.of(m)));
        assertThat(of(Q, m)).isEqualTo("T2 1");
        by(2, new Act.Give(Q, 50, false, List.of(m)));
        assertThat(of(Q, m)).isEqualTo("A1@50");
        by(3, take(Q, m));
        by(3, new Act.Give(Q, -7, true, List.of(m)));
        assertThat(of(Q, m)).isEqualTo("A2@-7");
        by(4, new Act.Drop(Q, List.of(m)));
        assertThat(state.size()).isZero();
    }

    /** What a member holds is all that is asked when it leaves, whatever it held before. */
    @Test
    @Slow
    void shouldRememberWhatAMemberHoldsAndLittleMore() {
        long kept = send(Q);
        by(2, take(Q, kept));
        for (int i = 0; i < 500; i++) {
            long m = send(i % 2 == 0 ? Q : Names.id("q1"));
            by(2, take(i % 2 == 0 ? Q : Names.id("q1"), m));
            by(2, ack(i % 2 == 0 ? Q : Names.id("q1"), m));
            by(2, new Act.Give(Q, 0, false, List.of(kept)));
            by(2, take(Q, kept));
        }
        assertThat(state.holders()).containsExactly(2);
        assertThat(state.holders.all.get(2).size).isLessThanOrEqualTo(2 + Holders.FEW);
        by(3, new Act.Leave(2));
        assertThat(of(Q, kept)).isEqualTo("A1@0");
        assertThat(state.holders()).isEmpty();
    }

    @Test
    void shouldKeepATopicsMessageWhileAViewNeedsIt() {
        assertThat(state.message(send(T))).isNull(); // nobody was there
        long early = subscribe(2, Op.DURABLE, "early");
        long m = send(T);
        long late = subscribe(3, Op.DURABLE, "late");
        assertThat(of(early, m) + ", " + of(late, m)).isEqualTo("A0@0, gone");
        long both = send(T);
        by(2, take(early, m, both));
        assertThat(of(late, both)).isEqualTo("A0@0");
        by(2, ack(early, m, both));
        assertThat(state.message(m)).isNull();
        assertThat(of(early, both) + ", " + of(late, both)).isEqualTo("gone, A0@0");
        by(3, new Act.Drop(late, List.of(both)));
        assertThat(state.size()).isZero();
    }

    @Test
    void shouldLetAnOwnerAcknowledgeWithoutTaking() {
        long v = subscribe(2, EXCLUSIVE, null);
        long shared = subscribe(3, Op.SHARED, "s");
        long a = send(T);
        long b = send(T);
        long c = send(T);
        nothing(3, new Act.AckUpTo(v, c));
        nothing(3, ack(v, a));
        nothing(3, new Act.AckUpTo(shared, c));
        by(2, new Act.AckUpTo(v, b));
        assertThat(of(v, a) + of(v, b) + of(v, c)).isEqualTo("gonegoneA0@0");
        by(2, ack(v, c));
        assertThat(of(v, c) + of(shared, a)).isEqualTo("goneA0@0");
    }

    @Test
    void shouldPurgeAnOrdinaryDestination() {
        long m = send(Q);
        by(2, take(Q, m));
        by(3, new Act.Delete(Q));
        assertThat(state.size()).isZero();
        long v = subscribe(2, Op.DURABLE, "d");
        send(T);
        by(3, new Act.Delete(T));
        assertThat(state.size()).isZero();
        assertThat(state.view(v)).isNotNull();
        assertThat(of(v, send(T))).isEqualTo("A0@0");
    }

    @Test
    void shouldSendStagedMessagesWhereTheyAreApplied() {
        by(2, new Act.Stage(2, 1, 2, List.of(message(Q))));
        by(2, new Act.Stage(2, 1, 0, List.of(message(T), message(Q))));
        nothing(3, new Act.Apply(1, 3));
        nothing(2, new Act.Apply(9, 3));
        long v = subscribe(3, Op.DURABLE, "d"); // before the commit
        long p = by(2, new Act.Apply(1, 3), new Act.Send(message(Q)));
        assertThat(of(v, Mids.of(p, 0))).isEqualTo("A0@0");
        for (int i = 1; i < 4; i++) assertThat(of(Q, Mids.of(p, i))).isEqualTo("A0@0");
        assertThat(state.message(Mids.of(p, 1)).statement()).isEqualTo(2);
        assertThat(state.hold()).isOne();
        by(2, new Act.Stage(2, 2, 0, List.of(message(Q))));
        by(2, new Act.Stage(2, 2, 0, List.of(message(T))));
        assertThat(state.staged).hasSize(1);
        nothing(3, new Act.Forget(2));
        by(2, new Act.Forget(2));
        assertThat(state.staged).isEmpty();
        nothing(2, new Act.Apply(2, 1));
    }

    @Test
    void shouldSendTheNewestOfStagedPartsThatOverlap() {
        long other = Names.id("q1");
        by(2, new Act.Stage(2, 7, 0, List.of(message(Q), message(Q))));
        by(2, new Act.Checkpointed(state));
        by(2, new Act.Stage(2, 7, 1, List.of(message(other))));
        long p = by(2, new Act.Apply(7, 2));
        by(2, take(Q, Mids.of(p, 0), Mids.of(p, 1)));
        by(2, ack(Q, Mids.of(p, 0), Mids.of(p, 1)));
        assertThat(of(other, Mids.of(p, 1))).isEqualTo("A0@0");
        assertThat(state.size()).isOne();
        assertThat(state.hold()).isEqualTo(2);
    }

    @Test
    void shouldBeginNoViewAfterAnApplyOfItsRecord() {
        subscribe(2, Op.DURABLE, "d1");
        by(2, new Act.Stage(2, 7, 0, List.of(message(T), message(T), message(T), message(T))));
        long p = log.append(
                Act.record(
                        new RecordWriter(),
                        2,
                        List.of(new Act.Apply(7, 4), new Act.Sub(T, Op.DURABLE, "c", "d2", null))),
                0);
        assertThat(state.apply(p, p, log.record(p))).isEqualTo(Verdict.DAMAGED);
        assertThat(state.registry.subscriptions).hasSize(1);
        by(2, new Act.Apply(7, 4));
        assertThat(state.size()).isEqualTo(4);
    }

    @Test
    void shouldHoldNothingNewerWhileItBootstraps() {
        by(2, new Act.Define(Q, "q"));
        send(Q);
        by(2, new Act.Checkpointed(state));
        Bootstrap late = new Bootstrap(HeapLog.FIRST);
        for (long p = HeapLog.FIRST; late.scan(p, log.record(p)); p++) continue;
        State half = late.state();
        assertThat(half.hold()).isLessThanOrEqualTo(state.hold());
        for (long p = HeapLog.FIRST; p <= log.newest(); p++) {
            half.apply(p, p, log.record(p));
            assertThat(half.hold()).isLessThanOrEqualTo(state.hold());
        }
        assertThat(half.hold()).isEqualTo(state.hold());
    }

    @Test
    void shouldRestateWhatIsLiveAsItIs() {
        long v = subscribe(2, Op.DURABLE, "v");
        long w = subscribe(3, Op.DURABLE, "w");
        long a = send(T);
        long b = send(T);
        long q = send(Q);
        by(2, take(v, a, b), new Act.Count(v, List.of(a)), ack(v, b), take(Q, q));
        by(2, new Act.Give(Q, 77, true, List.of(q)));
        by(2, new Act.Checkpointed(state));
        long p = by(4, new Act.Restate(Restating.oldest(state, Integer.MAX_VALUE), log));
        assertThat(of(v, a) + of(v, b) + of(w, a) + of(Q, q)).isEqualTo("T2 1goneA0@0A1@77");
        assertThat(state.message(a).statement()).isEqualTo(p);
        assertThat(state.hold()).isEqualTo(p - 1);
        by(4, new Act.Checkpointed(state));
        assertThat(state.hold()).isEqualTo(p);
        assertThat(Envelope.read(log.record(p), state.message(q).at()).destination)
                .isEqualTo(Q);
    }

    @Test
    void shouldGiveTheOrderOfDelivery() {
        List<Long> mids = new ArrayList<>();
        for (int priority : new int[] {4, 9, 0, 9, 4}) {
            Envelope m = message(Q);
            m.priority = priority;
            m.expiry = 5;
            m.deliveryTime = 6;
            mids.add(Mids.of(by(1, new Act.Send(m)), 0));
        }
        by(2, take(Q, mids.get(0)));
        List<Long> order = new ArrayList<>();
        state.view(Q).forEach(m -> {
            assertThat(m.expiry() + m.deliveryTime()).isEqualTo(11);
            return order.add(m.mid());
        });
        assertThat(order).containsExactly(mids.get(1), mids.get(3), mids.get(0), mids.get(4), mids.get(2));
    }

    @Test
    void shouldSkipDamageAndEndAtANewerRecord() {
        long p = log.newest() + 1;
        assertThat(state.apply(p, p, Bytes.of(ByteBuffer.allocate(40)))).isEqualTo(Verdict.DAMAGED);
        assertThat(state.position()).isEqualTo(p);
        ByteBuffer newer = new RecordWriter().begin(1).leave(1).end().put(0, (byte) 2);
        assertThat(state.apply(p + 1, 0, Bytes.of(newer))).isEqualTo(Verdict.NEWER);
        assertThat(state.position()).isEqualTo(p);
    }

    @Test
    void shouldTellAFactOnceThoughARecordRepeatsIt() {
        long m = send(Q);
        RecordWriter twice =
                new RecordWriter().begin(2).put().run(1, m, 1).staged(message(Q).bytes());
        long p = log.append(
                twice.run(1, m, 1)
                        .staged(message(Q).bytes())
                        .endOfRuns()
                        .endOfDone()
                        .endOfStates()
                        .end(),
                0);
        assertThat(state.apply(p, p, log.record(p))).isEqualTo(Verdict.WHOLE);
        by(2, take(Q, m));
        assertThat(Restating.oldest(state, 1000)).hasSize(1);
        by(2, new Act.Restate(Restating.oldest(state, 1000), log));
        by(2, ack(Q, m));
        by(2, new Act.Stage(2, 1, 0, List.of(message(Q))), new Act.Apply(1, 1));
        assertThat(Restating.oldest(state, 1000)).hasSize(1);
    }

    /** Else a batch of what was told again in batches would become longer and longer. */
    @Test
    void shouldTellWholeStatementsAgainUpToALimit() {
        send(Q);
        int one = state.message(send(Q)).length() + 32;
        Act.Send another = new Act.Send(message(Q));
        by(2, another, another, another);
        assertThat(Restating.oldest(state, one)).hasSize(1);
        assertThat(Restating.oldest(state, 4 * one)).hasSize(2);
        assertThat(Restating.oldest(state, 5 * one)).hasSize(5);
        by(2, new Act.Restate(Restating.oldest(state, 2 * one), log));
        assertThat(Restating.oldest(state, 2 * one)).hasSize(3);
    }
}
