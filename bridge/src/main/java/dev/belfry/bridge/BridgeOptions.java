package dev.belfry.bridge;

import dev.belfry.api.Message;
import dev.belfry.api.MessageView;
import dev.belfry.api.StartAt;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one bridge. Filter and map run in its thread, for each message once, and again for
 * those of its last moments before a kill. If one of them throws, the bridge ends, and its error has the position.
 *
 * <p>Messages that are left out would be read again at each start, as the target has nothing of them. So the bridge
 * publishes a message without a body there: after 256 of them in a row, when it is closed, and at once for one that is
 * too long. {@link Bridges#isMark} is true for it; {@link Bridges#dropDuplicates} and another bridge pass it over.
 *
 * <p>Components may be added.
 *
 * @param name of the subscription by which it reads, for one bridge at a time: a second one waits; null: {@link
 *     Bridge#Bridge(String, String)} says which. It ends with the extent
 * @param startAt where it begins the first time: later it goes on where it stopped
 * @param filter messages for which it is false are left out; its view is valid inside the call only
 * @param map gives what is carried instead, for which {@link Bridges#message} is; null: each as it is
 * @param extent where the bridge ends by itself, and how fast it carries
 * @since 0.1
 */
public record BridgeOptions(
        @Nullable String name,
        StartAt startAt,
        TooLong tooLong,
        Predicate<? super MessageView> filter,
        @Nullable UnaryOperator<Message> map,
        Extent extent) {
    public BridgeOptions {
        Objects.requireNonNull(startAt, "startAt");
        Objects.requireNonNull(tooLong, "tooLong");
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(extent, "extent");
    }

    /** All that the source retains, as it is; one that is too long ends it. */
    public static BridgeOptions defaults() {
        return new BridgeOptions(null, StartAt.OLDEST_RETAINED, TooLong.STOP, message -> true, null, Extent.ENDLESS);
    }

    public BridgeOptions name(@Nullable String name) {
        return new BridgeOptions(name, startAt, tooLong, filter, map, extent);
    }

    public BridgeOptions startAt(StartAt startAt) {
        return new BridgeOptions(name, startAt, tooLong, filter, map, extent);
    }

    public BridgeOptions tooLong(TooLong tooLong) {
        return new BridgeOptions(name, startAt, tooLong, filter, map, extent);
    }

    public BridgeOptions filter(Predicate<? super MessageView> filter) {
        return new BridgeOptions(name, startAt, tooLong, filter, map, extent);
    }

    public BridgeOptions map(@Nullable UnaryOperator<Message> map) {
        return new BridgeOptions(name, startAt, tooLong, filter, map, extent);
    }

    public BridgeOptions extent(Extent extent) {
        return new BridgeOptions(name, startAt, tooLong, filter, map, extent);
    }
}
