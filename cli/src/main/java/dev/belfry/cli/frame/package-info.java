/** The parts that commands have in common: output, options, limits of time, and how a queue is opened. */
package dev.belfry.cli.frame;
