package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A process that ends while it is still a member, without a connection. */
@WaitsForOthers
class LingeringMemberTest extends DomainTest {
    @Override
    String scheme() {
        return "shm";
    }

    private static List<String> semaphores(String id) {
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("sem.belfry." + id))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By a delete that finds it in use. Nobody opens that domain again, which would remove what is left over. */
    @Test
    @Slow
    void shouldLeaveNoSemaphoreOfADomainThatIsDeletedMeanwhile() throws Exception {
        BelfryConnection connection = connect();
        String id = connection.domain.shortId;
        try (ChildJvm child = JavaCommand.of(QueueMember.class, domain, "" + Session.AUTO_ACKNOWLEDGE)
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .start()) {
            child.expect("ready");
            child.ask("consume q", "ok");
            child.tell("hold 1");
            Patience.until("it waits", child, () -> !semaphores(id).isEmpty());
            send(auto(connection), "q", "1");
            child.expect("got");
            connection.close();
            child.ask("close", "ok");
            assertThat(MessageQueues.delete(domain)).isTrue();
            child.tell("exit");
            child.awaitEnd();
        }
        assertThat(semaphores(id)).isEmpty();
    }
}
