package dev.belfry.api;

import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.Suggestions;
import java.net.URL;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transports that can be found now: by the thread's context loader, then by the loader of the
 * API. A broken one hides no others.
 */
final class Providers {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);
    private static final int MAX_ERRORS = 100; // a loader that always fails must not keep us here
    private static final Map<String, String> ARTIFACTS = Map.of(
            "shm", "belfry-shm-transport",
            "file", "belfry-file-transport",
            "mem", "belfry-mem-transport",
            "kafka", "belfry-kafka-transport");

    private final Map<Class<?>, Found> found = new LinkedHashMap<>();
    private final List<Throwable> broken = new ArrayList<>();

    private Providers() {}

    static Providers visible() {
        Providers providers = new Providers();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader own = Providers.class.getClassLoader();
        if (context != null) providers.collect(context);
        if (context != own) providers.collect(own);
        return providers;
    }

    private void collect(ClassLoader loader) {
        Iterator<ServiceLoader.Provider<MessageQueueProvider>> services =
                ServiceLoader.load(MessageQueueProvider.class, loader).stream().iterator();
        for (int errors = 0; errors < MAX_ERRORS; ) {
            try {
                if (!services.hasNext()) return;
                ServiceLoader.Provider<MessageQueueProvider> service = services.next();
                if (!found.containsKey(service.type())) found.put(service.type(), new Found(service.get()));
            } catch (Exception | Error e) { // a foreign constructor may throw anything
                errors++;
                broken.add(e);
                LOG.debug("A transport cannot be loaded and is left out", e);
            }
        }
    }

    List<ProviderInfo> infos() {
        return found.values().stream().map(one -> one.info).toList();
    }

    /** {@code subject}: the URI or scheme that was asked for, for messages. */
    MessageQueueProvider usable(String scheme, String subject) {
        List<Found> matching = new ArrayList<>();
        for (Found one : found.values()) if (one.info.scheme().equals(scheme)) matching.add(one);
        if (matching.isEmpty()) throw none(scheme, subject);
        if (matching.size() > 1)
            throw new NoProviderException("Two providers for '" + scheme + ":': "
                    + matching.stream().map(Found::origin).collect(Collectors.joining(" and "))
                    + ". Remove one of them.");
        ProviderInfo info = matching.get(0).info;
        if (info.unavailableReason() != null)
            throw new NoProviderException("Provider " + info.name() + " " + info.version() + " for '" + scheme
                    + ":' in '" + subject + "' cannot be used here: " + info.unavailableReason());
        return matching.get(0).provider;
    }

    private NoProviderException none(String scheme, String subject) {
        StringBuilder text = new StringBuilder("No provider for '" + scheme + ":' in '" + subject + "'.");
        Collection<Found> all = found.values();
        if (!all.isEmpty())
            text.append(all.stream()
                    .map(f -> f.info.scheme() + " (" + f.info.name() + " " + f.info.version() + ")")
                    .collect(Collectors.joining(", ", " Found: ", ".")));
        Set<String> schemes = all.stream().map(f -> f.info.scheme()).collect(Collectors.toSet());
        String nearest = Suggestions.nearest(scheme, schemes);
        if (!ARTIFACTS.containsKey(scheme) && nearest != null) text.append(" Did you mean '" + nearest + ":'?");
        else if (ARTIFACTS.containsKey(scheme) || all.isEmpty())
            text.append(" Add dev.belfry:" + ARTIFACTS.getOrDefault(scheme, "belfry-shm-transport")
                    + " to the class path or module path.");
        if (!broken.isEmpty())
            text.append(broken.stream()
                    .map(Providers::reason)
                    .distinct()
                    .collect(Collectors.joining("; ", " Could not be loaded: ", ".")));
        return new NoProviderException(text.toString(), broken.isEmpty() ? null : broken.get(0));
    }

    private static String reason(Throwable e) {
        return e instanceof ServiceConfigurationError && e.getMessage() != null
                ? e.getMessage().replace(MessageQueueProvider.class.getName() + ": ", "")
                        + (e.getCause() == null ? "" : " (" + e.getCause() + ")")
                : e.toString();
    }

    /** The transport's own answers are read once, here. A transport that fails to answer counts as broken. */
    private static final class Found {
        private final MessageQueueProvider provider;
        final ProviderInfo info;

        Found(MessageQueueProvider provider) {
            this.provider = provider;
            info = new ProviderInfo(
                    provider.scheme(),
                    provider.name(),
                    Objects.requireNonNullElse(provider.version(), "of unknown version"),
                    provider.capabilities(),
                    provider.unavailableReason());
        }

        String origin() {
            CodeSource source = provider.getClass().getProtectionDomain().getCodeSource();
            URL location = source == null ? null : source.getLocation();
            return provider.getClass().getName() + " in " + (location == null ? "an unknown place" : location);
        }
    }
}
