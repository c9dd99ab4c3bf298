package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class MessageQueuesTest {
    @TempDir
    Path folder;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @AfterEach
    void restoreLoader() {
        Thread.currentThread().setContextClassLoader(before);
    }

    private void install(Class<?>... providers) throws IOException {
        install(Stream.of(providers).map(Class::getName).toArray(String[]::new));
    }

    /** A context loader that sees these and no others. */
    private void install(String... providers) throws IOException {
        Path services = folder.resolve("META-INF/services/dev.belfry.spi.MessageQueueProvider");
        Files.createDirectories(services.getParent());
        Files.writeString(services, Stream.of(providers).collect(Collectors.joining("\n")));
        URL[] path = {folder.toUri().toURL()};
        Thread.currentThread()
                .setContextClassLoader(new URLClassLoader(path, getClass().getClassLoader()));
    }

    @Test
    void shouldHandMergedConfigToTheProviderOfTheScheme() throws IOException {
        install(FakeProvider.Mem.class, FakeProvider.Shm.class);
        MessageQueues.open(
                URI.create("shm:prices?capacity=4m&slots=7"),
                QueueConfig.builder().allowGating(false).build());
        assertThat(FakeProvider.opened.toUri()).isEqualTo(URI.create("shm:prices"));
        assertThat(FakeProvider.openedWith.capacity()).isEqualTo(4 << 20);
        assertThat(FakeProvider.openedWith.allowGating()).isFalse();
        assertThat(FakeProvider.openedWith.maxGateTime()).isNull();
        assertThat(FakeProvider.openedWith.attributes()).containsEntry("slots", "7");
    }

    @Test
    void shouldHandMergedConfigToDeleteAndList() throws IOException {
        install(FakeProvider.Shm.class);
        System.setProperty("belfry.slots", "9");
        try {
            MessageQueues.delete("shm:prices?slots=7");
            MessageQueues.list("shm");
        } finally {
            System.clearProperty("belfry.slots");
        }
        assertThat(FakeProvider.deletedWith.attributes()).containsEntry("slots", "7");
        assertThat(FakeProvider.listedWith.attributes()).containsEntry("slots", "9");
    }

    @Test
    void shouldShowNoSecrets() throws IOException {
        install(FakeProvider.Mem.class, FakeProvider.Poor.class);
        for (String uri : List.of(
                "mem:prices?kafka.ssl.key.password=hunter2",
                "mem:prices?capacity=-1&kafka.sasl.jaas.config=hunter2",
                "mem:prices?kafka.ssl.key.password=a&hunter2",
                "mem:prices?client.secret=hunter2%zz",
                "mem:prices?password=x&password=hunter2",
                "mem:a/b?password=hunter2",
                "other:prices?password=hunter2",
                "mem:prices?password=hunter2#"))
            for (ThrowingCallable use :
                    List.<ThrowingCallable>of(() -> MessageQueues.open(uri), () -> MessageQueues.delete(uri)))
                assertThatThrownBy(use).as(uri).satisfies(e -> assertThat(e.toString())
                        .doesNotContain("hunter2"));
    }

    @Test
    void shouldListWhatIsInstalledAndSuggestWhenSchemeIsUnknown() throws IOException {
        install(FakeProvider.Shm.class, FakeProvider.Mem.class);
        assertThatThrownBy(() -> MessageQueues.open("smh:prices"))
                .isInstanceOf(NoProviderException.class)
                .hasMessage("No provider for 'smh:' in 'smh:prices'. Found: shm (belfry-shm-transport 0.1), "
                        + "mem (belfry-mem-transport 0.1). Did you mean 'shm:'?");
    }

    @Test
    void shouldSuggestNothingWhenNothingIsNear() throws IOException {
        install(FakeProvider.Shm.class);
        assertThatThrownBy(() -> MessageQueues.open("carrier:prices"))
                .hasMessage("No provider for 'carrier:' in 'carrier:prices'. Found: shm (belfry-shm-transport 0.1).");
    }

    @Test
    void shouldNameTheArtifactThatIsMissingBesideOthers() throws IOException {
        install(FakeProvider.Shm.class);
        assertThatThrownBy(() -> MessageQueues.open("kafka:prices"))
                .hasMessage("No provider for 'kafka:' in 'kafka:prices'. Found: shm (belfry-shm-transport 0.1)."
                        + " Add dev.belfry:belfry-kafka-transport to the class path or module path.");
    }

    @Test
    void shouldNameTheArtifactWhenNoneIsFound() throws IOException {
        install(new String[0]);
        assertThatThrownBy(() -> MessageQueues.open("shm:prices"))
                .isInstanceOf(NoProviderException.class)
                .hasMessage("No provider for 'shm:' in 'shm:prices'. "
                        + "Add dev.belfry:belfry-shm-transport to the class path or module path.");
        assertThat(MessageQueues.providers()).isEmpty();
    }

    @Test
    void shouldNameTheArtifactWhenAnotherTransportIsInstalled() throws IOException {
        install(FakeProvider.Mem.class);
        assertThatThrownBy(() -> MessageQueues.open("shm:prices"))
                .hasMessage("No provider for 'shm:' in 'shm:prices'. Found: mem (belfry-mem-transport 0.1). "
                        + "Add dev.belfry:belfry-shm-transport to the class path or module path.");
    }

    @Test
    void shouldGiveTheReasonWhenUnavailable() throws IOException {
        install(FakeProvider.Elsewhere.class);
        assertThatThrownBy(() -> MessageQueues.open("shm:prices"))
                .isInstanceOf(NoProviderException.class)
                .hasMessage("Provider belfry-shm-transport 0.1 for 'shm:' in 'shm:prices' cannot be used here: "
                        + "futexes need Linux; this is Mac OS X");
        assertThat(MessageQueues.providers())
                .extracting(ProviderInfo::unavailableReason)
                .containsExactly("futexes need Linux; this is Mac OS X");
    }

    @Test
    void shouldNameBothJarsWhenTwoClassesHaveOneScheme() throws IOException {
        install(FakeProvider.Shm.class, FakeProvider.OtherShm.class);
        String here = FakeProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString();
        assertThatThrownBy(() -> MessageQueues.open("shm:prices"))
                .isInstanceOf(NoProviderException.class)
                .hasMessage("Two providers for 'shm:': " + FakeProvider.Shm.class.getName() + " in " + here + " and "
                        + FakeProvider.OtherShm.class.getName() + " in " + here + ". Remove one of them.");
    }

    @Test
    void shouldFindTheGoodOnesWhenOthersAreBroken() throws IOException {
        install(
                "dev.belfry.NoSuchProvider",
                FakeProvider.ThrowingConstructor.class.getName(),
                FakeProvider.MissingLibrary.class.getName(),
                FakeProvider.FailingAnswer.class.getName(),
                "java.lang.String",
                FakeProvider.Mem.class.getName());
        assertThat(MessageQueues.providers()).extracting(ProviderInfo::scheme).containsExactly("mem");
        assertThatThrownBy(() -> MessageQueues.open("bad:prices"))
                .isInstanceOf(NoProviderException.class)
                .hasMessageContaining("Found: mem")
                .hasMessageContaining("Could not be loaded: ")
                .hasMessageContaining("dev.belfry.NoSuchProvider")
                .hasMessageContaining("com/sun/jna/Native")
                .hasCauseInstanceOf(Error.class);
    }

    @Test
    void shouldFindOneOnceWhenBothLoadersSeeIt() throws IOException {
        install(FakeProvider.Mem.class.getName(), FakeProvider.Mem.class.getName());
        assertThat(MessageQueues.providers()).hasSize(1);
    }

    @Test
    void shouldWorkWhenThereIsNoContextLoader() {
        Thread.currentThread().setContextClassLoader(null);
        assertThat(MessageQueues.providers()).isEmpty();
    }

    @Test
    void shouldSuggestWhenParameterIsUnknown() throws IOException {
        install(FakeProvider.Shm.class);
        FakeProvider.opened = null;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open("shm:prices?maxCapacty=64m"))
                .withMessage("Unknown parameter 'maxCapacty' in 'shm:prices?maxCapacty=64m'. "
                        + "Did you mean 'maxCapacity'?");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open("shm:prices?colour=red"))
                .withMessage("Unknown parameter 'colour' in 'shm:prices?colour=red'. Known: allowGating, capacity, "
                        + "create, deleteOnLastClose, group, maxCapacity, maxGateTime, mode, slots. Leave out the "
                        + "settings of a Jakarta factory");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.delete("shm:prices?maxCapacty=64m"))
                .withMessageContaining("maxCapacty");
        assertThat(FakeProvider.opened).isNull();
    }

    @Test
    void shouldRefuseUnknownAttributes() throws IOException {
        install(FakeProvider.Shm.class);
        QueueConfig config = QueueConfig.builder().attribute("slot", 7).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open(URI.create("shm:prices"), config))
                .withMessage("Unknown attribute 'slot' in 'shm:prices'. Did you mean 'slots'?");
    }

    @Test
    void shouldRefuseBeforeAnythingIsTouchedWhenCapabilityIsMissing() throws IOException {
        install(FakeProvider.Poor.class);
        FakeProvider.opened = FakeProvider.deleted = null;
        for (String uri : List.of("poor:prices?maxGateTime=1s", "poor:prices?deleteOnLastClose=true"))
            assertThatThrownBy(() -> MessageQueues.open(uri)).isInstanceOf(UnsupportedCapabilityException.class);
        assertThatThrownBy(() -> MessageQueues.open("poor:prices?maxGateTime=1s"))
                .hasMessage("poor: cannot do GATING (wanted by maxGateTime). It can: POSITIONS, NAMED."
                        + " Leave maxGateTime out: no reader holds up a publisher");
        assertThatThrownBy(() -> MessageQueues.delete("poor:prices"))
                .hasMessage("poor: cannot do DELETE (wanted by delete). It can: POSITIONS, NAMED");
        assertThatThrownBy(() -> MessageQueues.list("poor"))
                .hasMessage("poor: cannot do LIST (wanted by list). It can: POSITIONS, NAMED");
        assertThat(FakeProvider.opened).isNull();
        assertThat(FakeProvider.deleted).isNull();
    }

    @Test
    void shouldDeleteAndListThroughTheProvider() throws IOException {
        install(FakeProvider.Shm.class);
        assertThat(MessageQueues.delete(URI.create("shm:///prices?capacity=4k")))
                .isTrue();
        assertThat(FakeProvider.deleted.name()).isEqualTo("prices");
        for (String scheme : List.of("SHM", "shm:"))
            assertThat(MessageQueues.list(scheme)).extracting(QueueInfo::uri).containsExactly(URI.create("shm:prices"));
    }

    @Test
    void shouldNameTheParameterWhenItIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> MessageQueues.open((String) null))
                .withMessage("uri");
        assertThatNullPointerException()
                .isThrownBy(() -> MessageQueues.open(null, QueueConfig.defaults()))
                .withMessage("uri");
        assertThatNullPointerException()
                .isThrownBy(() -> MessageQueues.open(URI.create("shm:prices"), null))
                .withMessage("config");
        assertThatNullPointerException()
                .isThrownBy(() -> MessageQueues.delete((String) null))
                .withMessage("uri");
        assertThatNullPointerException()
                .isThrownBy(() -> MessageQueues.delete((URI) null))
                .withMessage("uri");
        assertThatNullPointerException()
                .isThrownBy(() -> MessageQueues.list(null))
                .withMessage("scheme");
    }
}
