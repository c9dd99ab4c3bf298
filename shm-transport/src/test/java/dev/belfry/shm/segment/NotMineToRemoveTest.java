package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.QueueConfig;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.spi.QueueSettings;
import java.lang.reflect.Proxy;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A user who shares another's queue may be the last to close it, and may not remove it: the directory is sticky. */
class NotMineToRemoveTest {
    private final LibC real = RealLibC.load();
    private final String queue = "not-mine-" + ProcessHandle.current().pid();
    private boolean refused;

    @AfterEach
    void remove() {
        SharedMemory.unlink(real, QueueFile.objectName(queue));
    }

    @Test
    void shouldCloseAllTheSameWhenItMayNotRemoveTheName() {
        QueueConfig config = QueueConfig.builder().deleteOnLastClose(true).build();
        Machine machine = new Machine(otherUsers(), SharedBytes.PLAIN);
        Handle handle = Opening.open(machine, queue, config, QueueSettings.of(config), 8);
        newQueue(URI.create("shm:" + queue), handle).close();
        assertThat(refused).isTrue();
        assertThat(SharedMemory.status(real, QueueFile.objectName(queue))).isNotNull();
    }

    /** The real one, but for removing a name. */
    private LibC otherUsers() {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("shm_unlink")) {
                        refused = true;
                        return -1;
                    }
                    if (method.getName().equals("errno") && refused) return Errno.EACCES;
                    return method.invoke(real, arguments);
                });
    }
}
