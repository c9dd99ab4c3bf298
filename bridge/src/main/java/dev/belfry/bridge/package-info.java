/**
 * Carries the messages of one queue into another, of any two transports: at least once and in order into the target,
 * and exactly once to those that drop duplicates.
 *
 * <p>Each message that a bridge publishes has these properties. Names that begin with {@code belfry_} are reserved: a
 * program that publishes a message again leaves them out, and so does a bridge with those that it does not know.
 *
 * <table> <caption>Properties</caption>
 * <tr><th>Name</th><th>Type</th><th>Value</th></tr>
 * <tr><td>belfry_source</td><td>String</td><td>id that the queue from which the bridge read it had
 * when it was published there</td></tr>
 * <tr><td>belfry_position</td><td>long</td><td>its position there</td></tr>
 * <tr><td>belfry_via</td><td>String</td><td>only if that queue had it from a bridge, too: the ids of the queues before,
 * the newest first, with a space between them</td></tr>
 * <tr><td>belfry_origin_position</td><td>long</td><td>only with belfry_via: its position in the first queue</td></tr>
 * <tr><td>belfry_carried</td><td>long</td><td>only of a bridge with a count: how many messages it has carried with this
 * one</td></tr>
 * <tr><td>belfry_timestamp</td><td>long</td><td>only if it had one: the timestamp of its first publisher</td></tr>
 * </table>
 *
 * @since 0.1
 */
@org.jspecify.annotations.NullMarked
package dev.belfry.bridge;
