package dev.belfry.spi;

/** What a provider's {@code version()} returns: nobody writes it down twice. */
public final class ProviderVersion {
    private ProviderVersion() {}

    /** Of the module or the jar's manifest; "development" if neither says. */
    public static String of(Class<?> provider) {
        if (provider.getModule().isNamed())
            return provider.getModule().getDescriptor().rawVersion().orElse("development");
        String version = provider.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
