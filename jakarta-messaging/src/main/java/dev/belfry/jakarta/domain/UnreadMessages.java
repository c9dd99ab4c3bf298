package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.Subscription;
import dev.belfry.jakarta.fold.View;
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
            if (DestinationId.isTemporary(id)) continue;
            String name = state.registry().name(id);
            for (View view : channel.views()) {
                if (view instanceof Subscription one && !one.isDurable()) continue; // it ends with its consumers
                long messages = unexpired(view);
                if (messages > 0)
                    all.add(new Unread(view instanceof Subscription one ? of(name, one) : name, messages));
            }
        }
        all.sort(Comparator.comparingLong(Unread::messages).reversed());
        return all;
    }

    /** Such as: audit of news. */
    private static String of(String topic, Subscription one) {
        return one.name() + (topic == null ? "" : " of " + topic);
    }

    private static long unexpired(View view) {
        long now = System.currentTimeMillis();
        long[] messages = {0};
        view.forEach(m -> {
            if (m.expiry() == 0 || m.expiry() > now) messages[0]++;
            return true;
        });
        return messages[0];
    }
}
