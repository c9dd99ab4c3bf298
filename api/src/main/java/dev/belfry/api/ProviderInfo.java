package dev.belfry.api;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transport that was found. {@code unavailableReason} is null if it can be used here. Components may be added.
 * @since 0.1
 */
public record ProviderInfo(
        String scheme,
        String name,
        String version,
        Set<Capability> capabilities,
        @Nullable String unavailableReason) {
    public ProviderInfo {
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(name, "name");
        Set<Capability> sorted = EnumSet.noneOf(Capability.class);
        sorted.addAll(capabilities);
        capabilities = Collections.unmodifiableSet(sorted);
    }
}
