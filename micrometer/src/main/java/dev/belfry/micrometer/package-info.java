/**
 * One class, for programs that report to Micrometer: {@link dev.belfry.micrometer.BelfryMetrics}.
 *
 * @since 0.1
 */
package dev.belfry.micrometer;
