package dev.belfry.shm.sync;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Function;
import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.posix.Isolated;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is special about some deaths. */
@Timeout(120)
@WaitsForOthers
@Slow
class DeathsTest {
    private static final int DEATHS = Depth.pick(100, 1_000, 10_000);
    private static final int SIGKILL = 9;
    private static final QueueConfig CONFIG = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .deleteOnLastClose(true)
            .build();

    private final String name = "deaths-" + ProcessHandle.current().pid();

    @AfterEach
    void remove() {
        MessageQueues.delete("shm:" + name);
    }

    private MessageQueue open(Participant process) {
        return process.open(name, CONFIG, 2);
    }

    /**
     * A semaphore on which somebody was killed keeps a waiter for ever, and costs a system call a
     * post: nobody ever uses it again.
     */
    @Test
    @Tag("F12")
    void f12NoSemaphoreIsUsedAgain() {
        try (Quiet quiet = new Quiet()) {
            MessageQueue queue = open(new Participant());
            String prefix =
                    "sem.belfry." + handle(queue).segment.queueId.toString().replace("-", "");
            Set<String> names = new HashSet<>();
            for (int i = 0; i < DEATHS; i++) {
                Participant sleeper = new Participant();
                Subscriber subscriber = open(sleeper).createSubscriber();
                assertThat(subscriber.position()).isZero();
                for (String file : new File(SharedMemory.DIRECTORY).list((d, f) -> f.startsWith(prefix)))
                    names.add(file);
                sleeper.kill();
            }
            assertThat(quiet).isNotNull();
            assertThat(names).as("a fresh one each time").hasSize(DEATHS);
            assertThat(NamedSemaphore.list(prefix.substring(4)))
                    .as("of two slots")
                    .hasSizeLessThanOrEqualTo(2);
            queue.close();
        }
    }

    /** Attaches, forks without exec, says the fork's pid, and is killed by itself. */
    static final class Forks {
        private Forks() {}

        public static void main(String[] args) {
            MessageQueue queue = MessageQueues.open(args[0]);
            Subscriber audit = queue.createSubscriber(
                    SubscriberOptions.builder().name("audit").build());
            Function pause = Function.getFunction("c", "pause");
            Function kill = Function.getFunction("c", "kill");
            Object[] nothing = {};
            Object[] self = {(int) ProcessHandle.current().pid(), SIGKILL};
            int fork = Function.getFunction("c", "fork").invokeInt(nothing);
            while (fork == 0) pause.invokeInt(nothing);
            System.out.println("forked " + fork + " " + audit.name());
            kill.invokeInt(self);
        }
    }

    /**
     * It shares the description that has the lock byte: so the dead one seems alive until the fork
     * dies, too. Said, not robbed.
     */
    @Test
    @Tag("F15")
    void f15ForkWithoutExecKeepsItsDeadParentAlive() throws Exception {
        String uri = "shm:" + name + "?deleteOnLastClose=true";
        try (MessageQueue queue = MessageQueues.open(uri);
                ChildJvm child = Isolated.command(Forks.class, uri)
                        .flags(List.of("-Xint"))
                        .start()) {
            String line = child.line();
            assertThat(line).startsWith("forked ");
            int fork = Integer.parseInt(line.split(" ")[1]);
            try {
                Patience.until("it has killed itself", child, () -> !child.isAlive()); // but not what it has forked
                SubscriberOptions audit = SubscriberOptions.builder()
                        .name("audit")
                        .startAt(StartAt.NOW)
                        .build();
                assertThatThrownBy(() -> queue.createSubscriber(audit))
                        .isInstanceOf(InUseException.class)
                        .hasMessageContaining(String.valueOf(child.pid()));
                assertThat(queue.stats().subscribers()).hasSize(1);
                Function.getFunction("c", "kill").invokeInt(new Object[] {fork, SIGKILL});
                Subscriber again = null;
                while (again == null) {
                    try {
                        again = queue.createSubscriber(audit);
                    } catch (InUseException notYetGone) {
                        Thread.onSpinWait();
                    }
                }
                again.close();
            } finally {
                Function.getFunction("c", "kill").invokeInt(new Object[] {fork, SIGKILL});
            }
        }
    }
}
