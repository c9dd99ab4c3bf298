package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.testing.OwnMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A queue of two users: what another one has made in /dev/shm counts if that one may write the directory. */
class SharedDirectoryTest {
    private static final int OTHER = 65534;
    private static final int GROUP = 65533;

    private final Small small = new Small("&mode=660");

    @BeforeEach
    void isRoot() {
        assumeTrue(OwnMount.isRoot(), "only root may give files away");
    }

    @AfterEach
    void close() throws IOException {
        small.close();
    }

    private Path part() {
        return Path.of("/dev/shm/belfry..file." + small.livePart());
    }

    private void publish() {
        try (MessageQueue queue = small.open()) {
            queue.createPublisher().publish("a text");
        }
    }

    private void give(Path file, int user, int group) throws IOException {
        Files.setAttribute(file, "unix:uid", user);
        Files.setAttribute(file, "unix:gid", group);
    }

    private Path queue() {
        return small.directory.resolve(LogDirectory.QUEUE);
    }

    @Test
    void shouldBeJoinedThoughAnotherOfItsGroupHasMadeItsLivePart() throws Exception {
        publish();
        Files.setAttribute(queue(), "unix:gid", GROUP);
        give(part(), OTHER, GROUP);
        publish();
        assertThat(Files.getAttribute(part(), "unix:uid")).isEqualTo(OTHER);
    }

    @ParameterizedTest
    @CsvSource({"65532, 432", "65533, 384", "65533, 416"}) // 0660 of another group, 0600, 0640
    void shouldBeRefusedIfAUserHasMadeItWhoMayNotWriteTheDirectory(int group, int mode) throws Exception {
        publish();
        Files.setAttribute(queue(), "unix:gid", GROUP);
        Files.setAttribute(queue(), "unix:mode", mode);
        give(part(), OTHER, group);
        assertThatThrownBy(small::open)
                .isInstanceOf(QueueAccessDeniedException.class)
                .hasMessageContaining(part() + " belongs to uid 65534, group " + group)
                .hasMessageContaining("may not write " + queue())
                .hasMessageNotContaining("owner=");
    }

    @Test
    void shouldMakeItsLivePartForTheGroupOfTheDirectory() throws Exception {
        publish();
        Files.setAttribute(queue(), "unix:gid", GROUP);
        small.forgetLivePart();
        publish();
        assertThat(Files.getAttribute(part(), "unix:gid")).isEqualTo(GROUP);
    }
}
