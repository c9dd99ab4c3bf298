package dev.belfry.cli.command;

import dev.belfry.bridge.Bridge;
import dev.belfry.bridge.BridgeStats;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "bridge",
        description =
                "Carries the messages of one queue into another, of any two transports, until it is ended. It goes on where it stopped, also after a kill. Creates the queues if need be.",
        footer = {
            "  belfry bridge orders shm:copy",
            "  belfry bridge --name backup --json --interval 1s shm:orders shm:copy",
            "  belfry bridge --timeout 1s orders copy       ends when nothing has come for a second"
        })
public final class BridgeCommand extends BelfryCommand {
    private static final Duration TICK = Duration.ofMillis(50);
    private static final long LAST_WORDS_SECONDS = 5;
    private static final long SAY_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SAY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    @Parameters(index = "0", paramLabel = "FROM", description = "The queue that is read.")
    String from;

    @Parameters(index = "1", paramLabel = "TO", description = "The queue into which all is published.")
    String to;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "Of the subscription by which it reads; default: bridge-to-SCHEME-TO. One bridge may have it at a time; a second one waits. See 'belfry unsubscribe'.")
    String name;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "Between two lines of progress, such as 1s (${DEFAULT-VALUE}).")
    String interval;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description =
                    "Ends when nothing has come for so long, such as 5s; or if the queues cannot be opened for as long (1s at least).")
    String timeout;

    @Mixin
    Opening opening;

    private Queue source;
    private Queue target;
    private long shownForwarded;
    private long shownNanos = System.nanoTime();
    private long awayNanos = System.nanoTime(); // since when it is not connected
    private long sayAtNanos = SAY_AFTER_NANOS;

    @Override
    protected int run(PrintWriter out) throws Exception {
        long pause = interval(interval).toNanos();
        long patience = timeout == null ? Long.MAX_VALUE : time(timeout).toNanos();
        source = Queue.of(from);
        target = Queue.of(to);
        Bridge bridge = new Bridge(opening.opener(source, err()), opening.opener(target, err()), name);
        CountDownLatch said = new CountDownLatch(1);
        Thread hook = new Thread(() -> end(bridge, said), "end");
        Runtime.getRuntime().addShutdownHook(hook);
        CompletableFuture<Void> run = start(bridge);
        try {
            watch(bridge, run, pause, patience, out);
            show(bridge.stats(), out);
            run.get(); // throws why it ended
        } catch (Exit.Problem neverConnected) {
            new Thread(bridge::close, "end").start(); // not waited for: it may hang where it opens a queue
            throw neverConnected;
        } catch (ExecutionException ended) {
            if (ended.getCause() instanceof RuntimeException reason) throw reason;
            throw ended;
        } finally {
            said.countDown();
            forget(hook);
        }
        return Exit.OK;
    }

    private static CompletableFuture<Void> start(Bridge bridge) {
        CompletableFuture<Void> run = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        bridge.run();
                        run.complete(null);
                    } catch (Throwable failure) {
                        run.completeExceptionally(failure);
                    }
                },
                "bridge");
        thread.start();
        return run;
    }

    /** SIGTERM or Ctrl-C: what was sent is confirmed and acknowledged, and the last line is out. */
    private static void end(Bridge bridge, CountDownLatch said) {
        bridge.close();
        try {
            said.await(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException itRuns) {
            return;
        }
    }

    /** Until it has ended. */
    private void watch(Bridge bridge, CompletableFuture<Void> run, long pause, long patience, PrintWriter out)
            throws InterruptedException {
        long heard = System.nanoTime();
        long position = -1;
        while (true) {
            try {
                run.get(TICK.toNanos(), TimeUnit.NANOSECONDS);
                return;
            } catch (ExecutionException ended) {
                return;
            } catch (TimeoutException stillRunning) {
                BridgeStats stats = bridge.stats();
                if (isAway(stats, patience)) {
                    heard = System.nanoTime();
                } else if (stats.inFlight() > 0
                        || stats.lag() > 0
                        || stats.sourcePosition() != position
                        || stats.state() != BridgeStats.State.FORWARDING) {
                    position = stats.sourcePosition();
                    heard = System.nanoTime();
                }
                if (System.nanoTime() - heard > patience) bridge.close();
                if (System.nanoTime() - shownNanos >= pause) show(stats, out);
            }
        }
    }

    /** Whether the queues are not open; says so after a second, and each minute. Throws after {@code patience}. */
    private boolean isAway(BridgeStats stats, long patience) {
        boolean away =
                stats.state() == BridgeStats.State.CONNECTING || stats.state() == BridgeStats.State.WAITING_TO_RETRY;
        long now = System.nanoTime();
        long lasted = now - awayNanos;
        if (stats.state() == BridgeStats.State.ENDED) return false;
        if (!away) {
            if (sayAtNanos != SAY_AFTER_NANOS) say("connected, after " + Units.duration(lasted));
            awayNanos = now;
            sayAtNanos = SAY_AFTER_NANOS;
            return false;
        }
        String why = stats.problem() != null ? stats.problem() : "a queue is still being opened";
        if (lasted > Math.max(patience, Opening.LEAST.toNanos()))
            throw new Exit.Problem(
                    source + " -> " + target + ": not connected within " + Units.duration(lasted) + ": " + why);
        if (lasted >= sayAtNanos) {
            sayAtNanos = lasted + SAY_AGAIN_NANOS;
            say("not connected for " + Units.duration(lasted) + ", goes on trying: " + why);
        }
        return true;
    }

    private void say(String what) {
        err().println(Text.clean("belfry: " + source + " -> " + target + ": " + what));
        err().flush();
    }

    private void show(BridgeStats stats, PrintWriter out) {
        long now = System.nanoTime();
        double rate = (stats.forwarded() - shownForwarded) * 1e9 / Math.max(1, now - shownNanos);
        shownForwarded = stats.forwarded();
        shownNanos = now;
        out.println(json ? json(stats, rate) : line(stats, rate));
        out.flush();
    }

    private String json(BridgeStats stats, double rate) {
        Map<String, Object> line = Json.object("from", source.toString(), "to", target.toString());
        line.putAll(Json.object(stats));
        line.put("state", state(stats));
        line.put("messagesPerSecond", Math.round(rate));
        return Json.of(line);
    }

    private String line(BridgeStats stats, double rate) {
        StringBuilder line = new StringBuilder(source + " -> " + target + ": " + state(stats) + ", "
                + Text.number(stats.forwarded()) + " forwarded (" + Text.rate(rate) + "/s), position "
                + Text.number(stats.sourcePosition()) + " -> " + Text.number(stats.targetPosition()));
        if (stats.lag() >= 0) line.append(", lag " + Text.number(stats.lag()));
        note(line, stats.inFlight(), "in flight");
        note(line, stats.alreadyThere(), "already there");
        note(line, stats.duplicates(), "duplicates");
        note(line, stats.echoes(), "echoes");
        note(line, stats.lost(), "LOST");
        note(line, stats.retries(), "retries");
        return line.toString();
    }

    private static String state(BridgeStats stats) {
        return stats.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static void note(StringBuilder line, long count, String what) {
        if (count > 0) line.append(", " + Text.number(count) + " " + what);
    }
}
