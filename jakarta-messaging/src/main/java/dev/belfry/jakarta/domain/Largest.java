package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Pages;
import dev.belfry.jakarta.fold.Registry;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.Subscription;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * For the text of a full domain: the largest queues and topics, and the members that could make room by consuming them.
 */
record Largest(Registry registry, Pages pages, long self, LongFunction<String> describe) {
    private static final int QUEUES = 3;
    private static final int MEMBERS = 3;

    /** {@code describe}: a member for people, with its process. */
    static String of(State state, long self, LongFunction<String> describe) {
        List<Channel> largest = state.channels().stream()
                .filter(c -> messages(state, c) > 0)
                .sorted(Comparator.comparingLong((Channel c) -> messages(state, c))
                        .reversed())
                .limit(QUEUES)
                .toList();
        Largest text = new Largest(state.registry, state.pages, self, describe);
        return (largest.isEmpty()
                        ? "no destination"
                        : largest.stream().map(text::queue).collect(Collectors.joining("; ")))
                + text.staged(state.staged());
    }

    private static long messages(State state, Channel channel) {
        return channel.size() + state.pages.sum(channel.destination).messages();
    }

    private String staged(SortedMap<Long, Long> bytes) {
        if (bytes.isEmpty()) return "";
        long all = bytes.values().stream().mapToLong(Long::longValue).sum();
        return "; " + Units.number(all) + " bytes of transactions that are not committed yet, of "
                + members(bytes.keySet());
    }

    private String queue(Channel channel) {
        long id = channel.destination;
        if (channel.queue == null) return topic(channel);
        long onDisk = pages.sum(id).messages();
        String consumers = DestinationId.isTemporary(id)
                ? "of " + members(List.of(registry.owner(id)))
                : "consumed by " + members(registry.attached(id));
        return name(registry.name(id)) + " with " + channel.size() + " messages"
                + (onDisk == 0 ? "" : " and " + Units.number(onDisk) + " on the disk") + ", " + consumers;
    }

    /** The subscription that holds most of it. */
    private String topic(Channel channel) {
        Subscription holds = null;
        int most = -1;
        for (Subscription one : channel.subscriptions()) {
            int size = size(one);
            if (size <= most) continue;
            most = size;
            holds = one;
        }
        String known = registry.name(channel.destination);
        String topic = known == null ? "a topic" : "topic '" + known + "'";
        if (holds == null) return topic + " with " + channel.size() + " messages";
        return topic + " with " + channel.size() + " messages, " + most + " of them for " + subscription(holds)
                + (holds.attached().isEmpty()
                        ? " that nobody uses: unsubscribe it if nobody will"
                        : " of " + members(holds.attached()));
    }

    private static int size(Subscription one) {
        int[] size = {0};
        one.forEach(m -> {
            size[0]++;
            return true;
        });
        return size[0];
    }

    /** Such as: the durable subscription 'audit' of client 'billing'. */
    static String subscription(Subscription one) {
        if (one.name() == null) return "a subscription";
        return (one.isDurable() ? "the durable subscription '" : "the subscription '") + one.name() + "'"
                + (one.clientId() == null ? "" : " of client '" + one.clientId() + "'");
    }

    /** It may be left out where there are many. */
    private static String name(String known) {
        return known == null ? "a queue" : "'" + known + "'";
    }

    private String members(Collection<Long> members) {
        if (members.isEmpty()) return "nobody";
        List<String> named = new ArrayList<>();
        for (long one : members) if (named.size() < MEMBERS) named.add(member(one));
        int more = members.size() - named.size();
        return String.join(", ", named) + (more > 0 ? " and " + more + " more" : "");
    }

    private String member(long member) {
        List<String> known = new ArrayList<>();
        if (member == self) known.add("this process");
        registry.clientsOf(member).stream().limit(MEMBERS).forEach(id -> known.add("client '" + id + "'"));
        return describe.apply(member) + (known.isEmpty() ? "" : " (" + String.join(", ", known) + ")");
    }
}
