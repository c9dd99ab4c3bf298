package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.TestLog;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Refused;
import dev.belfry.shm.crash.Scene;
import dev.belfry.shm.layout.MeantWords;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.posix.Errno;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A publisher that cannot open a sleeper's semaphore: for a moment, or for good. */
@Timeout(60)
@ExtendWith(Quiet.Always.class)
class SlotSemaphoresTest {
    private final String name = "semaphores-" + ProcessHandle.current().pid();
    private final QueueConfig config =
            QueueConfig.builder().deleteOnLastClose(true).build();
    private final Participant sleeping = new Participant();
    private int tried;
    private final Refused publishing = new Refused() {
        @Override
        protected Object refusal(String function, Method method, Object[] args) {
            tried++;
            return super.refusal(function, method, args);
        }
    };
    private final MessageQueue sleeper = sleeping.open(name, config, 8);
    private final Publisher publisher = publishing.open(name, config, 8).createPublisher();

    SlotSemaphoresTest() {
        sleeper.createSubscriber();
    }

    @AfterEach
    void close() {
        for (Participant each : new Participant[] {publishing, sleeping}) {
            each.closeQueues();
            each.bury();
        }
    }

    private long wakeUpsAfterAPublish() {
        Scene.announceSleeper(sleeper, 0);
        publisher.publish("message");
        return handle(sleeper).segment.header.counter(Counter.WAKE_UPS);
    }

    @Tag("F23")
    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM})
    void shouldTryAgainWhenItWasRefusedForAMoment(int errno) {
        publishing.refuseEach("sem_open", errno);
        assertThat(wakeUpsAfterAPublish()).isZero();
        assertThat(wakeUpsAfterAPublish()).isZero();
        publishing.refuseNothing();
        assertThat(wakeUpsAfterAPublish()).isOne();
        assertThat(wakeUpsAfterAPublish()).isEqualTo(2);
    }

    @Tag("F23")
    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM})
    void shouldSayOnceThatTheSemaphoreOfAThreadThatSleepsForManyWasRefusedForAMoment(int errno) {
        sleeper.createSubscriber(); // its thread sleeps for the first one, too
        Segment segment = handle(sleeper).segment;
        long incarnation = SlotState.incarnation(segment.slots.stateAcquire(1));
        segment.meant.put(0, new MeantWords.Meant(segment.queueId, 1, incarnation));
        publishing.refuseEach("sem_open", errno);
        List<String> said = new CopyOnWriteArrayList<>();
        Consumer<String> hears = said::add;
        TestLog.listen(hears);
        try {
            for (int i = 0; i < 3; i++) wakeUpsAfterAPublish();
        } finally {
            TestLog.forget(hears);
        }
        assertThat(tried).as("its own and that, each time").isEqualTo(6);
        assertThat(said)
                .filteredOn(line -> line.contains("cannot wake the thread that sleeps for slot 0"))
                .hasSize(1);
    }

    @Test
    void shouldNotTryAgainWhenItsFileIsRefused() {
        publishing.refuseEach("sem_open", Errno.EACCES);
        assertThat(wakeUpsAfterAPublish()).isZero();
        assertThat(wakeUpsAfterAPublish()).isZero();
        assertThat(tried).isOne();
    }
}
