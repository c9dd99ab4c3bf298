/**
 * A message: its header fields, properties and five kinds of body [3], with both conversion tables,
 * as objects ({@code BelfryMessage}) and as bytes ({@code MessageCodec}), which a selector can read
 * as they are ({@code FlatMessage}). Knows nothing of logs, sessions and destinations.
 */
package dev.belfry.jakarta.message;
