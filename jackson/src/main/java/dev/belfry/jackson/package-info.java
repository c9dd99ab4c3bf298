/**
 * One class, for messages that are JSON: {@link dev.belfry.jackson.JsonCodec}.
 *
 * @since 0.1
 */
@org.jspecify.annotations.NullMarked
package dev.belfry.jackson;
