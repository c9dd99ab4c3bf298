/**
 * One class, for queues whose messages carry a trace: {@link dev.belfry.opentelemetry.BelfryTracing}.
 *
 * @since 0.1
 */
package dev.belfry.opentelemetry;
