package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.fold.Answer.Outcome;
import dev.belfry.jakarta.wire.Checkpoint;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.RecordReader.Verdict;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.testing.OneJdk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each rule of the registry in the package's description, and each "else". */
@OneJdk
class RegistryRulesTest extends RuleCase {
    @Test
    void shouldRefuseMessagesToATemporaryDestinationThatIsNone() {
        assertThat(state.message(send(QT))).isNull();
        by(2, new Act.Define(QT, "qt"));
        long m = send(QT);
        assertThat(of(QT, m)).isEqualTo("A0@0");
        by(3, new Act.Define(QT, "qt"));
        answers(Outcome.REFUSED);
        by(3, new Act.Define(QT, "other"));
        answers(Outcome.CLASH);
        assertThat(state.registry.owner(QT)).isEqualTo(2);
        nothing(3, new Act.Delete(QT));
        by(2, new Act.Delete(QT));
        assertThat(state.size()).isZero();
        assertThat(state.message(send(QT))).isNull();
        by(3, new Act.Define(QT, "qt"));
        assertThat(of(QT, m)).isEqualTo("gone");
        by(3, new Act.Define(TT, "tt"), new Act.Sub(TT, EXCLUSIVE, null, null, null));
        long view = Mids.of(log.newest(), 2);
        assertThat(of(view, send(TT))).isEqualTo("A0@0");
        by(3, new Act.Delete(TT));
        assertThat(state.view(view)).isNull();
        subscribe(3, TT, EXCLUSIVE, null, null, Outcome.INVALID);
        subscribe(3, Q, EXCLUSIVE, null, null, Outcome.INVALID);
    }

    @Test
    void shouldNameOrdinaryDestinationsOnce() {
        by(2, new Act.Define(Q, "q"));
        by(3, new Act.Define(Q, "q"));
        answers(Outcome.DONE);
        by(3, new Act.Define(Q, "other"));
        answers(Outcome.CLASH);
        assertThat(state.registry.name(Q)).isEqualTo("q");
        by(2, new Act.Checkpointed(state)); // defined since the last one
        by(2, new Act.Checkpointed(state)); // not used: left out
        assertThat(state.registry.name(Q)).isNull();
        by(2, new Act.Define(Q, "q"), new Act.Attach(Q));
        by(2, new Act.Checkpointed(state));
        by(2, new Act.Checkpointed(state));
        assertThat(state.registry.name(Q)).isEqualTo("q");
    }

    @Test
    void shouldKeepTheNameThatAStagedMessageNeeds() {
        by(2, new Act.Define(Q, "q"), new Act.Stage(2, 1, 0, List.of(message(Q))));
        by(2, new Act.Checkpointed(state));
        by(2, new Act.Checkpointed(state));
        by(2, new Act.Apply(1, 1));
        assertThat(state.registry.name(Q)).isEqualTo("q");
    }

    @Test
    void shouldKeepItsOwnRegistryWhenACheckpointTellsAnother() {
        subscribe(2, Op.DURABLE, "d");
        send(T);
        by(2, new Act.Client("c", true), new Act.Attach(Q), new Act.Define(QT, "qt"));
        by(2, new Act.Checkpointed(state));
        Checkpoint now = RegistryImage.of(state);
        List<Checkpoint.Subscription> subs = new ArrayList<>();
        for (Checkpoint.Subscription s : now.subscriptions())
            subs.add(new Checkpoint.Subscription(
                    s.id(), s.topic(), s.flags(), s.clientId(), s.name(), s.selector(), s.cursor() - 1, s.attached()));
        List<Checkpoint> lies = List.of(
                new Checkpoint(
                        now.names(), List.of(), now.subscriptions(), now.queues(), now.clients(), now.overflow()),
                new Checkpoint(now.names(), now.temporaries(), subs, now.queues(), now.clients(), now.overflow()),
                new Checkpoint(
                        now.names(), now.temporaries(), now.subscriptions(), List.of(), now.clients(), now.overflow()),
                new Checkpoint(
                        now.names(), now.temporaries(), now.subscriptions(), now.queues(), List.of(), now.overflow()));
        for (Checkpoint lie : lies) {
            long p = log.append(new RecordWriter().begin(3).checkpoint(lie).end(), 0);
            assertThat(ToldRegistry.isExact(state, log.record(p))).isFalse();
            assertThat(state.apply(p, p, log.record(p))).isEqualTo(Verdict.WHOLE);
            assertThat(RegistryImage.of(state)).isEqualTo(now);
        }
    }

