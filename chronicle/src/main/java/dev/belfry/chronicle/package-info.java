/** One class, for messages that write and read themselves: {@link dev.belfry.chronicle.ChronicleCodec}. */
package dev.belfry.chronicle;
