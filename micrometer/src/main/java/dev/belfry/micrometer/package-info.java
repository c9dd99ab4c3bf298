/** One class, for programs that report to Micrometer: {@link dev.belfry.micrometer.BelfryMetrics}. */
package dev.belfry.micrometer;
