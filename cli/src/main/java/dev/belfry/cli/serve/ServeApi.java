package dev.belfry.cli.serve;

import dev.belfry.api.QueueNotFoundException;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.QueueJson;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Transports;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import picocli.CommandLine.Help.Ansi;

/** The answers of {@code serve} without meters: values for JSON. */
record ServeApi(ServeWatch watch, boolean bodies, ServePage page) {
    private static final int MOST_MESSAGES = 100;

    /** The health of some queues, a line each. */
    record Health(boolean isWell, List<String> lines) {}

    /**
     * {@code name}: null: of all, and of the machine. One that cannot be read is well only where nobody named it.
     * Throws if there is none of that name.
     */
    Health health(String name) {
        Queue named = name == null ? null : queue(name);
        ServeWatch.Known known = named == null ? watch.now() : knowing(named);
        QueueWatch.Look look = named == null ? null : known.looks().get(named.toString());
        List<Verdict> all = look == null ? known.verdicts() : List.of(known.verdict(look));
        List<String> lines = new ArrayList<>();
        all.forEach(verdict -> lines.add(Ansi.OFF.string(verdict.line())));
        if (known.isLate())
            lines.add("read " + Units.duration(known.age().toNanos())
                    + " ago, as the next reading has not ended: a disk may not answer");
        return new Health(
                (look == null || look.report() != null)
                        && all.stream().noneMatch(verdict -> verdict.level() == Verdict.Level.CRITICAL),
                lines);
    }

    /** The last reading that has this queue. */
    private ServeWatch.Known knowing(Queue queue) {
        ServeWatch.Known known = watch.now();
        if (known.looks().containsKey(queue.toString())) return known;
        requireShown(queue);
        queue.inspector().look(queue.name()); // which says that there is none
        known = watch.fresh();
        if (known.looks().containsKey(queue.toString())) return known;
        throw new Exit.Problem("'" + queue + "' is not in the last reading, of "
                + Units.duration(known.age().toNanos()) + " ago: ask again");
    }

    /** By its name alone, or the path of its directory: a URI could name a broker. */
    private static Queue queue(String name) {
        if (name.startsWith("/")) return Queue.at(Queue.FILES, name);
        QueueUri uri = new QueueUri(Queue.SCHEME, name, Map.of()); // refuses what is no name
        return new Queue(Queue.SCHEME + ":" + name, uri.scheme(), uri.name());
    }

    /** {@code path}: after /api/. Null: there is nothing of that name. */
    Map<String, Object> answer(List<String> path) {
        String last = path.get(path.size() - 1);
        return switch (String.join("/", path.stream().limit(1).toList()) + " " + path.size()) {
            case "page 1" -> page.now();
            case "queues 1" ->
                Json.list("queues", watch.now().looks().values().stream().map(QueueJson::queue));
            case "queues 2" -> info(queue(last));
            case "health 1" ->
                Json.list("verdicts", watch.now().verdicts().stream().map(QueueJson::verdict));
            case "health 2" -> {
                ServeWatch.Known known = knowing(queue(last));
                yield QueueJson.verdict(
                        known.verdict(known.looks().get(queue(last).toString())));
            }
            case "doctor 1" -> Json.list("findings", watch.now().found().all().map(QueueJson::finding));
            case "doctor 2" -> {
                Queue queue = queue(last);
                requireShown(queue);
                List<Finding> found = Verdict.withFigures(
                        queue.inspector().diagnose(queue.name(), false),
                        watch.now().looks().values());
                yield Json.list("findings", found.stream().map(QueueJson::finding));
            }
            case "domains 2" -> observe(last, ServeApi::places);
            case "domains 3" -> observe(path.get(1), (domain, log) -> messages(domain, log, last));
            default -> null;
        };
    }

    /** A path is what this shows already: no client reads other directories by it. */
    private void requireShown(Queue queue) {
        if (!queue.scheme().equals(Queue.FILES) || watch.now().looks().containsKey(queue.toString())) return;
        throw Errors.notFound(queue.toString(), queue.name(), "/api/queues has those that are shown here.");
    }

    private Map<String, Object> info(Queue queue) {
        requireShown(queue);
        QueueReport report = queue.inspector().look(queue.name());
        return QueueJson.info(report, Queue.isDomain(report) ? queue.contents(report, DomainTools.QUICK) : null);
    }

    private <T> T observe(String name, BiFunction<String, Log, T> question) {
        Queue domain = queue(name);
        requireShown(domain);
        QueueReport report = domain.inspector().look(domain.name());
        if (Queue.isClosed(report))
            throw new Exit.Problem("no process has '" + domain + "' open; 'belfry jms ls " + name + "' opens it");
        if (!Queue.isDomain(report))
            throw new QueueNotFoundException("'" + name
                    + "' is a queue, not a domain of Jakarta Messaging: /api/queues/" + name + " tells of it");
        return domain.inspector().observe(domain.name(), log -> question.apply(domain.toString(), log));
    }

    private static Map<String, Object> places(String domain, Log log) {
        DomainTools.Contents all = Transports.domainTools().contents(domain, log, DomainTools.QUICK);
        if (all == null)
            throw new Exit.Problem("more than " + Text.number(DomainTools.QUICK) + " records of '" + domain
                    + "' must be read for that; 'belfry jms ls' reads them");
        return QueueJson.domain(all, log, null);
    }

    private Map<String, Object> messages(String domain, Log log, String queue) {
        List<Map<String, Object>> all = new ArrayList<>();
        Transports.domainTools().browse(domain, log, DomainTools.Source.queue(queue), null, one -> {
            Map<String, Object> json = QueueJson.message(one, log);
            if (!bodies) json.keySet().removeAll(Set.of("properties", "text"));
            all.add(json);
            return all.size() < MOST_MESSAGES;
        });
        return Json.object("waitingMessages", all);
    }
}
