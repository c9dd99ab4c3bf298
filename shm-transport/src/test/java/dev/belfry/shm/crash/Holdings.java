package dev.belfry.shm.crash;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.testing.Held;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is held of the queue of a test: by this process, of the kernel's; and in the segment, of its
 * handles and slots.
 */
record Holdings(Held process, List<String> names, List<Long> handles, List<Long> slots) {
    private static final long PHASE = 0xF;

    static Holdings of(Scene scene) {
        List<Long> handles = new ArrayList<>();
        List<Long> slots = new ArrayList<>();
        if (scene.bystander != null) {
            Handles h = handle(scene.bystander).segment.handles;
            for (int i = 0; i < h.count(); i++) handles.add(h.stateAcquire(i) & PHASE);
            Slots s = handle(scene.bystander).segment.slots;
            for (int i = 0; i < s.count(); i++) slots.add(s.stateAcquire(i) & PHASE);
        }
        List<String> names = Stream.of(new File(SharedMemory.DIRECTORY).list())
                .filter(scene::isItsName)
                .toList();
        return new Holdings(Held.now(), names, handles, slots);
    }

    /** Less is right: leftovers of the dead may have been cleared away. */
    void requireNoMoreThan(Holdings before, String what) {
        assertThat(process.descriptors().size())
                .as("descriptors " + what)
                .isLessThanOrEqualTo(before.process.descriptors().size());
        assertThat(process.locks().size())
                .as("locks " + what)
                .isLessThanOrEqualTo(before.process.locks().size());
        assertThat(process.maps().size())
                .as("maps " + what)
                .isLessThanOrEqualTo(before.process.maps().size());
        assertThat(before.names).as("names " + what).containsAll(names);
        for (int h = 0; h < handles.size(); h++)
            assertThat(handles.get(h)).as("handle %s %s", h, what).isIn(0L, before.handles.get(h));
        for (int j = 0; j < slots.size(); j++)
            if (before.slots.get(j) != SlotState.ACTIVE || slots.get(j) != SlotState.DETACHED) // its owner has left
            assertThat(slots.get(j)).as("slot %s %s", j, what).isIn(0L, before.slots.get(j));
    }
}
