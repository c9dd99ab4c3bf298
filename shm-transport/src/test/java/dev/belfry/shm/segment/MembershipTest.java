package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Create;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueExistsException;
import dev.belfry.api.QueueInfo;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Refused;
import dev.belfry.shm.inspect.Inside;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.Users;
import dev.belfry.testing.Patience;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which member removes a name or semaphores, and which ones stay; what is free again after a member has closed. */
class MembershipTest {
    private static final int TAIL = 384;

    private final String name = "membership-" + ProcessHandle.current().pid();
    private final String uri = "shm:" + name;
    private final Path file = Path.of("/dev/shm/belfry." + name);

    @AfterEach
    void remove() {
        MessageQueues.delete(uri);
    }

    private static String semaphores(UUID queue) {
        return "belfry." + queue.toString().replace("-", "") + ".";
    }

    private MessageQueue open(Participant process, QueueConfig config) {
        return process.open(name, config, 8);
    }

    @Test
    void shouldLeaveTheNameAloneThatIsAnotherQueuesByNow() throws Exception {
        MessageQueue old = MessageQueues.open(uri + "?deleteOnLastClose=true");
        Files.delete(file);
        try (MessageQueue fresh = MessageQueues.open(uri)) {
            old.close();
            assertThat(file).exists();
            try (MessageQueue again = MessageQueues.open(uri)) {
                assertThat(again.stats().id()).isEqualTo(fresh.stats().id());
            }
        }
    }

