package dev.belfry.spi;

/** The result of a provider's {@code version()}, so that the version is written in one place only. */
public final class ProviderVersion {
    private ProviderVersion() {}

    /** The version of the module or of the jar's manifest; "development" if neither has one. */
    public static String of(Class<?> provider) {
        if (provider.getModule().isNamed())
            return provider.getModule().getDescriptor().rawVersion().orElse("development");
        String version = provider.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
