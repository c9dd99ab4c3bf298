package dev.belfry.jakarta.client;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * At each step of paging out and in a member's thread stands still, with {@code -Plong} another member is killed there
 * before: others page out and in. When those that stood go on, nothing is lost or doubled. No process is stopped as a
 * whole: it might have a lock of the log, as in StoppedInClaimTest.
 */
@Slow
@OneJdk
@WaitsForOthers
@Timeout(600)
class StoppedWhilePagingTest {
    private static final String PAGE_OUT = "PageOut";
    private static final String PAGE_IN = "PageIn";
    private static final String FLOOR = "Floor";
    private static final String COMPANION = "Companion";
    private static final String SYNC = "companion.awaitDurable(first + encoded.size() - 1, DURABLE);";
    private static final String PAGED = "if (paged) told++;";
    private static final String BACK =
            "long position = member.append(length + spare, reserve, state -> decide(state, part));";
    private static final String BELL = "if (position == Log.REJECTED) return Outcome.NO_ROOM;";
    private static final String FLUSH = "if (log.flush(log.newest(), DURABLE)) companion.seek(told.floor());";
    private static final String SEEK = "if (place.position() + 1 < position) place.seek(StartAt.at(position));";

    private static final List<String> OUT = List.of("published", "durable", "paged");
    private static final List<String> IN = List.of("read", "back");

    private static final String QUEUE = "orders";
    private static final int LENGTH = 8_000;
    private static final int SENDERS = 3;
    /** Those that stand hold no more than their transaction: else they have all of the ring. */
    private static final String HOLDS_LITTLE = "&prefetch=1";
    /** More than a ring. */
    private static final int BACKLOG = 250;

    private static final int SOME = 100;

    @TempDir
    Path directory;

    private final List<ChildJvm> standing = new ArrayList<>();

    static Stream<PagedDomain.Kind> kinds() {
        return Depth.isLong() ? Stream.of(PagedDomain.Kind.values()) : Stream.of(PagedDomain.Kind.FILE_OS);
    }

    /** A member of it stands at the step that it is told. */
    static Patched steps() {
        return Patched.in(PAGE_OUT, SYNC, at("published") + SYNC + at("durable"))
                .and(PAGE_OUT, PAGED, at("paged") + PAGED)
                .and(PAGE_IN, BACK, at("read") + BACK)
                .and(PAGE_IN, BELL, at("back") + BELL)
                .and(FLOOR, FLUSH, at("floor") + FLUSH)
                .and(COMPANION, SEEK, at("attached") + SEEK + at("moved"));
    }

    private static String at(String step) {
        return StandsAt.class.getName() + ".place(\"" + step + "\");";
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldLoseNothingWhenMembersStandStillAtEachStep(PagedDomain.Kind kind) throws IOException {
        try (PagedDomain domain = new PagedDomain(kind, directory);
                Patched steps = steps()) {
            domain.book.hasSeveralReceivers();
            List<ChildJvm> senders = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) senders.add(domain.beat(domain.uri(), QUEUE, LENGTH));
            domain.inFront(steps.directory());
            for (String step : OUT) {
                if (Depth.isLong())
                    stand(domain, step, () -> domain.start(domain.paging(""), "stay"))
                            .kill();
                stand(domain, step, () -> domain.start(domain.paging(""), "stay"));
            }
            for (String step : IN) {
                awaitBacklog(domain);
                if (Depth.isLong()) receive(domain, step).kill();
                receive(domain, step);
            }
            for (ChildJvm sender : senders) sender.tell("end");
            for (ChildJvm sender : senders) sender.expect("ended");
            domain.start(domain.paging(""), "page");
            domain.receiver(domain.uri(), QUEUE);
            domain.awaitMore("done", SOME, PagedBook::isAllReceived);
            for (ChildJvm one : standing) {
                if (one.isAlive()) one.tell("go on");
            }
            Patience.until("all are received", () -> domain.book.read().isAllReceived());
        }
    }

    /** By one that only pages, and is gone after it: else it would be the first one at each step. */
    private static void awaitBacklog(PagedDomain domain) {
        ChildJvm pager = domain.start(domain.paging(""), "page");
        Patience.until("there is a backlog", pager, () -> domain.book.read().backlog() > BACKLOG);
        pager.kill();
    }

    private ChildJvm receive(PagedDomain domain, String step) {
        return stand(domain, step, () -> domain.receiver(domain.paging(HOLDS_LITTLE), QUEUE));
    }

    /** Starts one that stands at this step, though others do already. */
    private ChildJvm stand(PagedDomain domain, String step, Supplier<ChildJvm> member) {
        List<String> flags = new ArrayList<>(JavaCommand.QUICK);
        flags.add("-D" + StandsAt.PROPERTY + "=" + step);
        domain.flags(flags);
        ChildJvm one = member.get();
        domain.flags(JavaCommand.QUICK);
        one.expect("at " + step);
        standing.add(one);
        return one;
    }
}
