package dev.belfry.cli.reading;

import dev.belfry.cli.text.Exit;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueInspector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** The transports that this command was packed with. */
public final class Transports {
    private Transports() {}

    public static List<MessageQueueProvider> all() {
        List<MessageQueueProvider> all = new ArrayList<>();
        ServiceLoader.load(MessageQueueProvider.class, Transports.class.getClassLoader())
                .forEach(all::add);
        return all;
    }

    public static QueueInspector inspector(String scheme) {
        return find(scheme)
                .orElseThrow(
                        () -> new IllegalArgumentException(
                                "'" + scheme
                                        + ":' queues cannot be read from outside: 'belfry info', 'subs' and 'tail' open one and show it"));
    }

    /** Empty: a queue of this transport is shown by opening it. */
    static Optional<QueueInspector> find(String scheme) {
        for (MessageQueueProvider provider : all()) if (provider.scheme().equals(scheme)) return provider.inspector();
        throw new IllegalArgumentException("no transport for '" + scheme + ":'");
    }

    /** The one that this command was packed with. */
    public static DomainTools domainTools() {
        return DomainTools.find()
                .orElseThrow(() -> new Exit.Problem("this command was packed without Jakarta Messaging"));
    }

    /** Refuses, with the reason, where nothing would work. */
    public static void requireUsable(String scheme) {
        String reason = unusable(scheme);
        if (reason != null) throw new Exit.Problem(reason);
    }

    /** Why nothing would work here; null if it works. */
    public static String unusable(String scheme) {
        for (MessageQueueProvider provider : all())
            if (provider.scheme().equals(scheme) && provider.unavailableReason() != null)
                return provider.unavailableReason();
        return null;
    }
}
