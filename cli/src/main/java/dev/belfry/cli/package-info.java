/**
 * The command {@code belfry}. The package {@code command} has each of its commands, on {@code frame}; {@code serve} has
 * what it answers by HTTP. Both render what {@code reading} knows of queues, and {@code text} knows no queue.
 */
package dev.belfry.cli;
