package dev.belfry.shm.ring;

/** The same for a reader that copies. */
class RingInWindowsTest extends RingTest {
    @Override
    boolean hasTrailers() {
        return true;
    }

    @Override
    Reader reader(int longest) {
        return new WindowReader(memory.regions(), longest, null, memory.header, null, () -> false);
    }
}
