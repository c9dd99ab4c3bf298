/** The commands, a class each, and what only they need. */
package dev.belfry.cli.command;
