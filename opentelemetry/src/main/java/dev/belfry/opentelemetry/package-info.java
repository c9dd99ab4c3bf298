/** One class, for queues whose messages carry a trace: {@link dev.belfry.opentelemetry.BelfryTracing}. */
package dev.belfry.opentelemetry;
