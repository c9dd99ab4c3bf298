package dev.belfry.shm.sim;

import static dev.belfry.shm.sim.CloseScenarios.close;
import static dev.belfry.shm.sim.CloseScenarios.closeAgainstClaim;
import static dev.belfry.shm.sim.CloseScenarios.closeAgainstClaimOfTheFavoured;
import static dev.belfry.shm.sim.CloseScenarios.closeByTheClaimantBefore;
import static dev.belfry.shm.sim.CloseScenarios.closeOfTheFavoured;
import static dev.belfry.shm.sim.CloseScenarios.closeWithClaim;
import static dev.belfry.shm.sim.GateScenarios.evict;
import static dev.belfry.shm.sim.GateScenarios.grow;
import static dev.belfry.shm.sim.GateScenarios.overrun;
import static dev.belfry.shm.sim.GateScenarios.poll;
import static dev.belfry.shm.sim.GateScenarios.reattach;
import static dev.belfry.shm.sim.GateScenarios.reattachToGate;
import static dev.belfry.shm.sim.GateScenarios.recover;
import static dev.belfry.shm.sim.GateScenarios.seekBack;
import static dev.belfry.shm.sim.GateScenarios.seekBackByTime;
import static dev.belfry.shm.sim.JoinScenarios.join;
import static dev.belfry.shm.sim.JoinScenarios.joinByTime;
import static dev.belfry.shm.sim.JoinScenarios.leave;
import static dev.belfry.shm.sim.JoinScenarios.observerJoins;
import static dev.belfry.shm.sim.JoinScenarios.reclaim;
import static dev.belfry.shm.sim.JoinScenarios.slotChange;
import static dev.belfry.shm.sim.JoinScenarios.twoAudits;
import static dev.belfry.shm.sim.LockScenarios.claimsOfTheFavoured;
import static dev.belfry.shm.sim.LockScenarios.favoured;
import static dev.belfry.shm.sim.LockScenarios.favouredInTurn;
import static dev.belfry.shm.sim.LockScenarios.four;
import static dev.belfry.shm.sim.LockScenarios.publishers;
import static dev.belfry.shm.sim.LockScenarios.threadsOfOnePublisher;
import static dev.belfry.shm.sim.LockScenarios.threePublishers;
import static dev.belfry.shm.sim.ScenarioParts.IMPATIENT;
import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.WakeScenarios.await;
import static dev.belfry.shm.sim.WakeScenarios.room;
import static dev.belfry.shm.sim.WakeScenarios.sleep;
import static dev.belfry.shm.sim.WakeScenarios.sleepForTwo;
import static dev.belfry.shm.sim.WakeScenarios.sleepOfTheFavoured;
import static dev.belfry.shm.sim.WakeScenarios.sleepOfThree;
import static dev.belfry.shm.sim.WakeScenarios.sleepTwice;

import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import java.util.ArrayList;
import java.util.List;

/** What two to four processes do to one queue at the same time; each step of it is decided by a {@link Scheduler}. */
public final class Scenarios {
    private Scenarios() {}

    static List<Sim.Scenario> all() {
        List<Sim.Scenario> all = new ArrayList<>();
        for (StartAt start : List.of(StartAt.NOW, StartAt.OLDEST_RETAINED)) {
            all.add(join("publish against join " + start, start, ScenarioParts::some));
            all.add(join("publish against join " + start, start, ScenarioParts::some)
                    .mortal());
            all.add(join("gate move against join " + start, start, ScenarioParts::lapped));
        }
        all.add(join("gate move against join OLDEST_RETAINED", StartAt.OLDEST_RETAINED, ScenarioParts::lapped)
                .mortal());
        all.add(sleep().withoutSlices());
        all.add(sleepTwice().withoutSlices());
        all.add(sleepForTwo().withoutSlices());
        all.add(sleepOfThree().withoutSlices());
        all.add(sleepOfThree().mortal());
        all.add(grow());
        all.add(grow().mortal());
        all.add(grow().mortal().withTrailers());
        all.add(overrun());
        all.add(overrun().mortal());
        all.add(publishers().withoutSlices());
        all.add(publishers().mortal());
        all.add(publishers().slow());
        all.add(publishers().mortal().slow());
        all.add(BatchScenarios.read());
        all.add(BatchScenarios.read().mortal());
        all.add(BatchScenarios.publish().withoutSlices());
        all.add(BatchScenarios.publish().mortal());
        all.add(BatchScenarios.read().mortal().withTrailers());
        all.add(BatchScenarios.publish().mortal().withTrailers());
        all.add(threePublishers().withoutSlices());
        all.add(threePublishers().mortal().slow());
        all.add(favoured().withoutSlices());
        all.add(favoured().mortal());
        all.add(favoured().slow());
        all.add(favoured().mortal().slow());
        all.add(claimsOfTheFavoured().withoutSlices());
        all.add(claimsOfTheFavoured().mortal());
        all.add(favouredInTurn().withoutSlices());
        all.add(favouredInTurn().mortal().slow());
        all.add(sleepOfTheFavoured().withoutSlices());
        all.add(closeOfTheFavoured());
        all.add(closeWithClaim());
        all.add(closeAgainstClaim());
        all.add(closeAgainstClaimOfTheFavoured());
        all.add(closeByTheClaimantBefore());
        all.add(threadsOfOnePublisher());
        all.add(evict(IMPATIENT, SlowSubscriber.GATE_PUBLISHER, "maxGateTime"));
        all.add(evict(SMALL, SlowSubscriber.DISCONNECT, "DISCONNECT"));
        all.add(evict(SMALL, SlowSubscriber.DISCONNECT, "DISCONNECT").mortal());
        all.add(close());
        all.add(await().withoutSlices());
        all.add(room().withoutSlices());
        all.add(room().mortal());
        all.add(leave().withoutSlices());
        all.add(leave().mortal());
        all.add(reclaim().mortal());
        all.add(slotChange().withoutSlices());
        all.add(twoAudits());
        all.add(observerJoins(StartAt.OLDEST_RETAINED, 3));
        all.add(observerJoins(StartAt.NOW, 14));
        all.add(reattachToGate());
        all.add(reattach());
        all.add(reattach().mortal());
        all.add(recover());
        all.add(four());
        all.add(four().mortal());
        all.add(four().slow());
        all.add(poll());
        all.add(seekBack());
        all.add(seekBack().mortal());
        all.add(seekBackByTime());
        all.add(joinByTime(Sim.options()));
        all.add(joinByTime(Sim.options()).mortal());
        all.add(joinByTime(Sim.options().slowSubscriber(SlowSubscriber.OVERRUN)));
        return all;
    }

    public static Sim.Scenario named(String name) {
        return all().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }
}
