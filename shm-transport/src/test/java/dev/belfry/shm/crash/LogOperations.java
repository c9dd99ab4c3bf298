package dev.belfry.shm.crash;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.newLog;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What a process does to a domain's log, to be interrupted at each of its steps; as {@link Operation}. */
final class LogOperations {
    private static final QueueConfig SMALL = config(4096);
    private static final QueueConfig GROWING = config(16384);

    private static final int PLAIN = 2;

    private LogOperations() {}

    private static QueueConfig config(long maxCapacity) {
        return QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(maxCapacity)
                .deleteOnLastClose(true)
                .attribute(Log.KIND, Log.DOMAIN)
                .build();
    }

    /** What the victim of an operation has. */
    private static final class Member {
        Log domain;
        Mark mark;
        LogReader reader;
        Mark.At first;
        Mark.At third;
    }

    private static Operation of(
            String name, QueueConfig config, BiConsumer<Scene, Member> before, BiConsumer<Scene, Member> run) {
        return of(name, config, before, run, (s, fresh) -> {});
    }

    /** The member is made again each time: an operation runs once for each of its steps. */
    private static Operation of(
            String name,
            QueueConfig config,
            BiConsumer<Scene, Member> before,
            BiConsumer<Scene, Member> run,
            BiConsumer<Scene, Log> after) {
        Member[] member = {null};
        Consumer<Scene> prepare = s -> {
            member[0] = new Member();
            s.withWatcher();
            s.withVictim();
            member[0].domain = domain(s.queue);
            for (int i = 0; i < 2; i++) append(s, member[0].domain, 60, Duration.ZERO);
            s.watch();
            before.accept(s, member[0]);
            s.announceSleeper(0);
            s.announceWaiter();
        };
        return new Operation(name, config, 4, prepare, s -> run.accept(s, member[0]), (s, fresh) -> {
            after.accept(s, domain(fresh));
            s.watch();
            fresh.unsubscribe("m");
        });
    }

    static Log domain(MessageQueue queue) {
        return newLog(queue, queue.createPublisher());
    }

    private static void append(Scene s, Log log, int length, Duration timeout) {
        ByteBuffer record = ByteBuffer.wrap(s.begin(length));
        s.published(log.append(record, Reserve.NONE, 1, timeout));
    }

    /** One more needs the gate to move. */
    private static void fill(Scene s, Member m) {
        var header = handle(s.bystander).segment.header;
        while (header.tailAcquire() + 320 + 16 + 8 <= header.limit()) {
            append(s, m.domain, 320, Duration.ZERO);
            s.watch();
        }
    }

    private static void withMark(Scene s, Member m) {
        m.mark = m.domain.mark("m");
        m.first = m.mark.at();
        m.reader = m.domain.reader();
        for (int i = 0; i < 3; i++) {
            append(s, m.domain, 60, Duration.ZERO);
            assertThat(m.reader.next()).isEqualTo(LogReader.Step.RECORD);
        }
        m.third = new Mark.At(m.reader.place(), m.reader.position());
        s.watch();
    }

    /**
     * It is at one of these, and all from there on can be read. What {@link Scene#checkAlive} has published is no
     * record of a log.
     */
    private static void isAt(Log domain, long... positions) {
        Mark.At at = domain.mark("m").at();
        assertThat(at.position())
                .isIn(java.util.Arrays.stream(positions).boxed().toList());
        LogReader reader = domain.reader();
        reader.moveTo(at);
        long next = at.position();
        while (next <= domain.newest() - PLAIN) {
            assertThat(reader.next()).isEqualTo(LogReader.Step.RECORD);
            assertThat(reader.position()).isEqualTo(next++);
            assertThat(reader.intact()).isTrue();
        }
        reader.close();
    }

    static List<Operation> all() {
        return List.of(
                of("open a domain", SMALL, (s, m) -> {}, (s, m) -> domain(s.open(s.victim))),
                of("append", SMALL, (s, m) -> {}, (s, m) -> append(s, m.domain, 100, Duration.ZERO)),
                of("append, gate move", SMALL, LogOperations::fill, (s, m) -> append(s, m.domain, 320, Duration.ZERO)),
                of(
                        "append, growing",
                        GROWING,
                        (s, m) -> {
                            withMark(s, m);
                            fill(s, m);
                        },
                        (s, m) -> append(s, m.domain, 320, Scene.soon),
                        (s, fresh) -> isAt(fresh, 1)),
                of("claim of a log", SMALL, (s, m) -> {}, (s, m) -> {
                    byte[] body = s.begin(100);
                    Claim claim = m.domain.claim(200, Reserve.SMALL, Duration.ZERO);
                    claim.buffer().put(body);
                    s.published(claim.commit(100));
                }),
                of("claim of a log, closed", SMALL, (s, m) -> {}, (s, m) -> m.domain
                        .claim(200, Reserve.SMALL, Duration.ZERO)
                        .close()),
                of(
                        "mark",
                        SMALL,
                        (s, m) -> {
                            for (int i = 0; i < 25; i++) {
                                append(s, m.domain, 300, Duration.ZERO);
                                s.watch();
                            }
                        },
                        (s, m) -> m.domain.mark("m"),
                        (s, fresh) -> {
                            Mark.At at = fresh.mark("m").at();
                            assertThat(at.position()).isGreaterThan(1);
                            isAt(fresh, at.position());
                        }),
                of(
                        "advance",
                        SMALL,
                        LogOperations::withMark,
                        (s, m) -> assertThat(m.mark.advance(m.third)).isEqualTo(Mark.Advance.MOVED),
                        (s, fresh) -> isAt(fresh, 1, 3)),
                of("hold", SMALL, (s, m) -> m.reader = m.domain.reader(), (s, m) -> {
                    m.reader.hold(true);
                    m.reader.hold(false);
                }),
                of("await a bell", SMALL, (s, m) -> m.reader = m.domain.reader(), (s, m) -> {
                    while (m.reader.next() == LogReader.Step.RECORD) {}
                    m.reader.await(1, Deadlines.after(Duration.ofMillis(1)));
                    m.reader.close();
                }));
    }

    static Operation named(String name) {
        return all().stream().filter(o -> o.name().equals(name)).findFirst().orElseThrow();
    }
}
