package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.spi.DomainReader;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Folds the domain as a member would, and is none: it takes, keeps and announces nothing. */
public final class UnreadMessages implements DomainReader {
    /** For the ServiceLoader. */
    public UnreadMessages() {}

    @Override
    public List<Unread> unread(String domain, Log log) {
        try (LogReader reader = log.reader()) {
            return of(new Folded(domain, reader, log.mark(Domain.MARK), new Skipped(domain)).state());
        }
    }

    private static List<Unread> of(State state) {
        List<Unread> all = new ArrayList<>();
        for (Channel channel : state.channels()) {
            long id = channel.destination();
            if (!DestinationId.isQueue(id) || DestinationId.isTemporary(id)) continue;
            long messages = unexpired(channel);
            if (messages > 0) all.add(new Unread(state.registry().name(id), messages));
        }
        all.sort(Comparator.comparingLong(Unread::messages).reversed());
        return all;
    }

    private static long unexpired(Channel channel) {
        long now = System.currentTimeMillis();
        long[] messages = {0};
        channel.queue().forEach(m -> {
            if (m.expiry() == 0 || m.expiry() > now) messages[0]++;
            return true;
        });
        return messages[0];
    }
}
