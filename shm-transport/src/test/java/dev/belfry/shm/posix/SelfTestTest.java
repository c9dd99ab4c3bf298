package dev.belfry.shm.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
@WaitsForOthers
class SelfTestTest {
    @Test
    void shouldFindAllThatIsNeededHereAndLeaveNothing() {
        long descriptors = Kernel.descriptors();
        assertThat(SelfTest.unavailableReason()).isNull();
        assertThat(SelfTest.check(Kernel.C)).isNull();
        assertThat(Kernel.descriptors()).isEqualTo(descriptors);
        assertThat(Kernel.sharedMaps()).isZero();
    }

    @Test
    void shouldRefuseOtherSystems() {
        String elsewhere = ". Use mem: here, or run it in a container of Linux on x86-64.";
        assertThat(SelfTest.check("Mac OS X", "aarch64")).isEqualTo("futexes need Linux; this is Mac OS X" + elsewhere);
        assertThat(SelfTest.check("Linux", "riscv64"))
                .isEqualTo("only x86-64 and aarch64 are known; this is riscv64" + elsewhere);
    }

    @ParameterizedTest
    @CsvSource({
        "open, 95, O_TMPFILE",
        "fcntl, 22, F_OFD_SETLK",
        "fcntl, 38, fcntl",
        "fcntl, 1, fcntl",
        "mmap, 1, mmap",
        "posix_fallocate, 95, posix_fallocate",
        "syscall, 38, futex",
        "syscall, 1, futex",
        "sem_clockwait, 22, sem_clockwait",
        "sem_trywait, 38, semaphores",
        "mmap, 12, mmap",
        "statx, 38, statx",
        "fstatfs, 38, fstatfs",
        "sem_post, 1, semaphores"
    })
    @Tag("F70")
    void shouldNameThePieceThatIsMissing(String function, int errno, String named) {
        long descriptors = Kernel.descriptors();
        LibC c = new FaultyLibC().failing((called, k) -> called.equals(function) ? errno : 0);
        assertThat(SelfTest.check(c)).contains(named);
        assertThat(Kernel.descriptors()).isEqualTo(descriptors);
    }

    @Test
    @Tag("F70")
    void shouldDoWithoutClockWait() {
        LibC c = new FaultyLibC().failing((function, k) -> function.equals("sem_clockwait") ? Errno.ENOSYS : 0);
        assertThat(SelfTest.check(c)).isNull();
    }

    private static final String BY_JNA = "-Dbelfry.memory=chronicle";

    @Test
    @Tag("F64")
    void shouldTellHowToLetJnaUnpackItsLibrary() throws Exception {
        assertThat(ask(List.of(BY_JNA, "-Djna.tmpdir=/proc/nonesuch"), classPath(true)))
                .startsWith("JNA cannot load its native library: ")
                .endsWith("start with -Djna.tmpdir=DIRECTORY");
    }

    @Test
    void shouldSayThatJnaIsMissing() throws Exception {
        assertThat(ask(List.of(BY_JNA), classPath(false)))
                .isEqualTo("JNA (net.java.dev.jna:jna) is not on the class path");
    }

    @Test
    @Tag("F65")
    void shouldTellHowToAllowNativeAccess() throws Exception {
        assumeTrue(Runtime.version().feature() >= 24, "the option is as new as JDK 24");
        List<String> deny = List.of("--illegal-native-access=deny", "--enable-native-access=java.base");
        assertThat(ask(deny, classPath(true)))
                .startsWith("this JVM refuses native access: start it with --enable-native-access=ALL-UNNAMED");
    }

    private static String classPath(boolean withJna) {
        return Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(entry -> withJna || !new File(entry).getName().startsWith("jna-"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** What a JVM with these options says, twice: JNA fails otherwise when asked again. */
    private static String ask(List<String> options, String classPath) throws Exception {
        try (ChildJvm child = JavaCommand.of(Asks.class)
                .flags(JavaCommand.MAY_CRASH)
                .flags(options)
                .classPath(classPath)
                .start()) {
            List<String> lines = child.rest();
            assertThat(lines).as(child::report).hasSize(3).endsWith("exit 0");
            assertThat(lines.get(1)).isEqualTo(lines.get(0));
            return lines.get(0);
        }
    }

    static final class Asks {
        public static void main(String[] args) {
            System.out.println(SelfTest.unavailableReason());
            System.out.println(SelfTest.unavailableReason());
        }
    }
}
