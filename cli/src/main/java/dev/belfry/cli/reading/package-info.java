/** The knowledge of the queues that were named, or of all: it is read once, judged once, and has one form as JSON. */
package dev.belfry.cli.reading;
