package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueExistsException;
import dev.belfry.api.QueueInfo;
import dev.belfry.shm.ShmProvider;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A queue that another user made beforehand, for everybody to write to. */
@Timeout(120)
@Tag("F75")
@WaitsForOthers
@Slow
class OwnersTest {
    private static final int NOBODY = 65534;

    @RegisterExtension
    final Stage stage = new Stage();

    private String name;

    @BeforeEach
    void aSquatterCreatesIt(@TempDir Path copies) throws Exception {
        Somebody.needed();
        name = stage.name();
        Somebody nobody = new Somebody(NOBODY, copies);
        ChildJvm squatter = stage.add(nobody.command(Member.class)
                .through(nobody.launcher())
                .title("squatter")
                .start());
        squatter.expect("ready");
        squatter.ask("open shm:" + name + "?mode=rw-rw-rw-", "ok");
        squatter.ask("subscribe", "ok");
    }

    private void assertRefused(String parameters, String accepted) {
        assertThatThrownBy(() -> MessageQueues.open("shm:" + name + parameters))
                .isInstanceOf(QueueAccessDeniedException.class)
                .hasMessage("'" + name + "' belongs to nobody (uid 65534); this process is root and joins its own"
                        + " queues, root's" + accepted + ". If the owner is the one you expect, say owner=nobody; if"
                        + " not, choose another name, or have it removed.");
    }

    @Test
    void f75IsNotJoinedUnasked() {
        assertRefused("", "");
        assertRefused("?mode=rw-rw-rw-", "");
        assertRefused("?owner=root", ", those of 'root'");
        assertRefused("?owner=1", ", those of '1'");
        assertRefused("?group=root", ", those of group 'root'");
        assertRefused("?create=OPEN_EXISTING", "");
        assertThatThrownBy(() -> MessageQueues.open(
                        URI.create("shm:" + name),
                        QueueConfig.builder().create(Create.CREATE_NEW).build()))
                .isInstanceOf(QueueExistsException.class);
        assertThatThrownBy(() -> MessageQueues.open("shm:" + name + "?owner=no-such-user"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("owner 'no-such-user' of '" + name
                        + "' does not exist on this machine: a user's name or number, or 'any'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"owner=nobody", "owner=65534", "owner=any", "group=65534"})
    void f75IsJoinedWhenAskedFor(String parameter) {
        try (MessageQueue queue = MessageQueues.open("shm:" + name + "?" + parameter);
                Publisher publisher = queue.createPublisher()) {
            assertThat(publisher.publish("x")).isEqualTo(1);
        } catch (MessageQueueException unexpected) {
            throw new AssertionError(parameter, unexpected);
        }
    }

    @Test
    void f75CanBeLookedAtAndSaysWhoseItIs() {
        QueueInfo info = MessageQueues.list("shm").stream()
                .filter(i -> i.uri().toString().equals("shm:" + name))
                .findFirst()
                .orElseThrow();
        assertThat(info.problem()).isNull();
        assertThat(info.owner()).isEqualTo("nobody (uid 65534)");
        QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
        assertThat(inspector.look(name).properties()).containsEntry("owner", "nobody (uid 65534)");
        assertThat(inspector.diagnose(name, false))
                .filteredOn(f -> f.check().equals("owner"))
                .extracting(Finding::what, Finding::remedy)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        "it belongs to nobody (uid 65534)",
                        "To open it say owner=nobody, if that is the owner you expect."));
    }
}
