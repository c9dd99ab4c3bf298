package dev.belfry.shm.posix;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ErrnoTest {
    @Test
    void shouldKnowEachNumberByItsName() throws Exception {
        for (Field field : Errno.class.getDeclaredFields()) {
            int errno = field.getInt(null);
            assertThat(Errno.name(errno)).isEqualTo(field.getName());
            assertThat(Errno.text(errno)).isNotBlank();
        }
        assertThat(Errno.name(4711)).isEqualTo("errno");
        assertThat(Errno.text(4711)).isEqualTo("Unknown error 4711");
    }

    @Test
    void shouldSayWhatTheCLibrarySays() throws Exception {
        Function name = function("strerrorname_np");
        Function text = function("strerrordesc_np");
        for (Field field : Errno.class.getDeclaredFields()) {
            int errno = field.getInt(null);
            assertThat(name.invokeString(new Object[] {errno}, false)).isEqualTo(field.getName());
            assertThat(text.invokeString(new Object[] {errno}, false)).isEqualTo(Errno.text(errno));
        }
    }

    private static Function function(String name) {
        try {
            return NativeLibrary.getProcess().getFunction(name);
        } catch (UnsatisfiedLinkError older) {
            Assumptions.abort("glibc 2.32 has " + name + ", this C library does not");
            throw older;
        }
    }

    @Test
    void shouldSayWhichCallOnWhatAndWhy() {
        PosixException e = PosixException.of("shm_open", "/belfry.orders", Errno.EACCES);
        assertThat(e).hasMessage("shm_open(/belfry.orders) failed: EACCES (13) Permission denied");
        assertThat(e.call).isEqualTo("shm_open");
        assertThat(e.errno).isEqualTo(Errno.EACCES);
        assertThat(PosixException.of("mmap", "x", 4711)).hasMessage("mmap(x) failed: errno (4711) Unknown error 4711");
    }
}
