package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.wire.Chunk;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages in the accounts of a domain's room. Their companion does not exist: nothing of it may be asked. */
@OneJdk
@Timeout(60)
class PagesRoomTest {
    private static final UUID BINDING = new UUID(7, 7);
    private static final int RING = 1 << 20;
    private static final int PAGES = 300;
    private static final int LENGTH = 200;
    private static final long Q = Domain.queueId("q");
    private static final long NEVER = 0;

    private final String uri = "mem:PagesRoom" + ProcessHandle.current().pid();
    private final Domain member = new Domain(
            uri,
            MessageQueues.open(uri + "?capacity=" + RING + "&maxCapacity=" + RING + "&" + Log.KIND + "=" + Log.DOMAIN));
    private final RecordWriter out = new RecordWriter();
    private int pages;

    @AfterEach
    void end() {
        member.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    private void send(String queue, int length) {
        Envelope message = new Envelope();
        message.destination = Domain.queueId(queue);
        message.serial = member.nextSerial();
        message.body = new byte[length];
        member.send(new Sent(message.destination, queue, message.bytes()), Limit.AT_ONCE);
    }

    private void fill(String queue, int length) {
        assertThatThrownBy(() -> {
                    while (true) send(queue, length);
                })
                .isInstanceOf(NoRoomException.class);
    }

    /** Pages out one message of the queue q. The last one of the page expires then. */
    private void pageOut(long expiry) {
        send("q", LENGTH);
        long mid = member.withState(state -> {
            List<Long> mids = new ArrayList<>();
            state.view(Q).forEach(m -> mids.add(m.mid()));
            return mids.get(0);
        });
        Lot lot = new Lot(Q, 4, 1, expiry, LENGTH);
        UUID id = new UUID(pages, pages);
        Paged page = new Paged(id, BINDING, lot, List.of(new Chunk(++pages, 0)), new Rest(0, mid));
        out.begin(member.self).page(page, mid);
        assertThat(member.log.append(out.end(), Reserve.SMALL, 0, Duration.ZERO))
                .isPositive();
    }

    private long stated() {
        return member.withState(state -> state.pages.stated());
    }

    /** They lie in the ring, so it has no less there than others. */
    @Test
    void shouldCountWhatTellsOfItsPagesAsAQueuesOwnInAFullDomain() {
        for (int i = 0; i < PAGES; i++) pageOut(NEVER);
        fill("orders", 20 * LENGTH);
        fill("orders", LENGTH);
        assertThatThrownBy(() -> send("q", LENGTH)).isInstanceOf(NoRoomException.class);
        send("alerts", LENGTH);
    }

    @Test
    void shouldDropAPageWhenItsLastMessageHasExpired() {
        long soon = System.currentTimeMillis() + 500;
        pageOut(NEVER);
        pageOut(soon);
        pageOut(Long.MAX_VALUE);
        long before = stated();
        member.makeRoom();
        assertThat(stated()).as("nothing has expired").isEqualTo(before);
        Patience.until("it has expired", () -> System.currentTimeMillis() > soon);
        member.makeRoom();
        assertThat(member.<List<UUID>>withState(state -> {
                    List<UUID> left = new ArrayList<>();
                    for (int i = 0; i < pages; i++)
                        left.add(state.pages.get(new UUID(i, i)) == null ? null : new UUID(i, i));
                    return left;
                }))
                .containsExactly(new UUID(0, 0), null, new UUID(2, 2));
        assertThat(member.<Integer>withState(State::size)).as("none comes back").isZero();
    }

    /** So many that one record would be too long for them. */
    @Test
    void shouldDropAllPagesThatHaveExpired() {
        for (int i = 0; i < PAGES; i++) pageOut(1);
        Patience.until("all have gone", () -> {
            member.makeRoom();
            return stated() == 0;
        });
        assertThat(member.<Boolean>withState(state -> state.pages.expiring().isEmpty()))
                .isTrue();
    }
}
