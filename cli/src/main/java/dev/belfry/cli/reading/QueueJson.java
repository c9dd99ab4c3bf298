package dev.belfry.cli.reading;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.OverflowLook;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Place;
import dev.belfry.spi.DomainTools.Waiting;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueReport.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The answers of commands with {@code --json} and {@code serve} about queues: each object is made in one place. */
public final class QueueJson {
    /** A member of a domain, and how many messages it holds of one place. */
    public record Consumer(long member, boolean alive, String process, long held) {}

    private QueueJson() {}

    /** One queue, as {@code ls} and {@code top} give it. */
    public static Map<String, Object> queue(QueueWatch.Look look) {
        return queue(look, Verdict.of(look));
    }

    public static Map<String, Object> queue(QueueWatch.Look look, Verdict verdict) {
        if (look.report() == null)
            return Json.object("uri", look.uri(), "health", verdict.word(), "problem", look.problem());
        QueueStats stats = look.reading().stats();
        Map<String, Object> json = Json.object();
        json.put("uri", look.uri());
        json.put("kind", look.report().properties().getOrDefault("kind", "queue"));
        if (look.isDomain()) json.put("domain", domain(look.reading().domain()));
        json.put("readOnly", look.report().properties().getOrDefault("readOnly", false));
        json.put("damage", look.report().properties().get("damage"));
        json.putAll(figures(stats));
        json.put("size", look.report().size());
        json.put("maxSize", look.report().maxSize());
        json.put("inUse", QueueCounter.IN_USE.of(stats));
        json.put("lastPublishMillis", stats.counters().get(QueueCounter.LAST_PUBLISH_MILLIS.key()));
        json.put("memberCount", look.report().members().size());
        json.put(
                look.isDomain() ? "recordsPerSecond" : "messagesPerSecond",
                Math.round(look.reading().messages()));
        json.put("bytesPerSecond", Math.round(look.reading().bytes()));
        json.put("lag", look.reading().lag());
        json.put(
                "unattended",
                look.reading().unattended().stream().map(SubscriberStats::name).toList());
        json.put("health", verdict.word());
        json.put("reasons", verdict.said().stream().map(Verdict.Said::what).toList());
        return json;
    }

    /** Null: it is not known. */
    public static Map<String, Object> domain(DomainTools.Contents contents) {
        if (contents == null) return null;
        return Json.object(
                "queueCount", contents.queues(),
                "messages", contents.messages(),
                "held", contents.held(),
                "consumerCount", contents.consumers(),
                "deadLetters", contents.deadLetters(),
                "bytes", contents.bytes(),
                "mostBytes", contents.mostBytes(),
                "onDisk", contents.onDisk(),
                "diskBytes", contents.diskBytes(),
                "fullInSeconds",
                        contents.fullInSeconds().stream().boxed().findFirst().orElse(null));
    }

    /**
     * A domain, as {@code jms ls} gives it, and where it has messages on the disk.
     *
     * @param disk null if there is none, or if it is not asked: a server waits for no disk
     */
    public static Map<String, Object> domain(DomainTools.Contents contents, Log log, OverflowLook disk) {
        DomainTools.Overflow overflow = contents.overflow();
        return Json.object(
                "domain", domain(contents),
                "places", contents.places().stream().map(one -> place(one, log)).toList(),
                "overflow",
                        overflow.uri() == null && overflow.waitsFor().isEmpty()
                                ? null
                                : Json.object(
                                        "uri", overflow.uri(),
                                        "bytes", disk == null ? null : disk.bytes(),
                                        "maxSize", disk == null ? null : disk.maxSize(),
                                        "problem",
                                                disk == null || disk.problem().isEmpty() ? null : disk.problem(),
                                        "waitsFor", overflow.waitsFor().isEmpty() ? null : overflow.waitsFor()));
    }

