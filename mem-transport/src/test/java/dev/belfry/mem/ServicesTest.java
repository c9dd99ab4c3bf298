package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.ProviderInfo;
import dev.belfry.spi.MessageQueueProvider;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ServicesTest {
    @Test
    void shouldBeRegisteredAlikeForClassPathAndModulePath() throws URISyntaxException {
        Path classes = Path.of(MemProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> provided =
                ModuleFinder.of(classes).find("dev.belfry.mem").orElseThrow().descriptor().provides().stream()
                        .filter(p -> p.service().equals(MessageQueueProvider.class.getName()))
                        .map(ModuleDescriptor.Provides::providers)
                        .flatMap(List::stream)
                        .toList();
        List<String> registered = ServiceLoader.load(MessageQueueProvider.class).stream()
                .map(p -> p.type().getName())
                .toList();
        assertThat(provided).containsExactly(MemProvider.class.getName());
        assertThat(registered).isEqualTo(provided);
    }

    @Test
    void shouldIntroduceItself() {
        assertThat(MessageQueues.providers()).hasSize(1);
        ProviderInfo info = MessageQueues.providers().get(0);
        assertThat(info.scheme()).isEqualTo("mem");
        assertThat(info.name()).isEqualTo("belfry-mem-transport");
        assertThat(info.version()).isNotEmpty();
        assertThat(info.unavailableReason()).isNull();
        assertThat(info.capabilities())
                .contains(Capability.CLAIM, Capability.NAMED, Capability.LIST)
                .doesNotContain(
                        Capability.CROSS_PROCESS,
                        Capability.CROSS_HOST,
                        Capability.PERSISTENT,
                        Capability.AWAIT_DURABLE);
    }
}
