/**
 * One class, for messages that write and read themselves: {@link dev.belfry.chronicle.ChronicleCodec}.
 *
 * @since 0.1
 */
package dev.belfry.chronicle;