    /** One queue, as {@code info} gives it; {@code domain}: null if it is none or not known. */
    public static Map<String, Object> info(QueueReport report, DomainTools.Contents domain) {
        Map<String, Object> stats = figures(report.stats());
        stats.put("counters", new TreeMap<>(report.stats().counters()));
        Map<String, Object> json = Json.object(
                "uri", report.uri(),
                "stats", stats,
                "properties", report.properties(),
                "members", report.members().stream().map(QueueJson::member).toList(),
                "regions", report.regions());
        if (Queue.isDomain(report)) json.put("domain", domain(domain));
        return json;
    }

    private static Map<String, Object> figures(QueueStats stats) {
        return Json.object(
                "id", stats.id(),
                "oldestPosition", stats.oldestPosition(),
                "newestPosition", stats.newestPosition(),
                "capacity", stats.capacity(),
                "maxCapacity", stats.maxCapacity(),
                "publisherCount", stats.publisherCount(),
                "subscribers", subscribers(stats),
                "waiting", stats.waiting().stream().map(QueueJson::waiting).toList());
    }

    private static Map<String, Object> waiting(dev.belfry.api.Waiting one) {
        Map<String, Object> json = Json.object(one);
        if (one.cause() == null) return json;
        Map<String, Object> cause = Json.object(one.cause());
        cause.put("isStopped", cause.remove("stopped")); // which is a counter, too
        json.put("cause", cause);
        return json;
    }

    /** {@code libraryLevel}: what its library understands of such queues. */
    public static Map<String, Object> member(Member one) {
        return Json.object(
                "pid", one.pid(),
                "since", one.since(),
                "exclusive", one.exclusive(),
                "publisherCount", one.publishers(),
                "subscriberCount", one.subscribers(),
                "libraryLevel", one.level());
    }

    public static List<Map<String, Object>> subscribers(QueueStats stats) {
        return stats.subscribers().stream().map(QueueJson::subscriber).toList();
    }

    private static Map<String, Object> subscriber(SubscriberStats s) {
        return Json.object(
                "name", s.name(),
                "pid", s.pid(),
                "position", s.position(),
                "acknowledgedPosition", s.acknowledgedPosition(),
                "lag", s.lag(),
                "lostCount", s.lostCount(),
                "ackMode", s.ackMode(),
                "slowSubscriber", s.slowSubscriber(),
                "attached", s.attached(),
                "counters", new TreeMap<>(s.counters()));
    }

    public static Map<String, Object> verdict(Verdict verdict) {
        Map<String, Object> json = Json.object(verdict);
        json.put("level", Text.word(verdict.level()));
        json.put("code", verdict.level().code);
        json.put("said", verdict.said().stream().map(QueueJson::said).toList());
        return json;
    }

    public static Map<String, Object> said(Verdict.Said said) {
        Map<String, Object> json = Json.object(said);
        json.put("level", Text.word(said.level()));
        return json;
    }

    public static Map<String, Object> finding(Finding finding) {
        return finding(finding, false, null);
    }

    /** {@code failure}: of its repair; null: none. */
    public static Map<String, Object> finding(Finding finding, boolean fixed, String failure) {
        Map<String, Object> json = Json.object(finding);
        json.put("level", finding.level().word);
        json.put("fixed", fixed);
        if (failure != null) json.put("failure", failure);
        return json;
    }

    private static Map<String, Object> place(Place one, Log log) {
        Map<String, Object> object = Json.object((Record) one);
        object.put("oldest", one.oldest() == 0 ? null : Instant.ofEpochMilli(one.oldest()));
        List<Object> consumers = new ArrayList<>();
        one.consumers()
                .forEach((member, held) ->
                        consumers.add(new Consumer(member, log.isAlive(member), log.describe(member), held)));
        object.put("consumers", consumers);
        return object;
    }

    public static Map<String, Object> message(Waiting one, Log log) {
        Map<String, Object> object = Json.object((Record) one);
        object.put("properties", new TreeMap<>(one.properties()));
        object.put("sent", one.sent() == 0 ? null : Instant.ofEpochMilli(one.sent()));
        object.put("expires", one.expires() == 0 ? null : Instant.ofEpochMilli(one.expires()));
        object.put("holder", one.holder() == 0 ? null : log.describe(one.holder()));
        return object;
    }
}
