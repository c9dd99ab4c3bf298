package dev.belfry.shm.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.Inside;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Scene;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Slow;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Few slots and many deaths: there is always one for the next joiner, and if all are taken by the
 * living that is said.
 */
@Timeout(120)
@Tag("F26")
@ExtendWith(Quiet.Always.class)
class SlotTableTest {
    private static final int SLOTS = 4;
    private static final int KILLS = Depth.pick(100, 1000, 20_000);
    private static final QueueConfig CONFIG = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .deleteOnLastClose(true)
            .build();

    @Test
    @Slow
    void f26AThousandKilledJoinersLeaveASlotForTheNext() {
        try (Scene scene = new Scene(CONFIG, SLOTS, Participant::new, Participant::new)) {
            scene.withWatcher();
            scene.withPublisher();
            for (int i = 0; i < KILLS; i++) {
                Participant joiner = scene.process();
                MessageQueue queue = scene.open(joiner);
                joiner.dieAt(i % 3 == 0 ? 1 + i % 40 : Long.MAX_VALUE); // in the middle of joining, or as a member
                scene.mayDie(joiner, queue::createSubscriber);
                joiner.kill();
                scene.forget(joiner);
                if (i % 50 == 0) scene.publishSoon(scene.publisher, 100);
                scene.watch();
            }
            assertThat(semaphores(scene)).as("one a slot at most").isLessThanOrEqualTo(SLOTS);
            assertThat(scene.bystander.stats().subscribers()).hasSize(1);
            scene.checkSlots(scene.bystander);
            scene.victim.closeQueues();
            scene.checkNothingStays(scene.bystander);
        }
    }

    private static long semaphores(Scene scene) {
        return List.of(new File(SharedMemory.DIRECTORY).list()).stream()
                .filter(file -> file.startsWith("sem.") && scene.isItsName(file))
                .count();
    }

    @Test
    void f26TheLivingKeepTheirSlotsAndTheNextIsRefused() {
        try (Scene scene = new Scene(CONFIG, SLOTS, Participant::new, Participant::new)) {
            scene.withBystander();
            List<Subscriber> all = new ArrayList<>();
            for (int j = 0; j < SLOTS; j++) all.add(scene.bystander.createSubscriber());
            scene.withVictim();
            assertThatThrownBy(() -> scene.queue.createSubscriber())
                    .isInstanceOf(InsufficientResourcesException.class)
                    .hasMessageContaining("has all its 4 slots taken")
                    .hasMessageContaining("slots=");
            all.get(2).close();
            scene.queue.createSubscriber().close();
            scene.victim.closeQueues();
            scene.checkNothingStays(scene.bystander);
        }
    }

    @Test
    void f26HandlesOfTheDeadAreWonAgainAndTheLivingKeepTheirs() {
        try (Scene scene = new Scene(CONFIG, SLOTS, Participant::new, Participant::new)) {
            scene.withBystander();
            int others = Inside.handle(scene.bystander).segment.handles.count() - 1;
            for (int round = 0; round < 3; round++) {
                for (int h = 0; h < others; h++) {
                    Participant dead = scene.process();
                    scene.open(dead);
                    dead.kill();
                }
            }
            for (int h = 0; h < others; h++) scene.open(scene.process());
            assertThatThrownBy(() -> scene.open(scene.process()))
                    .isInstanceOf(InsufficientResourcesException.class)
                    .hasMessageContaining("has all its " + (others + 1) + " handles open");
            scene.checkNothingStays(scene.bystander);
        }
    }
}