    @Test
    void shouldLeaveSleepersTheirSemaphoresWhenAQueueInUseIsDeleted() {
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            UUID id = queue.stats().id();
            assertThat(MessageQueues.delete(uri)).isTrue();
            assertThat(NamedSemaphore.list(semaphores(id))).hasSize(1);
            publisher.publish("heard");
            assertThat(subscriber.receive(Patience.limit()).text()).isEqualTo("heard");
        }
    }

    @Test
    void shouldTakeTheSemaphoresOfTheDeadWithTheQueue() {
        Participant dead = new Participant();
        MessageQueue queue = open(dead, QueueConfig.defaults());
        queue.createSubscriber(SubscriberOptions.defaults());
        UUID id = handle(queue).segment.queueId;
        dead.kill();
        assertThat(NamedSemaphore.list(semaphores(id))).hasSize(1);
        assertThat(MessageQueues.delete(uri)).isTrue();
        assertThat(NamedSemaphore.list(semaphores(id))).isEmpty();
    }

    @Test
    void shouldGiveTheEntryBackOfWhoCloses() {
        Participant process = new Participant();
        try (MessageQueue stays = MessageQueues.open(uri)) {
            MessageQueue queue = open(process, QueueConfig.defaults());
            Handle handle = handle(queue);
            Handles handles = handle(stays).segment.handles;
            assertThat(handles.isOpen(handles.stateAcquire(handle.index))).isTrue();
            queue.close();
            assertThat(handles.isOpen(handles.stateAcquire(handle.index))).isFalse();
            assertThat(process.holdsNothing()).isTrue();
        }
    }

    @Test
    void shouldTakeTheSemaphoresOfTheDeadWhenTheLastOneCloses() {
        Participant dead = new Participant();
        MessageQueue queue = open(dead, QueueConfig.defaults());
        queue.createSubscriber(SubscriberOptions.defaults());
        UUID id = handle(queue).segment.queueId;
        MessageQueue last = MessageQueues.open(uri);
        dead.kill();
        assertThat(NamedSemaphore.list(semaphores(id))).hasSize(1);
        last.close();
        assertThat(NamedSemaphore.list(semaphores(id))).isEmpty();
        assertThat(file).as("it was made to stay").exists();
    }

    @Test
    void shouldHoldNothingOfAQueueThatItMayNotJoin() {
        List<MessageQueue> all = new ArrayList<>();
        Participant others = new Participant();
        MessageQueue first = open(others, QueueConfig.defaults());
        for (int h = 1; h < handle(first).segment.handles.count(); h++) all.add(open(others, QueueConfig.defaults()));
        Participant refused = new Participant();
        assertThatThrownBy(() -> open(refused, QueueConfig.defaults()))
                .isInstanceOf(InsufficientResourcesException.class);
        assertThat(refused.holdsNothing()).isTrue();
        all.forEach(MessageQueue::close);
        first.close();
        assertThat(others.holdsNothing()).isTrue();
    }

    @Test
    void shouldHoldNothingOfALeftOverThatItRemoves() {
        Participant dead = new Participant();
        open(dead, QueueConfig.builder().deleteOnLastClose(true).build());
        dead.kill();
        Participant cleaner = new Participant();
        assertThat(Opening.removeIfLeftBehind(cleaner.machine, name)).isTrue();
        assertThat(file).doesNotExist();
        assertThat(cleaner.holdsNothing()).isTrue();
    }

    /**
     * Nobody else can tell any more that this entry's owner has died in the middle of a publish:
     * its byte is held again.
     */
    @Test
    void shouldMendWhatItsPredecessorLeftInTheMiddle() {
        Participant others = new Participant();
        MessageQueue first = open(others, QueueConfig.defaults());
        for (int h = 2; h < handle(first).segment.handles.count(); h++) open(others, QueueConfig.defaults());
        Participant dead = new Participant();
        MessageQueue last = open(dead, QueueConfig.defaults());
        Publisher publisher = last.createPublisher();
        dead.dieBeforeStoreAt(TAIL);
        assertThatThrownBy(() -> publisher.publish("committed")).isInstanceOf(Participant.CrashError.class);
        assertThat(handle(first).publishLock.isHeldByThisHandle()).isFalse();
        dead.kill();
        Participant heir = new Participant();
        MessageQueue queue = open(heir, QueueConfig.defaults());
        assertThat(handle(queue).index).isEqualTo(handle(last).index);
        assertThat(handle(queue).publishLock.isHeldByDead()).isFalse();
        assertThat(queue.stats().counters()).containsEntry("repairs", 1L);
        assertThat(queue.createPublisher().publish("next")).isEqualTo(2);
        Subscriber subscriber = queue.createSubscriber(StartAt.OLDEST_RETAINED);
        assertThat(subscriber.receiveNoWait().text()).isEqualTo("committed");
        assertThat(subscriber.receiveNoWait().text()).isEqualTo("next");
        heir.closeQueues();
        others.closeQueues();
    }

    /** Both create it at the same time: the loser throws its own away and opens the winner's. */
    @Test
    void shouldHoldNothingOfItsOwnWhereItLosesTheRace() {
        List<MessageQueue> winner = new ArrayList<>();
        Participant loser = new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                if (function.equals("linkat") && winner.isEmpty()) winner.add(MessageQueues.open(uri));
                return super.call(function, method, args);
            }
        };
        MessageQueue queue = open(loser, QueueConfig.defaults());
        assertThat(queue.stats().id()).isEqualTo(winner.get(0).stats().id());
        queue.close();
        assertThat(loser.holdsNothing()).isTrue();
        winner.get(0).close();
    }

    /** A left-over is not in use, so CREATE_NEW creates; it had been there for its dead owners only. */
    @Test
    void shouldCreateAnewInPlaceOfALeftOver() {
        QueueConfig config = QueueConfig.builder().deleteOnLastClose(true).build();
        Participant dead = new Participant();
        UUID id = handle(open(dead, config)).segment.queueId;
        dead.kill();
        assertThat(file).exists();
        QueueConfig anew = QueueConfig.builder()
                .create(Create.CREATE_NEW)
                .deleteOnLastClose(true)
                .build();
        try (MessageQueue fresh = MessageQueues.open(URI.create(uri), anew)) {
            assertThat(fresh.stats().id()).isNotEqualTo(id);
        }
        assertThat(file).doesNotExist();
    }

    private void assertRefused(Class<? extends RuntimeException> how, QueueConfig config, int slots, String... saying) {
        Participant refused = new Participant();
        assertThatThrownBy(() -> refused.open(name, config, slots))
                .isInstanceOf(how)
                .hasMessageContainingAll(saying);
        assertThat(refused.holdsNothing()).as("after %s", how).isTrue();
    }

    @Test
    void shouldHoldNothingOfAQueueThatIsNotAsWanted() {
        Participant others = new Participant();
        QueueConfig.Builder any = QueueConfig.builder();
        assertRefused(
                QueueNotFoundException.class,
                any.create(Create.OPEN_EXISTING).build(),
                8,
                "No queue '" + name + "' in /dev/shm (device ");
        open(others, QueueConfig.defaults());
        assertRefused(QueueExistsException.class, any.create(Create.CREATE_NEW).build(), 8, name);
        any.create(Create.CREATE_OR_OPEN);
        assertRefused(IncompatibleQueueException.class, any.capacity(4096).build(), 8, "capacity");
        QueueConfig slots = QueueConfig.builder().attribute("slots", 16).build();
        assertRefused(
                IncompatibleQueueException.class,
                slots,
                16,
                "slots 16 requested, existing queue 'shm:" + name + "' has 8. Leave");
        QueueConfig group = QueueConfig.builder().group("no-such-group").build();
        assertRefused(IllegalArgumentException.class, group, 8, "group 'no-such-group' of '" + name + "'");
        others.closeQueues();
    }

    @Test
    void shouldSayWhatIsMissingWhereItCannotBeCreated() {
        Refused full = new Refused();
        full.refuseEach("posix_fallocate", Errno.ENOSPC);
        assertThatThrownBy(() -> open(full, QueueConfig.defaults()))
                .isInstanceOf(InsufficientResourcesException.class)
                .hasMessageStartingWith("Cannot reserve ")
                .hasMessageContaining(" in /dev/shm (");
        assertThat(full.holdsNothing()).isTrue();
        Refused forbidden = new Refused();
        forbidden.refuseEach("open", Errno.EACCES);
        assertThatThrownBy(() -> open(forbidden, QueueConfig.defaults()))
                .isInstanceOf(QueueAccessDeniedException.class);
        assertThat(file).doesNotExist();
    }

    @Test
    void shouldRemoveNeitherWhatIsToStayNorWhatIsInUse() {
        Participant cleaner = new Participant();
        assertThat(Opening.removeIfLeftBehind(cleaner.machine, name))
                .as("there is none")
                .isFalse();
        MessageQueue stays = MessageQueues.open(uri);
        assertThat(Opening.removeIfLeftBehind(cleaner.machine, name)).isFalse();
        stays.close();
        assertThat(Opening.removeIfLeftBehind(cleaner.machine, name)).isFalse();
        assertThat(file).exists();
        MessageQueues.delete(uri);
        MessageQueue inUse = MessageQueues.open(uri + "?deleteOnLastClose=true");
        assertThat(Opening.removeIfLeftBehind(cleaner.machine, name)).isFalse();
        assertThat(file).exists();
        inUse.close();
        assertThat(cleaner.holdsNothing()).isTrue();
    }

    @Test
    void shouldSayOfEachNameWhatItIs() throws Exception {
        Participant looking = new Participant();
        URI at = URI.create(uri);
        String owner =
                Users.describe(looking.machine.libC(), looking.machine.libC().geteuid());
        assertThat(Inside.info(looking.machine, name)).as("there is none").isNull();
        try (MessageQueue queue = MessageQueues.open(uri)) {
            assertThat(Inside.info(looking.machine, name))
                    .isEqualTo(new QueueInfo(at, queue.stats().id(), null, owner));
        }
        MessageQueues.delete(uri);
        Files.write(file, new byte[] {1, 2, 3});
        QueueInfo damaged = Inside.info(looking.machine, name);
        assertThat(damaged.id()).isNull();
        assertThat(damaged.problem()).isNotBlank();
        assertThat(looking.holdsNothing()).isTrue();
        assertThat(Leaving.delete(looking.machine, name)).isTrue();
        assertThat(Leaving.delete(looking.machine, name)).isFalse();
        assertThat(looking.holdsNothing()).isTrue();
    }
}
