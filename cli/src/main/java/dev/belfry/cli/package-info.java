/**
 * The command {@code belfry}: see queues, steer them, find out what is wrong. On the api and the
 * spi only; works with every transport that has an inspector.
 */
package dev.belfry.cli;
