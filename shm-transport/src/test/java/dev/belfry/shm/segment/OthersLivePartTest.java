package dev.belfry.shm.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A part in memory of another user's queue, which may not be opened, keeps nobody from finding the others. */
class OthersLivePartTest {
    private final LibC real = RealLibC.load();
    private final String name = "others-" + ProcessHandle.current().pid();

    @Test
    void shouldCountAsOpenWhenItMayNotBeOpened() throws Exception {
        Path file = Path.of("/dev/shm/belfry..file." + name);
        Files.createFile(file);
        try {
            assertThat(Parts.find(new Machine(otherUsers(), SharedBytes.PLAIN), name))
                    .singleElement()
                    .satisfies(found -> assertThat(found.isOpen()).isTrue());
        } finally {
            Files.delete(file);
        }
    }

    /** The real one, but for opening an object. */
    private LibC otherUsers() {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("shm_open")) return -1;
                    if (method.getName().equals("errno")) return Errno.EACCES;
                    return method.invoke(real, arguments);
                });
    }
}
