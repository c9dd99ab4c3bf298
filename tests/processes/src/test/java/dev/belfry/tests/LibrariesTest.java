package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The library twice in one JVM, in a JVM with every check on, and where its native part cannot be
 * unpacked.
 */
@Timeout(120)
@WaitsForOthers
@Slow
class LibrariesTest {
    @RegisterExtension
    final Stage stage = new Stage();

    private ChildJvm member(String... flags) {
        return stage.member(Member.command(flags));
    }

    /** A member that another class loader's library drives: {@link Member}'s words in, its answers out. */
    public static final class Puppet implements Function<String, String> {
        private final Member member = new Member();

        /** For reflection. */
        public Puppet() {}

        @Override
        public String apply(String words) {
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(getClass().getClassLoader());
            try {
                return member.answer(words);
            } finally {
                thread.setContextClassLoader(before);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Function<String, String> puppet(URLClassLoader loader) throws ReflectiveOperationException {
        return (Function<String, String>)
                loader.loadClass(Puppet.class.getName()).getConstructor().newInstance();
    }

    private static URLClassLoader ownLoader() {
        URL[] urls = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> {
                    try {
                        return new File(entry).toURI().toURL();
                    } catch (MalformedURLException e) {
                        throw new AssertionError(e);
                    }
                })
                .toArray(URL[]::new);
        return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }

    /** As a server does that loads an application again: each copy is a member of its own, and goes. */
    @Test
    @Tag("F63")
    void f63TwoCopiesOfTheLibraryInAJvmAreTwoMembers() throws Exception {
        String uri = stage.uri("");
        for (int reload = 0; reload < 3; reload++) {
            try (URLClassLoader first = ownLoader();
                    URLClassLoader second = ownLoader()) {
                Function<String, String> one = puppet(first);
                Function<String, String> two = puppet(second);
                assertThat(one.getClass()).isNotSameAs(two.getClass());
                for (Function<String, String> member : List.of(one, two)) {
                    assertThat(member.apply("open " + uri)).isEqualTo("ok");
                    assertThat(member.apply("subscribe")).isEqualTo("ok");
                }
                assertThat(one.apply("subscribers")).isEqualTo("ok 2");
                long before = 4 * reload;
                one.apply("publish 2 100");
                assertThat(two.apply("publish 2 100")).isEqualTo("ok " + (before + 4));
                assertThat(one.apply("receive 4")).isEqualTo("ok " + (before + 4));
                assertThat(two.apply("receive 4")).isEqualTo("ok " + (before + 4));
                assertThat(one.apply("claim 100")).isEqualTo("ok");
                assertThat(two.apply("publish 1 10"))
                        .as("its own process lives, and is not robbed")
                        .contains("is held by publisher pid "
                                + ProcessHandle.current().pid());
                assertThat(one.apply("abort")).isEqualTo("ok");
                assertThat(one.apply("close")).isEqualTo("ok");
                assertThat(two.apply("subscribers")).isEqualTo("ok 1");
                assertThat(two.apply("close")).isEqualTo("ok");
            }
        }
    }

    @Test
    @Tag("T9")
    @Tag("F64")
    void f64WhereJnaCannotBeUnpackedThatIsSaidAndNothingIsLeft() throws IOException {
        assumeFalse(
                JavaCommand.QUIET.contains("--sun-misc-unsafe-memory-access=deny"),
                "JNA is not used where sun.misc.Unsafe is denied");
        try (World world = World.withShm("size=8m,noexec")) {
            ChildJvm member =
                    stage.member(Member.command("-Djna.tmpdir=/dev/shm").through(world.launcher()));
            for (int i = 0; i < 2; i++)
                assertThat(member.ask("open shm:unpacked"))
                        .startsWith("failed NoProviderException: ")
                        .contains("JNA cannot load its native library")
                        .contains("-Djna.tmpdir=DIRECTORY");
            assertThat(world.names())
                    .filteredOn(name -> name.contains("belfry"))
                    .isEmpty();
        }
    }

    @Test
    @Tag("F66")
    void f66EveryCheckSwitchedOnChangesNothing() {
        String uri = stage.uri("capacity=64k&maxCapacity=8m");
        ChildJvm checked = member(
                "-ea",
                "-esa",
                "-Djvm.resource.tracing=true",
                "-Djvm.safepoint.enabled=true",
                "-Dchronicle.disk.monitor.disable=false",
                "-Dbytes.bounds.unchecked=false",
                "-Dbytes.guarded=true",
                "-Dcheck.resource.cleanup=true");
        ChildJvm plain = member();
        for (ChildJvm one : List.of(checked, plain)) {
            one.ask("open " + uri, "ok");
            one.ask("subscribe", "ok");
        }
        for (ChildJvm sender : List.of(checked, plain)) {
            for (int size : new int[] {0, 100, 100_000}) {
                String last = sender.ask("publish 20 " + size, "ok");
                assertThat(checked.ask("receive 20")).isEqualTo("ok " + last);
                assertThat(plain.ask("receive 20")).isEqualTo("ok " + last);
            }
        }
        assertThat(checked.ask("claim 100")).isEqualTo("ok");
        assertThat(checked.ask("commit")).startsWith("ok ");
        assertThat(plain.ask("publish 1 10")).startsWith("ok ");
        assertThat(checked.ask("leave")).isEqualTo("ok");
        assertThat(checked.ask("close")).isEqualTo("ok");
        checked.tell("exit");
        checked.awaitEnd();
        assertThat(checked.errors()).doesNotContain("not released").doesNotContain("WARNING in native");
    }
}
