package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Mids;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A member died with messages, in a log that is full of what no longer counts, as one of a backup may be. */
@OneJdk
class HeldByTheDeadTest {
    private static final long Q = Domain.queueId("q");
    private static final int SENT = 20;
    private static final int HELD = 5;

    private final String uri = "mem:HeldByTheDead" + ProcessHandle.current().pid();

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=64k&maxCapacity=64k&" + Log.KIND + "=" + Log.DOMAIN);
    }

    @AfterEach
    void end() {
        MessageQueues.delete(uri);
    }

    private static void append(Log log, RecordWriter record) {
        assertThat(log.append(record.end(), Reserve.NONE, 0, Duration.ZERO)).isNotEqualTo(Log.REJECTED);
    }

    private static void fill(Log log, long upTo) {
        while (log.usedBytes() < upTo)
            append(log, new RecordWriter().begin(log.self()).forget(1));
    }

    private static long[] send(Domain sender, Log log) {
        long[] mids = new long[SENT];
        for (int i = 0; i < SENT; i++) {
            Envelope message = new Envelope();
            message.destination = Q;
            message.serial = i;
            message.priority = 4;
            sender.send(new Sent(Q, "q", message.bytes()), Limit.AT_ONCE);
            mids[i] = Mids.of(log.newest(), 0);
        }
        return mids;
    }

    private static List<Long> takeAll(Domain domain) {
        LocalConsumer consumer = domain.consume(Q, "q", Selector.orNull(null), new Signal(), 32);
        List<Long> got = new ArrayList<>();
        while (true) {
            consumer.hungry(true);
            domain.takeNow(consumer);
            consumer.hungry(false);
            if (consumer.isEmpty()) return got;
            for (Taken one; (one = consumer.poll()) != null; ) {
                got.add(one.mid);
                domain.acknowledge(one, Limit.AT_ONCE);
            }
        }
    }

    @Test
    void shouldComeFirstWhenThereWasNoRoomToTellOfTheDeath() {
        Domain sender = new Domain(uri, open());
        Domain heir = new Domain(uri, open());
        long[] mids;
        try (MessageQueue dead = open()) {
            Log log = dead.unwrap(Log.class);
            fill(log, log.ringBytes() / 2);
            mids = send(sender, log);
            append(log, new RecordWriter().begin(log.self()).take(Q, Arrays.copyOf(mids, HELD)));
            fill(log, log.ringBytes() - Reserve.SMALL.bytes(log.ringBytes()));
        }
        sender.close(Duration.ZERO);
        try {
            assertThat(takeAll(heir))
                    .containsExactly(Arrays.stream(mids).boxed().toArray(Long[]::new));
        } finally {
            heir.close(Duration.ZERO);
        }
    }
}
