package dev.belfry.conformance;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.ProviderInfo;
import dev.belfry.api.QueueConfig;
import java.net.URI;
import java.util.Set;

/**
 * The transport under test, implemented by the suite's class or by the class around it. Usually the
 * scheme is enough.
 */
public interface TransportFixture {
    /** Such as {@code mem}. */
    String scheme();

    /** URI parameters that every queue of the suites needs, as {@code k=v&k=v}. */
    default String parameters() {
        return "";
    }

    /**
     * The start of each queue's configuration, for attributes that no URI can carry. A new builder
     * at each call.
     */
    default QueueConfig.Builder config() {
        return QueueConfig.builder();
    }

    /** The capabilities that the transport claims; tests that need more are skipped. */
    default Set<Capability> capabilities() {
        return MessageQueues.providers().stream()
                .filter(p -> p.scheme().equals(scheme()))
                .map(ProviderInfo::capabilities)
                .findFirst()
                .orElseThrow(() -> new AssertionError("No provider for " + scheme() + ": on the class path"));
    }

    /**
     * Whether {@link #damage} does anything. A transport without memory that other processes reach
     * has nothing to damage.
     */
    default boolean canDamage() {
        return false;
    }

    /** Damages this open queue as a foreign process could, so that its next publish notices. */
    default void damage(URI queue) {
        throw new UnsupportedOperationException("damage");
    }

    /**
     * Into this queue, opened with a maxCapacity of some KiB, more was published than fits: keeps
     * from 20 to 500 of the newest messages. A transport that bounds a queue by something else than
     * maxCapacity drops the others here; one that goes by it has dropped them.
     */
    default void overwrite(URI queue) {}

    /** Whether a message of a publisher that writes no timestamps can be found by a time all the same. */
    default boolean findsUndated() {
        return false;
    }

    /** Called after each test for each queue that the test may have made. */
    default void remove(URI queue) {
        if (capabilities().contains(Capability.DELETE)) MessageQueues.delete(queue);
    }
}