    @Test
    void shouldNotHandOutWhatItKeeps() {
        by(2, new Act.Attach(Q), new Act.Client("c", true));
        assertThatThrownBy(() -> state.registry.attached(Q).clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> state.answers().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void shouldFindSubscriptionsByTheirKey() {
        long v = subscribe(2, Op.DURABLE, "n");
        subscribe(3, T, Op.DURABLE, "n", null, Outcome.IN_USE);
        subscribe(2, T, Op.DURABLE, "n", null, Outcome.IN_USE);
        subscribe(3, T, Op.DURABLE | Op.SHARED, "n", null, Outcome.MISMATCH);
        subscribe(3, T, Op.DURABLE, "n", "x", Outcome.IN_USE);
        by(2, new Act.Detach(v));
        subscribe(3, T, Op.DURABLE | Op.SHARED, "n", null, Outcome.MISMATCH);
        assertThat(subscribe(3, T, Op.DURABLE, "n", null, Outcome.ATTACHED)).isEqualTo(v);
        by(3, new Act.Detach(v));
        long m = send(T);
        long other = subscribe(3, T, Op.DURABLE, "n", "x", Outcome.CREATED);
        assertThat(state.view(v)).isNull();
        assertThat(state.message(m)).isNull();
        by(3, new Act.Detach(other));
        assertThat(subscribe(3, T, Op.DURABLE | Op.NO_LOCAL, "n", "x", Outcome.CREATED))
                .isNotEqualTo(other);
        long shared = subscribe(4, Op.SHARED, "n"); // another key: not durable
        assertThat(subscribe(5, T, Op.SHARED, "n", null, Outcome.ATTACHED)).isEqualTo(shared);
        subscribe(6, T, Op.SHARED, "n", "x", Outcome.IN_USE);
        subscribe(6, EXCLUSIVE, "n"); // has none
        subscribe(7, EXCLUSIVE, "n");
    }

    @Test
    void shouldEndAViewWithItsLastMember() {
        long v = subscribe(2, Op.SHARED, "n");
        subscribe(3, T, Op.SHARED, "n", null, Outcome.ATTACHED);
        send(T);
        by(2, new Act.Detach(v));
        nothing(2, new Act.Detach(v));
        assertThat(state.size()).isOne();
        by(3, new Act.Detach(v));
        assertThat(state.size()).isZero();
        assertThat(state.view(v)).isNull();
        long durable = subscribe(2, Op.DURABLE, "d");
        by(2, new Act.Unsub("c", "d"));
        answers(Outcome.REFUSED);
        by(2, new Act.Detach(durable));
        by(2, new Act.Unsub("other", "d"));
        answers(Outcome.REFUSED);
        send(T);
        by(2, new Act.Unsub("c", "d"));
        answers(Outcome.DONE);
        assertThat(state.size()).isZero();
    }

    @Test
    void shouldUnsubscribeThoughSomethingIsHeld() {
        long v = subscribe(2, Op.DURABLE, "d");
        long m = send(T);
        by(2, take(v, m), new Act.Detach(v));
        by(3, new Act.Unsub("c", "d"));
        answers(Outcome.DONE);
    }

    @Test
    void shouldAttachToQueuesThatAreThere() {
        by(2, new Act.Attach(Q));
        by(3, new Act.Attach(Q));
        nothing(2, new Act.Attach(Q));
        nothing(2, new Act.Attach(T));
        nothing(2, new Act.Attach(QT));
        nothing(2, new Act.Attach(7));
        nothing(4, new Act.Detach(Q));
        assertThat(state.registry.attached(Q)).containsExactly(2L, 3L);
        by(2, new Act.Detach(Q));
        assertThat(state.registry.attached(Q)).containsExactly(3L);
    }

    @Test
    void shouldGiveAClientIdToOne() {
        by(2, new Act.Client("c", true));
        answers(Outcome.DONE);
        by(3, new Act.Client("c", true));
        answers(Outcome.IN_USE);
        by(3, new Act.Client("c", false));
        answers(Outcome.REFUSED);
        assertThat(state.registry.client("c")).isEqualTo(2);
        by(2, new Act.Client("c", false));
        assertThat(state.registry.client("c")).isZero();
    }

    @Test
    void shouldTakeAllFromAMemberThatLeaves() {
        long v = subscribe(2, Op.SHARED, "n");
        long durable = subscribe(2, Op.DURABLE, "d");
        by(2, new Act.Define(QT, "qt"), new Act.Client("c", true), new Act.Attach(Q));
        by(2, new Act.Stage(2, 1, 0, List.of(message(Q))));
        long m = send(Q);
        long d = send(T);
        by(2, take(Q, m), take(durable, d));
        by(3, new Act.Leave(2));
        assertThat(of(Q, m) + ", " + of(durable, d)).isEqualTo("A1@0, A1@0");
        assertThat(state.view(v)).isNull();
        assertThat(state.registry.subscription(durable).attached()).isEmpty();
        assertThat(state.registry.owner(QT) + state.registry.client("c")).isZero();
        assertThat(state.registry.attached(Q)).isEmpty();
        assertThat(state.staged).isEmpty();
        nothing(3, new Act.Leave(2));
        by(2, take(Q, m)); // nobody remembers that it left
        assertThat(of(Q, m)).isEqualTo("T2 1");
    }
}
