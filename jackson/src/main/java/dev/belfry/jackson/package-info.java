/**
 * One class, for messages that are JSON: {@link dev.belfry.jackson.JsonCodec}.
 *
 * @since 0.1
 */
package dev.belfry.jackson;
