package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Jdks;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The module descriptors say all that is needed: everything of ours on the module path, only the
 * user's main class on the class path.
 */
@Timeout(120)
@WaitsForOthers
class ModulePathTest {
    private static final List<String> ON_THE_MODULE_PATH = List.of(
            "dev.belfry.api.MessageQueues",
            "dev.belfry.shm.ShmProvider",
            "net.openhft.chronicle.bytes.PointerBytesStore",
            "net.openhft.chronicle.core.Jvm",
            "com.sun.jna.Native",
            "org.slf4j.LoggerFactory",
            "org.slf4j.simple.SimpleLogger");

    @RegisterExtension
    final Stage stage = new Stage();

    static final class User implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            line.say("modules " + MessageQueues.class.getModule().getName() + " "
                    + getClass().getModule().isNamed());
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher();
                    Subscriber subscriber = queue.createSubscriber()) {
                line.say("provider " + queue.getClass().getModule().getName());
                publisher.publish("hello");
                line.say("received " + subscriber.receive().text());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 21, 25})
    void shouldWorkOnTheModulePath(int version) {
        Path java = Jdks.java(version);
        assumeTrue(java != null, "there is no JDK " + version + " here");
        String modules = ON_THE_MODULE_PATH.stream()
                .map(ModulePathTest::placeOf)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        ChildJvm user = stage.add(Role.command(User.class, stage.uri(""))
                .title("User on " + version)
                .java(java)
                .flags(JavaCommand.QUICK)
                .flags(List.of("--module-path", modules, "--add-modules", "dev.belfry.shm,org.slf4j.simple"))
                .classPath(placeOf(Line.class.getName()))
                .start());
        assertThat(user.expect("modules")).isEqualTo("dev.belfry.api false");
        assertThat(user.expect("provider")).isEqualTo("dev.belfry.shm");
        assertThat(user.expect("received")).isEqualTo("hello");
        user.awaitEnd();
        assertThat(user.errors().lines().filter(l -> !l.startsWith("WARNING: ") && !l.isEmpty()))
                .isEmpty();
    }

    /** What reads the API's javadoc would write in its own module-info: nothing but these. */
    @ParameterizedTest
    @ValueSource(strings = {"dev.belfry.api", "dev.belfry.shm"})
    void shouldDescribeItself(String module) {
        Path place = Path.of(
                placeOf(module.endsWith("api") ? "dev.belfry.api.MessageQueues" : "dev.belfry.shm.ShmProvider"));
        var descriptor = java.lang.module.ModuleFinder.of(place)
                .find(module)
                .orElseThrow(() -> new AssertionError("no module " + module + " in " + place))
                .descriptor();
        Stream<String> exported =
                descriptor.exports().stream().filter(e -> !e.isQualified()).map(e -> e.source());
        if (module.endsWith("api")) assertThat(exported).containsExactlyInAnyOrder("dev.belfry.api", "dev.belfry.spi");
        else assertThat(exported).isEmpty();
        assertThat(descriptor.isOpen()).isFalse();
    }

    private static String placeOf(String className) {
        try {
            return Path.of(Class.forName(className)
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (ClassNotFoundException | URISyntaxException e) {
            throw new AssertionError(className + " is not on the class path", e);
        }
    }
}
