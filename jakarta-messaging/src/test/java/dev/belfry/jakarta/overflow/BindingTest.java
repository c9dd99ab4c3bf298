package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.spi.QueueUri;
import dev.belfry.testing.OneJdk;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Where a companion lies, and which settings a domain is refused. */
@OneJdk
class BindingTest {
    private static final QueueUri FILE = QueueUri.parse("file:/var/lib/my%20shop?sync=os");
    private static final QueueUri SHM = QueueUri.parse("shm:shop");

    @Test
    void shouldLieInTheDirectoryOfADomainOfFiles() {
        Binding binding = Binding.create(FILE, "on");
        assertThat(binding.directory()).hasToString("/var/lib/my shop/overflow");
        assertThat(binding.overflow()).isEqualTo(new Overflow(binding.id(), "on"));
        QueueUri copy = QueueUri.parse("file:/var/lib/copy");
        assertThat(Binding.of(copy, binding.overflow()).directory()).hasToString("/var/lib/copy/overflow");
    }

    @Test
    void shouldHaveADirectoryOfItsOwnInEachLifeOfADomainInMemory() {
        Binding one = Binding.create(SHM, "file:/var/spool/shop?maxSize=50g");
        Binding two = Binding.create(SHM, "file:/var/spool/shop?maxSize=50g");
        assertThat(one.directory()).hasToString("/var/spool/shop/" + one.id()).isNotEqualTo(two.directory());
        assertThat(one.uri().parameters()).containsEntry("maxSize", "50g");
        assertThat(Binding.of(SHM, one.overflow())).isEqualTo(one);
    }

    @Test
    void shouldKnowTheFloorThatWasTold() {
        UUID id = new UUID(1, 2);
        assertThat(Binding.of(FILE, new Overflow(id, "on", 300)).floor()).isEqualTo(300);
    }

    @Test
    void shouldLieWhereItsDomainMay() {
        QueueUri anywhere = QueueUri.parse("file:/tmp/shop?anyFileSystem=true");
        assertThat(Binding.create(anywhere, "on?maxSize=1g").uri().parameters())
                .containsEntry("anyFileSystem", "true")
                .containsEntry("maxSize", "1g");
    }

    @Test
    void shouldRefuseWhatADomainCannotHave() {
        assertRefused("mem:shop", "on", "'mem:shop' cannot have overflow");
        assertRefused("kafka:shop", "file:/var/spool/shop", "'kafka:shop' cannot have overflow");
        assertRefused("shm:shop", "on", "overflow=on names no directory: say overflow=file:/var/spool/shop");
        assertRefused("shm:shop", "/var/spool/shop", "names no directory");
        assertRefused("shm:shop", "file:relative", "write the absolute path");
        assertRefused("shm:shop", "file:/var/spool/shop?sync=always", "has 'sync'");
        assertRefused("file:/var/lib/shop", "file:/var/spool/shop", "Say overflow=on.");
        assertRefused("file:/var/lib/shop", "on?keep=all", "has 'keep'");
    }

    private static void assertRefused(String domain, String overflow, String why) {
        assertThatThrownBy(() -> Binding.create(QueueUri.parse(domain), overflow))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
