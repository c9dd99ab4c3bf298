package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.posix.Directory;
import dev.belfry.testing.Patience;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A simulated disk without room: what is refused has not happened, and what is there can be opened and read. */
@Timeout(60)
class NoRoomTest {
    private static SubscriberOptions named(String name) {
        return SubscriberOptions.builder().name(name).build();
    }

    private static List<String> names(MessageQueue queue) {
        return queue.stats().subscribers().stream().map(SubscriberStats::name).toList();
    }

    private static List<String> kept(LiveDisk live) {
        return live.afterPowerLoss(new Random(1)).named().stream()
                .map(Places.Named::name)
                .toList();
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(InsufficientResourcesException.class)
                .hasMessageContaining("'file:/disk': pwrite(/disk/places, at ")
                .hasMessageContaining("ENOSPC")
                .hasMessageContaining("free. Make room on its disk")
                .hasMessageNotContaining("/dev/shm");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotHaveWhatItRefused(boolean publishersWait) {
        try (LiveDisk live = new LiveDisk(false, publishersWait, 1 << 20)) {
            live.open(2, files -> files);
            MessageQueue queue = live.handles.get(0);
            queue.createSubscriber(named("first")).close();
            live.disk.room = Disk.Room.NONE;
            for (int i = 0; i < 20; i++) { // more than there are slots
                assertRefused(() -> queue.createSubscriber(named("second")));
                assertRefused(() -> queue.unsubscribe("first"));
            }
            assertThat(names(queue)).containsExactly("first");
            live.disk.room = Disk.Room.ALL;
            Patience.until("places are kept again", () -> kept(live).equals(List.of("first")));
            queue.createSubscriber(named("second")).close();
            assertThat(queue.unsubscribe("first")).isTrue();
            assertThat(queue.unsubscribe("first")).isFalse();
            assertThat(names(queue)).containsExactly("second");
            assertThat(kept(live)).containsExactly("second");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldKeepPlacesInWhatIsAllocated(boolean publishersWait) {
        try (LiveDisk live = new LiveDisk(false, publishersWait, 1 << 20)) {
            live.open(1, files -> files);
            live.disk.room = Disk.Room.ALLOCATED;
            MessageQueue queue = live.handles.get(0);
            for (String each : List.of("a", "b", "c"))
                queue.createSubscriber(named(each)).close();
            assertThat(queue.unsubscribe("b")).isTrue();
            assertThat(kept(live)).containsExactly("a", "c");
        }
    }

    private static LogDirectory open(Disk disk) {
        LogDirectory files = LogDirectory.open(disk.libC(), Directory.open(disk.libC(), Disk.DIRECTORY));
        assertThat(files.locks.tryLock(LogDirectory.USE)).isTrue();
        files.tell(0);
        return files;
    }

    private static void live(Disk disk) {
        try (LogDirectory files = open(disk)) {
            Restored.of(files, Recovery.PIECE, 0);
        }
    }

    /** {@code isOld}: its areas were made without storage for all of them; an opening that had room gave it to them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOpenWhatWasClosedCleanly(boolean isOld) {
        Disk disk = new Disk(new Random(3));
        disk.allocatesNothing = isOld;
        Origin origin = new Origin(UUID.randomUUID(), 64 << 10, 64 << 10, 0600, true, 8, false, true, 64 << 10, 0);
        LogDirectory.create(disk.libC(), Directory.open(disk.libC(), Disk.DIRECTORY), origin);
        live(disk);
        disk.allocatesNothing = false;
        if (isOld) live(disk);
        disk.room = Disk.Room.ALLOCATED;
        for (int i = 0; i < 3; i++) live(disk);
    }

    /** Of an older directory, where nothing had room since: it is as it was. */
    @Test
    void shouldOpenWithoutRoomForItsAreasAsLongAsItNeedsNone() {
        Disk disk = new Disk(new Random(3));
        disk.allocatesNothing = true;
        Origin origin = new Origin(UUID.randomUUID(), 64 << 10, 64 << 10, 0600, true, 8, false, true, 64 << 10, 0);
        LogDirectory.create(disk.libC(), Directory.open(disk.libC(), Disk.DIRECTORY), origin);
        for (int i = 0; i < 2; i++) live(disk); // both areas are written
        disk.allocatesNothing = false;
        disk.room = Disk.Room.ALLOCATED;
        for (int i = 0; i < 3; i++) live(disk);
    }
}
