/**
 * The command {@code belfry}: shows queues, changes them, finds out what is wrong. Uses only the
 * api and the spi, and works with every transport that has an inspector.
 */
package dev.belfry.cli;
