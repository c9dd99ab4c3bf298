package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.isMine;
import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.goesOn;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Subscriber;
import java.util.List;
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
                            Subscriber watcher =
                                    sim.open(1).createSubscriber(Sim.options().build());
                            sim.noted.put("subscriber", watcher);
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
                    Publisher second = Sim.publisher(sim.open(1));
                    Publisher third = Sim.publisher(sim.open(2));
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

    /** By another thread: the claim is committed before, or never. */
    static Sim.Scenario closeAgainstClaim() {
        return scenario(
                        "close against a claim of another thread",
                        SMALL,
                        2,
                        ScenarioParts::some,
                        sim -> {
                            Publisher claiming = sim.open(0).createPublisher();
                            Publisher other = Sim.publisher(sim.open(1));
                            return List.of(
                                    () -> {
                                        try {
                                            sim.commit(claiming.claim(64), 100);
                                        } catch (QueueClosedException refused) {
                                            sim.begun.remove(100);
                                        }
                                    },
                                    claiming::close,
                                    () -> sim.publish(other, 200, 64));
                        },
                        ScenarioParts::goesOn)
                .patient()
                .ofThreads();
    }

    /** The closer had the claim before, and still stands there as the claimant while the next thread opens its own. */
    static Sim.Scenario closeByTheClaimantBefore() {
        return scenario(
                        "close against the next claim, by the claimant before",
                        SMALL,
                        3,
                        ScenarioParts::some,
                        sim -> {
                            Publisher claiming = sim.open(0).createPublisher();
                            Publisher other = Sim.publisher(sim.open(1));
                            sim.first(() -> claiming.claim(64).close());
                            return List.of(
                                    claiming::close,
                                    () -> {
                                        try {
                                            Claim claim = claiming.claim(64);
                                            assertThat(isMine(claim))
                                                    .as("only its thread ends it")
                                                    .isTrue();
                                            sim.commit(claim, 100);
                                        } catch (QueueClosedException refused) {
                                            sim.begun.remove(100);
                                        }
                                    },
                                    () -> sim.publish(other, 200, 64));
                        },
                        ScenarioParts::goesOn)
                .patient()
                .ofThreads();
    }
}
