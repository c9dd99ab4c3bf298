package dev.belfry.shm.ring;

/** The same where each record ends in a trailer. */
class RingRepairWithTrailersTest extends RingRepairTest {
    @Override
    boolean hasTrailers() {
        return true;
    }
}
