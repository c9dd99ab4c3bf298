package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.isMine;
import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.goesOn;
import static dev.belfry.shm.sim.ScenarioParts.publisher;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static dev.belfry.shm.sim.ScenarioParts.subscriber;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Closing a publisher or a queue that is in use. */
final class CloseScenarios {
    private CloseScenarios() {}

    static Sim.Scenario close() {
        return close("close against publish", 1, sim -> {});
    }

    static Sim.Scenario closeOfTheFavoured() {
        return close("close against favoured publish", 3, Sim::favour);
    }

    static Sim.Scenario close(String name, int messages, Consumer<Sim> how) {
        return scenario(
                        name,
                        SMALL,
                        3,
                        ScenarioParts::some,
                        sim -> {
                            how.accept(sim);
                            MessageQueue closing = sim.open(0);
                            Publisher publisher = closing.createPublisher();
                            sim.noted.put("subscriber", subscriber(sim, 1));
                            return List.of(
                                    () -> {
                                        int number = 100;
                                        try {
                                            while (number < 100 + messages) sim.publish(publisher, number++, 64);
                                        } catch (QueueClosedException refused) {
                                            sim.noted.put("refused", refused);
                                            sim.begun.remove(number - 1);
                                        } catch (QueueCorruptedException unknown) {
                                            sim.noted.put("unknown", unknown); // the close did not wait for it
                                        }
                                    },
                                    closing::close);
                        },
                        sim -> {
                            assertThat(sim.noted).doesNotContainKey("unknown");
                            goesOn(sim);
                        })
                .patient()
                .ofThreads();
    }

    /** The claim's end frees nothing: its publisher's close has done so, and by then the lock may be anybody's. */
    static Sim.Scenario closeWithClaim() {
        return scenario(
                "close with a claim against two publishers",
                SMALL,
                3,
                ScenarioParts::some,
                sim -> {
                    Publisher claiming = sim.open(0).createPublisher();
                    Publisher second = publisher(sim, 1);
                    Publisher third = publisher(sim, 2);
                    return List.of(
                            () -> {
                                Claim claim = claiming.claim(64);
                                claiming.close();
                                claim.close();
                            },
                            () -> sim.publish(second, 200, 64),
                            () -> sim.publish(third, 300, 64));
                },
                sim -> {
                    goesOn(sim);
                    assertThat(sim.published).hasSize(2);
                });
    }

    /** Two threads of the first process use one publisher, and a second process publishes beside them. */
    private static Sim.Scenario shared(
            String name, int preemptions, BiFunction<Sim, Publisher, List<Runnable>> threads) {
        return shared(name, preemptions, sim -> {}, threads);
    }

    private static Sim.Scenario shared(
            String name, int preemptions, Consumer<Sim> how, BiFunction<Sim, Publisher, List<Runnable>> threads) {
        return scenario(
                        name,
                        SMALL,
                        preemptions,
                        ScenarioParts::some,
                        sim -> {
                            how.accept(sim);
                            Publisher claiming = sim.open(0).createPublisher();
                            Publisher other = publisher(sim, 1);
                            List<Runnable> actors = new ArrayList<>(threads.apply(sim, claiming));
                            actors.add(() -> sim.publish(other, 200, 64));
                            return actors;
                        },
                        ScenarioParts::goesOn)
                .patient()
                .ofThreads();
    }

    /** Publishes message 100, or is refused because the publisher is closed. */
    private static Runnable unlessClosed(Sim sim, Runnable publish) {
        return () -> {
            try {
                publish.run();
            } catch (QueueClosedException refused) {
                sim.begun.remove(100);
            }
        };
    }

    /** By another thread: the claim is committed before, or never. */
    static Sim.Scenario closeAgainstClaim() {
        return shared(
                "close against a claim of another thread",
                2,
                (sim, claiming) ->
                        List.of(unlessClosed(sim, () -> sim.commit(claiming.claim(64), 100)), claiming::close));
    }

    /** The same where that thread is favoured: it has a number of its own inside, and not the lock's word. */
    static Sim.Scenario closeAgainstClaimOfTheFavoured() {
        return shared("close against a claim of the favoured", 2, Sim::favour, (sim, claiming) -> {
            sim.first(() -> sim.commit(claiming.claim(64), 99));
            return List.of(unlessClosed(sim, () -> sim.commit(claiming.claim(64), 100)), claiming::close);
        });
    }

    /** The closer had the claim before, and still stands there as the claimant while the next thread opens its own. */
    static Sim.Scenario closeByTheClaimantBefore() {
        return shared("close against the next claim, by the claimant before", 3, (sim, claiming) -> {
            sim.first(() -> claiming.claim(64).close());
            return List.of(claiming::close, unlessClosed(sim, () -> {
                Claim claim = claiming.claim(64);
                assertThat(isMine(claim)).as("only its thread ends it").isTrue();
                sim.commit(claim, 100);
            }));
        });
    }
}
