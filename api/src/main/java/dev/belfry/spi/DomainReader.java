package dev.belfry.spi;

import java.util.List;

/**
 * For operators: what the layer that keeps its state in a {@link Log} knows of what is in it. Found by ServiceLoader;
 * its public no-argument constructor does nothing.
 */
public interface DomainReader {
    /** {@code queue}: null where the domain keeps no name of it. */
    record Unread(String queue, long messages) {}

    /**
     * The queues that have messages which nobody has acknowledged and which have not expired, the largest first. Those
     * of temporary queues do not count. Appends nothing.
     *
     * @param domain such as {@code shm:shop}, for messages
     */
    List<Unread> unread(String domain, Log log);
}
