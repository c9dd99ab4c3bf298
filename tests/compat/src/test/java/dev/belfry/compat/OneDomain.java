package dev.belfry.compat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Log;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Two producers, and two consumers that share a queue, or a subscription, of one domain. */
final class OneDomain implements Seats.Play {
    final DomainLedger ledger = new DomainLedger();
    private final String uri;
    private final String kind;
    private final Path planted;

    OneDomain(String uri, String kind, Path planted) {
        this.uri = uri;
        this.kind = kind;
        this.planted = planted;
    }

    @Override
    public ChildJvm start(int seat, int life, Release release) throws IOException {
        return seat < Seats.RECEIVERS
                ? release.command(planted, "Consuming", uri, kind).start()
                : release.command(planted, "Producing", uri, kind, producer(seat, life))
                        .start();
    }

    private static String producer(int seat, int life) {
        return "p" + seat + "-" + life;
    }

    @Override
    public void ended(int seat, int life, List<String> said) {
        if (seat < Seats.RECEIVERS) ledger.consumed(said);
        else ledger.produced(producer(seat, life), said);
    }

    /** Producers end, consumers drain it, also of what the dead held, and the book is closed. */
    void finish(Seats seats) {
        seats.end(Seats.RECEIVERS, Seats.ALL, "stop");
        Patience.until("nothing is left in the domain", () -> {
            seats.requireAlive(0, Seats.RECEIVERS);
            return isEmpty();
        });
        seats.end(0, Seats.RECEIVERS, "stop");
        ledger.close();
        System.out.println("killed " + seats.kills() + " among " + ledger.messages() + " messages of " + uri);
        ledger.requireNone(uri);
    }

    private boolean isEmpty() {
        String log = uri.replaceFirst("\\?.*", "?" + Log.KIND + "=" + Log.DOMAIN);
        try (MessageQueue domain = MessageQueues.open(log)) {
            return DomainTools.find()
                    .orElseThrow()
                    .unread(uri, domain.unwrap(Log.class))
                    .isEmpty();
        }
    }
}
