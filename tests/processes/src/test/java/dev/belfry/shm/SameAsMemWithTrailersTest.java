package dev.belfry.shm;

import dev.belfry.conformance.SameAsMemSuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.testing.Copy;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The same where records have trailers, as {@code TrailersConformanceTest} has the other suites. */
@Slow
@OneJdk
@Copy(0)
class SameAsMemWithTrailersTest implements TransportFixture {
    private static final ClassLoader OURS = Thread.currentThread().getContextClassLoader();

    /** It is no provider for the other tests: it is registered in a directory that only this class loader has. */
    @BeforeAll
    static void register() {
        URL directory = SameAsMemWithTrailersTest.class.getResource("/trailers/");
        Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[] {directory}, OURS));
    }

    @AfterAll
    static void forget() {
        Thread.currentThread().setContextClassLoader(OURS);
    }

    @Override
    public String scheme() {
        return WithTrailers.SCHEME;
    }

    @Nested
    class SameAsMem extends SameAsMemSuite {}
}
