/**
 * The toolbox of tests: JVMs as children, waiting for conditions, kinds of tests as annotations, seeds, planted
 * mistakes. The suites of {@code dev.belfry.conformance} use it; it uses none of them.
 */
package dev.belfry.testing;
