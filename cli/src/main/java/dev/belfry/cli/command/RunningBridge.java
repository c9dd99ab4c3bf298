package dev.belfry.cli.command;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.StartAt;
import dev.belfry.bridge.Bridge;
import dev.belfry.bridge.BridgeOptions;
import dev.belfry.bridge.BridgeStats;
import dev.belfry.bridge.Extent;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.serve.PageRow;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.HowFar;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.Judgement.Kind;
import dev.belfry.micrometer.BridgeMetrics;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One bridge of the command, in a thread of its own, and what is printed of it. For the thread of the command. */
final class RunningBridge {
    private static final long SAY_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SAY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** In this state since then, as far as was seen. */
    private record Since(BridgeStats.State state, Instant time) {}

    private final Queue source;
    private final Queue target;
    private final String name;
    private final String command;
    private final Bridge bridge;
    private final boolean json;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Extent extent;
    private final HowFar howFar;
    private final CompletableFuture<Void> run = new CompletableFuture<>();
    private volatile boolean closed;
    private volatile Since since = new Since(BridgeStats.State.CONNECTING, Instant.now());
    private long heardNanos = System.nanoTime();
    private long position = -1;
    private long shownForwarded;
    private long shownNanos = System.nanoTime();
    private long awayNanos = System.nanoTime(); // since when it is not connected
    private long sayAtNanos = SAY_AFTER_NANOS;

    RunningBridge(Route route, Opening opening, boolean json, PrintWriter out, PrintWriter err) {
        source = route.source();
        target = route.target();
        name = source + " -> " + target;
        command = route.command(opening);
        this.json = json;
        this.out = out;
        this.err = err;
        howFar = new HowFar(err);
        BridgeOptions options = route.options(opening, err);
        extent = options.extent();
        Supplier<MessageQueue> opener = opening.opener(source, err);
        bridge = Bridge.of(() -> told(opener.get(), options.startAt()), opening.opener(target, err), options);
    }

    /** Once. */
    private MessageQueue told(MessageQueue opened, StartAt start) {
        if (bridge.stats().retries() == 0) MessagePrinter.tellIfBeforeOldest(opened, start, err);
        return opened;
    }

    void start() {
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
    }

    /** Waits at most 5 s. */
    void close() {
        bridge.close();
        closed = true;
    }

    /** Tells whether it has not ended; throws why it failed. Closes it if nothing has come for {@code patience}. */
    boolean watch(long pause, long patience) throws Exception {
        BridgeStats stats = bridge.stats();
        if (stats.state() != since.state) since = new Since(stats.state(), Instant.now());
        if (run.isDone()) {
            show();
            try {
                run.get();
                return false;
            } catch (ExecutionException ended) {
                if (ended.getCause() instanceof RuntimeException reason) throw reason;
                throw ended;
            }
        }
        if (closed && bridge.stats().state() != BridgeStats.State.ENDED) {
            show();
            String why = stats.problem() == null ? state(stats) : stats.problem();
            throw new Exit.Problem(name + ": was ended before it was done: " + why);
        }
        if (noteIfAway(stats, patience)
                || stats.inFlight() > 0
                || stats.lag() > 0
                || stats.sourcePosition() != position
                || stats.state() != BridgeStats.State.FORWARDING) {
            position = stats.sourcePosition();
            heardNanos = System.nanoTime();
        }
        if (System.nanoTime() - heardNanos > patience) close();
        showHowFar(stats);
        if (System.nanoTime() - shownNanos >= pause) show();
        return true;
    }

    /** True: the queues are not open. Says so after a second, and each minute. Throws after {@code patience}. */
    private boolean noteIfAway(BridgeStats stats, long patience) {
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
            throw new Exit.Problem(name + ": not connected within " + Units.duration(lasted) + ": " + why);
        if (lasted >= sayAtNanos) {
            sayAtNanos = lasted + SAY_AGAIN_NANOS;
            say("not connected for " + Units.duration(lasted) + ", goes on trying: " + why);
        }
        return true;
    }

    void say(String what) {
        err.println(Text.clean("belfry: " + name + ": " + what));
        err.flush();
    }

    /** {@code why} may begin with its name. */
    void sayEnded(String why) {
        say("ended: " + (why.startsWith(name + ": ") ? why.substring(name.length() + 2) : why));
    }

    private void showHowFar(BridgeStats stats) {
        if (extent.equals(Extent.ENDLESS) || stats.state() != BridgeStats.State.FORWARDING || stats.lag() < 0) return;
        long left = Math.min(extent.lastPosition() - stats.sourcePosition(), extent.count() - stats.counted());
        left = Math.max(1, Math.min(left, stats.lag())); // the one at hand is read
        howFar.carried(name, stats.forwarded(), stats.forwarded() + left);
    }

    void show() {
        howFar.close();
        BridgeStats stats = bridge.stats();
        long now = System.nanoTime();
        double rate = (stats.forwarded() - shownForwarded) * 1e9 / Math.max(1, now - shownNanos);
        shownForwarded = stats.forwarded();
        shownNanos = now;
        out.println(json ? json(stats, rate) : line(stats, rate));
        out.flush();
    }

    private String json(BridgeStats stats, double rate) {
        Map<String, Object> line = told(stats);
        line.put("messagesPerSecond", Math.round(rate));
        return Json.of(line);
    }

    private Map<String, Object> told(BridgeStats stats) {
        Map<String, Object> told = Json.object("from", source.toString(), "to", target.toString());
        told.putAll(Json.object(stats));
        told.put("state", state(stats));
        return told;
    }

    /** The JSON of it. Any thread. */
    Map<String, Object> told() {
        Map<String, Object> told = told(bridge.stats());
        told.put("since", since.time);
        told.put("command", command);
        return told;
    }

    /** The same for the page of {@code serve}. Any thread. */
    PageRow row() {
        BridgeStats stats = bridge.stats();
        String what = state(stats) + (stats.problem() == null ? "" : ": " + stats.problem()) + "; forwarded "
                + Text.number(stats.forwarded()) + ", lag " + (stats.lag() < 0 ? "unknown" : Text.number(stats.lag()))
                + ", lost " + Text.number(stats.lost());
        boolean isWell = stats.state() == BridgeStats.State.FORWARDING;
        long seconds = isWell
                ? -1
                : Math.max(0, Duration.between(since.time, Instant.now()).toSeconds());
        boolean hasEnded = stats.state() == BridgeStats.State.ENDED;
        return new PageRow(
                source.toString(), Kind.UNATTENDED.check, "to " + target, what, seconds, hasEnded ? command : "");
    }

    BridgeMetrics meters() {
        return new BridgeMetrics(bridge, name);
    }

    private String line(BridgeStats stats, double rate) {
        StringBuilder line = new StringBuilder(name + ": " + state(stats) + ", "
                + Text.number(stats.forwarded()) + " forwarded (" + Text.rate(rate) + "/s), position "
                + Text.number(stats.sourcePosition()) + " -> " + Text.number(stats.targetPosition()));
        if (stats.lag() >= 0) line.append(", lag " + Text.number(stats.lag()));
        note(line, stats.inFlight(), "in flight");
        note(line, stats.alreadyThere(), "already there");
        note(line, stats.duplicates(), "duplicates");
        note(line, stats.echoes(), "echoes");
        note(line, stats.tooLong(), "too long");
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
