/**
 * For tests of applications with JUnit 5 or 6.
 *
 * @since 0.1
 */
package dev.belfry.mem.junit;
