/** One class, for messages that are JSON: {@link dev.belfry.jackson.JsonCodec}. */
package dev.belfry.jackson;
