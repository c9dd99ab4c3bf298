package dev.belfry.kafka;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.Capabilities;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Errors;
import dev.belfry.spi.PipelinedPublisher;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueSupport;
import dev.belfry.spi.Remote;
import dev.belfry.spi.SubscriberFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One open handle on a topic. Its figures know the named subscriptions of all processes, and of
 * publishers and anonymous subscribers its own.
 */
final class KafkaQueue extends QueueSupport implements PipelinedPublisher.Factory, QueueReport.Source, Remote {
    private final Topic topic;
    private final Set<KafkaPublisher> publishers = ConcurrentHashMap.newKeySet();
    private final Set<KafkaPipeline> pipelines = ConcurrentHashMap.newKeySet();
    private final Set<KafkaSubscriber> subscribers = ConcurrentHashMap.newKeySet();
    private volatile boolean released;

    KafkaQueue(Topic topic) {
        super(topic.uri, Topic.CAPABILITIES);
        this.topic = topic;
    }

    @Override
    protected Publisher publisher(PublisherOptions options) {
        topic.requireThere();
        KafkaPublisher publisher = new KafkaPublisher(topic, options, this::ended);
        publishers.add(publisher);
        return publisher;
    }

    @Override
    public PipelinedPublisher createPipelinedPublisher(PublisherOptions options) {
        Capabilities.require(KafkaProvider.SCHEME, capabilities(), Objects.requireNonNull(options, "options"));
        checkNotReleased();
        try {
            topic.requireThere();
        } catch (ConnectionLostException e) {
            checkNotReleased(); // its clients were closed meanwhile
            throw e;
        }
        KafkaPipeline pipeline = new KafkaPipeline(topic, options, pipelines::remove);
        pipelines.add(pipeline);
        if (released) pipeline.close(); // and release may have missed it
        checkNotReleased();
        return pipeline;
    }

    private void checkNotReleased() {
        if (released) throw Errors.closed("Queue '" + topic.uri + "'");
    }

    @Override
    protected Subscriber subscriber(SubscriberOptions options) {
        if (options.name() != null && options.name().endsWith(" "))
            throw new IllegalArgumentException("Subscription name '" + options.name()
                    + "' ends in a blank, which Kafka cuts off: another name would have the same place. Leave it out");
        topic.requireThere();
        KafkaSubscriber subscriber = options.name() == null
                ? KafkaSubscriber.anonymous(topic, options, this::ended)
                : KafkaSubscriber.named(topic, options, this::ended);
        subscribers.add(subscriber);
        return subscriber;
    }

    private void ended(AutoCloseable child) {
        publishers.remove(child);
        subscribers.remove(child);
        forget(child);
    }

    @Override
    protected boolean end(String name) {
        try {
            Checks.subscriptionName(name);
        } catch (
                IllegalArgumentException
                        noSubscriptionHasIt) { // and one that is too long would end the client's thread
            return false;
        }
        return topic.unsubscribe(name);
    }

    @Override
    protected QueueStats snapshot() {
        topic.requireThereSoon();
        long newest = topic.newest();
        long oldest = newest == 0 ? 0 : topic.beforeOldest() + 1;
        List<SubscriberStats> all = new ArrayList<>();
        topic.places().forEach((name, place) -> all.add(named(name, place, newest)));
        for (KafkaSubscriber own : subscribers) if (own.name() == null) all.add(own.figures(newest));
        return new QueueFigures(
                topic.queueId(), oldest, newest, 0, 0, publishers.size() + pipelines.size(), all, Map.of(), List.of());
    }

    @Override
    public boolean detach(String subscription) {
        require(Capability.NAMED, "detach");
        return topic.detach(Objects.requireNonNull(subscription, "subscription"));
    }

    @Override
    public String outage() {
        return topic.outage();
    }

    @Override
    public String place() {
        return topic.clusterId();
    }

    @Override
    public QueueReport report() {
        return TopicReport.of(topic, stats());
    }

    private SubscriberStats named(String name, Place place, long newest) {
        for (KafkaSubscriber own : subscribers)
            if (name.equals(own.name()) && own.isAttached()) return own.figures(newest);
        Optional<Topic.Holder> holder = topic.holder(name);
        return new SubscriberFigures(
                name,
                holder.map(Topic.Holder::pid).orElse(0L),
                place.done(),
                place.done(),
                newest - place.done(),
                place.lost(),
                AckMode.AUTO,
                place.slow(),
                holder.isPresent(),
                Map.of());
    }

    @Override
    protected void release() {
        released = true;
        pipelines.forEach(KafkaPipeline::close);
        topic.cluster.leave();
    }
}
