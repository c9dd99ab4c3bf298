package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.conformance.ChildJvm;
import dev.belfry.conformance.Waits;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The library twice in one JVM, beside a newer one, in a JVM with every check on, and where its
 * native part cannot be unpacked.
 */
@Timeout(120)
@Waits
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

    /**
     * The classes in which another release differs, to be put before ours: those of the transport's
     * sources that have {@code part} in them, with one of these files changed. That is the changed
     * class, or a constant, which the compiler copies into all that name it.
     */
    private static Path otherRelease(Path directory, String file, String part, String from, String to)
            throws IOException {
        Path sources = Path.of("../../shm-transport/src/main").toAbsolutePath().normalize();
        assumeTrue(Files.isDirectory(sources), "there are no sources beside this module");
        Path changed = Files.createDirectories(directory.resolve("src"));
        Path classes = Files.createDirectories(directory.resolve("classes"));
        List<String> command = new ArrayList<>(List.of(
                "-proc:none", "-nowarn", "-d", classes.toString(), "-cp", System.getProperty("java.class.path")));
        try (Stream<Path> all = Files.walk(sources.resolve("java"))) {
            for (Path source : all.filter(s -> s.toString().endsWith(".java")).toList()) {
                String text = Files.readString(source);
                if (!source.getFileName().toString().equals(file)) {
                    if (text.contains(part)) command.add(source.toString());
                    continue;
                }
                assertThat(text).contains(from, part);
                command.add(Files.writeString(changed.resolve(file), text.replace(from, to))
                        .toString());
            }
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        assumeTrue(compiler != null, "no compiler in this Java");
        assertThat(compiler.run(null, null, null, command.toArray(String[]::new)))
                .isZero();
        return classes;
    }

    private ChildJvm memberOf(Path release) {
        return stage.member(Member.command().inFront(release));
    }

    @Test
    @Tag("F73")
    void f73AReleaseOfTheSameLayoutSharesAQueue(@TempDir Path directory) throws IOException {
        Path release =
                otherRelease(directory, "ShmProvider.java", "class ShmProvider", "return \"0.1\";", "return \"0.9\";");
        String uri = stage.uri("capacity=64k&maxCapacity=1m");
        ChildJvm old = member();
        old.ask("open " + uri, "ok");
        old.ask("subscribe audit", "ok");
        old.ask("publish 10 1000", "ok");
        ChildJvm upgraded = memberOf(release);
        assertThat(upgraded.ask("version")).isEqualTo("ok 0.9");
        assertThat(old.ask("version")).isEqualTo("ok 0.1");
        upgraded.ask("open " + uri, "ok");
        assertThat(upgraded.ask("subscribe audit")).startsWith("failed InUseException: ");
        old.ask("receive 4", "ok");
        old.ask("close", "ok");
        old.tell("exit");
        old.awaitEnd();
        upgraded.ask("subscribe audit", "ok");
        assertThat(upgraded.ask("receive 6"))
                .as("what the old one had not acknowledged")
                .isEqualTo("ok 10");
        assertThat(upgraded.ask("publish 1 100000")).as("it grows").isEqualTo("ok 11");
        ChildJvm again = member();
        again.ask("open " + uri, "ok");
        again.ask("publish 1 100", "ok");
        assertThat(upgraded.ask("receive 2")).isEqualTo("ok 12");
    }

    @Test
    @Tag("F73")
    void f73AReleaseOfAnotherLayoutIsRefusedOnBothSidesWithBothNumbers(@TempDir Path directory) throws IOException {
        Path release = otherRelease(
                directory,
                "SegmentHeader.java",
                "LAYOUT_VERSION",
                "int LAYOUT_VERSION = 2;",
                "int LAYOUT_VERSION = 3;");
        String theirs = stage.uri("");
        String ours = stage.uri("");
        ChildJvm old = member();
        ChildJvm upgraded = memberOf(release);
        old.ask("open " + ours, "ok");
        old.ask("subscribe", "ok");
        upgraded.ask("open " + theirs, "ok");
        assertThat(upgraded.ask("open " + ours))
                .startsWith("failed IncompatibleVersionException: ")
                .contains("has layout 2, this library reads 3");
        assertThat(old.ask("open " + theirs))
                .startsWith("failed IncompatibleVersionException: ")
                .contains("has layout 3, this library reads 2");
        assertThat(old.ask("publish 1 10")).isEqualTo("ok 1");
        assertThat(old.ask("receive 1")).as("untouched").isEqualTo("ok 1");
    }
}
