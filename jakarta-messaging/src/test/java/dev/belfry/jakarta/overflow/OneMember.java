package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.file.DiskProvider;
import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** One member over a real log and a companion of small files; others come before it decides under the claim. */
abstract class OneMember {
    static final String NAME = "orders";
    static final long QUEUE = DestinationId.of(DestinationId.QUEUE, NAME);
    static final int RING = 1 << 20;
    static final int SEGMENT = 1 << 20;
    static final int GARBAGE = 20;
    static final int MESSAGES = 400;
    private static final Runnable NOBODY = () -> {};

    private final String maxSize;
    private final String uri =
            "mem:" + getClass().getSimpleName() + ProcessHandle.current().pid();
    private Path directory; // its disk is asked for room

    private final MessageQueue queue =
            MessageQueues.open(uri + "?capacity=" + RING + "&maxCapacity=" + RING + "&" + Log.KIND + "=" + Log.DOMAIN);
    final Log log = queue.unwrap(Log.class);
    final RecordWriter writer = new RecordWriter();
    final Lone member = new Lone();
    final PageOut out = new PageOut(member);
    final PageIn in = new PageIn(member);
    final Floor floor = new Floor(member);
    Companion companion;
    Runnable meanwhile = NOBODY;
    Runnable beforeItIsRead = NOBODY;
    boolean isFlushed = true;

    OneMember(String maxSize) {
        this.maxSize = maxSize;
    }

    final class Lone implements Member {
        private final LogReader reader = log.reader();
        private final LogReader bodies = log.reader();
        private final State state = new State(1);
        private final ReentrantLock foldLock = new ReentrantLock();
        int asked;
        int claims;
        int flushes;

        @Override
        public Log log() {
            return (Log) Proxy.newProxyInstance(
                    Log.class.getClassLoader(), new Class<?>[] {Log.class}, (proxy, method, arguments) -> {
                        if (!method.getName().equals("flush")) return method.invoke(log, arguments);
                        flushes++;
                        return isFlushed;
                    });
        }

        @Override
        public LogReader reader() {
            Runnable others = beforeItIsRead;
            beforeItIsRead = NOBODY;
            others.run();
            return bodies;
        }

        @Override
        public <T> T ask(Function<State, T> question) {
            foldLock.lock();
            try {
                asked++;
                while (reader.next() == LogReader.Step.RECORD) state.apply(reader.position(), reader.place(), reader);
                return question.apply(state);
            } finally {
                foldLock.unlock();
            }
        }

        @Override
        public long append(int most, Reserve reserve, Function<State, ByteBuffer> decision) {
            Runnable others = meanwhile;
            meanwhile = NOBODY;
            others.run();
            claims++;
            foldLock.lock();
            try (Claim claim = log.claim(most, reserve, Duration.ZERO)) {
                if (claim == null) return Log.REJECTED;
                ByteBuffer record = ask(decision);
                if (record == null) return NOTHING;
                int length = record.remaining();
                claim.copyFrom(0, record);
                return claim.commit(length);
            } finally {
                foldLock.unlock();
            }
        }

        @Override
        public String unawareOfPages() {
            return "";
        }

        /** The mark passes all statements of pages: they are told again. */
        @Override
        public void makeRoom() {
            for (Told page :
                    ask(state -> state.pages.all().stream().map(Told::of).toList()))
                OneMember.this.append(other().pageAgain(page.read(bodies).with(page.rest())));
        }

        @Override
        public boolean isHeard(long of) {
            return true;
        }

        @Override
        public boolean hasFailed() {
            return false;
        }

        @Override
        public int bell(long of) {
            return 0;
        }
    }

    @BeforeEach
    void begin() throws IOException {
        UUID id = UUID.randomUUID();
        Binding binding = new Binding(id, "on", QueueUri.parse("disk:" + id + "?maxSize=" + maxSize), 0);
        directory = Files.createDirectory(binding.directory());
        companion = new Companion(binding, 16 << 20, SEGMENT);
        append(other().overflow(binding.overflow()).define(QUEUE, 0, NAME));
        send();
    }

    @AfterEach
    void end() throws IOException {
        DiskProvider.before = call -> 0;
        companion.close(Patience.limit());
        queue.close();
        MessageQueues.delete(uri);
        MessageQueues.delete(companion.binding().uri().toString());
        Files.delete(directory);
    }

    static byte[] message(int serial, long expiry) {
        return message(serial, expiry, 1_500);
    }

    static byte[] message(int serial, long expiry, int length) {
        return message(QUEUE, serial, expiry, length);
    }

    static byte[] message(long queue, int serial, long expiry, int length) {
        Envelope message = new Envelope();
        message.destination = queue;
        message.serial = serial;
        message.expiry = expiry;
        message.body = new byte[length];
        return message.bytes();
    }

    RecordWriter other() {
        return writer.begin(77);
    }

    void append(RecordWriter record) {
        assertThat(log.append(record.end(), Reserve.SMALL, 0, Duration.ZERO)).isPositive();
    }

    List<Long> inMemory() {
        return member.ask(state -> {
            List<Long> mids = new ArrayList<>();
            state.view(QUEUE).forEach(m -> mids.add(m.mid()));
            return mids;
        });
    }

    Page page() {
        return member.ask(state -> state.pages.first(QUEUE));
    }

    long told() {
        return member.ask(state -> state.registry.overflow().floor());
    }

    Paged paged() {
        return Told.of(page()).read(member.reader());
    }

    /** A process was killed before it told a page of these. */
    void publishGarbage() {
        long first = companion.publish(Collections.nCopies(GARBAGE, new byte[Chunks.MOST_BYTES]));
        companion.awaitDurable(first + GARBAGE - 1, Patience.limit());
    }

    void pageOut() {
        assertThat(out.isPaged(companion, false)).isTrue();
    }

    void send() {
        for (int i = 0; i < MESSAGES; i++) append(other().message(message(i, 0)));
        member.makeRoom();
    }

    void bringAllBack() {
        while (page() != null) {
            assertThat(in.next(companion, QUEUE)).isEqualTo(PageIn.Outcome.BACK);
            member.makeRoom();
        }
    }
}
