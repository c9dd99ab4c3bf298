/**
 * The toolbox of tests: JVMs as children, waiting for conditions, kinds of tests as annotations, seeds, planted
 * mistakes. The suites of {@code dev.belfry.conformance} use it; it uses none of them.
 *
 * <p>Unstable: each release may change or remove it. For other projects are only {@link dev.belfry.testing.ChildJvm},
 * {@link dev.belfry.testing.RemoteJvm}, {@link dev.belfry.testing.JavaCommand} and {@link dev.belfry.testing.Patience},
 * which stay.
 */
package dev.belfry.testing;
