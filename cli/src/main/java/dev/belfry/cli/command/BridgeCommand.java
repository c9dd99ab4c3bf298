package dev.belfry.cli.command;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.serve.Answer;
import dev.belfry.cli.serve.PageRow;
import dev.belfry.cli.serve.ServeHttp;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
            "  belfry bridge --routes /etc/belfry/routes.properties",
            "  belfry bridge --listen localhost:9465 --routes routes.properties",
            "  belfry bridge --timeout 1s orders copy       ends when nothing has come for a second",
            "  belfry bridge --from 09:00 --until 09:05 --pace 10x file:/var/lib/prices shm:test"
        })
public final class BridgeCommand extends BelfryCommand {
    private static final Duration TICK = Duration.ofMillis(50);
    private static final long LAST_WORDS_SECONDS = 1;

    @Parameters(index = "0", arity = "0..1", paramLabel = "FROM", description = "The queue that is read.")
    String from;

    @Parameters(index = "1", arity = "0..1", paramLabel = "TO", description = "The queue into which all is published.")
    String to;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "Of the subscription by which it reads; default: bridge-to-SCHEME-TO, or replay-to-SCHEME-TO with --until or --count, which ends it. One bridge may have it at a time; a second one waits. See 'belfry unsubscribe'.")
    String name;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            description = "oldest (the default), now, a position or a time: where it begins the first time.")
    String start;

    @Option(names = "--until", paramLabel = "WHERE", description = "Ends after this position, or before this time.")
    String until;

    @Option(names = "--count", paramLabel = "N", description = "Ends when it has carried so many.")
    String count;

    @Option(names = "--pace", paramLabel = "PACE", description = "1x, 10x: by the timestamps; max is the default.")
    String pace;

    @Option(
            names = "--too-long",
            paramLabel = "WHAT",
            description =
                    "stop (the default), skip, or a queue into which a message goes that is longer than TO takes.")
    String tooLong;

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

    @Option(
            names = "--routes",
            paramLabel = "FILE",
            description =
                    "Many bridges in one process: a properties file with ROUTE.from and ROUTE.to, and where wanted ROUTE.name, ROUTE.start (as --from), ROUTE.until, ROUTE.count, ROUTE.pace and ROUTE.too-long. One that fails is reported and ends; the others go on.")
    String routes;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS:PORT",
            description =
                    "Tells of itself by HTTP, at an address of localhost: / is JSON, /metrics for Prometheus. Port 0: a free one. 'belfry serve --bridge' shows it.")
    String listen;

    @Mixin
    Opening opening;

    @Override
    protected int run(PrintWriter out) throws Exception {
        long pause = interval(interval).toNanos();
        long patience = timeout == null ? Long.MAX_VALUE : time(timeout).toNanos();
        List<RunningBridge> all = wanted().stream()
                .map(route -> new RunningBridge(route, opening, json, out, err()))
                .toList();
        ServeHttp told = listen == null ? null : listen(all); // before anything is carried
        CountDownLatch said = new CountDownLatch(1);
        Thread hook = new Thread(() -> end(all, said), "end");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            all.forEach(RunningBridge::start);
            return watch(all, pause, patience);
        } finally {
            if (told != null) told.close();
            said.countDown();
            forget(hook);
        }
    }

    private ServeHttp listen(List<RunningBridge> all) {
        InetSocketAddress address = ServeCommand.address("--listen", listen);
        require(
                address.getAddress().isLoopbackAddress(),
                "--listen " + listen + " can be reached from other machines, and a bridge knows no token: listen at"
                        + " localhost, and let 'belfry serve --token FILE --bridge ADDRESS:PORT' show it to others");
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        all.forEach(each -> each.meters().bindTo(meters));
        ServeHttp server = ServeCommand.listen(address, listen, null, path -> switch (String.join("/", path)) {
            case "" -> Answer.json(Json.list("routes", all.stream().map(RunningBridge::told)));
            case "metrics" -> Answer.meters(meters.scrape());
            case PageRow.PATH ->
                Answer.text(200, all.stream().map(each -> each.row().line()).collect(Collectors.joining("\n")));
            default -> Answer.text(404, "there is no such page: 'belfry bridge --help' names them");
        });
        err().println("belfry: " + ServeCommand.url(address, server));
        err().flush();
        return server;
    }

    private List<Route> wanted() {
        Map<String, String> own = new HashMap<>();
        if (name != null) Route.check("--name", Route.NAME, name);
        own.put(Route.NAME, name);
        own.put(Route.START, start);
        own.put(Route.UNTIL, until);
        own.put(Route.COUNT, count);
        own.put(Route.PACE, pace);
        own.put(Route.TOO_LONG, tooLong);
        own.values().removeIf(Objects::isNull);
        boolean isPair = from != null && to != null;
        require(
                routes == null ? isPair : from == null && own.isEmpty(),
                "Name two queues, FROM and TO; or --routes FILE, which has all queues and their options");
        if (routes != null) return Routes.read(routes);
        own.put(Route.FROM, from);
        own.put(Route.TO, to);
        return List.of(new Route(own));
    }

    /** Until all have ended. One that fails holds up no other; an only one throws why. */
    private static int watch(List<RunningBridge> all, long pause, long patience) throws Exception {
        int code = Exit.OK;
        for (List<RunningBridge> running = new ArrayList<>(all); !running.isEmpty(); Thread.sleep(TICK.toMillis()))
            for (RunningBridge each : List.copyOf(running)) {
                try {
                    if (each.watch(pause, patience)) continue;
                } catch (Exception failed) {
                    new Thread(each::close, "end").start(); // not waited for: it may hang where it opens a queue
                    if (all.size() == 1) throw failed;
                    code = Exit.PROBLEM;
                    each.sayEnded(failed.getMessage() != null ? failed.getMessage() : failed.toString());
                }
                running.remove(each);
            }
        return code;
    }

    /** SIGTERM or Ctrl-C: what was sent is confirmed and acknowledged, all within 5 s, and the last lines are out. */
    private static void end(List<RunningBridge> all, CountDownLatch said) {
        List<Thread> closing =
                all.stream().map(each -> new Thread(each::close, "end")).toList();
        closing.forEach(Thread::start);
        try {
            for (Thread each : closing) each.join();
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
}
